"""HTTP Basic as webhook senders use it: a random pair of ours, kept as a digest. Standard library only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets as random_secrets
from collections.abc import Sequence

from taxpoynt.connector_kit.header_parts import MAX_HEADER, Pairs, values

_BASIC = re.compile(rb"[Bb][Aa][Ss][Ii][Cc] +([A-Za-z0-9+/]+={0,2})\Z")
_HEX = re.compile(r"[0-9a-f]{64}\Z")


def judge_basic(pairs: Pairs, secrets_sha256: Sequence[str]) -> str:
    """Empty when genuine, else the reason in a word. The body is not part of it: Basic proves the sender only."""
    found = set(values(pairs, "authorization"))
    if len(found) > 1:
        return "two_credentials"
    header = next(iter(found), None)
    if verify_basic(header, secrets_sha256):
        return ""
    return "wrong_credentials" if header else "no_credentials"


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
