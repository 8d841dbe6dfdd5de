"""Timing that can be compared: baseline and candidate take turns, medians and the ratio of medians are reported."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Compared:
    """Seconds of one call: median of the candidate and of its baseline, and their ratio."""

    name: str
    seconds: float
    baseline_seconds: float

    @property
    def ratio(self) -> float:
        """How many baselines the candidate costs."""
        return self.seconds / self.baseline_seconds


def in_turns(name: str, candidate: Callable[[], float], baseline: Callable[[], float], *, rounds: int) -> Compared:
    """`candidate` and `baseline` measure themselves once a call; they take turns so that drift hits both."""
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(baseline())
        ours.append(candidate())
    return Compared(name, statistics.median(ours), statistics.median(theirs))


def per_call(work: Callable[[], object], *, calls: int) -> Callable[[], float]:
    """A self-measuring loop: seconds of one call, averaged over `calls`."""

    def measure() -> float:
        started = time.perf_counter()
        for _ in range(calls):
            work()
        return (time.perf_counter() - started) / calls

    return measure
