"""Is a signature right? What a scheme signs, and the digest of it. Standard library only.

Total and constant in time: `judge` answers a word for any bytes, headers and secrets, every secret is tried whatever
the first gave, and texts are compared as bytes. docs/webhooks.md shows how a scheme is written as data.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxpoynt.connector_kit.header_parts import Pairs, bytes_of, signatures, the_one, values
from taxpoynt.connector_kit.schemes import Delivery, Key, Scheme
from taxpoynt.connector_kit.stamps import is_fresh, printed, seconds

_HUBSPOT = re.compile(r"%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
"""HubSpot decodes exactly these in the address it signs, once (hubspot reference, section 2, v3)."""


def can_be_carried_out(scheme: Scheme) -> bool:
    """Is everything it names known here? What is not would otherwise be noticed by a delivery."""
    if scheme.kind != "mac":
        return scheme.kind in ("basic", "path", "none")
    return scheme.digest in _DIGESTS and scheme.encoding in _ENCODE and bool(scheme.header and scheme.sign)


def shows(scheme: Scheme, pairs: Pairs) -> bool:
    """Does the delivery carry this scheme: its header, and those that tell it from a sibling?"""
    wanted = all(value in values(pairs, name) for name, value in scheme.when.items())
    return wanted and any(name == scheme.header for name, _ in pairs)


def judge(scheme: Scheme, pairs: Pairs, delivery: Delivery, secrets: Sequence[str], now: datetime) -> str:
    """Empty when genuine, else the reason in a word. Total."""
    read, problem = _read(scheme, pairs, delivery)
    if read is None:
        return problem
    if not _matches(scheme, read.parts, read.signatures, secrets):
        return "wrong_signature"
    if scheme.timestamp and not is_fresh(scheme.timestamp, read.timestamp, now):
        return "stale"
    return ""


def nearly(scheme: Scheme, pairs: Pairs, delivery: Delivery, secrets: Sequence[str]) -> str | None:
    """Which other reading of a refused signature would have matched, for people who join a new sender."""
    read, _ = _read(scheme, pairs, delivery)
    if read is None:
        return None
    body, url = delivery.body, delivery.url
    others: dict[str, Sequence[bytes | None]] = {
        "what the template says": read.parts,
        "the body alone": [body],
        "the body without its last line end": [body.rstrip(b"\r\n")],
        "address and body": [bytes_of(url), body],
        "address without its last slash and body": [bytes_of(url.rstrip("/")), body],
        "address with a slash and body": [bytes_of(url + "/"), body],
    }
    for name in re.findall(rb"(?:^|&)([A-Za-z0-9_.-]{1,40})=", body[:2000])[:5]:
        others[f"the form field {name.decode()}"] = [_form(body, name.decode()) or b""]
    for what, parts in others.items():
        for encoding in _ENCODE:
            if _matches(scheme, parts, read.signatures, secrets, encoding):
                return f"{encoding} over {what}"
    return None


@dataclass(frozen=True, slots=True)
class _Read:
    """What a delivery shows of a scheme. `parts`: None stands for the secret itself."""

    signatures: Sequence[str]
    parts: Sequence[bytes | None]
    timestamp: str


def _read(scheme: Scheme, pairs: Pairs, delivery: Delivery) -> tuple[_Read | None, str]:
    found, parts_of_header, problem = signatures(scheme, pairs)
    if problem:
        return None, problem
    stamp, text = scheme.timestamp, ""
    if stamp is not None:
        shown = printed(stamp, pairs, parts_of_header, delivery.body)
        if shown is None or seconds(stamp.unit, shown) is None:
            return None, "no_timestamp" if shown is None else "bad_timestamp"
        text = shown
    parts: list[bytes | None] = []
    for part in scheme.sign:
        piece = _piece(part, scheme, pairs, delivery, text)
        if piece is None and part != "secret":
            return None, "missing_part"
        parts.append(piece)
    return _Read(found, parts, text), ""


def _piece(part: str, scheme: Scheme, pairs: Pairs, delivery: Delivery, timestamp: str) -> bytes | None:
    """One part of what is signed; None for the secret, and for a header or field that is missing or there twice."""
    word, _, name = part.partition(":")
    if word == "form":
        return _form(delivery.body, name)
    simple: Mapping[str, Callable[[], bytes]] = {
        "body": lambda: delivery.body,
        "timestamp": lambda: bytes_of(timestamp),
        "method": lambda: bytes_of(delivery.method.upper()),
        "url": lambda: bytes_of(_address(scheme.url, delivery.url)),
        "text": lambda: bytes_of(name),
    }
    if word in simple:
        return simple[word]()
    found = the_one(pairs, name) if word == "header" else None
    return None if found is None else bytes_of(found)


def _address(quirk: str, url: str) -> str:
    return url if quirk == "as_called" else _HUBSPOT.sub(lambda found: chr(int(found.group(1), 16)), url)


def _form(body: bytes, name: str) -> bytes | None:
    """A decoded form field; None where there is none, or two different ones."""
    from urllib.parse import parse_qsl

    try:
        text = body.decode("utf-8", "surrogateescape")
        pairs = parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=200)
    except ValueError:
        return None
    found = {value for key, value in pairs if key == name}
    return bytes_of(found.pop()) if len(found) == 1 else None


def _matches(
    scheme: Scheme, parts: Sequence[bytes | None], given: Sequence[str], secrets: Sequence[str], encoding: str = ""
) -> bool:
    """Is one of the signatures right under one of the secrets? All are tried, so that time tells nothing."""
    encoding = encoding or scheme.encoding
    texts = [_canonical(text, encoding) for text in given]
    matches = False
    for secret in secrets or ("",):
        key = _key(scheme.key, secret)
        wanted = _ENCODE[encoding](_digest(scheme.digest, key or b"\x00", parts))
        for text in texts:
            matches = (hmac.compare_digest(text, wanted) and key is not None) or matches
    return matches


def _key(spec: Key, secret: Any) -> bytes | None:
    """None for a secret that is empty or not what the template says: it proves nothing."""
    if not isinstance(secret, str):
        return None
    text = secret.removeprefix(spec.prefix)
    try:
        if spec.encoding == "base64":
            return base64.b64decode(text, validate=True) or None
        if spec.encoding == "hex":
            return bytes.fromhex(text) or None
    except (binascii.Error, ValueError):
        return None
    return bytes_of(text) or None


def _digest(name: str, key: bytes, parts: Sequence[bytes | None]) -> bytes:
    message = b"".join(key if part is None else part for part in parts)
    return hashlib.sha256(message).digest() if name == "sha256" else hmac.digest(key, message, name[len("hmac-") :])


def _canonical(text: str, encoding: str) -> bytes:
    """What was sent, in the one way we write it: hexadecimal in small letters, URL-safe base64 without padding."""
    text = text.lower() if encoding == "hex" else text
    return bytes_of(text.rstrip("=") if encoding == "base64url" else text)


_DIGESTS = ("hmac-sha256", "hmac-sha1", "sha256")
_ENCODE: Mapping[str, Callable[[bytes], bytes]] = {
    "hex": binascii.hexlify,
    "base64": base64.b64encode,
    "base64url": lambda digest: base64.urlsafe_b64encode(digest).rstrip(b"="),
}
