"""Codes, access tokens and refresh tokens, and what becomes of them."""

import secrets
from datetime import datetime, timedelta

from tests.sandbox.kit import Json
from tests.sandbox.pipedrive.errors import oauth, unauthorized
from tests.sandbox.pipedrive.world import AccessToken, Code, Company, Grant, World

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(hours=1)
EXPIRES_IN = 3599
IDLE_LIFE = timedelta(days=60)


def new_code(world: World, company: int, user: int, redirect_uri: str, now: datetime) -> str:
    """Lives five minutes, works once."""
    code = secrets.token_hex(20)
    world.codes[code] = Code(company, user, redirect_uri, now + CODE_LIFE)
    return code


def grant(world: World, company: int, user: int, now: datetime) -> str:
    """A consent's refresh token, in the form `number:number:hex`."""
    refresh_token = f"{company}:{user}:{secrets.token_hex(20)}"
    world.grants[refresh_token] = Grant(company, user, world.app.scopes, now)
    return refresh_token


def redeem(world: World, code: str, redirect_uri: str | None, now: datetime) -> str:
    """The refresh token for a code; the code is gone after the first try with the right address."""
    found = world.codes.get(code)
    if found is None:
        raise oauth(400, "invalid_grant", "Invalid grant: authorization code is invalid")
    if redirect_uri != found.redirect_uri:
        raise oauth(400, "invalid_request", "Invalid request: `redirect_uri` is invalid")
    del world.codes[code]
    if now >= found.expires_at:
        raise oauth(400, "invalid_grant", "Invalid grant: authorization code has expired")
    return grant(world, found.company, found.user, now)


def check_refresh(world: World, refresh_token: str, now: datetime) -> Grant:
    """The grant, its 60 days started again; one text whether it never was, idled away or was revoked."""
    found = world.grants.get(refresh_token)
    message = "Invalid grant: refresh token is invalid"
    if found is None:
        raise oauth(400, "invalid_grant", message, "the refresh token is unknown or was revoked")
    if now - found.used_at > IDLE_LIFE:
        raise oauth(400, "invalid_grant", message, "the refresh token was not used for 60 days")
    found.used_at = now
    return found


def token_answer(world: World, refresh_token: str, api_domain: str, now: datetime) -> Json:
    """A new access token under the same refresh token: Pipedrive does not rotate it."""
    access_token = "v1u:" + secrets.token_urlsafe(150)
    world.access[access_token] = AccessToken(refresh_token, now + ACCESS_LIFE)
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "refresh_token": refresh_token,
        "scope": " ".join(world.grants[refresh_token].scopes),
        "expires_in": EXPIRES_IN,
        "api_domain": api_domain,
    }


def check_access(world: World, token: str, now: datetime) -> Grant:
    """Refused 401 when it is unknown, over, or its grant is gone."""
    found = world.access.get(token)
    if found is None:
        raise unauthorized("the access token is unknown or was revoked")
    if now >= found.expires_at:
        raise unauthorized("the access token has expired")
    return world.grants[found.refresh_token]


def revoke(world: World, token: str) -> Grant | None:
    """An access token goes alone; a refresh token takes the whole grant with it, which is given back."""
    if world.access.pop(token, None) or token not in world.grants:
        return None
    world.access = {name: access for name, access in world.access.items() if access.refresh_token != token}
    return world.grants.pop(token)


def remove_app(world: World, company: Company, user: int | None) -> None:
    """All grants of the company, or of one of its users."""
    for token, found in list(world.grants.items()):
        if found.company == company.id and user in {None, found.user}:
            revoke(world, token)
