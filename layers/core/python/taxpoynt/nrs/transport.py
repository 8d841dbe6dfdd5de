"""One HTTP call to NRS: headers, time limits, size limit, and what a broken connection means."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context

from taxpoynt.errors import ConfigurationError, NrsUnavailable, Said, TaxPoyntError
from taxpoynt.nrs.answers import judge, unsure
from taxpoynt.nrs.config import API_ROOT, NrsConfig
from taxpoynt.ports import NrsAnswer

_CHUNK = 65536


def open_session(config: NrsConfig) -> requests.Session:
    """A session that always verifies TLS and takes nothing from the environment (proxy, netrc, CA override)."""
    session = requests.Session()
    session.trust_env = False
    if config.extra_ca:
        context = create_urllib3_context()
        try:
            context.load_verify_locations(cadata=config.extra_ca)
        except ssl.SSLError:
            raise ConfigurationError("the NRS extra_ca is not PEM text of certificates") from None
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
        """The answer if it is a success; otherwise raises the verdict, which keeps what was said."""
        try:
            return judge(came.status, came.headers, came.body, lasting=call.lasting, action=call.action, now=self.now())
        except TaxPoyntError as error:
            error.said = Said(came.status, came.body)
            raise

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
            self.config.base_url + self._rooted(path),
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

    def _rooted(self, path: str) -> str:
        """The catalogue's path under the configured root."""
        under = path.removeprefix(API_ROOT)
        return path if under == path or path == self.config.vat_path else self.config.api_root + under

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
