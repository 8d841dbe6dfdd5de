from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.conversion.clock import lagos_date, legal_clock
from taxpoynt.errors import BadInput


def test_a_sale_just_before_midnight_utc_is_dated_the_next_day_in_lagos() -> None:
    clock = legal_clock(datetime(2026, 9, 14, 23, 30, 5, tzinfo=UTC))
    assert (clock.issue_date, clock.issue_time) == (date(2026, 9, 15), "00:30:05")
    assert clock.due_at == datetime(2026, 9, 15, 23, 30, 5, tzinfo=UTC)


@given(st.integers(1_600_000_000, 4_000_000_000), st.timezones())
def test_everybody_has_twenty_four_hours_whatever_the_zone(seconds: int, zone: tzinfo) -> None:
    moment = datetime.fromtimestamp(seconds, zone)
    for kind in (None, "B2C", "B2B"):
        clock = legal_clock(moment, kind)
        assert clock.due_at - moment.astimezone(UTC) == timedelta(hours=24)
        assert clock.due_at.utcoffset() == timedelta(0)
        assert clock.issue_date == lagos_date(moment)


def test_a_completion_in_the_future_is_taken_as_now() -> None:
    now = datetime(2026, 9, 15, 12, 0, tzinfo=UTC)
    clock = legal_clock(now + timedelta(days=1), "B2C", now)
    assert (clock.issue_date, clock.issue_time) == (date(2026, 9, 15), "13:00:00")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(BadInput):
        legal_clock(datetime(2026, 9, 15, 12, 0))  # noqa: DTZ001  # the naive time is the point
