from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from taxpoynt.connector_kit.client import PlatformClient
from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.verdicts import RefusedWithStatus
from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import (
    NeedsReauthorisation,
    NotFound,
    PlatformRefused,
    PlatformUnavailable,
    RateLimited,
    TaxPoyntError,
)
from tests.unit.connector_kit.parts import Reply, StoppedClock, session, tokens

JSON = {"Content-Type": "application/json; charset=utf-8", "x-correlation-id": "req-1"}


class Tokens:
    """A TokenSource with a list of token sets to come."""

    def __init__(self, *more: TokenSet) -> None:
        self.held, self.more = tokens(), list(more)
        self.refused: list[int] = []

    def current(self) -> TokenSet:
        return self.held

    def refreshed(self, after_generation: int) -> TokenSet:
        self.refused.append(after_generation)
        if not self.more:
            raise NeedsReauthorisation("no grant")
        self.held = self.more.pop(0)
        return self.held


def client(
    answer: Any, source: Tokens | None = None, *, now: datetime | None = None, endpoint: str | None = None
) -> tuple[PlatformClient, list[requests.PreparedRequest]]:
    made, transport = session(answer if callable(answer) else lambda request: answer)
    clock = StoppedClock(now) if now else StoppedClock()
    return (
        PlatformClient(
            template("pipedrive"),
            "https://acme.pipedrive.com",
            source or Tokens(),
            clock=clock,
            endpoint=endpoint,
            session=made,
        ),
        transport.sent,
    )


def raised(reply: Reply, *, now: datetime | None = None) -> TaxPoyntError:
    api, _ = client(reply, Tokens(tokens(2)), now=now)
    with pytest.raises(TaxPoyntError) as caught:
        api.get("/api/v2/deals/8")
    return caught.value


def test_an_answer_is_handed_over_byte_for_byte() -> None:
    api, sent = client(Reply(200, b'{"a": 1.10}', JSON))
    assert api.get("/api/v2/deals", {"status": "won"}) == b'{"a": 1.10}'
    assert sent[0].url == "https://acme.pipedrive.com/api/v2/deals?status=won"
    assert sent[0].headers["Authorization"] == "Bearer access-1"
    assert api.last_request_id == "req-1"


def test_a_path_cannot_name_another_host() -> None:
    api, sent = client(Reply(200, {}, JSON))
    for path in ("//evil.example/x", "@evil.example/x", ".evil.example/x", "https://evil.example/x"):
        api.get(path)
    assert {urlsplit(str(one.url)).hostname for one in sent} == {"acme.pipedrive.com"}


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (400, {}, PlatformRefused),
        (402, {}, PlatformRefused),
        (403, {}, PlatformRefused),
        (403, {"Content-Type": "text/html; charset=UTF-8"}, RateLimited),
        (404, {}, NotFound),
        (405, {}, PlatformRefused),
        (408, {}, PlatformUnavailable),
        (410, {}, NotFound),
        (425, {}, PlatformUnavailable),
        (429, {}, RateLimited),
        (301, {"Location": "https://evil.example"}, PlatformRefused),
        (500, {}, PlatformUnavailable),
        (502, {"Content-Type": "text/html"}, PlatformUnavailable),
        (503, {"Retry-After": "30"}, PlatformUnavailable),
        (599, {}, PlatformUnavailable),
        (200, {"Content-Type": "text/html"}, PlatformUnavailable),
    ],
)
def test_every_status_has_its_verdict_and_keeps_the_request_id(
    status: int, headers: Mapping[str, str], expected: type[TaxPoyntError]
) -> None:
    error = raised(Reply(status, b"<html>secret body</html>", {**JSON, **headers}))
    assert isinstance(error, expected)
    assert error.request_id == "req-1"
    assert "secret" not in str(error)
    assert str(status) in str(error)


def test_a_refusal_tells_its_status_to_those_who_ask() -> None:
    error = raised(Reply(402, {}, JSON))
    assert isinstance(error, RefusedWithStatus)
    assert error.status == 402


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "17"}, 17),
        ({"Retry-After": "Sat, 16 May 2026 08:01:00 GMT"}, 60),
        ({"Retry-After": "Sat, 16 May 2026 07:00:00 GMT"}, 0),
        ({"Retry-After": "Sat, 16 May 2026 08:01:00 -0000"}, 60),
        ({"Retry-After": "soon"}, 2),
        ({"Retry-After": "9" * 30}, 2),
        ({"Retry-After": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, 2),
        ({"Retry-After": "Mon, 01 Jan 2026 00:00:00 +99999999999999"}, 2),
        ({"x-ratelimit-reset": "2", "x-daily-ratelimit-token-remaining": "5"}, 2),
        ({"x-ratelimit-reset": "7"}, 7),
        ({"x-ratelimit-reset": "-1"}, 2),
        ({"x-ratelimit-reset": "2", "x-daily-ratelimit-token-remaining": "0"}, 16 * 3600),
        ({}, 2),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(headers: Mapping[str, str], seconds: float) -> None:
    error = raised(Reply(429, {}, {**JSON, **headers}), now=datetime(2026, 5, 16, 8, 0, tzinfo=UTC))
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_a_401_refreshes_once_and_goes_on_with_the_new_token_and_host() -> None:
    renewed = TokenSet(
        access_token="access-2",
        refresh_token="r",
        expires_at=tokens().expires_at,
        generation=2,
        api_base="https://renamed.pipedrive.com",
    )
    source = Tokens(renewed)
    api, sent = client(lambda one: Reply(401 if "access-1" in one.headers["Authorization"] else 200, {}, JSON), source)
    api.get("/x")
    assert source.refused == [1]
    assert [urlsplit(str(one.url)).hostname for one in sent] == [
        "acme.pipedrive.com",
        "renamed.pipedrive.com",
    ]


def test_a_second_401_ends_in_needs_reauthorisation_without_a_loop() -> None:
    source = Tokens(tokens(2), tokens(3))
    api, sent = client(Reply(401, {}, JSON), source)
    with pytest.raises(NeedsReauthorisation):
        api.get("/x")
    assert len(sent) == 2
    assert source.refused == [1]


def test_a_token_host_outside_the_rule_never_gets_the_token() -> None:
    source = Tokens()
    source.held = TokenSet(
        access_token="a", refresh_token=None, expires_at=tokens().expires_at, api_base="https://evil.example"
    )
    api, sent = client(Reply(200, {}, JSON), source)
    with pytest.raises(PlatformRefused):
        api.get("/x")
    assert sent == []


def test_a_body_is_sent_as_json_to_the_stages_override() -> None:
    api, sent = client(Reply(201, {"data": {"id": 1}}, JSON), endpoint="http://localhost:9101")
    assert api.send("POST", "/api/v1/webhooks", {"name": "x"}) == b'{"data": {"id": 1}}'
    assert (sent[0].url, sent[0].body) == ("http://localhost:9101/api/v1/webhooks", b'{"name": "x"}')
