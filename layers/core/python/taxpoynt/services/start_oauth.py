"""Send a signed-in merchant to a platform's consent screen."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from taxpoynt.connector_kit.oauth import pkce_pair
from taxpoynt.ports import Clock, ConnectionStore, PlatformAuthoriser
from taxpoynt.services.sessions import Session

STATE_LIFE = timedelta(minutes=10)


def redirect_uri(public_url: str, connector: str) -> str:
    """Our one callback address for a platform; platforms compare it letter by letter."""
    return f"{public_url}/oauth/{connector}/callback"


@dataclass(frozen=True, slots=True)
class StartOauth:
    """Stores a single-use state bound to this browser, merchant and platform; answers with the platform's address."""

    connections: ConnectionStore
    clock: Clock
    authoriser: Callable[[str], PlatformAuthoriser]
    public_url: str

    def __call__(self, session: Session, connector: str) -> str:
        """The URL to redirect to. NotFound for a connector that does not exist."""
        platform = self.authoriser(connector)
        state = secrets.token_urlsafe(32)
        verifier, challenge = pkce_pair()
        kept = {"merchant": session.merchant, "connector": connector, "session": session.digest, "verifier": verifier}
        self.connections.put_once("oauth_state", state, kept, self.clock.now() + STATE_LIFE)
        return platform.authorize_url(
            state=state,
            redirect_uri=redirect_uri(self.public_url, connector),
            code_challenge=challenge if platform.pkce else None,
        )
