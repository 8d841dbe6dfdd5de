from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from taxpoynt.connector_kit.paging import MAX_PLACE, Asked, Place, listed, page_of, pages, read_page, request_for
from taxpoynt.connector_kit.template_paging import Paging
from taxpoynt.errors import BadInput, PlatformRefused, PlatformUnavailable
from taxpoynt.ports import PlatformAnswer
from tests.unit.connector_kit.parts import ORIGIN

SALES = Asked("/sales", {"status": "won"})
SIZE = {"parameter": "limit", "value": 3}


class Shop:
    """Numbers 1 to `many`, handed out in pages of three in the manner that `style` names."""

    def __init__(self, many: int, answer: Callable[[Shop, str, dict[str, Any]], PlatformAnswer]) -> None:
        self.rows = [{"id": number, "version": number * 10} for number in range(1, many + 1)]
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answer = answer

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        return self.read(path, params).body

    def read(
        self, path: str, params: Mapping[str, str] | None = None, *, body: Mapping[str, Any] | None = None
    ) -> PlatformAnswer:
        given: dict[str, Any] = dict(body) if body is not None else dict(params or {})
        self.asked.append((path, given))
        return self._answer(self, path, given)

    def send(self, method: str, path: str, body: Any = None) -> bytes:
        raise AssertionError("a list is only read")


def answer(body: Any, **headers: str) -> PlatformAnswer:
    return PlatformAnswer(body=json.dumps(body).encode(), headers=headers, origin=ORIGIN)


def by_cursor(shop: Shop, path: str, given: dict[str, Any]) -> PlatformAnswer:
    begin = int(given.get("cursor", "c0")[1:])
    more = begin + 3 < len(shop.rows)
    return answer({"data": shop.rows[begin : begin + 3], "next": f"c{begin + 3}" if more else None})


def by_page(shop: Shop, path: str, given: dict[str, Any]) -> PlatformAnswer:
    begin = (int(given["page"]) - 1) * 3
    there = begin + 3 < len(shop.rows)
    return answer({"data": shop.rows[begin : begin + 3], "count": len(shop.rows), "more": there})


def by_offset(shop: Shop, path: str, given: dict[str, Any]) -> PlatformAnswer:
    begin = int(given["offset"])
    return answer({"data": shop.rows[begin : begin + 2], "count": str(len(shop.rows))})  # never more than two


def by_link(shop: Shop, path: str, given: dict[str, Any]) -> PlatformAnswer:
    begin = int(path.partition("from=")[2] or 0)
    links = f'<{ORIGIN}/sales?from=0>; rel="first"'
    if begin + 3 < len(shop.rows):
        links += f', <{ORIGIN}/sales?a=%2C&from={begin + 3}>; title="a, b; rel=\\"prev\\""; rel="last NEXT"'
    return answer({"data": shop.rows[begin : begin + 3]}, link=links)


def by_url(shop: Shop, path: str, given: dict[str, Any]) -> PlatformAnswer:
    begin = int(path.partition("after=")[2] or 0)
    following = f"{ORIGIN}/sales?after={begin + 3}" if begin + 3 < len(shop.rows) else ""
    rows: Any = shop.rows[begin : begin + 3]
    return answer({"@attributes": {"next": following}, "data": rows[0] if len(rows) == 1 else rows or ""})


def by_version(shop: Shop, path: str, given: dict[str, Any]) -> PlatformAnswer:
    rows = [row for row in shop.rows if row["version"] > int(given.get("after", 0))][:3]
    return answer({"data": rows, "version": {"max": rows[-1]["version"] if rows else None}})


CURSOR = {"style": "cursor", "parameter": "cursor", "next": "next"}
PAGE = {"style": "page", "parameter": "page"}
OFFSET = {"style": "offset", "parameter": "offset"}
URL = {"style": "url", "next": '"@attributes".next', "single_as_object": True}
VERSION = {"style": "version", "parameter": "after", "newest": "version.max"}

WALKS: list[tuple[dict[str, Any], Callable[..., PlatformAnswer]]] = [
    (CURSOR, by_cursor),
    ({**PAGE, "ends": "short", "size": SIZE}, by_page),
    ({**PAGE, "ends": "empty"}, by_page),
    ({**PAGE, "ends": "total", "total": "count", "size": SIZE}, by_page),
    ({**PAGE, "ends": "flag", "more": "more"}, by_page),
    ({**OFFSET, "ends": "empty"}, by_offset),
    ({**OFFSET, "ends": "total", "total": "count", "size": SIZE}, by_offset),
    ({"style": "link"}, by_link),
    (URL, by_url),
    (VERSION, by_version),
]


def paging(**block: Any) -> Paging:
    return Paging(items="data", **block)


@settings(max_examples=30)
@given(st.integers(min_value=0, max_value=20), st.sampled_from(WALKS))
def test_every_way_of_paging_hands_over_every_item_once_and_in_order(
    many: int, walk: tuple[dict[str, Any], Callable[..., PlatformAnswer]]
) -> None:
    shop = Shop(many, walk[1])
    found = [item["id"] for page in pages(shop, paging(**walk[0]), SALES) for item in page.items]
    assert found == list(range(1, many + 1))


@settings(max_examples=30)
@given(st.integers(min_value=1, max_value=20), st.sampled_from(WALKS), st.data())
def test_a_walk_that_dies_at_any_page_goes_on_from_its_stored_place(
    many: int, walk: tuple[dict[str, Any], Callable[..., PlatformAnswer]], data: st.DataObject
) -> None:
    shop, block, found = Shop(many, walk[1]), paging(**walk[0]), []
    place: Place | None = Place()
    while place is not None:
        stored = place.text()
        page = read_page(shop, block, SALES, Place.read(stored))
        if data.draw(st.booleans(), label="died before the place was stored"):
            page = read_page(shop, block, SALES, Place.read(stored))
        found += [item["id"] for item in page.items]
        place = page.following
    assert found == list(range(1, many + 1))


def test_the_requests_own_parameters_go_with_every_page_but_never_onto_a_link() -> None:
    for block, walk in WALKS:
        shop = Shop(9, walk)
        list(pages(shop, paging(**block), SALES))
        linked = block["style"] in ("link", "url")
        first, *others = [given for _, given in shop.asked]
        assert first["status"] == "won"
        assert all(("status" in given) is not linked for given in others)


def test_a_search_by_post_carries_its_place_in_the_body() -> None:
    shop = Shop(5, by_cursor)
    asked = Asked("/sales/search", {}, {"query": {"state": "won"}})
    block = Paging(items="data", style="cursor", parameter="cursor", next="next", size={"parameter": "n", "value": 3})
    list(pages(shop, block, asked))
    assert shop.asked == [
        ("/sales/search", {"query": {"state": "won"}, "n": 3}),
        ("/sales/search", {"query": {"state": "won"}, "n": 3, "cursor": "c3"}),
    ]


def test_a_link_is_followed_unchanged() -> None:
    shop = Shop(5, by_link)
    list(pages(shop, paging(style="link"), SALES))
    assert shop.asked[1] == ("/sales?a=%2C&from=3", {})


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        (f"{ORIGIN}/a?b=c", "/a?b=c"),
        (f"{ORIGIN.upper()}/a", "/a"),
        (f"{ORIGIN}:443/a", "/a"),
        ("/a?b=c", "/a?b=c"),
        ("?b=c", "/v3/sales?b=c"),
        ("https://old.example.test/a?b", "/a?b"),
        ("", None),
        ("https://evil.example/a", "another host"),
        (f"{ORIGIN}@evil.example/a", "another host"),
        (f"{ORIGIN}.evil.example/a", "another host"),
        (f"http{ORIGIN[5:]}/a", "another host"),
        (f"{ORIGIN}:8443/a", "another host"),
        ("//evil.example/a", "another host"),
        (f"{ORIGIN}//evil.example/a", "another host"),
        ("javascript:alert(1)", "another host"),
        ("https://[::1/a", "readable"),
        (f"{ORIGIN}/a b", "readable"),
        (f"{ORIGIN}/a\x00b", "readable"),
    ],
)
def test_a_link_is_believed_for_path_and_query_only_and_only_on_allowed_origins(
    link: str, followed: str | None
) -> None:
    block = paging(style="url", next="next", origins=["https://old.example.test"])
    body = answer({"data": [1], "next": link})
    if followed is None or followed.startswith("/"):
        following = page_of(block, "/v3/sales", Place(), body).following
        assert (following.at if following else None) == followed
    else:
        with pytest.raises(PlatformRefused, match=followed):
            page_of(block, "/v3/sales", Place(), body)


@pytest.mark.parametrize(
    ("header", "following"),
    [
        ('<https://api.example.test/a>; rel="next"', "/a"),
        ("</a>; rel=next", "/a"),
        ('</a>;rel="prev next"', "/a"),
        ('</p>; rel="prev", </a>; title="x"; rel="next", </l>; rel="last"', "/a"),
        ('</a>; rel="prev"; rel="next"', None),
        ('</a>; REL="Next"', "/a"),
        ("</a>", None),
        ("", None),
        ('<>; rel="next"', None),
        ("<" * 5000, None),
        ("</a>" + ';x="' * 3000, None),
    ],
)
def test_the_link_header_is_read_as_rfc_8288_says(header: str, following: str | None) -> None:
    page = page_of(paging(style="link"), "/s", Place(), answer({"data": [1]}, link=header))
    assert (page.following.at if page.following else None) == following


# --- a list that does not end ------------------------------------------------------------------------------------


@pytest.mark.parametrize("circle", [1, 2, 3, 5, 17, 40])
@pytest.mark.parametrize("before", [0, 3, 11])
def test_a_circle_of_any_length_is_left(circle: int, before: int) -> None:
    def round_and_round(shop: Shop, path: str, given: dict[str, Any]) -> PlatformAnswer:
        at = int(given.get("cursor", "0"))
        return answer({"data": [], "next": str(at + 1 if at < before + circle else before + 1)})

    shop = Shop(0, round_and_round)
    with pytest.raises(PlatformRefused, match="twice"):
        list(pages(shop, paging(**CURSOR, max_pages=1000), SALES))
    assert len(shop.asked) <= before + 1 + 4 * circle + 2 * before + 2


def test_a_page_that_comes_again_is_refused() -> None:
    """A platform that does not know the parameter gives its first page for ever."""
    shop = Shop(9, lambda shop, path, given: answer({"data": shop.rows[:3]}))
    with pytest.raises(PlatformRefused, match="same page"):
        list(pages(shop, paging(**PAGE, ends="empty"), SALES))
    assert len(shop.asked) == 2


@pytest.mark.parametrize("newest", [None, 10, 5, "x", True])
def test_a_version_that_does_not_grow_is_refused(newest: Any) -> None:
    shop = Shop(0, lambda shop, path, given: answer({"data": [1], "version": {"max": newest}}))
    with pytest.raises(PlatformRefused, match="higher version"):
        read_page(shop, paging(**VERSION), SALES, Place(at="10"))


def test_pages_without_end_end() -> None:
    shop = Shop(0, lambda shop, path, given: answer({"data": [len(shop.asked)], "next": f"x{len(shop.asked)}"}))
    with pytest.raises(PlatformRefused, match="more than 7 pages"):
        list(pages(shop, paging(**CURSOR, max_pages=7), SALES))
    assert len(shop.asked) == 7


def test_a_cursor_longer_than_we_keep_is_refused() -> None:
    with pytest.raises(PlatformRefused, match="longer"):
        page_of(paging(**CURSOR), "/s", Place(), answer({"data": [1], "next": "x" * (MAX_PLACE + 1)}))


def test_a_place_stays_short_however_long_the_walk() -> None:
    place: Place | None = Place()
    for number in range(190):
        assert place is not None
        place = page_of(paging(**CURSOR), "/s", place, answer({"data": [number], "next": f"c{number}"})).following
    assert place is not None
    assert len(place.text()) < 100


# --- versions, shapes, junk --------------------------------------------------------------------------------------


def test_the_highest_version_is_told_at_the_end_and_the_next_walk_begins_there() -> None:
    shop = Shop(4, by_version)
    last = list(pages(shop, paging(**VERSION), SALES))[-1]
    assert (last.items, last.following, last.newest) == ([], None, "40")
    shop.rows.append({"id": 5, "version": 10**20})
    page = read_page(shop, paging(**VERSION), SALES, Place(at=last.newest))
    assert ([item["id"] for item in page.items], page.newest) == ([5], str(10**20))


def test_an_empty_store_has_no_version_yet() -> None:
    assert read_page(Shop(0, by_version), paging(**VERSION), SALES, Place()).newest is None


@pytest.mark.parametrize(
    ("found", "items"), [([1], [1]), ([], []), (None, []), ("", []), ({"a": 1}, [{"a": 1}]), ([{"a": 1}], [{"a": 1}])]
)
def test_one_element_without_its_list_is_a_list_of_one(found: Any, items: list[Any]) -> None:
    assert listed(found, single_as_object=True) == items


@pytest.mark.parametrize("found", [{"a": 1}, "", "x", 7, True])
def test_what_is_no_list_is_refused_and_never_read_as_none(found: Any) -> None:
    with pytest.raises(PlatformRefused):
        listed(found)


def test_an_answer_that_is_no_json_is_an_outage() -> None:
    with pytest.raises(PlatformUnavailable):
        page_of(paging(**CURSOR), "/s", Place(), PlatformAnswer(body=b"<html>"))


def test_a_total_that_is_not_told_is_refused() -> None:
    block = paging(**PAGE, ends="total", total="count", size=SIZE)
    with pytest.raises(PlatformRefused, match="how many"):
        page_of(block, "/s", Place(), answer({"data": [1], "count": "many"}))


@pytest.mark.parametrize(
    "junk", ["", "{", "[]", "7", '{"b": 1}', '{"pages": "2"}', '{"at": 5}', '{"pages": true}', '{"mark": {}}']
)
def test_a_place_of_somebody_else_is_bad_input(junk: str) -> None:
    with pytest.raises(BadInput):
        Place.read(junk)


@pytest.mark.parametrize("value", [0, "0", 12, "12", "a/b+c=="])
def test_a_next_value_may_be_a_number(value: Any) -> None:
    page = page_of(paging(**CURSOR), "/s", Place(), answer({"data": [1], "next": value}))
    assert page.following is not None
    assert request_for(paging(**CURSOR), SALES, page.following).params["cursor"] == str(value)


# --- the block itself --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"style": "cursor", "parameter": "c"}, "style 'cursor' needs 'next'"),
        ({"style": "cursor", "next": "n"}, "style 'cursor' needs 'parameter'"),
        ({**CURSOR, "newest": "v"}, "style 'cursor' has no 'newest'"),
        ({**CURSOR, "first": 0}, "style 'cursor' has no 'first'"),
        ({**CURSOR, "rel": "next"}, "style 'cursor' has no 'rel'"),
        ({"style": "none", "parameter": "x"}, "style 'none' has no 'parameter'"),
        ({"style": "none", "next": "x"}, "style 'none' has no 'next'"),
        ({"style": "link", "parameter": "x"}, "style 'link' has no 'parameter'"),
        ({"style": "url"}, "style 'url' needs 'next'"),
        ({"style": "version", "parameter": "after"}, "style 'version' needs 'newest'"),
        ({**PAGE}, "style 'page' needs 'ends'"),
        ({**PAGE, "ends": "short"}, "ends 'short' needs 'size'"),
        ({**PAGE, "ends": "total"}, "ends 'total' needs 'total'"),
        ({**PAGE, "ends": "flag"}, "ends 'flag' needs 'more'"),
        ({**PAGE, "ends": "empty", "total": "n"}, "ends 'empty' does not go by 'total'"),
        ({**OFFSET, "ends": "total", "total": "n", "more": "m"}, "ends 'total' does not go by 'more'"),
        ({**OFFSET, "ends": "short", "size": {"parameter": "offset", "value": 5}}, "both the place and the size"),
        ({**PAGE, "ends": "empty", "first": 2}, "less than or equal to 1"),
        ({"style": "seek"}, "'none', 'cursor'"),
        ({**CURSOR, "max_pages": 0}, "greater than or equal to 1"),
    ],
)
def test_a_contradictory_block_is_rejected_in_words(block: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Paging(**block)
    assert problem in str(caught.value)


def test_every_contradiction_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        Paging(style="cursor", newest="v", rel="next")
    told = str(caught.value)
    assert all(word in told for word in ("'next'", "'parameter'", "'newest'", "'rel'"))
