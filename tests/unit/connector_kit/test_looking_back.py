"""Going back along the lists of polls: the newest first, stretch by stretch, never for ever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxpoynt.connector_kit import looking_back
from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.looking_back import ONLY_NEW, TemplatePast, cannot
from taxpoynt.connector_kit.polling import Cursor
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.verdicts import RefusedWithStatus
from taxpoynt.errors import BadInput, Busy, PlatformRefused, Rejected
from taxpoynt.ports.look_back import PastPage
from tests.unit.connector_kit.parts import NOW
from tests.unit.connector_kit.test_polling_ways import VERSIONED, Api, spec

PAGED = {"style": "offset", "parameter": "start", "size": {"parameter": "limit", "value": 5}, "ends": "short"}
WINDOW = {"path": "/deals", "params": {"from": "{since}", "to": "{until}"}}


def walked(api: Any, about: Template, *, cursor: str | None = None, most: int = 1000) -> tuple[list[str], PastPage]:
    """Every record in the order it is told, and the last page. A place survives being written down."""
    past, found = TemplatePast(about), []
    place = past.begin(cursor, NOW)
    for _ in range(most):
        page = past.page(api, place)
        found += [ref.id for ref in page.records]
        if page.place is None:
            return found, page
        place = page.place
    raise AssertionError("a walk does not end")


def shop(changes: Mapping[int, datetime]) -> Api:
    """A platform that lists what changed in a window, oldest first, five a page."""

    def answer(path: str, given: dict[str, Any]) -> Any:
        since, until = (datetime.fromisoformat(given[one]) for one in ("from", "to"))
        shown = sorted((at, number) for number, at in changes.items() if since <= at <= until)
        start = int(given.get("start", 0))
        return {"data": [{"id": number} for _, number in shown[start : start + 5]]}

    return Api(answer)


def by_window(**more: Any) -> Template:
    return spec({**PAGED, "items": "data"}, requests=[WINDOW], **more)


def by_version() -> Template:
    request = {"path": "/sales", "params": {"page_size": "3"}, "paging": VERSIONED}
    return spec({"style": "none"}, by="version", requests=[request])


def till(sales: Mapping[int, int]) -> Api:
    """A platform that lists what has a higher version, lowest first, three a page. sales: version → id."""

    def answer(path: str, given: dict[str, Any]) -> Any:
        shown = [one for one in sorted(sales) if one > int(given["after"])][:3]
        return {"data": [{"id": sales[one]} for one in shown], "version": {"max": shown[-1] if shown else None}}

    return Api(answer)


def mark(version: int) -> str:
    return Cursor("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", marks={"0": str(version)}).text()


# --- by time ------------------------------------------------------------------------------------------------------


def test_the_latest_records_come_first_and_longer_stretches_follow_short_ones() -> None:
    api = shop({1: NOW - timedelta(days=200), 2: NOW - timedelta(days=2), 3: NOW - timedelta(minutes=30)})
    found, last = walked(api, by_window())
    assert found == ["3", "2", "1"]
    assert last.ended == "beginning"
    assert last.reached == NOW - looking_back.BACK
    assert len(api.asked) < 12, "an empty year is not asked for hour by hour"


@settings(max_examples=60)
@given(ages=st.lists(st.integers(1, 400 * 86_400), max_size=60, unique=True))
def test_whatever_was_sold_is_told_once_and_in_order(ages: list[int]) -> None:
    changes = {number: NOW - timedelta(seconds=age) for number, age in enumerate(sorted(ages), 1)}
    api = shop(changes)
    found, _ = walked(api, by_window())
    told = list(dict.fromkeys(found))  # what changed at the very edge of two stretches is in both
    assert told == [str(number) for number, at in changes.items() if at >= NOW - looking_back.BACK]
    assert len(found) - len(told) <= 2 * len(api.asked)


def test_a_busy_shop_is_read_in_short_stretches() -> None:
    api = shop({number: NOW - timedelta(seconds=3 * number) for number in range(1, 1201)})
    past, found = TemplatePast(by_window()), dict[str, None]()
    place: str | None = past.begin(None, NOW)
    while len(found) < 30 and place:
        page = past.page(api, place)
        found |= dict.fromkeys(ref.id for ref in page.records)
        place = page.place
    assert list(found)[:30] == [str(number) for number in range(1, 31)]
    assert len(api.asked) < 60, "the hour's 240 pages were not all read"


def test_a_platform_that_cuts_windows_is_asked_for_no_longer_ones_and_not_for_ever() -> None:
    api = shop({})
    found, last = walked(api, by_window(longest_minutes=1440))
    spans = [datetime.fromisoformat(one["to"]) - datetime.fromisoformat(one["from"]) for _, one in api.asked]
    assert max(spans) == timedelta(days=1)
    assert len(api.asked) <= looking_back.MOST_ASKED
    assert (found, last.ended) == ([], "beginning")


def test_a_list_that_goes_on_for_ever_ends_with_what_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking_back, "MOST_ASKED", 50)
    numbers = iter(range(1_000_000))
    api = Api(lambda _path, _given: {"data": [{"id": next(numbers)} for _ in range(5)]})
    found, last = walked(api, by_window())
    assert last.ended == "long enough"
    assert len(api.asked) == 50
    assert found


def test_a_list_that_goes_round_in_circles_is_refused() -> None:
    api = Api(lambda _path, _given: {"data": [{"id": one} for one in range(5)]})
    with pytest.raises(PlatformRefused, match="same page twice"):
        walked(api, by_window())


def test_a_list_that_the_account_does_not_have_is_left_out_and_an_expired_page_is_begun_again() -> None:
    refusals: list[str] = []

    def answer(path: str, given: dict[str, Any]) -> Any:
        if path == "/voids":
            raise RefusedWithStatus("no such list", status=403)
        if int(given.get("start", 0)) and not refusals:
            refusals.append("once")
            raise RefusedWithStatus("the cursor has expired", status=400)
        return shop({number: NOW - timedelta(minutes=number) for number in range(1, 8)}).answering(path, given)

    about = spec({**PAGED, "items": "data"}, requests=[WINDOW, {**WINDOW, "path": "/voids", "absent_on": [403]}])
    assert walked(Api(answer), about)[0] == [str(number) for number in range(1, 8)]
    refused = Api(lambda _path, _given: (_ for _ in ()).throw(RefusedWithStatus("no", status=403)))
    with pytest.raises(PlatformRefused):
        walked(refused, by_window())


# --- by version ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("newest", [40, 5_000_000, 40_123_456_789])
def test_versions_are_gone_back_from_the_highest_that_polling_has_seen(newest: int) -> None:
    sales = {newest - 7 * number: number for number in range(1, 5) if newest > 7 * number} | {3: 99}
    api = till(sales)
    found, last = walked(api, by_version(), cursor=mark(newest))
    assert list(dict.fromkeys(found)) == [*(str(one) for one in range(1, 5)), "99"]
    assert (last.ended, last.reached) == ("beginning", None)
    assert len(api.asked) < 60


def test_until_polling_has_seen_every_version_there_is_nothing_to_go_back_from() -> None:
    at = Cursor("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")
    under_way = Cursor(at.start, at.since, until=at.since, marks={"0": "5"})
    for cursor in (None, at.text(), under_way.text()):
        with pytest.raises(Busy, match="for the first time"):
            TemplatePast(by_version()).begin(cursor, NOW)


# --- what cannot be done --------------------------------------------------------------------------------------------


def test_a_journal_tells_only_what_is_new_and_that_is_said() -> None:
    paging = {"style": "cursor", "parameter": "after", "next": "next", "items": "data"}
    journal = spec({"style": "none"}, by="cursor", requests=[{"path": "/journal", "paging": paging}])
    assert cannot(journal) == ONLY_NEW
    with pytest.raises(Rejected, match="only what changes from now on"):
        TemplatePast(journal).begin(None, NOW)
    assert {name: cannot(template(name)) for name in ("pipedrive", "lightspeed_r", "lightspeed_x")} == dict.fromkeys(
        ("pipedrive", "lightspeed_r", "lightspeed_x"), ""
    )


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", '{"edges": "x", "span": 1}', '{"page": null}'])
def test_a_place_that_we_did_not_write_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        TemplatePast(by_window()).page(shop({}), text)


def test_times_are_asked_for_as_the_platform_reads_them() -> None:
    api = shop({1: datetime(2026, 5, 16, 7, 59, tzinfo=UTC)})
    TemplatePast(by_window(time="offset")).page(api, TemplatePast(by_window()).begin(None, NOW))
    assert api.asked[0][1]["from"] == "2026-05-16T07:00:00+00:00"
    assert api.asked[0][1]["to"] == "2026-05-16T08:00:00+00:00"
