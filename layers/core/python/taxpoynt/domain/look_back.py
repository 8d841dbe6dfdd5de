"""Fetching a connection's last records of before, so that rules can be tried on them: how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LookBackState = Literal["fetching", "done", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """`version` counts writes, 0 before the first.

    wanted: records asked for; kept: fetched and stored; known: stored before, as sales; left_out: listed, but the
    platform does not give them. reached: how far back the platform's lists were read. why: how it ended, in words;
    note: what it waits for.
    chain: the job that does it. place, waiting, seen: where its walk stands, and records as `resource/id`; stuck: how
    often in a row the first that waits met the rate budget.
    """

    merchant: str
    connection: str
    wanted: int
    chain: str
    asked_at: datetime
    as_of: datetime
    state: LookBackState = "fetching"
    why: str = ""
    note: str = ""
    kept: int = 0
    known: int = 0
    left_out: int = 0
    reached: datetime | None = None
    place: str | None = None
    waiting: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    stuck: int = 0
    version: int = 0

    @property
    def there(self) -> int:
        """Records of those asked for that are stored now."""
        return self.kept + self.known
