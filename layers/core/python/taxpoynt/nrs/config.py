"""Where NRS is and how to speak to it: what the reference marks CONFIG, with the key pair, checked as it is read."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from taxpoynt.errors import ConfigurationError

API_ROOT = "/api/v1"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SECRET_OPTIONS = ("base_url", "download_key", "extra_ca", "key_header", "secret_header", "api_root", "vat_path")
"""What a secret may say beside the key pair."""
_MIB = 1024 * 1024
SECRET_LIMITS = {
    "connect_seconds": (0.1, 5.0),
    "read_seconds": (1.0, 20.0),
    "total_seconds": (1.0, 25.0),
    "max_bytes": (64 * 1024, 32 * _MIB),
}
"""Limits a secret may set, as text, and between what: a call must fit into what guarded_nrs leaves for one (30 s)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NrsConfig:
    """Where NRS is and how to speak to it; everything the reference marks CONFIG. Times in seconds, sizes in bytes.

    base_url: https origin as issued at onboarding (http only for this machine); api_root: what all paths but the
    health check begin with; extra_ca: PEM text of certificates trusted beside the usual ones, for NRS's incomplete
    chain, which never switches verification off; read_seconds bounds one silence, total_seconds the body as a whole;
    download_key: base64 of the 32-byte key some accounts get for downloads (section 11).
    """

    base_url: str
    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    key_header: str = "x-api-key"
    secret_header: str = "x-api-secret"  # noqa: S105 - a header's name
    connect_seconds: float = 5.0
    read_seconds: float = 20.0
    total_seconds: float = 25.0
    extra_ca: str | None = None
    max_bytes: int = 16 * _MIB
    api_root: str = API_ROOT
    vat_path: str = API_ROOT + "/vat/postpayment"
    download_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """ConfigurationError for an address or key that cannot be used; never repeats a key."""
        _check_address(self.base_url)
        for name in ("api_key", "api_secret"):
            # requests would name the value in its own error, so it must not come that far
            if not re.fullmatch(r"[\x21-\x7e]{8,512}", getattr(self, name)):
                raise ConfigurationError(f"the NRS {name} is empty or has characters no key has")
        if self.download_key is not None:
            _check_download_key(self.download_key)
        for header in (self.key_header, self.secret_header):
            if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", header):
                raise ConfigurationError("an NRS header name has characters no header has")
        for path in (self.api_root, self.vat_path):
            if not re.fullmatch(r"(/[A-Za-z0-9._-]+)+", path):
                raise ConfigurationError("an NRS path must begin with a slash and be plain")

    @classmethod
    def of(cls, base_url: str, secret: Mapping[str, str], **options: Any) -> NrsConfig:
        """From the stored secret {"api_key", "api_secret"} and what else stands there; white space is forgiven.

        Optional there: download_key, extra_ca, key_header, secret_header, api_root, vat_path, base_url (a key pair
        that belongs to another environment of NRS), and the limits of SECRET_LIMITS.
        """
        given = {name: text for name in SECRET_OPTIONS if (text := secret.get(name, "").strip())}
        return cls(
            base_url=given.pop("base_url", base_url).rstrip("/"),
            api_key=secret.get("api_key", "").strip(),
            api_secret=secret.get("api_secret", "").strip(),
            **(given | _limits(secret) | options),
        )


def _check_address(base_url: str) -> None:
    parts = urlsplit(base_url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not secure or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigurationError("the NRS base URL must be https://host, without user, query or fragment")


def _limits(secret: Mapping[str, str]) -> dict[str, float]:
    """Those a secret sets; ConfigurationError for what is no number or beyond its bounds."""
    found: dict[str, float] = {}
    for name, (least, most) in SECRET_LIMITS.items():
        if not (text := secret.get(name, "").strip()):
            continue
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?", text) or not least <= float(text) <= most:
            raise ConfigurationError(f"the NRS {name} must be a number from {least:g} to {most:g}")
        found[name] = int(float(text)) if name == "max_bytes" else float(text)
    return found


def _check_download_key(text: str) -> None:
    try:
        fits = len(base64.b64decode(text, validate=True)) == 32
    except binascii.Error:
        fits = False
    if not fits:
        raise ConfigurationError("the NRS download_key must be base64 of 32 bytes")
