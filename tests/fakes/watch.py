"""What webhooks missed, in memory: every method is one atomic step."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from taxpoynt.domain.gap import Missed, Watch
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import StoreConflict


class FakeWatchStore:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.watches: dict[tuple[str, str], Watch] = {}
        self.times: dict[tuple[str, str], datetime] = {}
        self.notes: dict[tuple[str, str, RecordRef], Missed] = {}

    def get(self, merchant: str, connection: str) -> Watch:
        known = self.watches.get((merchant, connection), Watch())
        return replace(known, heard_at=self.times.get((merchant, connection)))

    def missed(self, merchant: str, connection: str, *, limit: int) -> list[Missed]:
        mine = [one for place, one in self.notes.items() if place[:2] == (merchant, connection)]
        return sorted(mine, key=lambda one: (one.ref.resource, one.ref.id))[:limit]

    def note(self, merchant: str, connection: str, missed: Missed) -> None:
        with self._lock:
            self.notes.setdefault((merchant, connection, missed.ref), missed)

    def told(self, merchant: str, connection: str, ref: RecordRef) -> None:
        self.notes.pop((merchant, connection, ref), None)

    def heard(self, merchant: str, connection: str, at: datetime) -> None:
        with self._lock:
            known = self.times.get((merchant, connection))
            if known is None or known < at - timedelta(minutes=1):
                self.times[merchant, connection] = at

    def save(self, merchant: str, connection: str, watch: Watch, settled: Sequence[Missed] = ()) -> Watch:
        with self._lock:
            known = self.watches.get((merchant, connection), Watch())
            places = [(merchant, connection, one.ref) for one in settled]
            if known.version != watch.version or not all(place in self.notes for place in places):
                raise StoreConflict("somebody else wrote first")
            for place in places:
                del self.notes[place]
            self.watches[merchant, connection] = replace(watch, version=watch.version + 1)
            return self.watches[merchant, connection]
