"""Virtual time and actors: one greenlet runs at a time, and which one is next is the seed's to say.

An actor gives way at every call to the outside. It is put back on a heap under the virtual time at which its call is
through; latencies come from the seeded generator, so every interleaving has its seed and each seed has one.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from greenlet import getcurrent, greenlet

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Killed(BaseException):
    """The process is gone: no code of ours may catch it. The name is what Step Functions gets to see."""


class Actor:
    """One invocation of a function, one execution, one person: whoever acts by itself."""

    __slots__ = ("context", "deadline", "merchant", "mortal", "name", "skew")

    def __init__(self, name: str, *, merchant: str | None, skew: float, mortal: float) -> None:
        self.name = name
        self.merchant = merchant
        self.skew = skew
        self.mortal = mortal
        self.deadline: float | None = None
        self.context = ""


class Hub:
    """`now` counts seconds from START. `trace` is kept only when asked for: it costs more than the run."""

    def __init__(self, seed: int, *, trace: bool = False) -> None:
        self.random = Random(seed)  # noqa: S311 - a simulation, not a secret
        self.now = 0.0
        self.steps = 0
        self.actor: Actor | None = None
        self.lines: list[str] | None = [] if trace else None
        self._heap: list[tuple[float, int, Any, Actor | None]] = []
        self._sequence = 0
        self._greenlet = getcurrent()

    def time(self) -> datetime:
        """What the clock of the running actor shows."""
        skew = self.actor.skew if self.actor else 0.0
        return START + timedelta(seconds=self.now + skew)

    def say(self, text: str) -> None:
        """A line for the trace."""
        if self.lines is not None:
            name = self.actor.name if self.actor else "-"
            self.lines.append(f"{str(timedelta(seconds=round(self.now, 3)))[:-3]:>19}  {name:<34} {text}")

    def spawn(self, actor: Actor, work: Callable[[], Any], *, after: float = 0.0) -> None:
        """Starts `work` as `actor`, `after` seconds from now."""
        self._push(after, greenlet(lambda _=None: self._run(work), parent=self._greenlet), actor)

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """`call` in the hub itself, without an actor: timers of the world."""
        self._push(seconds, call, None)

    def give_way(self, seconds: float) -> None:
        """The running actor lets time pass; others run meanwhile."""
        actor = self.actor
        self._push(seconds, getcurrent(), actor)
        self._greenlet.switch()

    def run(self, until: float, most: int = 120_000) -> None:
        """Until nothing is left to do, or `until`; RuntimeError when it does not come to rest."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            self.now, _, what, actor = heapq.heappop(heap)
            self.actor = actor
            if actor is None:
                what()
            else:
                what.switch()
            self.actor = None
            self.steps += 1
            if self.steps > most:
                raise RuntimeError("this run does not come to rest")
        self.now = until

    def idle(self) -> bool:
        """Is nothing scheduled any more?"""
        return not self._heap

    def _push(self, seconds: float, what: Any, actor: Actor | None) -> None:
        self._sequence += 1
        heapq.heappush(self._heap, (self.now + seconds, self._sequence, what, actor))

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except Killed as killed:
            self.say(f"dies: {killed}")


class SkewedClock:
    """ports.Clock of whoever runs."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def now(self) -> datetime:
        """Aware, UTC, as wrong as the actor's machine."""
        return self._hub.time()
