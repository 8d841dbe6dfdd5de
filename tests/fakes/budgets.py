"""Rate budgets in memory: one that is atomic, and the obvious one that is not."""

from __future__ import annotations

import threading
from collections.abc import Callable


class FakeRateBudget:
    """ports.RateBudget, atomic as a conditional write is."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], str] = {}
        self.swaps = 0
        self._lock = threading.Lock()

    def swap(self, merchant: str, connection: str, held: str, wanted: str, *, seconds: int) -> str | None:
        with self._lock:
            self.swaps += 1
            found = self.texts.get((merchant, connection), "")
            if found != held:
                return found
            self.texts[merchant, connection] = wanted
            return None


class ReadThenWrite:
    """The broken twin: between its look and its write somebody else may write. `between` is called just there."""

    def __init__(self, between: Callable[[], None] = lambda: None) -> None:
        self.texts: dict[tuple[str, str], str] = {}
        self._between = between

    def swap(self, merchant: str, connection: str, held: str, wanted: str, *, seconds: int) -> str | None:
        found = self.texts.get((merchant, connection), "")
        if found != held:
            return found
        self._between()
        self.texts[merchant, connection] = wanted
        return None
