"""The cryptographic stamp on the printed document (reference, section 10).

RSA with PKCS#1 v1.5 padding, because NRS's scanner reads nothing else (section 17); the padding is random, so the
first stamp is kept and reprinted.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from taxpoynt.errors import BadInput
from taxpoynt.nrs.json_text import encode
from taxpoynt.ports import Stamp

_PADDING = 11
"""Bytes PKCS#1 v1.5 needs at least: a 2048-bit key leaves 245."""

_PEM = re.compile(r"-----BEGIN (?:RSA )?PUBLIC KEY-----.+?-----END (?:RSA )?PUBLIC KEY-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CryptoKeys:
    """What `crypto_keys.txt` holds; both parts are public. `certificate` exactly as given."""

    public_key: RSAPublicKey
    certificate: str


def read_keys(text: str) -> CryptoKeys:
    """Either layout of the file: JSON, or a PEM block followed by a line of base64; BadInput for anything else."""
    text = text.lstrip("\ufeff").strip()
    pem, certificate = _from_json(text) if text.startswith("{") else _from_plain(text)
    if not certificate:
        raise BadInput("crypto_keys.txt has no certificate")
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise BadInput("the public key in crypto_keys.txt cannot be read") from None
    if not isinstance(key, RSAPublicKey):
        raise BadInput("the public key in crypto_keys.txt is not an RSA key")
    return CryptoKeys(key, certificate)


def _from_json(text: str) -> tuple[str, str]:
    try:
        whole = json.loads(text)
        public_key, certificate = whole["public_key"], whole["certificate"]
        pem = base64.b64decode("".join(public_key.split()), validate=True).decode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadInput("crypto_keys.txt needs public_key (base64 of a PEM text) and certificate") from None
    if not isinstance(certificate, str):
        raise BadInput("the certificate in crypto_keys.txt is not a text")
    return pem, certificate


def _from_plain(text: str) -> tuple[str, str]:
    found = _PEM.search(text)
    if not found:
        raise BadInput("crypto_keys.txt is neither JSON nor a PEM public key followed by a certificate")
    return found[0], "".join(text[found.end() :].split())


class RsaStampMaker:
    """Makes the text of the QR code."""

    def stamp(self, crypto_keys: str, irn: str, at: datetime) -> Stamp:
        """The stamp of `irn` made at `at` (aware); BadInput when the keys cannot be used."""
        keys = read_keys(crypto_keys)
        payload = plain_text(irn, at, keys.certificate)
        room = keys.public_key.key_size // 8 - _PADDING
        if len(payload) > room:
            raise BadInput(f"the stamp does not fit the key: {room} bytes allowed, {len(payload)} used")
        sealed = keys.public_key.encrypt(payload, PKCS1v15())
        return Stamp(text=base64.b64encode(sealed).decode(), made_at=at)


def plain_text(irn: str, at: datetime, certificate: str) -> bytes:
    """`{"irn":"<IRN>.<unix seconds>","certificate":"…"}`, compact UTF-8."""
    return encode({"irn": f"{irn}.{int(at.timestamp())}", "certificate": certificate}).encode()
