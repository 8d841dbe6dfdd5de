"""An HTTP request and its answer, apart from any gateway's event shape. Standard library only (ack path)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived.

    headers: lower-case names, every value in order (a gateway joins repeated headers by a comma; both forms are
    kept as they came); `body` are the raw bytes, base64 undone; `params` come from the route's path; `query` as the
    gateway decoded it, repeated names joined by a comma, `raw_query` as it was called; `route` is the gateway's route
    key (`GET /v1/{proxy+}`).
    `repr` shows neither body nor headers, query, path or cookies: each may hold a secret.
    """

    method: str
    path: str = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    raw_query: str = field(default="", repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    route: str = ""
    request_id: str = ""

    def header(self, name: str) -> str | None:
        """The first value of a header, None when absent."""
        values = self.headers.get(name.lower(), ())
        return values[0] if values else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What to answer. A `str` body goes out as text, `bytes` base64 coded; `cookies` are whole Set-Cookie values.

    note: a word for our log, never for the caller.
    """

    status: int
    body: str | bytes = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: tuple[str, ...] = field(default=(), repr=False)
    note: str = ""
