"""The platform sent the merchant's browser back: exchange the code, learn whose account it is, ask for confirmation."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from taxpoynt.domain.connection import Connection, ConnectionStatus, TokenSet
from taxpoynt.errors import NotFound
from taxpoynt.ports import AccountIdentity, Clock, ConnectionStore, PlatformAuthoriser, TokenStore
from taxpoynt.services.sessions import Session
from taxpoynt.services.start_oauth import ASKED, redirect_uri

LEASE_SECONDS = 60
_OURS = ("code", "state")
"""Of the callback's query; the rest may name the account's hosts, and the template's rules judge it."""


class CallbackResult(StrEnum):
    """What the page says. `refused` covers every mismatch alike, on purpose."""

    CONFIRM = "confirm"
    DECLINED = "declined"
    TAKEN = "taken"
    REFUSED = "refused"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class Callback:
    """The result, and the connection to confirm."""

    result: CallbackResult
    connection: str | None = None


@dataclass(frozen=True, slots=True)
class FinishOauth:
    """May encrypt tokens, never decrypt them."""

    connections: ConnectionStore
    tokens: TokenStore
    clock: Clock
    authoriser: Callable[[str], PlatformAuthoriser]
    public_url: str

    def __call__(self, session: Session | None, connector: str, query: Mapping[str, str]) -> Callback:
        """Consumes the state before anything else; no token request unless everything fits."""
        if "state" not in query:
            return Callback(CallbackResult.RESTART)  # an install begun in the platform's own marketplace
        kept = self.connections.take_once("oauth_state", query["state"], self.clock.now())
        if session is None or kept is None or not _same(kept, session, connector):
            return Callback(CallbackResult.REFUSED)
        platform = self.authoriser(connector)
        asked = {name.removeprefix(ASKED): text for name, text in kept.items() if name.startswith(ASKED)}
        if not self._right_issuer(platform, connector, query.get("iss"), asked):
            return Callback(CallbackResult.REFUSED)
        if "code" not in query or "error" in query:
            return Callback(CallbackResult.DECLINED)
        tokens = platform.exchange(
            query["code"],
            redirect_uri=redirect_uri(self.public_url, connector),
            code_verifier=kept["verifier"] if platform.pkce else None,
            callback={name: value for name, value in query.items() if name not in _OURS},
            asked=asked,
        )
        account = platform.identify(tokens, asked=asked, merchant=session.merchant)
        return self._keep(session.merchant, connector, tokens, account)

    def _right_issuer(
        self, platform: PlatformAuthoriser, connector: str, issuer: str | None, asked: Mapping[str, str]
    ) -> bool:
        if issuer is None:
            return True
        uri = redirect_uri(self.public_url, connector)
        challenge = "-" if platform.pkce else None
        ours = urlsplit(platform.authorize_url(state="-", redirect_uri=uri, code_challenge=challenge, asked=asked))
        return issuer.rstrip("/") == f"{ours.scheme}://{ours.netloc}"

    def _keep(self, merchant: str, connector: str, tokens: TokenSet, account: AccountIdentity) -> Callback:
        holder = self.connections.find_account(connector, account.account_id)
        if holder and holder[0] != merchant:
            # The new tokens are dropped and not revoked: to a platform a revoked grant is an uninstalled app, whose
            # signal names the account and would end the connection of the merchant that holds it.
            return Callback(CallbackResult.TAKEN)
        connection = holder[1] if holder else f"c_{secrets.token_hex(10)}"
        self._save_tokens(merchant, connection, connector, tokens)
        self._save_connection(merchant, connection, connector, account, tokens.api_base)
        return Callback(CallbackResult.CONFIRM, connection)

    def _save_tokens(self, merchant: str, connection: str, connector: str, tokens: TokenSet) -> None:
        lease = self.tokens.lease(
            merchant, connection, owner=secrets.token_hex(8), now=self.clock.now(), seconds=LEASE_SECONDS
        )
        try:
            self.tokens.save(merchant, connection, connector, tokens, expected_generation=lease.generation)
        finally:
            self.tokens.release(lease)

    def _save_connection(
        self, merchant: str, connection: str, connector: str, account: AccountIdentity, api_base: str | None
    ) -> None:
        """Authorising a known connection again keeps its rules, endpoint and cursor."""
        try:
            known = self.connections.get_connection(merchant, connection)
        except NotFound:
            known = None
        status, now = _status_after(known), self.clock.now()
        due = now if status is ConnectionStatus.ACTIVE else None  # what was missed meanwhile is polled at once
        self.connections.save_connection(
            Connection(
                merchant=merchant,
                connection=connection,
                connector=connector,
                status=status,
                account_id=account.account_id,
                api_base=api_base or "",
                account={**account.details, "name": account.name, "warnings": list(account.warnings)},
                endpoint=known.endpoint if known else None,
                subscriptions=known.subscriptions if known else (),
                cursor=known.cursor if known else None,
                next_poll_at=due,
                next_refresh_at=due,
                next_sync_at=due,
                created_at=known.created_at if known else now,
                version=known.version if known else 0,
            )
        )


def _status_after(known: Connection | None) -> ConnectionStatus:
    """What the merchant confirmed once needs no second confirmation: events must not wait for it."""
    confirmed = known is not None and known.status in (ConnectionStatus.ACTIVE, ConnectionStatus.NEEDS_REAUTH)
    return ConnectionStatus.ACTIVE if confirmed else ConnectionStatus.PENDING


def _same(kept: Mapping[str, str], session: Session, connector: str) -> bool:
    """Is this the browser, merchant and platform the state was made for?"""
    return (
        hmac.compare_digest(kept["session"], session.digest)
        and kept["merchant"] == session.merchant
        and kept["connector"] == connector
    )
