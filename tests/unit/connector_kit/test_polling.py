from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taxpoynt.connector_kit.loader import load
from taxpoynt.connector_kit.verdicts import RefusedWithStatus
from taxpoynt.errors import BadInput, PlatformRefused, PlatformUnavailable
from tests.unit.connector_kit.parts import NOW, TableApi

PIPEDRIVE = load("pipedrive")
LATER = NOW + timedelta(hours=1)
WINDOW = (
    "sort_by=update_time&sort_direction=asc&status=won"
    "&updated_since=2026-05-16T08:00:00Z&updated_until=2026-05-16T09:00:00Z"
)
DEALS = f"/api/v2/deals?limit=500&{WINDOW}"
ARCHIVED = f"/api/v2/deals/archived?limit=500&{WINDOW}"


def deal(number: int, won: str | None = "2026-05-16T08:30:00Z") -> dict[str, Any]:
    return {"id": number, "status": "won", "won_time": won}


def page(*deals: dict[str, Any], following: str | None = None) -> dict[str, Any]:
    return {"success": True, "data": list(deals), "additional_data": {"next_cursor": following}}


def start() -> str:
    begun = PIPEDRIVE.changed(TableApi({}), None, NOW)
    assert (list(begun.records), begun.more) == ([], False)
    assert begun.cursor is not None
    return begun.cursor


def rounds(api: TableApi, cursor: str, now: datetime) -> tuple[list[str], str]:
    found: list[str] = []
    for _ in range(20):
        answer = PIPEDRIVE.changed(api, cursor, now)
        found += [ref.id for ref in answer.records]
        assert answer.cursor is not None
        cursor = answer.cursor
        if not answer.more:
            return found, cursor
    raise AssertionError("a round does not end")


def paged(table: Mapping[str, Any] | None = None) -> TableApi:
    second = DEALS.replace("?", "?cursor=c2&")
    return TableApi(
        {DEALS: page(deal(1), following="c2"), second: page(deal(2)), ARCHIVED: page(deal(3))} | dict(table or {})
    )


def test_history_begins_now_and_asks_nothing() -> None:
    api = TableApi({})
    PIPEDRIVE.changed(api, None, NOW)
    assert api.asked == []


def test_a_round_reads_every_page_of_every_list_and_moves_on_with_an_overlap() -> None:
    found, cursor = rounds(paged(), start(), LATER)
    assert found == ["1", "2", "3"]
    assert '"since": "2026-05-16T08:50:00Z"' in cursor
    assert '"start": "2026-05-16T08:00:00Z"' in cursor


def test_the_next_round_overlaps_the_last_one() -> None:
    _, cursor = rounds(paged(), start(), LATER)
    api = TableApi({})
    with pytest.raises(Exception, match="updated_since=2026-05-16T08:50:00Z&updated_until=2026-05-16T10:00:00Z"):
        PIPEDRIVE.changed(api, cursor, LATER + timedelta(hours=1))


@pytest.mark.parametrize("killed_after", range(3))
def test_a_crash_after_any_page_skips_nothing(killed_after: int) -> None:
    """The cursor handed back is where to go on; a call whose answer was lost is made again with the old one."""
    cursor, found = start(), set()
    for step in range(6):
        answer = PIPEDRIVE.changed(paged(), cursor, LATER)
        found |= {ref.id for ref in answer.records}
        if step == killed_after:
            continue  # died before the cursor was stored
        assert answer.cursor is not None
        cursor = answer.cursor
        if not answer.more:
            break
    assert found == {"1", "2", "3"}


def test_an_outage_leaves_the_cursor_alone() -> None:
    with pytest.raises(PlatformUnavailable):
        PIPEDRIVE.changed(paged({DEALS: PlatformUnavailable("503")}), start(), LATER)


def test_what_was_won_before_the_connection_is_not_ours() -> None:
    table = {
        DEALS: page(deal(1, "2025-01-01T00:00:00Z"), deal(2, "2026-05-16 08:00:01"), deal(3, None), deal(4, "soon")),
    }
    found, _ = rounds(paged(table), start(), LATER)
    assert found == ["2", "3", "4", "3"]


def test_items_that_are_no_records_are_passed_over() -> None:
    table = {DEALS: {"data": [None, 7, {"id": True}, {"id": {"value": 1}}, {}, deal(1)]}}
    found, _ = rounds(paged(table), start(), LATER)
    assert found == ["1", "3"]
    found, _ = rounds(paged({DEALS: {"data": None}}), start(), LATER)
    assert found == ["3"]


def test_the_same_page_for_ever_is_refused() -> None:
    second = DEALS.replace("?", "?cursor=c2&")
    api = paged({second: page(deal(2), following="c2")})
    cursor = PIPEDRIVE.changed(api, start(), LATER).cursor
    with pytest.raises(PlatformRefused, match="twice"):
        PIPEDRIVE.changed(api, cursor, LATER)


def test_an_expired_page_begins_the_list_again_but_not_for_ever() -> None:
    second = DEALS.replace("?", "?cursor=c2&")
    api = paged({second: PlatformRefused("cursor expired")})
    cursor = PIPEDRIVE.changed(api, start(), LATER).cursor
    for _ in range(3):
        again = PIPEDRIVE.changed(api, cursor, LATER)
        assert again.more
        cursor = PIPEDRIVE.changed(api, again.cursor, LATER).cursor
    with pytest.raises(PlatformRefused):
        PIPEDRIVE.changed(api, cursor, LATER)


def test_a_clock_that_went_back_asks_nothing() -> None:
    api, cursor = TableApi({}), start()
    answer = PIPEDRIVE.changed(api, cursor, NOW - timedelta(minutes=10))
    assert (answer.cursor, answer.more, api.asked) == (cursor, False, [])


@pytest.mark.parametrize("junk", ["", "{", "[]", '{"a": 1}', "7", '"x"'])
def test_a_cursor_of_somebody_else_is_bad_input(junk: str) -> None:
    with pytest.raises(BadInput):
        PIPEDRIVE.changed(TableApi({}), junk, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_list_that_the_account_does_not_have_stops_no_other() -> None:
    """An R-Series employee without the right to voids is refused that list; sales must be found all the same."""

    class Shop(TableApi):
        def _answer(self, key: str) -> bytes:
            self.asked.append(key)
            if "SaleVoid" in key:
                raise RefusedWithStatus("no right", status=403)
            return b'{"Sale": [{"saleID": "5", "completeTime": "2026-05-16T08:30:00+00:00"}]}'

    r_series, shop = load("lightspeed_r"), Shop({})
    begun = r_series.changed(shop, None, NOW).cursor
    first = r_series.changed(shop, begun, LATER)
    assert [ref.id for ref in first.records] == ["5"]
    last = r_series.changed(shop, first.cursor, LATER)
    assert (list(last.records), last.more) == ([], False)
    assert [key.split("?")[0].rsplit("/", 1)[-1] for key in shop.asked] == ["Sale.json", "SaleVoid.json"]
