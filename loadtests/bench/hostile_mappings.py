"""The worst that rules can ask of a hostile record, against the 50 ms that one evaluation may take.

The tests count lines of Python, which no machine changes; loops in C (a sort, a regular expression) show only here. The
ratio is the share of the bound; above 1 the run fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import yaml

from loadtests.bench.measure import Compared, in_turns
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.transforms import TRANSFORMS, NoValue
from tests.unit.mapping.test_expressions import BOMBS, hostile
from tests.unit.mapping.test_transforms import LONG, done

BOUND_SECONDS = 0.050
SHOWN = 5


def compare(*, rounds: int = 5) -> Iterator[Compared]:
    """The slowest expressions, then the slowest transforms; all are measured."""
    view = hostile()
    expressions = {text: partial(find, text, view) for text in BOMBS}
    transforms = {}
    for name, transform in TRANSFORMS.items():
        argument = yaml.safe_load(transform.argument.example or "null")
        for number, value in enumerate(LONG):
            transforms[f"{name}, long value {number + 1}"] = partial(done, name, value, argument)
    for works in (expressions, transforms):
        rows = [in_turns(name, _spent(work), lambda: BOUND_SECONDS, rounds=rounds) for name, work in works.items()]
        slowest = sorted(rows, key=lambda row: row.seconds, reverse=True)[:SHOWN]
        if slowest[0].ratio > 1:
            raise SystemExit(f"bench: {slowest[0].name} took {slowest[0].seconds * 1000:.0f} ms")
        yield from slowest


def _spent(work: Callable[[], object]) -> Callable[[], float]:
    def measure() -> float:
        began = time.thread_time()
        with suppress(NoValue):
            work()
        return time.thread_time() - began

    return measure
