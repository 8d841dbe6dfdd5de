"""The signing keys of access tokens: real RSA, published at /.well-known/jwks."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.sandbox.kit import Json


class SigningKeys:
    """The newest key signs; older ones stay published, because tokens of theirs are still about."""

    def __init__(self) -> None:
        self._keys: list[tuple[str, rsa.RSAPrivateKey]] = []

    def rotate(self) -> str:
        """A new key under a new id."""
        name = f"RT_OAUTH2_2026_{len(self._keys) + 1:02}"
        self._keys.append((name, rsa.generate_private_key(public_exponent=65537, key_size=2048)))
        return name

    def sign(self, claims: Json) -> str:
        """A JWT by RS256 with the newest key."""
        if not self._keys:
            self.rotate()
        name, key = self._keys[-1]
        parts = [_part({"typ": "JWT", "alg": "RS256", "kid": name}), _part(claims)]
        signature = key.sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
        return ".".join([*parts, _base64(signature)])

    def jwks(self) -> Json:
        """All public keys."""
        if not self._keys:
            self.rotate()
        return {"keys": [_public(name, key) for name, key in self._keys]}


def _public(name: str, key: rsa.RSAPrivateKey) -> Json:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": name, "n": _number(numbers.n), "e": _number(numbers.e)}


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _part(value: Any) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
