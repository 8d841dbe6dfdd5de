"""A plan that lets a share of all calls fail, spread over every way a platform is known to fail."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.sandbox.kit.errors import ControlError
from tests.sandbox.kit.faults import WEBHOOK_KINDS, Fault, FaultBook

Dice = random.Random
Fits = Callable[[str, str], bool]


def any_call(_method: str, _path: str) -> bool:
    """Every call of the platform."""
    return True


@dataclass(frozen=True)
class Trouble:
    """One way to fail. `make` gives the fault of one call; `fits(method, path)` says which calls can fail so.

    A trouble whose fault is a webhook kind (or `notice`) is a standing order for deliveries instead: its share of them
    is the plan's share, divided by the number of such troubles.
    """

    make: Callable[[Dice], Fault]
    weight: float = 1.0
    fits: Fits = any_call
    notice: bool = False


class Chaos:
    """Off until `order`; a given seed repeats the dice, though not the order in which callers come."""

    def __init__(self, menu: Mapping[str, Trouble], book: FaultBook) -> None:
        self.menu = dict(menu)
        self._book = book
        self._lock = threading.Lock()
        self._dice = random.Random()  # noqa: S311 - repeatable dice, nothing secret
        self._share, self._seed, self._pace = 0.0, 0, 1.0
        self._weights: dict[str, float] = {}
        self._calls = 0
        self._counts: Counter[str] = Counter()

    def order(self, share: float, seed: int = 1, kinds: Mapping[str, float] | None = None, pace: float = 1.0) -> None:
        """From now on. `kinds`: name → weight, all of the menu when None; `pace` stretches every duration."""
        weights = {name: trouble.weight for name, trouble in self.menu.items()} if kinds is None else dict(kinds)
        if unknown := sorted(set(weights) - set(self.menu)):
            raise ControlError(f"unknown kind: {', '.join(unknown)}; known: {', '.join(sorted(self.menu))}")
        with self._lock:
            self._dice.seed(seed)
            self._share, self._seed, self._pace, self._weights = share, seed, pace, weights
            self._book.stand_for_chaos(self._notices())

    def stop(self) -> None:
        """No more failures; the counts stay for the report."""
        with self._lock:
            self._share = 0.0
            self._book.stand_for_chaos([])

    def clear(self) -> None:
        """Off, and nothing counted."""
        self.stop()
        with self._lock:
            self._calls = 0
            self._counts.clear()

    def pick(self, method: str, path: str) -> Fault | None:
        """The fault of this call, or None for the calls that fare well."""
        with self._lock:
            if not self._share:
                return None
            self._calls += 1
            if self._dice.random() >= self._share:
                return None
            fitting = [name for name in self._callable() if self.menu[name].fits(method, path)]
            if not fitting:
                return None
            [name] = self._dice.choices(fitting, [self._weights[one] for one in fitting])
            self._counts[name] += 1
            return self._paced(name)

    def report(self) -> dict[str, Any]:
        """The plan, the calls seen under it, and how often each kind has hit."""
        used = self._book.used()
        with self._lock:
            told = {name: used[name] for name, trouble in self.menu.items() if trouble.notice and name in used}
            counts = dict(sorted((self._counts + Counter(told)).items()))
            plan = {"share": self._share, "seed": self._seed, "pace": self._pace, "kinds": self._weights}
            hit = sum(self._counts.values())
            return {"on": self._share > 0, **plan, "calls": self._calls, "hit": hit, "counts": counts}

    def _callable(self) -> list[str]:
        return [name for name, weight in self._weights.items() if weight > 0 and not self.menu[name].notice]

    def _paced(self, name: str) -> Fault:
        fault = self.menu[name].make(self._dice)
        return replace(fault, seconds=fault.seconds * self._pace, label=name)

    def _notices(self) -> list[Fault]:
        names = [name for name, weight in self._weights.items() if weight > 0 and self.menu[name].notice]
        if not names or not self._share:
            return []
        rate = self._share / len(names)
        return [replace(self._paced(name), times=None, rate=rate, chaos=True) for name in names]


def check_menu(menu: Mapping[str, Trouble]) -> None:
    """ValueError for a notice whose fault no delivery would take: it would never hit."""
    for name, trouble in menu.items():
        kind = trouble.make(random.Random(0)).kind  # noqa: S311 - only its kind is looked at
        if kind in WEBHOOK_KINDS and not trouble.notice:
            raise ValueError(f"{name} is a webhook kind and must be a notice")
