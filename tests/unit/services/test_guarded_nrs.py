"""NRS through circuits and a time budget."""

from __future__ import annotations

from typing import Any

import pytest

from taxpoynt.errors import (
    Busy,
    CircuitOpen,
    NrsKeyRefused,
    NrsUnavailable,
    OutcomeUnknown,
    OutOfTime,
    RateLimited,
    TaxPoyntError,
)
from taxpoynt.services.guarded_nrs import HOST, GuardedNrs
from tests.fakes.clock import FakeClock
from tests.fakes.outside import refusal
from tests.fakes.stores import FakeCircuits

OURS, THEIRS = "key:ours", "key:theirs"


class Nrs:
    """Answers every call by what it is told."""

    def __init__(self) -> None:
        self.error: TaxPoyntError | None = None
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> str:
            self.calls += 1
            if self.error:
                raise self.error
            return name

        return call


class Line:
    def __init__(self) -> None:
        self.nrs, self.circuits, self.clock, self.left = Nrs(), FakeCircuits(row=3), FakeClock(), 100.0

    def attempt(self, key: str = OURS) -> GuardedNrs:
        return GuardedNrs(self.nrs, self.circuits, self.clock, key, lambda: self.left).permitted()

    def fail(self, error: TaxPoyntError, times: int = 1, key: str = OURS) -> None:
        self.nrs.error = error
        for _ in range(times):
            with pytest.raises(type(error)):
                self.attempt(key).sign(b"{}")
        self.nrs.error = None


def answered(error: TaxPoyntError) -> TaxPoyntError:
    error.answered = True
    return error


def test_every_call_goes_through_to_nrs() -> None:
    guarded = Line().attempt()
    answers: list[object] = [
        guarded.validate(b""),
        guarded.look_up("i", "b"),
        guarded.download("i"),
        guarded.follow("i", "b"),
        guarded.exchange_by_irn("i"),
        guarded.exchange_by_tin("t"),
    ]
    assert answers == ["validate", "look_up", "download", "follow", "exchange_by_irn", "exchange_by_tin"]
    guarded.transmit("i")
    guarded.update_payment("i", "PAID")


def test_an_outage_of_the_host_stops_every_key() -> None:
    line = Line()
    line.fail(NrsUnavailable("503"), 2)
    line.fail(OutcomeUnknown("time-out"), 1, THEIRS)
    calls = line.nrs.calls
    for key in (OURS, THEIRS):
        with pytest.raises(CircuitOpen) as caught:
            line.attempt(key)
        assert caught.value.retry_after
    assert line.nrs.calls == calls


def test_a_refused_key_stops_that_key_only() -> None:
    line = Line()
    line.fail(NrsKeyRefused("unable to validate api key"), key=THEIRS)
    with pytest.raises(CircuitOpen):
        line.attempt(THEIRS)
    line.attempt(OURS).sign(b"{}")
    assert line.circuits.refusals == [THEIRS]


def test_a_mended_key_drains_by_itself() -> None:
    line = Line()
    line.fail(NrsKeyRefused("unable to validate api key"))
    line.clock.move(hours=1)
    line.attempt().sign(b"{}")
    line.attempt().sign(b"{}")
    assert line.circuits.until == {}


def test_what_nrs_says_in_its_own_words_is_no_outage() -> None:
    line = Line()
    line.fail(answered(OutcomeUnknown("used already, or try again later")), 9)
    line.fail(refusal(), 9)
    line.attempt()
    assert line.circuits.failures == {}


def test_an_answer_ends_the_row_of_failures() -> None:
    line = Line()
    for _ in range(5):
        line.fail(NrsUnavailable("503"), 2)
        line.attempt().sign(b"{}")
    assert HOST not in line.circuits.until


def test_no_call_is_begun_that_could_be_cut_off() -> None:
    line = Line()
    guarded = line.attempt()
    guarded.validate(b"")
    line.left = 29.0
    with pytest.raises(OutOfTime):
        guarded.sign(b"")
    with pytest.raises(OutOfTime):
        line.attempt()
    assert line.nrs.calls == 1


@pytest.mark.parametrize("error", [NrsUnavailable("503"), OutcomeUnknown("reset"), RateLimited("slower")])
def test_a_probe_of_the_key_that_fails_for_another_reason_is_followed_by_the_next_at_once(error: TaxPoyntError) -> None:
    line = Line()
    line.fail(NrsKeyRefused("no"))
    line.clock.move(minutes=30)
    line.fail(error)
    line.attempt().sign(b"{}")
    line.attempt().sign(b"{}")


def test_a_caller_whom_the_circuit_of_the_host_turns_away_takes_no_probe_of_the_key() -> None:
    line = Line()
    line.fail(NrsKeyRefused("no"))
    line.clock.move(minutes=30)
    line.fail(NrsUnavailable("503"), 3, THEIRS)
    with pytest.raises(CircuitOpen):
        line.attempt()
    line.clock.move(minutes=1)
    line.attempt().sign(b"{}")


def test_a_probe_without_time_left_for_its_call_is_given_back() -> None:
    line = Line()
    line.fail(NrsUnavailable("503"), 3)
    line.clock.move(minutes=1)
    short = line.attempt()
    line.left = 5.0
    with pytest.raises(OutOfTime):
        short.sign(b"{}")
    line.left = 100.0
    line.attempt().sign(b"{}")


class Throttled(FakeCircuits):
    """A store that takes no notes just now."""

    def __getattribute__(self, name: str) -> Any:
        if name in ("failed", "refused", "succeeded", "released"):

            def note(*_: object) -> None:
                raise Busy("throttled")

            return note
        return super().__getattribute__(name)


@pytest.mark.parametrize(
    "error",
    [OutcomeUnknown("time-out"), NrsUnavailable("503"), NrsKeyRefused("no"), RateLimited("slower"), refusal()],
)
def test_a_note_that_cannot_be_taken_never_stands_in_for_what_nrs_did(error: TaxPoyntError) -> None:
    """An open sign that looks like a throttled store is not in doubt: its IRN was given up (simulation, seed 3436)."""
    line = Line()
    line.circuits = Throttled()
    line.fail(error)
    answer: object = line.attempt().sign(b"{}")
    assert answer == "sign"
