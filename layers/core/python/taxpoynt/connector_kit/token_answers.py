"""Reads a token answer as its template describes it: tokens, expiry, scopes, what it says of the account."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_auth import Expiry, SignedAnswer
from taxpoynt.connector_kit.verdicts import HttpAnswer
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput, PlatformRefused
from taxpoynt.mapping.expressions import find, plain_data
from taxpoynt.mapping.transforms import NoValue

MAX_TOKEN = 8192
"""Characters. Platforms ask to reserve 768 to 2048 and more, and lengths grow with scopes."""

LATEST = 10**12
"""Seconds since 1970, more than a date can hold. `int` of 1e999999 would take a million digits and half a minute."""
MAX_LIFETIME = 10**8
"""Seconds, three years; what claims to live longer is not believed."""

_MAX_FACT = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What one token answer says. facts: its plain members without tokens, and `jwt`, for whose account it is."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_at: datetime
    scopes: tuple[str, ...]
    facts: Mapping[str, Any] = field(repr=False)


def told(template: Template, answer: HttpAnswer, now: datetime) -> Told:
    """PlatformRefused when the answer is no JSON object or holds no usable token."""
    body = _body(template, answer)
    shape = template.oauth.token.answer
    access = _token(template, found(shape.access, body))
    refresh = found(shape.refresh, body)
    seen = {**body, "jwt": jwt_claims(access)}
    seconds = _lifetime(shape.expires, seen, now) or template.oauth.token.access_lifetime_seconds
    return Told(
        access=access,
        refresh=_token(template, refresh) if refresh is not None else None,
        expires_at=now + timedelta(seconds=seconds),
        scopes=_scopes(found(shape.scope, seen)),
        facts={**_plain_members(body, (access, refresh)), "jwt": _plain_members(seen["jwt"], ())},
    )


def check_signature(template: Template, signed: SignedAnswer, facts: Mapping[str, Any], secret: str) -> None:
    """PlatformRefused unless the answer carries base64(HMAC-SHA256(secret, the members one after the other))."""
    parts = [found(one, facts) for one in signed.over]
    message = "".join(part for part in parts if isinstance(part, str))
    expected = base64.b64encode(hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest())
    given = found(signed.at, facts)
    whole = len(message) > 0 and all(isinstance(part, str) and part for part in parts)
    given_bytes = given.encode("utf-8", "replace") if isinstance(given, str) else b""
    if not hmac.compare_digest(given_bytes, expected) or not whole:
        raise PlatformRefused(f"{template.name}: a token answer with a wrong signature")


def jwt_claims(token: str) -> dict[str, Any]:
    """The claims of a token that is a JWT, unverified; nothing for any other token.

    The token came over verified TLS from the token address itself, which stands for its signature here as it does in
    OpenID Connect Core, 3.1.3.7 (6). Nothing that reaches us another way is read with this.
    """
    part = token.split(".")[1] if token.count(".") == 2 else ""
    if not re.fullmatch(r"[A-Za-z0-9_-]{2,}", part):
        return {}
    try:
        claims = plain_data(read_json(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))
    except (BadInput, binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def found(expression: str, seen: Any) -> Any:
    """What an expression finds; None where it finds nothing."""
    try:
        return find(expression, seen)
    except NoValue:
        return None


def _body(template: Template, answer: HttpAnswer) -> dict[str, Any]:
    try:
        body = plain_data(read_json(answer.body))
    except BadInput:
        body = None
    if not isinstance(body, dict):
        raise PlatformRefused(f"{template.name}: the token answer is not a JSON object")
    return body


def _token(template: Template, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TOKEN or not value.isprintable() or " " in value:
        raise PlatformRefused(f"{template.name}: the token answer holds no usable token")
    return value


def _lifetime(rule: Expiry | None, seen: Mapping[str, Any], now: datetime) -> int | None:
    """Seconds from now; None when the answer does not tell, or tells nonsense."""
    value = found(rule.at, seen) if rule is not None else None
    if rule is None or value is None:
        return None
    if rule.form == "seconds":
        seconds = value if isinstance(value, int) and not isinstance(value, bool) else 0
    else:
        at = _iso(value) if rule.form == "iso" else _unix(value, 1000 if rule.form == "unix_milliseconds" else 1)
        seconds = int((at - now).total_seconds()) if at is not None else 0
    return seconds if 0 < seconds < MAX_LIFETIME else None


def _iso(value: Any) -> datetime | None:
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read is not None and read.tzinfo is None else read


def _unix(value: Any, per_second: int) -> datetime | None:
    """Numbers with a fraction arrive as text (plain_data)."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        seconds = Decimal(value) / per_second
        return datetime.fromtimestamp(int(seconds), UTC) if abs(seconds) < LATEST else None
    except (InvalidOperation, ValueError, OverflowError, OSError):
        return None


def _scopes(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(one) for one in value if isinstance(one, str) and one)
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else ()


def _plain_members(body: Any, tokens: tuple[Any, ...]) -> dict[str, Any]:
    """Short texts, numbers and booleans at the top, and no token under any name."""
    return {
        name: value
        for name, value in (body.items() if isinstance(body, Mapping) else ())
        if isinstance(value, str | int) and value not in tokens and "token" not in name and len(str(value)) < _MAX_FACT
    }
