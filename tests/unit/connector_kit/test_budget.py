from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from taxpoynt.connector_kit.budget import (
    AHEAD,
    DAY,
    PROBE,
    UNIT,
    Meter,
    Reading,
    learn,
    meters,
    take,
    units,
)
from taxpoynt.connector_kit.template_limits import Budget, Limits

T0 = 1_779_000_000_000
"""Milliseconds; a moment inside a day."""


def one(**block: Any) -> tuple[Meter, ...]:
    return meters([Budget(name="b", **block)], {})


WINDOW = one(kind="window", seconds=10, size=5)
BUCKET = one(kind="bucket", size=5, per_second=1, counts="cost")
DAILY = one(kind="day", size=5, counts="cost")


def granted(which: tuple[Meter, ...], times: list[int], *, share: float = 1.0, cost: int = UNIT) -> list[int]:
    """The moments at which a request was let through."""
    text, passed = "", []
    for at in times:
        after, wait = take(which, text, "/x", cost, share, at)
        assert (after is None) == (wait > 0)
        if after is not None:
            text = after
            passed.append(at)
    return passed


# --- never over the limit ----------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(st.lists(st.integers(min_value=0, max_value=4000), min_size=1, max_size=60))
def test_no_window_of_the_platform_wherever_it_begins_sees_more_than_its_size(gaps: list[int]) -> None:
    times, at = [], T0
    for gap in gaps:
        at += gap
        times.append(at)
    passed = granted(WINDOW, times)
    for begin in passed:  # a window that holds most begins at a request
        assert sum(begin <= one < begin + 10_000 for one in passed) <= 5


def test_the_twin_that_counts_windows_by_the_clock_lets_twice_as_many_through() -> None:
    """What the obvious fixed window does: five at the end of one, five at the beginning of the next."""

    def twin(times: list[int]) -> list[int]:
        used: dict[int, int] = {}
        passed = []
        for at in times:
            if used.get(at // 10_000, 0) < 5:
                used[at // 10_000] = used.get(at // 10_000, 0) + 1
                passed.append(at)
        return passed

    edge = (T0 // 10_000 + 1) * 10_000
    times = [edge - 50 + number for number in range(5)] + [edge + number for number in range(5)]
    assert len(twin(times)) == 10
    assert len(granted(WINDOW, times)) == 5


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(st.integers(min_value=0, max_value=4000), st.integers(min_value=1, max_value=3 * UNIT)), max_size=60
    )
)
def test_a_bucket_never_flows_over(steps: list[tuple[int, int]]) -> None:
    text, at, level, last = "", T0, 0, T0
    for gap, cost in steps:
        at += gap
        after, _ = take(BUCKET, text, "/x", cost, 1.0, at)
        if after is not None:
            text = after
            level = max(0, level - (at - last) * 1000) + cost
            last = at
            assert level <= 5 * UNIT


@settings(max_examples=100)
@given(st.lists(st.integers(min_value=0, max_value=DAY // 10), min_size=1, max_size=60))
def test_a_day_is_used_up_once_and_then_only_asked_whether_it_is_over(gaps: list[int]) -> None:
    times, at = [], T0
    for gap in gaps:
        at += gap
        times.append(at)
    passed = granted(DAILY, times)
    for begin in passed:
        today = [one for one in passed if one // DAY == begin // DAY]
        assert all(later - earlier >= PROBE for earlier, later in pairwise(today[5:]))


@pytest.mark.parametrize("which", [WINDOW, BUCKET, DAILY])
def test_who_waits_as_long_as_told_gets_through(which: tuple[Meter, ...]) -> None:
    text, at = "", T0
    for _ in range(40):
        after, wait = take(which, text, "/x", UNIT, 1.0, at)
        if after is None:
            at += wait
            after, wait = take(which, text, "/x", UNIT, 1.0, at)
        assert after is not None
        text = after


def test_a_request_dearer_than_its_budget_goes_when_nothing_else_is_used() -> None:
    dear = 50 * UNIT
    assert take(BUCKET, "", "/x", dear, 1.0, T0)[0] is not None
    after = take(BUCKET, "", "/x", UNIT, 1.0, T0)[0]
    refused, wait = take(BUCKET, after or "", "/x", dear, 1.0, T0)
    assert refused is None
    assert take(BUCKET, after or "", "/x", dear, 1.0, T0 + wait)[0] is not None


def test_fractions_are_counted_to_the_millionth() -> None:
    passed = granted(BUCKET, [T0] * 100, cost=units(0.1))
    assert len(passed) == 50
    assert units(0.1) == 100_000
    assert units(3.4) == 3_400_000
    assert units(1 / 3) == 333_334


# --- who comes first -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", [WINDOW, BUCKET, DAILY])
def test_bulk_work_leaves_its_share_to_the_sales_of_now(which: tuple[Meter, ...]) -> None:
    text, bulk, live = "", 0, 0
    while (after := take(which, text, "/x", UNIT, 0.4, T0)[0]) is not None:
        text, bulk = after, bulk + 1
    for _ in range(3):
        after, _ = take(which, text, "/x", UNIT, 1.0, T0)
        assert after is not None
        text, live = after, live + 1
    assert (bulk, live) == (2, 3)


def test_several_limits_hold_at_once_and_a_refusal_uses_none_of_them() -> None:
    both = meters(
        [
            Budget(name="second", kind="window", seconds=1, size=2),
            Budget(name="long", kind="window", seconds=100, size=3),
        ],
        {},
    )
    assert len(granted(both, [T0] * 10)) == 2
    assert len(granted(both, [T0] * 10 + [T0 + 2000] * 10)) == 3


def test_a_limit_of_some_paths_leaves_the_others_alone() -> None:
    search = one(kind="window", seconds=1, size=1, only=("/v3/search",))
    first = take(search, "", "/v3/search/deals", UNIT, 1.0, T0)[0]
    assert take(search, first or "", "/v3/search/deals", UNIT, 1.0, T0)[0] is None
    assert take(search, first or "", "/v3/deals", UNIT, 1.0, T0)[0] is not None


# --- sizes by account ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "x_series", "r_series"),
    [({"registers": 3}, 950, 110), ({"registers": "1"}, 350, 90), ({}, 350, 90), ({"registers": "many"}, 350, 90)],
)
def test_a_budget_grows_with_the_account(facts: dict[str, Any], x_series: int, r_series: int) -> None:
    x = Budget(name="x", kind="window", seconds=300, size=50, each={"fact": "registers", "size": 300})
    r = Budget(
        name="r",
        kind="bucket",
        size=90,
        per_second=1,
        each={"fact": "registers", "beyond": 1, "size": 10, "per_second": 0.5},
    )
    of_x, of_r = meters([x, r], facts)
    assert (of_x.size, of_r.size) == (x_series * UNIT, r_series * UNIT)
    assert of_r.drip == 1000 + (r_series - 90) // 10 * 500


# --- what the platform tells ---------------------------------------------------------------------------------------


def told(which: tuple[Meter, ...], text: str, reading: Reading, *, taken: int = UNIT, at: int = T0) -> str:
    return learn(which, text, {"b": reading}, taken, at)


def room(which: tuple[Meter, ...], text: str, at: int = T0) -> int:
    count = 0
    while (after := take(which, text, "/x", UNIT, 1.0, at)[0]) is not None and count < 1000:
        text, count = after, count + 1
    return count


@pytest.mark.parametrize("which", [WINDOW, BUCKET])
def test_a_limit_that_the_platform_names_is_the_limit(which: tuple[Meter, ...]) -> None:
    assert room(which, told(which, "", Reading(size=9 * UNIT))) == 9
    assert room(which, told(which, "", Reading(size=2 * UNIT))) == 2


def test_without_any_size_nothing_is_held_back_until_one_is_told() -> None:
    unknown = one(kind="day", headers={"limit": "x-limit", "remaining": "x-remaining"})
    assert room(unknown, "") == 1000
    assert room(unknown, told(unknown, "", Reading(size=10 * UNIT, used=4 * UNIT))) == 7  # six, and the first question


@pytest.mark.parametrize("which", [WINDOW, BUCKET, DAILY])
def test_what_others_used_of_the_same_budget_counts(which: tuple[Meter, ...]) -> None:
    after = told(which, "", Reading(used=4 * UNIT))
    assert room(which, after) == (2 if which is DAILY else 1)


@pytest.mark.parametrize("which", [WINDOW, BUCKET])
def test_an_answer_that_overtook_others_under_way_takes_nothing_off(which: tuple[Meter, ...]) -> None:
    text = ""
    for _ in range(4):
        text = take(which, text, "/x", UNIT, 1.0, T0)[0] or ""
    assert room(which, told(which, text, Reading(used=UNIT))) == 1


def test_a_request_that_cost_less_than_we_thought_gives_back_the_rest() -> None:
    text = take(BUCKET, "", "/x", 4 * UNIT, 1.0, T0)[0] or ""
    assert room(BUCKET, told(BUCKET, text, Reading(cost=UNIT, used=UNIT), taken=4 * UNIT)) == 4
    dearer = told(BUCKET, text, Reading(cost=5 * UNIT), taken=4 * UNIT)
    assert room(BUCKET, dearer) == 0


def test_a_day_that_began_anew_at_the_platform_begins_anew_here() -> None:
    text = ""
    for _ in range(6):
        text = take(DAILY, text, "/x", UNIT, 1.0, T0)[0] or text
    assert room(DAILY, told(DAILY, text, Reading(used=UNIT))) == 4


def test_a_pause_that_the_platform_asked_for_holds_for_everybody_and_for_a_quarter_of_an_hour_at_most() -> None:
    text = learn(WINDOW, "", {}, UNIT, T0, pause=3_000)
    assert take(WINDOW, text, "/x", UNIT, 1.0, T0)[1] == 3_000
    assert take(WINDOW, text, "/x", UNIT, 1.0, T0 + 3_000)[0] is not None
    assert take(WINDOW, learn(WINDOW, "", {}, UNIT, T0, pause=DAY), "/x", UNIT, 1.0, T0)[1] == PROBE
    shorter = learn(WINDOW, text, {}, UNIT, T0 + 1, pause=10)
    assert take(WINDOW, shorter, "/x", UNIT, 1.0, T0 + 1)[1] == 2_999


# --- clocks and junk -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", [WINDOW, BUCKET])
def test_a_clock_that_is_behind_takes_nothing_off(which: tuple[Meter, ...]) -> None:
    text = ""
    for _ in range(5):
        text = take(which, text, "/x", UNIT, 1.0, T0)[0] or ""
    assert room(which, text, T0 - AHEAD // 2) == 0


@pytest.mark.parametrize("which", [WINDOW, BUCKET])
def test_a_state_from_a_broken_clock_is_forgotten(which: tuple[Meter, ...]) -> None:
    text = ""
    for _ in range(5):
        text = take(which, text, "/x", UNIT, 1.0, T0 + 10 * AHEAD)[0] or ""
    assert room(which, text, T0) == 5


@pytest.mark.parametrize("junk", ["{", "[]", "7", "null", '{"b": null}', '{"b": {}}'])
def test_a_state_that_cannot_be_read_is_none(junk: str) -> None:
    assert room(WINDOW, junk) == 5


# --- the block -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"kind": "window", "size": 5}, "a window needs 'seconds'"),
        ({"kind": "window", "size": 5, "seconds": 1, "per_second": 1}, "a window has no 'per_second'"),
        ({"kind": "bucket", "size": 5}, "a bucket needs 'per_second'"),
        ({"kind": "bucket", "size": 5, "per_second": 1, "seconds": 3}, "a bucket has no 'seconds'"),
        ({"kind": "day", "seconds": 3, "size": 5}, "a day has no 'seconds'"),
        ({"kind": "day"}, "nothing says how large"),
        ({"kind": "day", "headers": {"remaining": "x"}}, "says nothing without a limit"),
        ({"kind": "day", "headers": {"limit": "x"}, "each": {"fact": "a", "size": 1}}, "each adds to a size"),
    ],
)
def test_a_contradictory_budget_is_rejected_in_words(block: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Budget(name="b", **block)
    assert problem in str(caught.value)


def test_two_budgets_of_one_name_are_rejected() -> None:
    twice = Budget(name="b", kind="day", size=1)
    with pytest.raises(ValidationError, match="two budgets are called 'b'"):
        Limits(budgets=(twice, twice))
