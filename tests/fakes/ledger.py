"""What waits for a merchant's ledger, and its head, in memory; every method is one atomic step."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from taxpoynt.domain.ledger import Entry, Head
from taxpoynt.errors import StoreConflict
from taxpoynt.ports import Clock
from taxpoynt.storage.items import iso
from taxpoynt.storage.ledger import act, in_order
from tests.fakes.stores import Outbox


class FakeLedger:
    """Over the outbox of a FakeSaleStore."""

    def __init__(self, clock: Clock, waits: Outbox | None = None) -> None:
        self._lock = threading.RLock()
        self._clock = clock
        self.waits: Outbox = {} if waits is None else waits
        self.heads: dict[str, Head] = {}
        self.noted: list[Entry] = []

    def note(self, merchant: str, action: str, subject: str, detail: Mapping[str, str], by: str) -> None:
        entry = act(merchant, action, subject, detail, by, at=iso(self._clock.now()))
        with self._lock:
            self.noted.append(entry)
            self.waits[entry["chain"], 1] = (merchant, entry)

    def waiting_merchants(self, *, limit: int) -> list[str]:
        with self._lock:
            return sorted({merchant for merchant, _ in self.waits.values()})[:limit]

    def waiting(self, merchant: str, *, limit: int) -> list[Entry]:
        with self._lock:
            mine: list[Entry] = [entry for owner, entry in self.waits.values() if owner == merchant]
        return in_order(mine)[:limit]

    def head(self, merchant: str) -> Head:
        return self.heads.get(merchant, Head(merchant=merchant))

    def advance(self, head: Head) -> None:
        with self._lock:
            if self.head(head.merchant).number != head.number - 1:
                raise StoreConflict("somebody else advanced")
            self.heads[head.merchant] = head

    def forget(self, merchant: str, entries: Sequence[Entry]) -> None:
        with self._lock:
            for entry in entries:
                self.waits.pop((entry["chain"], entry["sequence"]), None)

    def settle(self, head: Head) -> None:
        with self._lock:
            if self.head(head.merchant).number != head.number:
                raise StoreConflict("the head moved on")
            self.heads[head.merchant] = replace(head, settled=True)
