"""A platform played from its own template: lists in its style of paging, without a network."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from taxpoynt.connector_kit.template_hosts import Host
from taxpoynt.connector_kit.template_paging import Paging
from taxpoynt.domain.connection import TokenSet
from taxpoynt.ports import PlatformAnswer
from tests.conformance.evidence import Case
from tests.conformance.planting import planted
from tests.unit.connector_kit.parts import tokens

ORIGIN = "https://api.conformance.example"
PER_PAGE = 2
Trick = Literal["none", "endless", "circle", "no_list", "foreign"]


class ScriptedList:
    """One list of a platform. trick: what is wrong with it.

    endless: there is always one more page, with new items; circle: the second page names itself; no_list: a text stands
    where the list should; foreign: the next page is on another host.
    """

    def __init__(
        self, paging: Paging, items_at: str | None, items: Sequence[Any], trick: Trick = "none", *, origin: str = ORIGIN
    ) -> None:
        self.paging, self.trick, self.origin = paging, trick, origin
        self.items_at = items_at or paging.items or "@"
        self.items = list(items)
        self.per_page = PER_PAGE
        if paging.size is not None and (paging.style == "page" or paging.ends == "short"):
            self.per_page = paging.size.value
        self.asked = 0

    def answer(self, path: str, given: Mapping[str, Any]) -> PlatformAnswer:
        """The page that is asked for."""
        self.asked += 1
        begin = self._begin(path, given)
        if self.trick == "endless":
            page: list[Any] = [self._numbered(begin + place) for place in range(self.per_page)]
            more = True
        else:
            page = self._page(begin)
            more = begin + len(page) < len(self.items)
        following = begin + len(page)
        if self.trick == "circle" and begin:
            page, following, more = self._page(0), begin, True
        body = planted({}, self.items_at, "not a list" if self.trick == "no_list" else page)
        return self._with_way_on(body, path, page, following, more=more)

    def _page(self, begin: int) -> list[Any]:
        if self.paging.style == "none":
            return self.items
        return self.items[begin : begin + self.per_page]

    def _numbered(self, number: int) -> Any:
        item = self.items[0]
        return {**item, "conformance_number": number} if isinstance(item, Mapping) else number

    def _begin(self, path: str, given: Mapping[str, Any]) -> int:
        name, style = str(self.paging.parameter), self.paging.style
        if style in ("link", "url"):
            return int(parse_qs(urlsplit(path).query).get("conformance_from", ["0"])[0])
        if style == "page":
            first = 1 if self.paging.first is None else self.paging.first
            return (int(given.get(name, first)) - first) * self.per_page
        text = str(given.get(name, "0"))
        return int(text.removeprefix("c")) if text else 0

    def _with_way_on(self, body: Any, path: str, page: list[Any], following: int, *, more: bool) -> PlatformAnswer:
        headers: dict[str, str] = {}
        host = "https://elsewhere.example" if self.trick == "foreign" else self.origin
        address = f"{host}{urlsplit(path).path}?conformance_from={following}"
        if self.paging.style == "link" and more:
            headers["link"] = f'<{address}>; rel="{self.paging.rel or "next"}"'
        if self.paging.style in ("cursor", "url"):
            value = f"c{following}" if self.paging.style == "cursor" else address
            body = planted(body, str(self.paging.next), value if more else None)
        if self.paging.style == "version":
            body = planted(body, str(self.paging.newest), following if page else None)
        if self.paging.total is not None:
            body = planted(body, self.paging.total, 10**6 if self.trick != "none" else len(self.items))
        if self.paging.more is not None:
            body = planted(body, self.paging.more, more)
        return PlatformAnswer(body=json.dumps(body).encode(), headers=headers, origin=self.origin)


class ScriptedApi:
    """ports.PlatformApi over scripted lists by path."""

    def __init__(self, lists: Mapping[str, ScriptedList]) -> None:
        self.lists = lists

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        return self.read(path, params).body

    def read(
        self, path: str, params: Mapping[str, str] | None = None, *, body: Mapping[str, Any] | None = None
    ) -> PlatformAnswer:
        return self.lists[urlsplit(path).path].answer(path, body if body is not None else params or {})

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        raise AssertionError("a list is only read")


class HeldTokens:
    """A TokenSource that never refreshes."""

    def __init__(self, held: TokenSet, refreshed: Callable[[int], TokenSet] | None = None) -> None:
        self._held, self._refreshed = held, refreshed

    def current(self) -> TokenSet:
        return self._held

    def refreshed(self, after_generation: int) -> TokenSet:
        if self._refreshed is None:
            raise AssertionError("nobody may refresh here")
        self._held = self._refreshed(after_generation)
        return self._held


def origin_of(case: Case) -> str:
    """A host that the template lets the API have."""
    return _some_host(case.template.hosts.production.api)


def auth_origin_of(case: Case) -> str:
    """The same for the token address."""
    hosts = case.template.hosts.production
    return _some_host(hosts.token or hosts.auth)


def _some_host(host: Host) -> str:
    if isinstance(host, str):
        before, _, after = host.partition("{")
        return before + ("conformance" + after.partition("}")[2] if after else "")
    return host.default or (host.origins[0] if host.origins else f"https://conformance{host.suffixes[0]}")


def tokens_of(case: Case, *, lifetime: int = 3600, facts: Mapping[str, Any] | None = None) -> TokenSet:
    """Tokens of the connector's own hosts."""
    held = replace(tokens(lifetime=lifetime), api_base=origin_of(case), auth_base=auth_origin_of(case))
    return held if facts is None else replace(held, facts=dict(facts))
