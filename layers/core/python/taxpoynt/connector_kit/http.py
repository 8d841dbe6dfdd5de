"""One request to a platform: verified TLS, no redirects, bounded answers, and no way into private networks.

Hosts from token answers are data from outside. They pass the template's rules first (hosts.py), and the connection
itself refuses private, link-local and reserved addresses, whatever DNS says at that moment.
The one exception is the stage's own endpoint override (local sandboxes): exactly that origin, plain http allowed.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPSConnection

from taxpoynt.connector_kit.hosts import local_origin
from taxpoynt.connector_kit.verdicts import HttpAnswer
from taxpoynt.errors import PlatformRefused, PlatformUnavailable

CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
TOTAL_SECONDS = 25.0
MAX_ANSWER = 10 * 1024 * 1024
"""Bytes of one answer; a page of 500 records is about one megabyte."""

AGENT = "TaxPoynt-Connect"
"""Some platforms refuse a request that names no application."""


def open_session(endpoint: str | None = None) -> requests.Session:
    """A session that can reach public https hosts and, if given, exactly `endpoint`."""
    session = _NoRedirects()
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", _PublicOnly())
    if endpoint is not None:
        session.mount(local_origin(endpoint) + "/", HTTPAdapter())
    return session


def call(
    session: requests.Session,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    form: str | None = None,
    body: Mapping[str, Any] | None = None,
    parts: Mapping[str, str] | None = None,
) -> HttpAnswer:
    """Sends once. PlatformUnavailable for everything that goes wrong on the way, PlatformRefused for a giant answer.

    The body is one of `form` (encoded), `body` (JSON) and `parts` (multipart).
    """
    deadline = time.monotonic() + TOTAL_SECONDS
    kind = {} if form is None else {"Content-Type": "application/x-www-form-urlencoded"}  # requests says none of a text
    try:
        with session.request(
            method,
            url,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip, identity",
                "User-Agent": AGENT,
                **kind,
                **headers,
            },
            params=params,
            data=form,
            json=body,
            files={name: (None, value) for name, value in parts.items()} if parts is not None else None,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            content = _read(response, deadline)
            lowered = {name.lower(): value for name, value in response.headers.items()}
            return HttpAnswer(response.status_code, lowered, content)
    except requests.exceptions.InvalidSchema:
        raise PlatformRefused("no connection but https to public hosts") from None
    except requests.RequestException as problem:
        raise PlatformUnavailable(f"{method} {urlsplit(url).path}: {type(problem).__name__}") from None


def _read(response: requests.Response, deadline: float) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(65_536):
        content += chunk
        if len(content) > MAX_ANSWER:
            raise PlatformRefused("an answer larger than we read")
        if time.monotonic() > deadline:
            raise PlatformUnavailable("an answer that did not end in time")
    return bytes(content)


def refuse_private(address: str) -> None:
    """PlatformRefused unless `address` is a public one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    if not (mapped or ip).is_global or (mapped or ip).is_multicast:
        raise PlatformRefused("a platform host that resolves to a private or reserved address")


class _NoRedirects(requests.Session):
    """Even with allow_redirects off, requests reads a redirect's whole body to prepare the next request."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """There is none."""
        del resp


class _PublicConnection(HTTPSConnection):
    """Checks what the name resolves to before connecting, and whom it reached before a byte is sent."""

    def _new_conn(self) -> socket.socket:
        try:
            for *_, address in socket.getaddrinfo(self.host, self.port or 443, type=socket.SOCK_STREAM):
                refuse_private(str(address[0]))
        except OSError as problem:
            raise requests.exceptions.ConnectionError(str(problem)) from None
        connected = super()._new_conn()
        try:
            refuse_private(str(connected.getpeername()[0]))
        except PlatformRefused:
            connected.close()
            raise
        return connected


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicOnly(HTTPAdapter):
    """requests over connections that refuse private addresses."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:  # noqa: FBT001, FBT002 (requests' signature)
        """As in requests, with our pool for https and none for http."""
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _PublicPool}
