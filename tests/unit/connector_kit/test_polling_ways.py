"""Polling as other platforms have it: by version, by timestamp with an operator, by search, by journal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.polling import changed_records
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_paging import Paging
from taxpoynt.connector_kit.template_polling import Poll
from taxpoynt.errors import PlatformRefused
from taxpoynt.ports import ChangedRecords, PlatformAnswer
from tests.unit.connector_kit.parts import NOW, ORIGIN, TableApi

Answering = Callable[[str, dict[str, Any]], Any]


class Api:
    """Asks a function of path and parameters (or body); keeps what was asked."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        return self.read(path, params).body

    def read(
        self, path: str, params: Mapping[str, str] | None = None, *, body: Mapping[str, Any] | None = None
    ) -> PlatformAnswer:
        given = dict(body) if body is not None else dict(params or {})
        self.asked.append((path, given))
        return PlatformAnswer(body=json.dumps(self.answering(path, given)).encode(), origin=ORIGIN)

    def send(self, method: str, path: str, body: Any = None) -> bytes:
        raise AssertionError("polling only reads")


def spec(paging: Mapping[str, Any], **poll: Any) -> Template:
    return template("pipedrive").model_copy(
        update={"paging": Paging(**paging), "poll": Poll(record="deal", every_minutes=5, **poll)}
    )


def begun(about: Template) -> str:
    cursor = changed_records(TableApi({}), about, None, NOW).cursor
    assert cursor is not None
    return cursor


def round_of(api: Api, about: Template, cursor: str, now: datetime) -> tuple[list[str], str]:
    found: list[str] = []
    for _ in range(50):
        page: ChangedRecords = changed_records(api, about, cursor, now)
        found += [ref.id for ref in page.records]
        assert page.cursor is not None
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("a round does not end")


# --- by version (Lightspeed X) -----------------------------------------------------------------------------------

VERSIONED = {"style": "version", "parameter": "after", "newest": "version.max", "items": "data"}


def x_series(**more: Any) -> Template:
    request = {"path": "/api/2.0/sales", "params": {"page_size": "3"}, "paging": VERSIONED}
    return spec({"style": "none"}, by="version", requests=[request], started_at="sale_date", revision="version", **more)


class Store:
    """A shop whose every change gives the sale a higher version."""

    def __init__(self) -> None:
        self.version = 100
        self.sales: dict[str, dict[str, Any]] = {}

    def change(self, sale: str, at: datetime = NOW + timedelta(minutes=1)) -> None:
        self.version += 7
        self.sales[sale] = {"id": sale, "version": self.version, "sale_date": at.isoformat()}

    def __call__(self, path: str, given: dict[str, Any]) -> Any:
        after = int(given.get("after", 0))
        rows = sorted((one for one in self.sales.values() if one["version"] > after), key=lambda one: one["version"])
        rows = rows[:3]
        return {"data": rows, "version": {"max": rows[-1]["version"] if rows else None}}


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(min_value=1, max_value=9), max_size=8), min_size=1, max_size=6), st.data())
def test_by_version_every_change_is_found_once_whenever_we_die(changes: list[list[int]], data: st.DataObject) -> None:
    store, about = Store(), x_series()
    cursor, expected, found = begun(about), [], []
    for wave in changes:
        for number in wave:
            store.change(f"s{number}")
        last = list(dict.fromkeys(f"s{number}" for number in reversed(wave)))
        expected += last[::-1]
        for _ in range(50):
            page = changed_records(Api(store), about, cursor, NOW)
            if data.draw(st.booleans(), label="died before the cursor was stored"):
                continue
            found += [ref.id for ref in page.records]
            assert page.cursor is not None
            cursor = page.cursor
            if not page.more:
                break
    assert found == expected


def test_by_version_what_was_sold_before_the_connection_is_walked_past() -> None:
    store, about = Store(), x_series()
    for number in range(7):
        store.change(f"old{number}", NOW - timedelta(days=number + 1))
    store.change("new")
    api = Api(store)
    found, cursor = round_of(api, about, begun(about), NOW)
    assert found == ["new"]
    assert [given.get("after") for _, given in api.asked] == [None, "121", "142", "156"]
    api.asked.clear()
    assert round_of(api, about, cursor, NOW) == ([], cursor)
    assert api.asked == [("/api/2.0/sales", {"page_size": "3", "after": "156"})], "a quiet look is one request"


def test_by_version_a_long_history_is_walked_over_many_rounds_of_pages() -> None:
    """Each page is a job of its own, so the guard against endless walks counts growing versions, not pages."""
    store, about = Store(), x_series()
    for number in range(3 * 300):
        store.change(f"s{number}")
    cursor, found = begun(about), 0
    for _ in range(302):
        page = changed_records(Api(store), about, cursor, NOW)
        found += len(page.records)
        cursor = page.cursor or ""
    assert (found, page.more) == (900, False)


# --- by timestamp with an operator, complete next links, single elements (Lightspeed R) ------------------------------


def r_series(**more: Any) -> Template:
    request = {
        "path": "/API/V3/Account/{account_id}/Sale.json",
        "params": {"sort": "timeStamp", "timeStamp": ">=,{since}", "load_relations": '["SaleLines"]'},
        "items": "Sale",
    }
    paging = {"style": "url", "next": '"@attributes".next', "single_as_object": True}
    return spec(
        paging,
        by="window",
        time="offset",
        overlap_seconds=300,
        id="saleID",
        revision="timeStamp",
        started_at="completeTime",
        requests=[request],
        **more,
    )


def r_sale(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    time = at.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return {"saleID": str(number), "timeStamp": time, "completeTime": time, "total": "10", **more}


def test_by_timestamp_the_operator_and_the_form_are_the_templates() -> None:
    api = Api(lambda path, given: {"@attributes": {"next": ""}, "Sale": r_sale(1, NOW + timedelta(minutes=1))})
    found, _ = round_of(api, r_series(), begun(r_series()), NOW + timedelta(minutes=2))
    assert found == ["1"]
    [(path, given)] = api.asked
    assert path == "/API/V3/Account/{account_id}/Sale.json"
    assert given["timeStamp"] == ">=,2026-05-16T08:00:00+00:00"
    assert given["load_relations"] == '["SaleLines"]'


@pytest.mark.parametrize("shown", [None, "", []])
def test_no_sales_at_all_are_an_empty_list(shown: Any) -> None:
    api = Api(lambda path, given: {"@attributes": {"next": ""}, "Sale": shown})
    assert round_of(api, r_series(), begun(r_series()), NOW + timedelta(minutes=2))[0] == []


def test_complete_next_links_are_followed_within_a_round() -> None:
    def two_pages(path: str, given: dict[str, Any]) -> Any:
        first = "after" not in path
        following = f"{ORIGIN}/API/V3/Account/7/Sale.json?after=WyJh%5D&limit=100" if first else ""
        return {"@attributes": {"next": following}, "Sale": [r_sale(1 if first else 2, NOW + timedelta(minutes=1))]}

    api = Api(two_pages)
    assert round_of(api, r_series(), begun(r_series()), NOW + timedelta(minutes=2))[0] == ["1", "2"]
    assert api.asked[1] == ("/API/V3/Account/7/Sale.json?after=WyJh%5D&limit=100", {})


def test_an_overlap_costs_no_fetch_for_what_did_not_change_and_misses_nothing_that_did() -> None:
    sales = {number: r_sale(number, NOW + timedelta(seconds=30)) for number in (1, 2)}
    api = Api(lambda path, given: {"@attributes": {"next": ""}, "Sale": list(sales.values())})
    about = r_series()
    found, cursor = round_of(api, about, begun(about), NOW + timedelta(seconds=45))
    assert found == ["1", "2"]
    for step in range(2, 6):
        found, cursor = round_of(api, about, cursor, NOW + timedelta(seconds=45 * step))
        assert found == []
    sales[2] = {**sales[2], "total": "11"}  # within the same second: its timeStamp is what it was
    sales[3] = r_sale(3, NOW + timedelta(seconds=200))
    found, cursor = round_of(api, about, cursor, NOW + timedelta(seconds=300))
    assert found == ["2", "3"]
    assert round_of(api, about, cursor, NOW + timedelta(seconds=345))[0] == []


def test_without_a_revision_nothing_is_left_out() -> None:
    api = Api(lambda path, given: {"@attributes": {"next": ""}, "Sale": [{"saleID": "1"}]})
    about = r_series()
    cursor = begun(about)
    for step in range(1, 4):
        found, cursor = round_of(api, about, cursor, NOW + timedelta(minutes=step))
        assert found == ["1"]


def test_a_state_that_was_not_stored_is_found_again() -> None:
    api = Api(lambda path, given: {"@attributes": {"next": ""}, "Sale": r_sale(1, NOW + timedelta(seconds=30))})
    about = r_series()
    cursor = begun(about)
    for _ in range(2):  # died before the cursor was stored
        page = changed_records(api, about, cursor, NOW + timedelta(minutes=1))
        assert [ref.id for ref in page.records] == ["1"]
        assert all(page.states.values())


def test_the_cursor_stays_small_in_a_busy_shop() -> None:
    sales = [r_sale(number, NOW + timedelta(minutes=1)) for number in range(3000)]
    api = Api(lambda path, given: {"@attributes": {"next": ""}, "Sale": sales})
    found, cursor = round_of(api, r_series(), begun(r_series()), NOW + timedelta(minutes=2))
    assert len(found) == 3000
    assert len(cursor) < 40_000  # a tenth of what one item of the table may hold


# --- by search with a body (Square, HubSpot), by time windows --------------------------------------------------------


def square(**more: Any) -> Template:
    window = {"start_at": "{since}", "end_at": "{until}"}
    request = {
        "path": "/v2/orders/search",
        "body": {"limit": 500, "query": {"filter": {"date_time_filter": {"updated_at": window}}}},
    }
    paging = {"style": "cursor", "parameter": "cursor", "next": "cursor", "items": "orders"}
    return spec(paging, by="window", requests=[request], **more)


def test_a_search_by_post_has_its_window_and_its_cursor_in_the_body() -> None:
    api = Api(lambda path, given: {"orders": [{"id": "o1"}], **({} if "cursor" in given else {"cursor": "c2"})})
    found, _ = round_of(api, square(), begun(square()), NOW + timedelta(minutes=5))
    assert found == ["o1", "o1"]
    (_, first), (path, second) = api.asked
    wanted = {"start_at": "2026-05-16T08:00:00Z", "end_at": "2026-05-16T08:05:00Z"}
    assert first == {"limit": 500, "query": {"filter": {"date_time_filter": {"updated_at": wanted}}}}
    assert (path, second) == ("/v2/orders/search", {**first, "cursor": "c2"})


@pytest.mark.parametrize(
    ("form", "since"),
    [
        ("seconds", "2026-05-16T08:00:00Z"),
        ("offset", "2026-05-16T08:00:00+00:00"),
        ("milliseconds", "2026-05-16T08:00:00.000+0000"),
        ("epoch", "1778918400"),
        ("epoch_ms", "1778918400000"),
    ],
)
def test_a_time_is_written_as_the_platform_reads_it(form: str, since: str) -> None:
    about = spec(
        {"style": "none", "items": "data"}, time=form, requests=[{"path": "/x", "params": {"from": "<{since}>"}}]
    )
    api = Api(lambda path, given: {"data": []})
    round_of(api, about, begun(about), NOW + timedelta(minutes=1))
    assert api.asked == [("/x", {"from": f"<{since}>"})]


def test_a_long_silence_is_caught_up_in_windows_no_longer_than_the_platform_takes() -> None:
    about = square(longest_minutes=60, overlap_seconds=600)
    api = Api(lambda path, given: {"orders": []})
    _, cursor = round_of(api, about, begun(about), NOW + timedelta(minutes=150))
    windows = [given["query"]["filter"]["date_time_filter"]["updated_at"] for _, given in api.asked]
    assert windows[0] == {"start_at": "2026-05-16T08:00:00Z", "end_at": "2026-05-16T09:00:00Z"}
    assert windows[-1]["end_at"] == "2026-05-16T10:30:00Z"
    for before, after in pairwise(windows):
        assert after["start_at"] < before["end_at"], "windows overlap, so nothing falls between them"
    assert '"since": "2026-05-16T10:20:00Z"' in cursor


# --- by journal ------------------------------------------------------------------------------------------------------


def test_by_cursor_the_next_round_goes_on_from_the_last_cursor() -> None:
    journal = [f"e{number}" for number in range(5)]

    def read(path: str, given: dict[str, Any]) -> Any:
        begin = int(given.get("offset", 0))
        page = journal[begin : begin + 2]
        return {"data": [{"id": one} for one in page], "next": str(begin + len(page)) if page else None}

    paging = {"style": "cursor", "parameter": "offset", "next": "next", "items": "data"}
    about = spec({"style": "none"}, by="cursor", requests=[{"path": "/journal", "paging": paging}])
    api = Api(read)
    found, cursor = round_of(api, about, begun(about), NOW)
    assert found == journal
    journal += ["e5"]
    assert round_of(api, about, cursor, NOW)[0] == ["e5"]


# --- the block -------------------------------------------------------------------------------------------------------

REQUEST = {"path": "/x", "params": {}}


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({}, "say every_minutes, or busy_seconds"),
        ({"busy_seconds": 45}, "say every_minutes, or busy_seconds"),
        ({"every_minutes": 5, "busy_seconds": 45}, "always the same pace"),
        ({"busy_seconds": 900, "idle_seconds": 60, "idle_after_minutes": 5}, "must not be less than busy_seconds"),
        ({"every_minutes": 5, "by": "version"}, "needs paging of style 'version'"),
        ({"every_minutes": 5, "by": "cursor"}, "needs paging of style 'cursor'"),
        ({"every_minutes": 5, "by": "version", "overlap_seconds": 60}, "only a window overlaps"),
        ({"every_minutes": 5, "longest_minutes": 10, "overlap_seconds": 600}, "never moves on"),
        ({"every_minutes": 5, "by": "luck"}, "'window'"),
    ],
)
def test_a_contradictory_block_is_rejected_in_words(block: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Poll(record="deal", requests=[REQUEST], **block)
    assert problem in str(caught.value)


def test_a_refusal_of_the_first_page_is_no_expired_cursor() -> None:
    def refuse(path: str, given: dict[str, Any]) -> Any:
        raise PlatformRefused("400")

    with pytest.raises(PlatformRefused):
        changed_records(Api(refuse), r_series(), begun(r_series()), NOW + timedelta(minutes=1))
