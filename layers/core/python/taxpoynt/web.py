"""An HTTP request and its answer, apart from any gateway's event shape. Standard library only (ack path)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived.

    headers: lower-case names, every value in order (a gateway joins repeated headers by a comma; both forms are
    kept as they came); `body` are the raw bytes, base64 undone; `params` come from the route's path; `query` as the
    gateway decoded it, repeated names joined by a comma; `route` is the gateway's route key (`GET /v1/{proxy+}`).
    """

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    route: str = ""
    request_id: str = ""

    def header(self, name: str) -> str | None:
        """The first value of a header, None when absent."""
        values = self.headers.get(name.lower(), ())
        return values[0] if values else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What to answer. A `str` body goes out as text, `bytes` base64 coded; `cookies` are whole Set-Cookie values."""

    status: int
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()
