"""A clock, a transport without network, a token store with real atomicity, and an API that answers from a table."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import Busy, NotFound, StoreConflict, TaxPoyntError
from taxpoynt.ports import Lease, PlatformAnswer

NOW = datetime(2026, 5, 16, 8, 0, tzinfo=UTC)
ORIGIN = "https://api.example.test"
"""Where TableApi says its answers come from."""


class StoppedClock:
    """Time as a test sets it."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def tokens(generation: int = 1, *, lifetime: int = 3600, access: str = "access-1", refresh: str = "1:1:r1") -> TokenSet:
    return TokenSet(
        access_token=access,
        refresh_token=refresh,
        expires_at=NOW + timedelta(seconds=lifetime),
        generation=generation,
        api_base="https://acme.pipedrive.com",
    )


@dataclass
class Reply:
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


class Transport(BaseAdapter):
    """A requests transport that asks a function; keeps what was sent."""

    def __init__(self, answer: Callable[[requests.PreparedRequest], Reply | Exception]) -> None:
        super().__init__()
        self.answer = answer
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent.append(request)
        reply = self.answer(request)
        if isinstance(reply, Exception):
            raise reply
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        response = requests.Response()
        response.status_code = reply.status
        response.headers.update(reply.headers)
        response.raw = HTTPResponse(io.BytesIO(body), status=reply.status, preload_content=False)
        response.request = request
        response.url = str(request.url)
        return response

    def close(self) -> None:
        """Nothing is open."""


def session(answer: Callable[[requests.PreparedRequest], Reply | Exception]) -> tuple[requests.Session, Transport]:
    made, transport = requests.Session(), Transport(answer)
    made.adapters.clear()
    made.mount("https://", transport)
    made.mount("http://", transport)
    return made, transport


class AtomicTokenStore:
    """TokenStore whose every operation is atomic, as DynamoDB's conditional writes are."""

    def __init__(self, stored: TokenSet) -> None:
        self.stored = stored
        self.leased: Lease | None = None
        self.tried: int | None = None
        self._lock = threading.Lock()

    def save(
        self, merchant: str, connection: str, connector: str, tokens: TokenSet, *, expected_generation: int
    ) -> TokenSet:
        with self._lock:
            if self.stored.generation != expected_generation:
                raise StoreConflict("generation moved")
            self.stored = replace(tokens, generation=expected_generation + 1)
            return self.stored

    def load(self, merchant: str, connection: str, connector: str) -> TokenSet:
        with self._lock:
            return self.stored

    def lease(self, merchant: str, connection: str, *, owner: str, now: datetime, seconds: int) -> Lease:
        with self._lock:
            if self.leased is not None and self.leased.owner != owner and self.leased.until > now:
                raise Busy("leased")
            self.leased = Lease(
                merchant=merchant,
                connection=connection,
                owner=owner,
                until=now + timedelta(seconds=seconds),
                generation=self.stored.generation,
            )
            return self.leased

    def trying(self, lease: Lease, generation: int) -> bool:
        with self._lock:
            if self.leased is None or (self.leased.owner, self.leased.until) != (lease.owner, lease.until):
                raise Busy("not ours any more")
            before, self.tried = self.tried, generation
            return before == generation

    def release(self, lease: Lease) -> None:
        with self._lock:
            if self.leased is not None and self.leased.owner == lease.owner:
                self.leased = None

    def delete(self, merchant: str, connection: str) -> None:
        raise AssertionError("nobody here deletes tokens")


class TableApi:
    """ports.PlatformApi over a table from path (with sorted query) to JSON, or to the error it raises."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = dict(table)
        self.asked: list[str] = []
        self.bodies: list[Mapping[str, Any] | None] = []
        self.headers: dict[str, dict[str, str]] = {}
        """By path: what comes beside the body."""

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        return self.read(path, params).body

    def read(
        self, path: str, params: Mapping[str, str] | None = None, *, body: Mapping[str, Any] | None = None
    ) -> PlatformAnswer:
        query = "&".join(f"{name}={value}" for name, value in sorted((params or {}).items()))
        if body is not None:
            self.bodies.append(body)
        answer = self._answer(("POST " if body is not None else "") + path + (f"?{query}" if query else ""))
        return PlatformAnswer(body=answer, headers=self.headers.get(path, {}), origin=ORIGIN)

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        self.bodies.append(body)
        return self._answer(f"{method} {path}")

    def _answer(self, key: str) -> bytes:
        self.asked.append(key)
        found = self.table.get(key, NotFound(key))
        if callable(found):
            found = found()
        if isinstance(found, TaxPoyntError):
            raise found
        return found if isinstance(found, bytes) else json.dumps(found).encode()
