"""An accepted sale whose source says something else now: another document, or a question, and never an edit.

Design: docs/decisions/0011. May be repeated at any point: ids are counted from what is there, an open document is
written over, and what nobody needs any more is withdrawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from taxpoynt.conversion.corrections import Change, Planned, corrections
from taxpoynt.domain.inputs import Reading
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.money import plain
from taxpoynt.domain.sale import Sale
from taxpoynt.domain.status import EventOutcome, SaleState
from taxpoynt.errors import Fault, StoreConflict
from taxpoynt.ports import BlobStore, Clock, ConnectionStore, SaleRecord, SaleStore, WorkflowStarter
from taxpoynt.services.answer_question import ANSWERED
from taxpoynt.services.conversion_inputs import converted
from taxpoynt.services.correction_records import Corrections, question, refunded
from taxpoynt.services.current_lists import ListSource
from taxpoynt.services.families import SENT, is_own, is_refund, issued
from taxpoynt.services.sale_files import inputs_of, invoice_of, sale_of
from taxpoynt.services.steps import codes_of
from taxpoynt.services.taken import HELD_SALE, Taken


@dataclass(frozen=True, slots=True)
class Seen:
    """What the source shows now. `wanted`: the record a first sight would have claimed; sale None: taken back.

    asked_at: when the platform was asked. A look that took longer than another one's must not undo what that one made.
    explicit: the platform's own act of taking back (a voided order), which needs no question; unsure: the platform
    shows the record no more, which may only mean that the connected user may not see it: asked whatever the policy.
    """

    wanted: SaleRecord
    sale: Sale | None
    reading: Reading | None
    asked_at: datetime
    faults: tuple[Fault, ...] = ()
    explicit: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class CorrectSale:
    """`head` is the first sale of the record, which NRS has."""

    sales: SaleStore
    connections: ConnectionStore
    blobs: BlobStore
    starter: WorkflowStarter
    clock: Clock
    lists: ListSource

    def __call__(self, head: SaleRecord, seen: Seen) -> Taken:
        """What became of the change, in the words of promise P2."""
        if head.document != "invoice":
            return Taken(EventOutcome.PARKED, "a refund was changed after its credit note", head.sale_id)
        family = [head, *self.sales.family(head.merchant, head.connector, head.sale_id)]
        own = [one for one in family if is_own(one)]
        if any(one.updated_at and one.updated_at > seen.asked_at for one in own[1:]):
            raise StoreConflict("a correction was written while we fetched its source: fetch again")
        sent = [one for one in own if one.state in SENT]
        newest = [one for one in sent if one.document == "invoice"][-1]
        records = Corrections(self.sales, self.blobs, self.clock, head, own)
        now, faults = self._now(newest, seen)
        if faults:
            records.hold_unreadable(seen.wanted, seen.reading, faults)
            return Taken(EventOutcome.PARKED, f"{HELD_SALE}: {codes_of(faults)}", head.sale_id)
        if now is None:  # taken back: what refunds with records of their own gave back already is not credited again
            sent = [one for one in family if one.state in SENT]
        change = corrections(issued(self.blobs, sent), sale_of(self.blobs, newest), seen.sale, now)
        if change is None or self._ignored(change.documents, own):
            records.withdraw_open()
            self._payment(newest, now)
            return Taken(EventOutcome.SKIPPED, "nothing legal changed" if change is None else "ignored", head.sale_id)
        refunds = [one for one in family if is_refund(one)]
        if now is not None and refunds:  # the change may be these very refunds: a person can tell, a machine cannot
            change = replace(change, message=f"{change.message} {refunded(refunds)}", asks=True)
        return self._carry_out(records, head, seen, change)

    def _now(self, newest: SaleRecord, seen: Seen) -> tuple[Invoice | None, tuple[Fault, ...]]:
        """What the source says, converted as the newest invoice was: same seller, date, supplied values and lists."""
        if seen.faults or seen.sale is None:
            return None, seen.faults
        invoice, inputs = invoice_of(self.blobs, newest), inputs_of(self.blobs, newest)
        as_then: dict[str, Any] = {
            "merchant": inputs.merchant or invoice.seller,
            "issue_date": newest.clock.issue_date,
            "issue_time": newest.clock.issue_time,
            "references": (),
        }
        lists = self.lists.of(newest.lists_version)
        if inputs.reading and seen.reading:  # products that are new in the record have their codes too
            codes = {**seen.reading.codes, **inputs.reading.codes}
            as_then["reading"] = inputs.reading.model_copy(update={"codes": codes})
        now, faults = converted(seen.sale, inputs.model_copy(update=as_then), lists)
        return now, tuple(faults)

    def _carry_out(self, records: Corrections, head: SaleRecord, seen: Seen, change: Change) -> Taken:
        asks = change.asks or seen.unsure or self._policy_asks(head, seen, change)
        fault = question(change) if asks else None
        written = records.write(change, seen.wanted, seen.reading, fault)
        for record in written:
            if record.state is SaleState.CLAIMED:
                self.starter.start_conversion(record.merchant, record.connector, record.sale_id, record.attempt)
        news = any(record.version == 1 for record in written)
        if asks:
            return Taken(EventOutcome.PARKED, f"{HELD_SALE}: {change.code}", head.sale_id, news)
        return Taken(EventOutcome.INVOICED, f"correction started: {change.code}", head.sale_id, news)

    def _policy_asks(self, head: SaleRecord, seen: Seen, change: Change) -> bool:
        """A new sale after a whole credit, and what the platform itself takes back, need nobody's word."""
        if change.code == "CHANGE-007" or (change.code == "CHANGE-001" and seen.explicit):
            return False
        defaults = self.connections.get_merchant(head.merchant).profile.defaults
        return defaults.changes_after_acceptance == "ask"

    def _ignored(self, planned: Sequence[Planned], own: Sequence[SaleRecord]) -> bool:
        """Did somebody say of exactly these documents that they are not to be?"""
        known = [sale_of(self.blobs, one) for one in own if one.state is SaleState.WITHDRAWN and self._was_ignored(one)]
        bare = [one.model_copy(update={"sale_id": ""}) for one in known]
        return bool(bare) and all(one.sale.model_copy(update={"sale_id": ""}) in bare for one in planned)

    def _was_ignored(self, record: SaleRecord) -> bool:
        last = self.sales.history(record.merchant, record.connector, record.sale_id)[-1]
        return last.action == ANSWERED and last.detail.get("choice") == "ignore"

    def _payment(self, newest: SaleRecord, now: Invoice | None) -> None:
        """Paid meanwhile: told to NRS by itself, without a document (deliver_invoice knows the terminal states)."""
        issued_as = invoice_of(self.blobs, newest)
        told = newest.payment_wanted or newest.payment_status or issued_as.payment_status
        if now is None or now.payment_status == "PENDING":
            return
        instalment = None
        if now.payment_status == "PARTIAL":
            before = _paid(issued_as) if newest.paid is None else Decimal(newest.paid)
            instalment = _paid(now) - before
        if now.payment_status == told and (not instalment or newest.payment_amount == plain(instalment)):
            return
        wanted = replace(
            newest,
            payment_wanted=now.payment_status,
            payment_amount=None if instalment is None else plain(instalment),
            next_action_at=self.clock.now(),
        )
        self.sales.change(wanted, action="payment_changed", detail={"to": now.payment_status})


def _paid(invoice: Invoice) -> Decimal:
    return sum((one.amount - one.change for one in invoice.payments if one.kind != "refund"), Decimal(0))
