"""What the local stage says to a person: short lines with the elapsed time, on stderr-free stdout."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Trouble(Exception):
    """Something a person has to know or do; `ways_out` are steps that help. Ends the command with exit 1."""

    def __init__(self, what: str, *ways_out: str) -> None:
        super().__init__(what)
        self.ways_out = ways_out

    def __str__(self) -> str:
        return "\n".join([str(self.args[0]), *(f"  → {way}" for way in self.ways_out)])


class Console:
    """Prints steps and their time; `quiet` for tests."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._start = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since this command began."""
        return time.monotonic() - self._start

    def say(self, text: str = "") -> None:
        """One line, at once (a pipe would otherwise hold it back)."""
        if not self._quiet:
            print(text, flush=True)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Announce a step, then say how long it took."""
        begin = time.monotonic()
        self.say(f"[{self.elapsed:6.1f} s] {what} …")
        yield
        self.say(f"[{self.elapsed:6.1f} s]   done in {time.monotonic() - begin:.1f} s")

    def trouble(self, trouble: Exception) -> None:
        """A failure with its way out, on stderr."""
        print(f"\n{trouble}", file=sys.stderr, flush=True)
