"""The invoices table: the durable state of every sale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from taxpoynt.domain.connection import LegalClock
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleRecord:
    """The durable state item of one sale; `version` counts writes.

    Keys point into the raw bucket: record_key (source bundle), sale_key, invoice_key (checked_key: the
    one that passed the rules), body_key (frozen NRS body).
    account_id: of the platform account the record is from; two accounts give the same ids to different records.
    clock is frozen at the claim for ever; number and irn when reserved. `attempt` counts conversions started.
    next_action_at: when the sweeper may act if nobody else has; None when final.
    """

    merchant: str
    connector: str
    sale_id: str
    connection: str
    account_id: str = ""
    state: SaleState
    clock: LegalClock
    record_key: str
    sale_key: str
    attempt: int = 1
    version: int = 0
    invoice_key: str | None = None
    checked_key: str | None = None
    number: str | None = None
    irn: str | None = None
    body_key: str | None = None
    body_sha256: str | None = None
    kind: str | None = None
    currency: str | None = None
    total: str | None = None
    tries: int = 0
    faults: tuple[Fault, ...] = ()
    depends_on: tuple[RecordRef, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict)
    next_action_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One state change of one sale, hash-chained to the one before (promise P7); no secrets, no buyer data."""

    sequence: int
    at: datetime
    before: SaleState | None
    after: SaleState
    action: str
    detail: Mapping[str, str]
    previous_hash: str
    hash: str


class SaleStore(Protocol):
    """Every state change is one transaction: the item (if its version is still what was read) and its history entry."""

    def claim(self, record: SaleRecord, *, action: str) -> tuple[SaleRecord, bool]:
        """Creates the state item: (stored record, True) for the first writer, (existing record, False) for others."""
        ...

    def get(self, merchant: str, connector: str, sale_id: str) -> SaleRecord: ...
    def change(self, record: SaleRecord, *, action: str, detail: Mapping[str, str] | None = None) -> SaleRecord:
        """Stores `record` over the version it was read at; StoreConflict when somebody else wrote.

        Rejected for a state that may not follow the stored one.
        """
        ...

    def reserve(self, record: SaleRecord, *, action: str) -> SaleRecord:
        """`change` that also claims the IRN and the number for this sale, all or nothing.

        ContentConflict if another sale holds one of them.
        """
        ...

    def find_by_irn(self, merchant: str, irn: str) -> SaleRecord: ...
    def held_by(self, merchant: str, connector: str, ref: RecordRef) -> list[str]:
        """Ids of sales in needs_attention that depend on `ref`."""
        ...

    def due(self, now: datetime, *, limit: int) -> list[SaleRecord]:
        """Non-final sales whose next action is due, oldest legal due time first, over all shards."""
        ...

    def list_sales(
        self, merchant: str, *, limit: int, cursor: str | None, state: SaleState | None = None
    ) -> tuple[list[SaleRecord], str | None]:
        """Newest day first."""
        ...

    def history(self, merchant: str, connector: str, sale_id: str) -> list[HistoryEntry]: ...
