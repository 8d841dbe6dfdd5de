"""Tokens: many callers refresh once, and a token that expires in the middle of a job is renewed. Over the real client.

The token address is played by the template's rotation rule and in the template's shape of answers.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from taxpoynt.connector_kit import paging
from taxpoynt.connector_kit.client import PlatformClient
from taxpoynt.connector_kit.oauth import OAuthClient
from taxpoynt.connector_kit.tokens import StoredTokens, fresh_tokens
from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import Busy, NeedsReauthorisation
from tests.conformance.evidence import Case
from tests.conformance.planting import planted
from tests.conformance.platform import ScriptedList, origin_of, tokens_of
from tests.conformance.polled import Listed, lists
from tests.unit.connector_kit.parts import NOW, AtomicTokenStore, Reply, StoppedClock, session

CALLERS = 32
CLIENT_SECRET = "conformance-client-secret-0123456789"


def check(case: Case) -> list[str]:
    """32 callers, the twin, and expiry in the middle of a list."""
    calls = _at_once(case, CALLERS, _fenced)
    assert calls.refreshed == 1, f"{CALLERS} callers refreshed {calls.refreshed} times"
    assert calls.working == CALLERS, f"{calls.working} of {CALLERS} callers can work"
    twin = _at_once(case, 8, _unfenced)
    assert twin.refreshed > 1, "the twin that does not read again was not caught"
    rule = _rule(case)
    return [f"{CALLERS} callers, one refresh (rotation: {rule}); the twin made more", _in_the_middle(case)]


def _rule(case: Case) -> str:
    refresh = case.template.oauth.refresh
    return refresh.rotation if refresh is not None else "none"


def oauth_with(case: Case, answer: Callable[[requests.PreparedRequest], Reply | Exception]) -> OAuthClient:
    """The connector's own client over a transport without network."""
    made, _ = session(answer)
    return OAuthClient(
        case.template, client_id="id", client_secret=CLIENT_SECRET, clock=StoppedClock(), session=made, app=_app(case)
    )


def _app(case: Case) -> dict[str, str]:
    """Hosts that a vendor hands out privately stand in the app's secret."""
    hosts = case.template.hosts.production
    named = [one for one in (hosts.auth, hosts.token, hosts.api) if one is not None and not isinstance(one, str)]
    return {one.at: origin_of(case) for one in named if one.source == "app"}


class TokenAddress:
    """Gives tokens by the template's rotation rule, in the shape of its answers."""

    def __init__(self, case: Case, *, takes: float = 0.0) -> None:
        self.case, self.takes, self.rule = case, takes, _rule(case)
        self.calls, self.revoked = 0, False
        self.valid, self.access = {"1:1:r1"}, "access-1"
        self._given: dict[str, str] = {}
        self._lock = threading.Lock()
        self.logs_in = case.template.oauth.refresh is None

    def answer(self, request: requests.PreparedRequest) -> Reply:
        """The answer to a token request."""
        time.sleep(self.takes)
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        with self._lock:
            self.calls += 1
            shown = self.logs_in or any(_names(body, one) for one in self.valid)
            if self.revoked or not shown:
                self.revoked = self.revoked or self.rule == "reuse_revokes_grant"
                return Reply(400, planted({}, self.case.template.oauth.token.error, self._gone()))
            self.access, fresh = f"access-{self.calls + 1}", f"1:1:r{self.calls + 1}"
            if self.rule == "none":
                fresh = next(iter(self.valid))
            elif self.rule == "on_first_use":
                self.valid.add(fresh)
                self._given[self.access] = fresh
            else:
                self.valid = {fresh}
            return Reply(200, self._tokens(fresh))

    def use(self, access: str) -> bool:
        """Does a call of the API pass with this token?"""
        with self._lock:
            if self.revoked or access != self.access:
                return False
            if access in self._given:
                self.valid = {self._given[access]}
            return True

    def _gone(self) -> str:
        return self.case.template.oauth.token.gone[0]

    def _tokens(self, fresh: str) -> Any:
        shape = self.case.template.oauth.token.answer
        body = planted({}, shape.access, self.access)
        if not self.logs_in:
            body = planted(body, shape.refresh, fresh)
        if shape.expires is not None and not shape.expires.at.startswith("jwt."):
            body = planted(body, shape.expires.at, _expiry(shape.expires.form))
        return body


def _names(body: bytes, token: str) -> bool:
    written = (token.encode(), token.replace(":", "%3A").encode())
    return any(one + end in body + b"&" for one in written for end in (b"&", b'"', b"\r", b"\n"))


def _expiry(form: str) -> Any:
    later = NOW + timedelta(hours=1)
    unix = int(later.timestamp())
    return {
        "seconds": 3600,
        "unix_seconds": unix,
        "unix_milliseconds": unix * 1000,
        "iso": later.isoformat(),
    }[form]


class _Outcome:
    def __init__(self, refreshed: int, working: int) -> None:
        self.refreshed, self.working = refreshed, working


def _at_once(
    case: Case, callers: int, one: Callable[[AtomicTokenStore, OAuthClient, str], TokenSet | None]
) -> _Outcome:
    address = TokenAddress(case, takes=0.01)
    store, barrier = AtomicTokenStore(tokens_of(case, lifetime=-1)), threading.Barrier(callers)
    client = oauth_with(case, address.answer)

    def run(number: int) -> bool:
        barrier.wait(30)
        got = one(store, client, f"owner-{number}")
        return got is not None and address.use(got.access_token)

    with ThreadPoolExecutor(callers) as pool:
        working = sum(pool.map(run, range(callers)))
    return _Outcome(address.calls, working)


def _fenced(store: AtomicTokenStore, client: OAuthClient, owner: str) -> TokenSet:
    of: Any = {"merchant": "m_1", "connection": "c_1", "connector": "conformance"}
    return fresh_tokens(store, client.refresh, owner=owner, clock=StoppedClock(), **of)


def _unfenced(store: AtomicTokenStore, client: OAuthClient, owner: str) -> TokenSet | None:
    """The broken twin: what was read before the lease is refreshed under it."""
    held = store.load("m_1", "c_1", "conformance")
    while True:
        try:
            lease = store.lease("m_1", "c_1", owner=owner, now=NOW, seconds=60)
            break
        except Busy:
            time.sleep(0.001)
    try:
        store.stored = client.refresh(held)
    except NeedsReauthorisation:
        return None
    finally:
        store.release(lease)
    return store.stored


def _in_the_middle(case: Case) -> str:
    """A list in pages; after the first page the platform takes the token no more."""
    address, listed = TokenAddress(case), next((one for one in lists(case) if one.way.style != "none"), None)
    path = listed.path.replace("{id}", "8") if listed else "/one"
    scripted = _several_pages(case, listed) if listed else None
    asked: list[str] = []

    def answer(request: requests.PreparedRequest) -> Reply:
        if not str(request.url).startswith(origin_of(case) + path.partition("{")[0].rstrip("/")):
            return address.answer(request)
        asked.append(str(request.url))
        expired = len(asked) == 2 or not address.use(_shown(case, request))
        if expired:
            return Reply(401, {})
        return Reply(200, {}) if scripted is None else _page(scripted, request)

    made, _ = session(answer)
    oauth = OAuthClient(
        case.template, client_id="id", client_secret=CLIENT_SECRET, clock=StoppedClock(), session=made, app=_app(case)
    )
    store = AtomicTokenStore(tokens_of(case))
    of: Any = {"merchant": "m_1", "connection": "c_1", "connector": case.name}
    source = StoredTokens(store, oauth.refresh, owner="a", clock=StoppedClock(), **of)
    client = PlatformClient(case.template, origin_of(case), source, clock=StoppedClock(), session=made, account_id="1")
    if listed is None:
        client.get(path), client.get(path)
        return "a token refused in the middle of a job is renewed once"
    found = [
        item
        for page in paging.pages(client, listed.way, paging.Asked(path, {}), listed.items_at)
        for item in page.items
    ]
    assert scripted is not None
    assert found == scripted.items, f"{len(found)} of {len(scripted.items)} items after the token expired"
    assert (address.calls, store.stored.generation) == (1, 2), "one refresh, stored"
    return "a token refused in the middle of a list is renewed once, and the list read to its end"


def _shown(case: Case, request: requests.PreparedRequest) -> str:
    name = case.template.hosts.token_header or "Authorization"
    return str(request.headers.get(name, "")).removeprefix("Bearer ")


def _several_pages(case: Case, listed: Listed) -> ScriptedList:
    empty = ScriptedList(listed.way, listed.items_at, [{}])
    items = [{"id": number} for number in range(1, 2 * empty.per_page + 2)]
    return ScriptedList(listed.way, listed.items_at, items, origin=origin_of(case))


def _page(scripted: ScriptedList, request: requests.PreparedRequest) -> Reply:
    url = urlsplit(str(request.url))
    given: dict[str, Any] = dict(parse_qsl(url.query))
    if request.body:
        given |= json.loads(request.body)
    answer = scripted.answer(f"{url.path}?{url.query}", given)
    return Reply(200, answer.body, {"Content-Type": "application/json", **answer.headers})
