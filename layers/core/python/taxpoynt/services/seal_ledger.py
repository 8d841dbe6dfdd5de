"""What waits becomes numbered blocks of each merchant's ledger, each holding the hash of the one before (promise P7).

The block in the bucket decides: it is written only where none is, so of two sealers one wins, and the loser goes on
from the winner's block. The order afterwards is fixed: head forward (unsettled), entries forgotten, head settled.
Whoever finds an unsettled head, or a block the head does not know, first finishes that; only then is read what waits.
So a crash anywhere neither loses an entry nor seals it twice (docs/decisions/0013).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from taxpoynt.domain.ledger import Block, Head, after, from_bytes, next_block, to_bytes
from taxpoynt.errors import StoreConflict, TaxPoyntError
from taxpoynt.ports import BlobStore, Clock, LedgerStore

MAX_ENTRIES = 500
"""In a block: about half a megabyte."""
MAX_MERCHANTS = 2000
"""In a run. Every run begins elsewhere, so what is left over comes first sooner or later."""
RUN = timedelta(seconds=40)
"""A run ends in its own minute; what is left waits for the next one."""
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class SealLedger:
    """Scheduled; any number of them may run at the same time."""

    ledger: LedgerStore
    blobs: BlobStore
    clock: Clock

    def __call__(self) -> Mapping[str, int]:
        """One block a merchant and round, so that a busy one does not keep the others waiting.

        A ledger that cannot go on stops its merchant only; its error is raised once all had a turn, for the alarm.
        """
        until = self.clock.now() + RUN
        busy = self._in_turn(self.ledger.waiting_merchants(limit=MAX_MERCHANTS))
        counts = {"merchants": len(busy), "blocks": 0, "entries": 0, "beaten": 0}
        problems: list[TaxPoyntError] = []
        while busy:
            left = []
            for merchant in busy:
                if self.clock.now() >= until:
                    break
                if self._one(merchant, counts, problems) >= MAX_ENTRIES:
                    left.append(merchant)
            busy = left
        if problems:
            raise problems[0]
        return counts

    def _in_turn(self, merchants: list[str]) -> list[str]:
        """A different order every minute: with too many for one run, none is always the last."""
        minute = self.clock.now().strftime("%H%M")
        return sorted(merchants, key=lambda one: hashlib.sha256(f"{minute} {one}".encode()).digest())

    def _one(self, merchant: str, counts: dict[str, int], problems: list[TaxPoyntError]) -> int:
        try:
            sealed = self.seal(merchant)
        except StoreConflict:  # another sealer is at this merchant in the same moment: nothing is left undone
            counts["beaten"] += 1
            return 0
        except TaxPoyntError as error:
            problems.append(error)
            return 0
        counts["blocks"] += bool(sealed)
        counts["entries"] += sealed
        return sealed

    def seal(self, merchant: str) -> int:
        """One block of its own, and first the one that a dead sealer left; how many entries they hold.

        StoreConflict when another sealer is at the same head.
        """
        head = self._settled(self.ledger.head(merchant))
        entries = self.ledger.waiting(merchant, limit=MAX_ENTRIES)
        if not entries:
            return 0
        block = next_block(head, entries, sealed_at=self.clock.now().isoformat(timespec="microseconds"))
        data = to_bytes(block)
        ours = self.blobs.put_new(place(merchant, block.number), data, content_type=JSON)
        if not ours:  # somebody was faster, or died before the head went forward
            data = self.blobs.get(place(merchant, block.number))
            block = from_bytes(data)
        head = after(head, block, data)
        self.ledger.advance(head)
        self._settle(head, block)
        return len(block.entries) + (0 if ours else self.seal(merchant))

    def _settled(self, head: Head) -> Head:
        if head.settled:
            return head
        self._settle(head, from_bytes(self.blobs.get(place(head.merchant, head.number))))
        return replace(head, settled=True)

    def _settle(self, head: Head, block: Block) -> None:
        self.ledger.forget(head.merchant, block.entries)
        self.ledger.settle(head)


def place(merchant: str, number: int) -> str:
    """Where a block is kept."""
    return f"{merchant}/ledger/{number:08}.json"
