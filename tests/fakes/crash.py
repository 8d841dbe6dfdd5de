"""Dying at a chosen port call, the way a killed function does: no clean-up code of ours may save it."""

from __future__ import annotations

from typing import Any


class Crash(BaseException):
    """Not an Exception: nothing in the code under test can catch it by accident."""


class Switch:
    """Dies right after (or instead of) the n-th port call, counted over everything it is wired to."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.die_after: int | None = None

    def arm(self, call: int | None) -> None:
        self.calls, self.die_after = [], call

    def tick(self, name: str) -> None:
        self.calls.append(name)
        if self.die_after is not None and len(self.calls) == self.die_after:
            raise Crash(name)


class Mortal:
    """`target` with every method wired to the switch."""

    def __init__(self, target: Any, switch: Switch) -> None:
        self._target, self._switch = target, switch

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found) or name == "now":
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            answer = found(*args, **kwargs)
            self._switch.tick(f"{type(self._target).__name__}.{name}")
            return answer

        return call
