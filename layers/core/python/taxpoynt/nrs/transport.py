"""One HTTP call to NRS: headers, time limits, size limit, and what a broken connection means."""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context

from taxpoynt.errors import ConfigurationError, NrsUnavailable, TaxPoyntError
from taxpoynt.nrs.answers import judge, unsure
from taxpoynt.ports import NrsAnswer

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CHUNK = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class NrsConfig:
    """Where NRS is and how to speak to it; everything the reference marks CONFIG. Times in seconds, sizes in bytes.

    base_url: https origin as issued at onboarding (http only for this machine);
    extra_ca: path of a PEM file trusted beside the usual ones, for NRS's incomplete chain; never switches
    verification off; read_seconds bounds one silence, total_seconds the body as a whole; download_key: base64 of the
    32-byte key some accounts get for downloads (section 11).
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
    max_bytes: int = 16 * 1024 * 1024
    vat_path: str = "/api/v1/vat/postpayment"
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

    @classmethod
    def of(cls, base_url: str, secret: Mapping[str, str], **options: Any) -> NrsConfig:
        """From the stored secret {"api_key", "api_secret"[, "download_key"]}; pasted white space is forgiven."""
        return cls(
            base_url=base_url.rstrip("/"),
            api_key=secret.get("api_key", "").strip(),
            api_secret=secret.get("api_secret", "").strip(),
            download_key=secret.get("download_key", "").strip() or None,
            **options,
        )


def _check_address(base_url: str) -> None:
    parts = urlsplit(base_url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not secure or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigurationError("the NRS base URL must be https://host, without user, query or fragment")


def _check_download_key(text: str) -> None:
    try:
        fits = len(base64.b64decode(text, validate=True)) == 32
    except binascii.Error:
        fits = False
    if not fits:
        raise ConfigurationError("the NRS download_key must be base64 of 32 bytes")


def open_session(config: NrsConfig) -> requests.Session:
    """A session that always verifies TLS and takes nothing from the environment (proxy, netrc, CA override)."""
    session = requests.Session()
    session.trust_env = False
    if config.extra_ca:
        context = create_urllib3_context()
        context.load_verify_locations(cafile=config.extra_ca)
        adapter = HTTPAdapter()
        adapter.init_poolmanager(4, 4, ssl_context=context)
        session.mount("https://", adapter)
    return session


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One row of the endpoint catalogue (reference, section 5).

    lasting: without an answer the call may still have taken effect; action: the answer is only `{"ok": true}`;
    public: sent without the keys.
    """

    method: str
    path: str
    lasting: bool = False
    action: bool = False
    public: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back, not judged yet. `headers` finds names in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Transport:
    """Sends calls and judges answers; holds no state but the session's connections."""

    config: NrsConfig
    session: requests.Session = field(repr=False)
    now: Callable[[], datetime]

    def send(
        self, call: Call, path: str, *, query: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> NrsAnswer:
        """The answer of a call that succeeded; `body` leaves byte for byte. Raises the verdicts of `answers.judge`."""
        return self.judged(call, self.ask(call, path, query=query, body=body))

    def judged(self, call: Call, came: Exchange) -> NrsAnswer:
        """The answer if it is a success; otherwise raises the verdict."""
        return judge(came.status, came.headers, came.body, lasting=call.lasting, action=call.action, now=self.now())

    def ask(
        self, call: Call, path: str, *, query: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Exchange:
        """Whatever NRS answered; NrsUnavailable or OutcomeUnknown when no whole answer came."""
        try:
            return self._exchange(call, path, query, body)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as problem:
            raise _broken(problem, lasting=call.lasting) from None

    def _exchange(self, call: Call, path: str, query: Mapping[str, str] | None, body: bytes | None) -> Exchange:
        deadline = time.monotonic() + self.config.total_seconds
        with self.session.request(
            call.method,
            self.config.base_url + path,
            params=dict(query) if query else None,
            data=body,
            headers=self._headers(call, body),
            timeout=(self.config.connect_seconds, self.config.read_seconds),
            allow_redirects=False,
            stream=True,
            verify=True,
        ) as response:
            content = _read(response.raw, self.config.max_bytes, deadline)
            return Exchange(response.status_code, response.headers, content)

    def _headers(self, call: Call, body: bytes | None) -> dict[str, str]:
        # identity: a compressed answer could unpack to any size
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if not call.public:
            headers[self.config.key_header] = self.config.api_key
            headers[self.config.secret_header] = self.config.api_secret
        return headers


def _read(raw: Any, most: int, deadline: float) -> bytes:
    """The whole answer; a requests error when it is too long or drips in too slowly.

    `read1` gives what has arrived; a read of a fixed size would wait for all of it before the clock is looked at.
    """
    whole = bytearray()
    while chunk := raw.read1(_CHUNK, decode_content=True):
        whole += chunk
        if len(whole) > most:
            raise requests.exceptions.ContentDecodingError("answer too long")
        if time.monotonic() > deadline:
            raise requests.exceptions.ReadTimeout("answer too slow")
    return bytes(whole)


def _broken(problem: Exception, *, lasting: bool) -> TaxPoyntError:
    """No answer, or half of one. Only a connection that never stood is certain to have registered nothing."""
    name = type(problem).__name__
    if _never_sent(problem):
        return NrsUnavailable(f"no connection to NRS ({name})")
    return unsure(f"NRS did not answer ({name})", lasting=lasting)


def _never_sent(problem: Exception) -> bool:
    if isinstance(problem, requests.ConnectTimeout):
        return True
    cause = problem.args[0] if problem.args else None
    reason = getattr(cause, "reason", None)
    return isinstance(problem, requests.ConnectionError) and isinstance(reason, urllib3.exceptions.NewConnectionError)
