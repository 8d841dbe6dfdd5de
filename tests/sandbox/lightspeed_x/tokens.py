"""Codes, access tokens, refresh tokens: a refresh ends both tokens it replaces at once."""

import secrets
from datetime import datetime, timedelta

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_x.errors import api, oauth
from tests.sandbox.lightspeed_x.world import SCOPES, Code, Grant, World

CODE_LIFE = timedelta(minutes=10)


def new_code(world: World, retailer: str, user: str, scopes: tuple[str, ...], now: datetime) -> str:
    """Lives ten minutes, works once."""
    code = secrets.token_urlsafe(30)
    world.codes[code] = Code(retailer, user, scopes, world.app.redirect_uri, now + CODE_LIFE)
    return code


def redeem(world: World, code: str, redirect_uri: str, now: datetime) -> Json:
    """The token answer for a code; the code is gone after the first try."""
    found = world.codes.pop(code, None)
    if found is None:
        raise oauth("invalid_grant", "The authorization code is invalid")
    if redirect_uri != found.redirect_uri:
        raise oauth("invalid_grant", "The redirect_uri does not match")
    if now >= found.expires_at:
        raise oauth("invalid_grant", "The authorization code has expired")
    return grant(world, found.retailer, found.user, found.scopes, now)


def refresh(world: World, refresh_token: str, now: datetime) -> Json:
    """A new pair; the access token and the refresh token before it are over."""
    for token, found in world.access.items():
        if found.refresh_token == refresh_token:
            del world.access[token]
            return grant(world, found.retailer, found.user, found.scopes, now)
    raise oauth("invalid_grant", "The refresh token is invalid", "the refresh token is unknown or was used before")


def grant(world: World, retailer: str, user: str, scopes: tuple[str, ...], now: datetime) -> Json:
    """A new pair. `expires` is the only time that all sources agree on."""
    access, refresh_token = secrets.token_urlsafe(48), secrets.token_urlsafe(40)
    life = world.settings.expires_in
    expires = now + timedelta(seconds=life)
    world.access[access] = Grant(retailer, user, scopes, expires, refresh_token)
    return {
        "access_token": access,
        "token_type": "Bearer",
        "expires": int(expires.timestamp()),
        "expires_in": life,
        "refresh_token": refresh_token,
        "domain_prefix": retailer,
        "scope": " ".join(scopes),
    }


def personal(world: World, retailer: str, user: str) -> str:
    """A token that a merchant on the Plus plan makes; it does not expire here."""
    token = "lsxs_pt_" + secrets.token_urlsafe(40)
    world.access[token] = Grant(retailer, user, tuple(SCOPES), None, None)
    return token


def check(world: World, token: str, now: datetime) -> Grant:
    """Refused 401 when it is unknown, revoked or over."""
    found = world.access.get(token)
    if found is None:
        raise api(401, "Invalid access token", "the access token is unknown or was revoked")
    if found.expires_at is not None and now >= found.expires_at:
        raise api(401, "The access token has expired")
    return found
