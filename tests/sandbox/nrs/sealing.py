"""The encrypted copy that download gives (reference, section 11)."""

from __future__ import annotations

import base64
import secrets

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

KEY_BYTES = 32


def seal(plain: bytes, *, api_key: str, pub: str) -> dict[str, str]:
    """`{iv_hex, pub, data}`: AES-256-CFB, key = `pub` and the API key up to its first hyphen, data in base64url."""
    key = (pub + api_key.split("-", 1)[0]).encode()
    if len(key) != KEY_BYTES:
        raise ValueError(f"pub and the first part of the API key must be {KEY_BYTES} bytes together, not {len(key)}")
    iv = secrets.token_bytes(16)
    sealed = Cipher(algorithms.AES(key), CFB(iv)).encryptor().update(plain)
    return {"iv_hex": iv.hex(), "pub": pub, "data": base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()}
