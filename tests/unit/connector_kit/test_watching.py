"""When silence means loss, and when a gap is closed: rules and properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.watching import (
    AWAY,
    CLOSING,
    GRACE,
    USUAL_BAN,
    WARY,
    ban_of,
    judged,
    lost,
    pace,
    reason_of,
    remade,
    rounded,
)
from taxpoynt.domain.gap import Gap, GapCause, Missed, Watch
from taxpoynt.domain.sale import RecordRef

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR, BAN = timedelta(hours=1), timedelta(minutes=30)


def ago(**by: float) -> datetime:
    return NOW - timedelta(**by)


def missed(number: int, found_at: datetime, *, in_gap: bool = False) -> Missed:
    return Missed(ref=RecordRef(resource="deal", id=str(number)), found_at=found_at, in_gap=in_gap)


def silent(**more: datetime) -> Watch:
    return gapped("silent", noticed_at=ago(minutes=10), **more)


def gapped(cause: GapCause, *, noticed_at: datetime, **more: datetime) -> Watch:
    gap = Gap(cause=cause, since=None, noticed_at=noticed_at)
    return Watch(gap=replace(gap, **more))  # type: ignore[arg-type]  # names are fields of moments


def test_within_the_grace_a_webhook_may_still_tell() -> None:
    end = judged(Watch(), [missed(1, NOW - GRACE + timedelta(seconds=1))], NOW, BAN)
    assert (end.settled, end.waiting, end.noticed) == ([], True, False)
    assert end.watch == Watch()


def test_after_the_grace_a_silent_sender_is_noticed_and_asked_anew() -> None:
    watch = Watch(heard_at=ago(hours=2))
    end = judged(watch, [missed(1, ago(minutes=6)), missed(2, ago(minutes=5))], NOW, BAN)
    assert (end.noticed, end.remake, end.waiting) == (True, True, False)
    assert end.watch.open == Gap(
        cause="silent", since=ago(hours=2), noticed_at=NOW, found=2, found_at=ago(minutes=5), remade_at=None
    )


def test_one_lost_event_of_a_sender_that_is_heard_since_is_no_gap() -> None:
    end = judged(Watch(heard_at=ago(minutes=1)), [missed(1, ago(minutes=6))], NOW, BAN)
    assert (end.watch.missed, end.watch.gap, end.remake) == (1, None, False)


def test_another_subscription_is_tried_once_in_a_ban() -> None:
    late = [missed(1, ago(minutes=6))]
    assert not judged(silent(remade_at=NOW - BAN + timedelta(seconds=1)), late, NOW, BAN).remake
    assert judged(silent(remade_at=NOW - BAN), late, NOW, BAN).remake
    again = gapped("silent", noticed_at=ago(hours=1), remade_at=ago(minutes=25), closed_at=ago(minutes=20))
    end = judged(again, late, NOW, BAN)
    assert (end.noticed, end.remake) == (True, False), "a new silence soon after is noticed, and not answered so"


def test_what_was_found_before_the_mending_belongs_to_the_gap_that_was_mended() -> None:
    closed = gapped("paused", noticed_at=ago(minutes=5), remade_at=ago(minutes=4), closed_at=ago(minutes=3))
    end = judged(closed, [missed(1, ago(minutes=6)), missed(2, ago(minutes=2), in_gap=True)], NOW, BAN)
    assert (end.noticed, end.remake) == (False, False)
    assert end.watch.gap
    assert (end.watch.gap.found, end.watch.gap.closed_at) == (2, ago(minutes=3))


def test_a_subscription_that_is_gone_names_the_silence() -> None:
    named = lost(silent(), "deleted", NOW)
    assert named.open
    assert (named.open.cause, named.open.noticed_at) == ("deleted", ago(minutes=10))
    fresh = lost(Watch(heard_at=ago(hours=1)), "paused", NOW)
    assert fresh.open == Gap(cause="paused", since=ago(hours=1), noticed_at=NOW)


@pytest.mark.parametrize(
    ("polled_at", "watch", "reason"),
    [
        (None, Watch(), "catch_up"),
        (ago(minutes=60), Watch(), "poll"),
        (NOW - 2 * HOUR - AWAY - timedelta(seconds=1), Watch(), "catch_up"),
        (None, silent(), "gap"),
        (ago(minutes=11), silent(), "gap"),
        (ago(minutes=10), silent(), "poll"),
        (ago(minutes=8), silent(remade_at=ago(minutes=7)), "gap"),
    ],
)
def test_why_a_poll_asks(polled_at: datetime | None, watch: Watch, reason: str) -> None:
    assert reason_of(watch, polled_at, HOUR, NOW) == reason


def test_a_gap_is_closed_by_a_round_that_began_after_its_mending() -> None:
    times = {"noticed_at": ago(minutes=10), "remade_at": ago(minutes=9)}
    paused = gapped("paused", **times)
    assert rounded(paused, ago(minutes=10), NOW, BAN).open
    assert rounded(paused, None, NOW, BAN).open
    assert rounded(paused, ago(minutes=9), NOW, BAN).gap == gapped("paused", **times, closed_at=NOW).gap


def test_a_silence_ends_when_the_sender_is_heard_or_nothing_is_missed_for_a_ban() -> None:
    assert rounded(silent(), ago(minutes=5), NOW, BAN).open
    heard = replace(silent(), heard_at=ago(minutes=1))
    assert rounded(heard, ago(minutes=5), NOW, BAN).open is None
    later = NOW + BAN
    assert rounded(silent(), ago(minutes=5), later, BAN).open is None
    assert rounded(silent(found_at=NOW), ago(minutes=5), later - timedelta(seconds=1), BAN).open


def test_polls_are_frequent_while_a_gap_is_open() -> None:
    assert pace(Watch(), ago(minutes=1), HOUR) == HOUR
    assert pace(silent(), ago(minutes=11), HOUR) == CLOSING
    assert pace(silent(), ago(minutes=10), HOUR) == WARY
    assert pace(silent(), ago(minutes=10), timedelta(seconds=45)) == timedelta(seconds=45)


def test_the_ban_is_the_templates_or_the_usual_one() -> None:
    assert ban_of(template("pipedrive")) == timedelta(minutes=30)
    assert ban_of(template("lightspeed_x")) == timedelta(hours=24)
    assert ban_of(template("lightspeed_r")) == USUAL_BAN


_TIMES = st.integers(0, 600).map(lambda minutes: ago(minutes=minutes))
_GAPS = st.builds(
    Gap,
    cause=st.sampled_from(["silent", "deleted", "paused"]),
    since=st.none() | _TIMES,
    noticed_at=_TIMES,
    remade_at=st.none() | _TIMES,
    found=st.integers(0, 5),
    closed_at=st.none() | _TIMES,
)
_WATCHES = st.builds(Watch, heard_at=st.none() | _TIMES, missed=st.integers(0, 5), gap=st.none() | _GAPS)
_MISSED = st.lists(st.tuples(_TIMES, st.booleans()), max_size=8)


@given(_WATCHES, _MISSED)
def test_whatever_was_found_is_counted_once_and_only_when_its_grace_is_over(
    watch: Watch, found: list[tuple[datetime, bool]]
) -> None:
    """What is settled is exactly what the counters rise by; nothing in its grace is touched."""
    notes = [missed(n, at, in_gap=in_gap and watch.gap is not None) for n, (at, in_gap) in enumerate(found)]
    end = judged(watch, notes, NOW, BAN)
    before = watch.missed + (watch.gap.found if watch.gap and not end.noticed else 0)
    after = end.watch.missed + (end.watch.gap.found if end.watch.gap else 0)
    assert after - before == len(end.settled)
    left = [one for one in notes if one not in end.settled]
    assert all(not one.in_gap and NOW - one.found_at < GRACE for one in left)
    assert end.waiting == bool(left)
    assert not end.noticed or end.watch.open


@given(_WATCHES, st.none() | _TIMES)
def test_no_round_opens_a_gap_and_remaking_keeps_what_is_known(watch: Watch, last: datetime | None) -> None:
    after = rounded(watch, last, NOW, BAN)
    assert (after.gap is None) == (watch.gap is None)
    assert watch.open or after == watch
    again = remade(watch, NOW)
    assert (again.gap and again.gap.found) == (watch.gap and watch.gap.found)
