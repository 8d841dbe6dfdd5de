"""NRS's own copy of an invoice, decrypted (reference, section 11).

AES-256 in CFB mode has no authentication: a wrong key gives noise, not an error. So each key account is tried until
one gives a JSON object.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput


def decrypt(data: Any, *, api_key: str, download_key: str | None = None) -> bytes | None:
    """The plain JSON text from `{iv_hex, pub, data}`; None when neither account of the key opens it.

    First account: `pub` followed by the API key up to its first hyphen (32 bytes together); second: the base64
    `download_key` the account was given.
    """
    try:
        iv, pub, sealed = bytes.fromhex(data["iv_hex"]), data["pub"], _base64url(data["data"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if len(iv) != 16 or not isinstance(pub, str):
        return None
    for key in _keys(pub, api_key, download_key):
        plain = Cipher(algorithms.AES(key), CFB(iv)).decryptor().update(sealed)
        if _is_invoice(plain):
            return plain
    return None


def _keys(pub: str, api_key: str, download_key: str | None) -> Iterator[bytes]:
    derived = (pub + api_key.split("-", 1)[0]).encode()
    if len(derived) == 32:
        yield derived
    if download_key:
        yield base64.b64decode(download_key)


def _base64url(text: str) -> bytes:
    """Padded or not; ValueError for anything else (binascii.Error is one)."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return base64.b64decode(text, validate=True)


def _is_invoice(plain: bytes) -> bool:
    try:
        return isinstance(read_json(plain), dict)
    except BadInput:
        return False
