"""Waiting for a condition, always with a bound."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class TimedOut(Exception):
    """The condition did not come true in time; the message says what was waited for and what was seen last."""


def poll_until(
    look: Callable[[], T | None],
    what: str,
    *,
    seconds: float,
    every: float = 0.1,
    seen: Callable[[], object] = lambda: "",
) -> T:
    """Call `look` until it gives something true.

    Args:
        look: gives None or something false while there is nothing yet.
        what: what is waited for, for the message.
        seconds: the bound.
        every: pause between two looks, in seconds.
        seen: describes the last state, for the message.

    Raises:
        TimedOut: nothing came within the bound.
    """
    end = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > end:
            raise TimedOut(f"waited {seconds:.0f} s for {what}; {seen() or 'nothing to see'}")
        time.sleep(every)
