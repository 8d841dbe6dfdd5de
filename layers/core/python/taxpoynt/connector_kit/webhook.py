"""Is this delivery genuine, and what do we answer? The light half of the kit: standard library and yaml only.

The webhook function imports this on its ack path, so no pydantic, no requests. The order of work is fixed
(security-and-reliability, part 3): size, encoding, header rules, then authentication of the raw bytes.
`verify` is total: any header, any bytes, any stored secret end in a `Verdict`, never in an exception.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets as random_secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from taxpoynt.errors import ConfigurationError, NotFound

Headers = Mapping[str, str | Sequence[str]] | Iterable[tuple[str, str]]

MAX_HEADER = 8192
"""Characters of a security header; API Gateway allows about 10 KB for all headers together."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_BASIC = re.compile(rb"[Bb][Aa][Ss][Ii][Cc] +([A-Za-z0-9+/]+={0,2})\Z")
_HEX = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPolicy:
    """What a sender is answered, from its template: statuses, the size limit in bytes, its deadline in seconds."""

    connector: str
    scheme: str
    max_body_bytes: int = 262_144
    deadline_seconds: float = 10
    accepted: int = 200
    parked: int = 200
    refused: int = 401
    too_large: int = 413
    encoded: int = 415
    unavailable: int = 503


@dataclass(frozen=True, slots=True)
class Verdict:
    """`status` is what to answer; `reason` is one of few words for logs and metrics, never for the caller."""

    genuine: bool
    status: int
    reason: str


@cache
def reply_policy(connector: str) -> ReplyPolicy:
    """The policy in the connector's template; NotFound for a connector we do not have."""
    return policy_of(connector, _webhooks_block(connector))


def policy_of(connector: str, webhooks: Mapping[str, Any]) -> ReplyPolicy:
    """A policy from a template's `webhooks` block; ConfigurationError for a scheme nobody implements."""
    scheme = str(webhooks["signature"]["scheme"])
    if scheme not in _SCHEMES:
        raise ConfigurationError(f"{connector}: no webhook scheme called {scheme!r}")
    known = {field.name for field in fields(ReplyPolicy)}
    reply = {name: status for name, status in webhooks["reply"].items() if name in known}
    return ReplyPolicy(
        connector=connector,
        scheme=scheme,
        max_body_bytes=webhooks["max_body_bytes"],
        deadline_seconds=webhooks["deadline_seconds"],
        **reply,
    )


def verify(policy: ReplyPolicy, headers: Headers, body: bytes, secrets: Sequence[str]) -> Verdict:
    """Genuine or not, and the status to answer. Total.

    `secrets` are those of the endpoint, newest first; pass () for an unknown endpoint, so that it costs and
    looks the same as a wrong password.
    """
    if len(body) > policy.max_body_bytes:
        return Verdict(genuine=False, status=policy.too_large, reason="too_large")
    pairs = _pairs(headers)
    if any(value.strip().lower() not in ("", "identity") for value in _values(pairs, "content-encoding")):
        return Verdict(genuine=False, status=policy.encoded, reason="encoded")
    reason = _SCHEMES[policy.scheme](pairs, body, secrets)
    return Verdict(genuine=not reason, status=policy.refused if reason else policy.accepted, reason=reason or "genuine")


def verify_basic(authorization: str | None, secrets_sha256: Sequence[str]) -> bool:
    """Does the header hold `Basic` credentials whose SHA-256 is one of ours? Constant time, never raises.

    Bytes first: the header is ASCII by rule, the credentials inside are compared as the bytes that were sent.
    An empty user or password never passes, whatever is stored.
    """
    credentials = _credentials(authorization)
    user, colon, password = credentials.partition(b":")
    digest = hashlib.sha256(credentials).hexdigest().encode()
    matches = False
    for stored in secrets_sha256:
        usable = isinstance(stored, str) and _HEX.match(stored) is not None
        equal = hmac.compare_digest(digest, stored.encode() if usable else bytes(64))
        matches = (equal and usable) or matches
    return matches and bool(user and colon and password)


def basic_secret(user: str, password: str) -> str:
    """What an endpoint stores: SHA-256 hex of `user:password`. The pair is random, so a plain digest is enough."""
    return hashlib.sha256(f"{user}:{password}".encode()).hexdigest()


def basic_header(user: str, password: str) -> str:
    """The `Authorization` header a sender makes of the pair."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def new_basic_pair() -> tuple[str, str]:
    """A random user and password, 128 and 256 bits, ASCII without colon."""
    return random_secrets.token_hex(16), random_secrets.token_urlsafe(32)


def _credentials(authorization: str | None) -> bytes:
    if not isinstance(authorization, str) or len(authorization) > MAX_HEADER:
        return b""
    matched = _BASIC.match(authorization.strip(" \t").encode("utf-8", "replace"))
    try:
        return base64.b64decode(matched.group(1), validate=True) if matched else b""
    except (binascii.Error, ValueError):
        return b""


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    items = headers.items() if isinstance(headers, Mapping) else headers
    pairs: list[tuple[str, str]] = []
    for name, value in items:
        values = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else ()
        pairs += [(name.lower(), one) for one in values if isinstance(name, str) and isinstance(one, str)]
    return pairs


def _values(pairs: Sequence[tuple[str, str]], name: str) -> list[str]:
    # HTTP API events join repeated headers with commas; neither credentials nor encodings contain one.
    return [part.strip(" \t") for key, value in pairs if key == name for part in value.split(",")]


def _basic(pairs: Sequence[tuple[str, str]], body: bytes, secrets: Sequence[str]) -> str:
    """Empty when genuine, else the reason. The body is not part of it: Basic proves the sender only."""
    del body
    values = set(_values(pairs, "authorization"))
    if len(values) > 1:
        return "two_credentials"
    header = next(iter(values), None)
    if verify_basic(header, secrets):
        return ""
    return "wrong_credentials" if header else "no_credentials"


_SCHEMES: dict[str, Callable[[Sequence[tuple[str, str]], bytes, Sequence[str]], str]] = {"basic": _basic}


def _webhooks_block(connector: str) -> Mapping[str, Any]:
    """Only the `webhooks:` block of the template is parsed: it is a tenth of the file, and this is the ack path."""
    place = files("taxpoynt.connectors") / connector / "connector.yaml" if _NAME.match(connector) else None
    if place is None or not place.is_file():
        raise NotFound(f"no connector called {connector[:40]!r}")
    found = re.search(r"^webhooks:.*?(?=^[a-z]|\Z)", place.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    if not found:
        raise ConfigurationError(f"{connector}: the template has no webhooks block")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    block: Mapping[str, Any] = yaml.load(found.group(0), Loader=loader)["webhooks"]  # noqa: S506 (both are safe loaders)
    return block
