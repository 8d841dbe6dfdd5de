"""The time a sandbox believes it is."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset that only grows; with `frozen_at` it stands still between calls of `advance`."""

    def __init__(self, frozen_at: datetime | None = None) -> None:
        self._frozen_at = frozen_at
        self._offset = timedelta(0)
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    @property
    def ticking(self) -> bool:
        """False when only `advance` moves the time: waiting for it by the wall clock would never end."""
        return self._frozen_at is None

    def now(self) -> datetime:
        """Aware, UTC."""
        with self._lock:
            return (self._frozen_at or datetime.now(UTC)) + self._offset

    def advance(self, seconds: float) -> datetime:
        """Moves forward and wakes everyone who waits for a time; ValueError when asked to go back."""
        if seconds < 0:
            raise ValueError("the clock only goes forward: advance_seconds must be 0 or more")
        with self._lock:
            self._offset += timedelta(seconds=seconds)
        self._wake()
        return self.now()

    def reset(self) -> None:
        """Back to the start: real time, or the instant it was frozen at."""
        with self._lock:
            self._offset = timedelta(0)
        self._wake()

    def on_change(self, listener: Callable[[], None]) -> None:
        """`listener` is called after each jump, on the thread that jumped."""
        self._listeners.append(listener)

    def _wake(self) -> None:
        for listener in self._listeners:
            listener()
