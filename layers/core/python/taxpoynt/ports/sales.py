"""The invoices table: the durable state of every sale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from taxpoynt.domain.connection import LegalClock
from taxpoynt.domain.identity import SameKey
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
    next_action_at: when the sweeper may act if nobody else has; None when there is nothing to do.
    document, corrects: a credit or debit note names the sale_id of the document it corrects; made from the same source
    record it has an id of its own (`8:C1`), made from a refund record that record's id.
    in_doubt: a sign of the frozen bytes left and has no answer yet, so NRS may hold this IRN whatever it says
    afterwards; sent_at: when the last such sign left (docs/decisions/0012).
    nrs_identity: the keys (`shared`, `own`) those bytes went with: NRS is asked and told with the same ones for as long
    as it may hold them, because another key pair may belong to another environment of NRS that knows nothing of them.
    put_offs: how often in a row an open circuit kept it from NRS, since it was sent last.
    delivery: how the exchange with the buyer stands (None: there is none). payment_status: what NRS was told;
    payment_wanted: what the source says now, payment_amount the instalment of a PARTIAL one; paid: the sum of the
    instalments told; payment_in_doubt: an update left and has no answer yet.
    inputs_key: everything the conversion was made from (domain/inputs.py); supplied_key: values a person supplied;
    lists_version: the code lists it was checked against.
    look_again: its source changed while it waited for the operator: looked at again once NRS has it.
    identity: every key at which it ever met sales of other platforms; same_as: the sale (`square/77`) that it was ended
    for, or that it may be the same as while that is asked (docs/decisions/0024).
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
    document: str = "invoice"
    corrects: str | None = None
    in_doubt: bool = False
    nrs_identity: str | None = None
    put_offs: int = 0
    delivery: str | None = None
    payment_status: str | None = None
    payment_wanted: str | None = None
    payment_amount: str | None = None
    inputs_key: str | None = None
    supplied_key: str | None = None
    lists_version: str | None = None
    sent_at: datetime | None = None
    paid: str | None = None
    payment_in_doubt: bool = False
    look_again: bool = False
    identity: tuple[str, ...] = ()
    same_as: str | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalWatch:
    """How the sales that NRS does not hold yet stand to the law.

    earliest: the first legal due time among B2C sales and those not converted yet, None when there are none;
    late: how many of these are due within four hours or were due already; late_targets: the same of B2B and B2G,
    for which no hour is set and 24 are our own target. Both are counted up to some thousands a shard.
    """

    earliest: datetime | None
    late: int
    late_targets: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What a credit note takes of one document: `amount` with tax, of at most `limit` for all its credit notes."""

    sale_id: str
    amount: Decimal
    limit: Decimal


class SaleStore(Protocol):
    """Every state change is one transaction: the item (if its version is still what was read) and its history entry.

    `same`: keys where it meets sales of other platforms, as they shall be, written with it if they are still as they
    were read; StoreConflict otherwise.
    """

    def claim(
        self,
        record: SaleRecord,
        *,
        action: str,
        detail: Mapping[str, str] | None = None,
        same: Sequence[SameKey] = (),
    ) -> tuple[SaleRecord, bool]:
        """Creates the state item: (stored record, True) for the first writer, (existing record, False) for others."""
        ...

    def same_keys(self, merchant: str, keys: Sequence[SameKey]) -> list[SameKey]:
        """These keys with their members, as they are now."""
        ...

    def get(self, merchant: str, connector: str, sale_id: str) -> SaleRecord: ...
    def change(
        self,
        record: SaleRecord,
        *,
        action: str,
        detail: Mapping[str, str] | None = None,
        same: Sequence[SameKey] = (),
    ) -> SaleRecord:
        """Stores `record` over the version it was read at; StoreConflict when somebody else wrote.

        Rejected for a state that may not follow the stored one.
        """
        ...

    def reserve(
        self, record: SaleRecord, *, action: str, credit: Credit | None = None, same: Sequence[SameKey] = ()
    ) -> SaleRecord:
        """`change` that also claims the IRN and the number for this sale, all or nothing.

        ContentConflict if another sale holds one of them. credit: of a credit note, claimed with them; CreditTooLarge
        when it and the others of that document would exceed it. It is given back when the note is held or withdrawn.
        """
        ...

    def family(self, merchant: str, connector: str, sale_id: str) -> list[SaleRecord]:
        """Every document made from or against the source record of `sale_id`, as they were made; not the first one."""
        ...

    def find_by_irn(self, merchant: str, irn: str) -> SaleRecord: ...
    def held_by(self, merchant: str, connector: str, ref: RecordRef) -> list[str]:
        """Ids of sales in needs_attention that depend on `ref`."""
        ...

    def due(self, now: datetime, *, limit: int) -> list[SaleRecord]:
        """Non-final sales whose next action is due, oldest legal due time first, over all shards."""
        ...

    def legal_watch(self, now: datetime) -> LegalWatch:
        """Over all sales that are not at NRS, whoever holds them up; reads keys only."""
        ...

    def list_sales(
        self, merchant: str, *, limit: int, cursor: str | None, state: SaleState | None = None
    ) -> tuple[list[SaleRecord], str | None]:
        """Newest day first."""
        ...

    def history(self, merchant: str, connector: str, sale_id: str) -> list[HistoryEntry]: ...
