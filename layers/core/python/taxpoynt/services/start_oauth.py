"""Send a signed-in merchant to a platform's consent screen."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from taxpoynt.connector_kit.oauth import pkce_pair
from taxpoynt.ports import Clock, ConnectionStore, PlatformAuthoriser, Question
from taxpoynt.services.sessions import Session

STATE_LIFE = timedelta(minutes=10)
ASKED = "asked."
"""How a merchant's answers are called beside the rest of what is kept for the callback."""

MAX_ANSWER = 253
"""Characters; the longest answer is a host name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """`url`: the platform's consent screen; None while there are `questions` for the merchant. `asked`: there were."""

    title: str
    url: str | None = None
    asked: bool = False
    questions: tuple[Question, ...] = ()


def redirect_uri(public_url: str, connector: str) -> str:
    """Our one callback address for a platform; platforms compare it letter by letter."""
    return f"{public_url}/oauth/{connector}/callback"


@dataclass(frozen=True, slots=True)
class StartOauth:
    """Stores a single-use state bound to this browser, merchant and platform."""

    connections: ConnectionStore
    clock: Clock
    authoriser: Callable[[str], PlatformAuthoriser]
    public_url: str

    def __call__(self, session: Session, connector: str, answers: Mapping[str, str]) -> Start:
        """Where to go, or what to ask first.

        NotFound for a connector that does not exist, PlatformRefused for an answer that the platform's hosts rule out.
        """
        platform = self.authoriser(connector)
        asked = {one.name: answers.get(one.name, "").strip()[:MAX_ANSWER] for one in platform.questions}
        if not all(asked.values()):
            return Start(title=platform.title, questions=tuple(platform.questions))
        state = secrets.token_urlsafe(32)
        verifier, challenge = pkce_pair()
        url = platform.authorize_url(
            state=state,
            redirect_uri=redirect_uri(self.public_url, connector),
            code_challenge=challenge if platform.pkce else None,
            asked=asked,
        )
        kept = {"merchant": session.merchant, "connector": connector, "session": session.digest, "verifier": verifier}
        kept |= {f"{ASKED}{name}": answer for name, answer in asked.items()}
        self.connections.put_once("oauth_state", state, kept, self.clock.now() + STATE_LIFE)
        return Start(title=platform.title, url=url, asked=bool(asked))
