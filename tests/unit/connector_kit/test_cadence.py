from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taxpoynt.connector_kit.cadence import is_open, pause_after
from taxpoynt.connector_kit.template_polling import OpenHours, Poll

BUSY, IDLE = timedelta(seconds=45), timedelta(minutes=30)
HOURS = {"opens": "09:00", "closes": "21:00", "zone": "Africa/Lagos"}


def poll(**more: Any) -> Poll:
    block = {"busy_seconds": 45, "idle_seconds": 1800, "idle_after_minutes": 60, **more}
    return Poll(record="sale", requests=({"path": "/x"},), **block)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def pause(block: Poll, now: str, found: str | None, **facts: Any) -> timedelta:
    return pause_after(block, at(found) if found else None, at(now), facts)


def test_a_fixed_pace_is_always_the_same() -> None:
    fixed = Poll(record="deal", every_minutes=60, requests=({"path": "/x"},))
    assert pause(fixed, "2026-05-16T03:00", None) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("found", "expected"),
    [("2026-05-16T11:59", BUSY), ("2026-05-16T11:01", BUSY), ("2026-05-16T11:00", IDLE), (None, IDLE)],
)
def test_without_hours_a_shop_is_quiet_when_nothing_was_found_for_a_while(found: str, expected: timedelta) -> None:
    assert pause(poll(), "2026-05-16T12:00", found) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-05-16T07:59", timedelta(minutes=1)),  # 08:59 in Lagos: it opens in a minute
        ("2026-05-16T07:40", timedelta(minutes=20)),
        ("2026-05-16T08:00", BUSY),
        ("2026-05-16T19:59", BUSY),
        ("2026-05-16T20:00", IDLE),
        ("2026-05-16T23:30", IDLE),
    ],
)
def test_in_its_hours_a_quiet_shop_is_looked_at_as_often_as_a_busy_one(now: str, expected: timedelta) -> None:
    assert pause(poll(open=HOURS), now, "2026-05-10T12:00") == expected


def test_a_sale_out_of_hours_keeps_us_awake_for_a_while() -> None:
    assert pause(poll(open=HOURS), "2026-05-16T22:00", "2026-05-16T21:30") == BUSY
    assert pause(poll(open=HOURS), "2026-05-16T22:30", "2026-05-16T21:30") == IDLE


@pytest.mark.parametrize(
    ("now", "expected"), [("2026-05-16T20:00", True), ("2026-05-17T01:59", True), ("2026-05-17T02:00", False)]
)
def test_hours_may_span_midnight(now: str, expected: bool) -> None:
    assert is_open(OpenHours(opens="18:00", closes="03:00"), at(now), {}) is expected


@pytest.mark.parametrize(
    ("zone", "facts", "expected"),
    [
        ("Asia/Tokyo", {}, True),
        ("time_zone", {"time_zone": "Asia/Tokyo"}, True),
        ("time_zone", {"time_zone": "Nowhere/Land"}, False),
        ("time_zone", {}, False),
        ("../../etc/passwd", {}, False),
    ],
)
def test_the_zone_is_the_accounts_and_lagos_when_it_is_unknown(
    zone: str, facts: dict[str, Any], expected: bool
) -> None:
    """01:00 UTC is 10:00 in Tokyo and 02:00 in Lagos."""
    hours = OpenHours(opens="09:00", closes="21:00", zone=zone)
    assert is_open(hours, at("2026-05-16T01:00"), facts) is expected
