"""The ledger of each merchant: what waits to be sealed, and where the sealed part ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from taxpoynt.domain.ledger import Entry, Head


class Ledger(Protocol):
    """Where a merchant's own acts are noted. Those of a sale are entries of their own accord (SaleStore)."""

    def note(self, merchant: str, action: str, subject: str, detail: Mapping[str, str], by: str) -> None:
        """One act. Call it before the act, so that none is without its entry; `detail` tells the version it makes.

        action: `profile_changed`, `connection_confirmed` …; subject: what it was done to (`profile`, a connection's
        id); by: `merchant`, `operator`, `system` or a name. No secrets, no buyer's data, no values of a profile:
        names of fields, hashes, ids.
        """
        ...


class LedgerStore(Ledger, Protocol):
    """What the sealing needs. Everything read here is as it is now, but for `waiting_merchants`."""

    def waiting_merchants(self, *, limit: int) -> list[str]:
        """Merchants with entries that are in no block yet; may lag by a moment."""
        ...

    def waiting(self, merchant: str, *, limit: int) -> list[Entry]:
        """Entries in no block yet, oldest first; of one chain never a later one without those before it."""
        ...

    def head(self, merchant: str) -> Head: ...
    def advance(self, head: Head) -> None:
        """Stores a head that follows the stored one by one block; StoreConflict when somebody did that already."""
        ...

    def forget(self, merchant: str, entries: Sequence[Entry]) -> None:
        """These stand in a block now; repeating it is harmless."""
        ...

    def settle(self, head: Head) -> None:
        """The head's entries no longer wait; StoreConflict when the head moved on."""
        ...
