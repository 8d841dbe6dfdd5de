"""Where it is kept what webhooks missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from taxpoynt.domain.gap import Missed, Watch
from taxpoynt.domain.sale import RecordRef


class WatchStore(Protocol):
    """One watch a connection."""

    def get(self, merchant: str, connection: str) -> Watch:
        """An empty one of version 0 before the first write."""
        ...

    def missed(self, merchant: str, connection: str, *, limit: int) -> list[Missed]:
        """What is not counted yet."""
        ...

    def note(self, merchant: str, connection: str, missed: Missed) -> None:
        """Keeps it until it is counted or told of; the first note of a record stays."""
        ...

    def told(self, merchant: str, connection: str, ref: RecordRef) -> None:
        """A webhook told of the record after all."""
        ...

    def heard(self, merchant: str, connection: str, at: datetime) -> None:
        """The sender told of some record; written once a minute."""
        ...

    def save(self, merchant: str, connection: str, watch: Watch, settled: Sequence[Missed] = ()) -> Watch:
        """Writes over the version it was read at and forgets what it counted, in one step; StoreConflict otherwise.

        `settled`: at most 90.
        """
        ...
