"""Codes, connections, rotating refresh tokens, access tokens.

Since 2026-01-15 a used refresh token lives on until the access token it gave is first used, so that a refresh whose
answer was lost can be tried again. The access token in force when a refresh is made is revoked at once (changelog of
2025-07-22; the newer entry defers only the refresh token).
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from tests.sandbox.kit import Json, Refused
from tests.sandbox.lightspeed_r.errors import ISSUER, oauth, unauthorized
from tests.sandbox.lightspeed_r.keys import SigningKeys
from tests.sandbox.lightspeed_r.world import AccessToken, Code, Connection, RefreshToken, World

CODE_LIFE = timedelta(seconds=60)
ACCESS_LIFE = timedelta(hours=1)
IDLE_LIFE = timedelta(days=30)
FORGOTTEN_AFTER = timedelta(days=1)  # "expired tokens are periodically deleted": then the hint changes
TRIES, TRIES_WINDOW = 5, timedelta(minutes=1)


def new_code(
    world: World, who: tuple[int, int], scopes: tuple[str, ...], pkce: tuple[str | None, str], now: datetime
) -> str:
    """Lives 60 seconds, works once. `who` is (account, employee), `pkce` (challenge, method)."""
    code = "def50200" + secrets.token_hex(180)
    world.codes[code] = Code(*who, scopes, *pkce, now + CODE_LIFE)
    return code


def redeem(world: World, code: str, verifier: str | None, now: datetime) -> Connection:
    """The connection a code stands for; the code is gone after the first try."""
    found = world.codes.pop(code, None)
    if found is None:
        raise _invalid_grant("Cannot decrypt the authorization code")
    if now >= found.expires_at:
        raise _invalid_grant("Authorization code has expired")
    if found.challenge is not None:
        _check_verifier(found, verifier)
    return Connection(found.account, found.employee, found.scopes)


def _check_verifier(code: Code, verifier: str | None) -> None:
    if not verifier:
        raise oauth(400, "invalid_request", "The request is missing a required parameter", "Check `code_verifier`")
    shown = verifier
    if code.method == "S256":
        shown = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if not hmac.compare_digest(shown.encode(), str(code.challenge).encode()):
        raise _invalid_grant("Failed to verify `code_verifier`.")


def refresh(world: World, token: str, now: datetime) -> Connection:
    """The connection of a refresh token that still works; counts the try."""
    found = world.refresh.get(token)
    if found is None:
        raise _invalid_grant("Token has been revoked", "the refresh token is unknown or was revoked")
    if now - found.issued_at > IDLE_LIFE:
        raise _invalid_grant("Token has expired", "the refresh token was not used for 30 days")
    tries = found.connection.refresh_tries
    tries[:] = [at for at in tries if now - at < TRIES_WINDOW]
    if len(tries) >= TRIES:
        raise too_many_refreshes(tries[0] + TRIES_WINDOW - now)
    tries.append(now)
    for name, access in list(world.access.items()):
        if access.refresh_token == token:
            del world.access[name]
    return found.connection


def too_many_refreshes(wait: timedelta) -> Refused:
    """The sixth within a minute; the vendor names the limit, not the answer."""
    body = {"error": "too_many_requests", "error_description": "Too many refresh attempts.", "hint": ""}
    retry = {"Retry-After": str(max(1, -int(-wait.total_seconds() // 1)))}
    return Refused(429, body, f"more than {TRIES} refreshes of one connection within a minute", retry)


def answer(world: World, keys: SigningKeys, connection: Connection, now: datetime, parent: str | None = None) -> Json:
    """A new pair. `parent` is the refresh token that was presented."""
    account = world.account(connection.account)
    employee = account.find("Employee", connection.employee)
    moment = now.timestamp()
    access = keys.sign(
        {
            "jti": secrets.token_hex(40),
            "iss": ISSUER,
            "aud": world.app.client_id,
            "sub": str(employee["_user"]),
            "acct": str(account.id),
            "scope": " ".join(connection.scopes),
            "iat": moment,
            "nbf": moment,
            "exp": moment + ACCESS_LIFE.total_seconds(),
        }
    )
    refresh_token = "def50200" + secrets.token_hex(320)
    world.refresh[refresh_token] = RefreshToken(connection, now, parent)
    world.access[access] = AccessToken(connection, refresh_token, now + ACCESS_LIFE)
    seconds = int(ACCESS_LIFE.total_seconds())
    return {"token_type": "Bearer", "expires_in": seconds, "access_token": access, "refresh_token": refresh_token}


def check_access(world: World, token: str, now: datetime) -> Connection:
    """Whose token it is; its first use ends the refresh token it replaced. Refused 401 otherwise."""
    found = world.access.get(token)
    if found is None:
        raise unauthorized("Access token could not be verified", "the access token is unknown or was revoked")
    if now >= found.expires_at:
        late = now - found.expires_at > FORGOTTEN_AFTER
        hint = "Access token has been revoked" if late else "Access token could not be verified"
        raise unauthorized(hint, "the access token has expired")
    account = world.account(found.connection.account)
    if account.find("Employee", found.connection.employee)["_locked"]:
        raise unauthorized("Access token has been revoked", "the employee who gave the consent is locked")
    if not found.used:
        found.used = True
        _settle(world, found.refresh_token)
    return found.connection


def _settle(world: World, chosen: str) -> None:
    parent = world.refresh[chosen].parent
    if parent is None:
        return
    siblings = [name for name, one in world.refresh.items() if one.parent == parent and name != chosen]
    for name in [parent, *siblings]:
        world.refresh.pop(name, None)
        for access in [token for token, one in world.access.items() if one.refresh_token == name]:
            del world.access[access]


def disconnect(world: World, connection: Connection) -> None:
    """Every token of a connection is over."""
    world.refresh = {name: one for name, one in world.refresh.items() if one.connection is not connection}
    world.access = {name: one for name, one in world.access.items() if one.connection is not connection}


def _invalid_grant(hint: str, because: str = "") -> Refused:
    words = (
        "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is "
        "invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was "
        "issued to another client."
    )
    return oauth(400, "invalid_grant", words, hint, because)
