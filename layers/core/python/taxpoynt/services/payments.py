"""Payments that the source shows are told to NRS after acceptance (endpoint 12; reference, section 8.4).

PAID and REJECTED are closed at NRS: nothing is told after them, and a refund of a paid sale is a credit note. An
instalment is added up by NRS, so one whose call gave no answer is never simply sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from taxpoynt.domain.money import plain
from taxpoynt.errors import Fault, NrsRefused, OutcomeUnknown, Rejected, Retryable
from taxpoynt.ports import NrsGateway, NrsInvoiceStatus, SaleRecord
from taxpoynt.services.steps import Stores
from taxpoynt.services.what_nrs_said import keep_error

CLOSED = frozenset({"PAID", "REJECTED"})
PARTIAL = "PARTIAL"
SENDING = "payment_sending"
PATIENCE = timedelta(minutes=30)
"""How long NRS may take to show an instalment whose call gave no answer, before it is taken as never arrived."""


@dataclass(frozen=True, slots=True)
class Payments:
    """One sale's payments; `sent` is the body NRS accepted."""

    stores: Stores
    nrs: NrsGateway
    sent: Mapping[str, Any]

    def tell(self, record: SaleRecord) -> SaleRecord:
        """Tells what is wanted, or finds that there is nothing to tell. OutcomeUnknown: asked before telling again."""
        if record.payment_in_doubt:
            record = self._settle(record)
        if record.payment_wanted is None:
            return record
        if record.payment_status in CLOSED or record.payment_wanted == record.payment_status != PARTIAL:
            return self._nothing(record, record.payment_status)
        amount = self._amount(record)
        if isinstance(amount, Fault):
            return self._impossible(record, amount, {})
        return self._send(record, amount)

    def _send(self, record: SaleRecord, amount: Decimal | None) -> SaleRecord:
        wanted = str(record.payment_wanted)
        detail = {"payment": wanted} | ({"amount": plain(amount)} if amount else {})
        record = self._change(replace(record, payment_in_doubt=True), SENDING, detail)
        try:
            self.nrs.update_payment(str(record.irn), wanted, amount=amount)
        except OutcomeUnknown:
            raise
        except NrsRefused as error:
            return self._refused(record, error)
        except (Retryable, Rejected):
            self._change(replace(record, payment_in_doubt=False), "payment_not_sent", detail)
            raise
        return self._told(record, "answered")

    def _refused(self, record: SaleRecord, error: NrsRefused) -> SaleRecord:
        """A closed invoice is no trouble if it is closed as it should be."""
        kept = keep_error(self.stores, record, "update", error)
        status = self._ask(record).payment_status
        if status == record.payment_wanted and status != PARTIAL:
            return self._told(record, "already so")
        if status in CLOSED:
            return self._nothing(record, status)
        text = error.faults[0].message if error.faults else "NRS gives no reason."
        return self._impossible(record, replace(_REFUSED, message=f"{_REFUSED.message} {text}"), kept)

    def _settle(self, record: SaleRecord) -> SaleRecord:
        """What became of the update that gave no answer."""
        shown = self._ask(record).payment_status
        if shown == record.payment_wanted and shown != PARTIAL:
            return self._told(record, "found")
        if record.payment_wanted == PARTIAL and shown in (PARTIAL, "PAID"):
            # a second instalment leaves no trace that confirm shows: it counts as told, PAID will set all right
            return self._told(record, "found" if shown != record.payment_status else "not shown")
        if shown in CLOSED:
            return self._nothing(record, shown)
        if record.payment_wanted == PARTIAL and self.stores.clock.now() - self._left_at(record) < PATIENCE:
            raise OutcomeUnknown("NRS may still count an instalment")
        return self._change(replace(record, payment_in_doubt=False), "payment_not_found", {})

    def _left_at(self, record: SaleRecord) -> datetime:
        entries = self.stores.sales.history(record.merchant, record.connector, record.sale_id)
        return max(entry.at for entry in entries if entry.action == SENDING)

    def _ask(self, record: SaleRecord) -> NrsInvoiceStatus:
        return self.nrs.follow(str(record.irn), str(self.sent["business_id"]))

    def _amount(self, record: SaleRecord) -> Decimal | Fault | None:
        """The instalment, never more than what is open; None for anything but PARTIAL."""
        if record.payment_wanted != PARTIAL:
            return None
        try:
            amount = Decimal(record.payment_amount or "")
        except InvalidOperation:
            return _NO_AMOUNT
        fits = amount.is_finite() and 0 < amount <= _balance(record)
        return amount if fits else _NO_AMOUNT

    def _told(self, record: SaleRecord, how: str) -> SaleRecord:
        status, paid = record.payment_wanted, Decimal(record.paid or 0)
        if status == PARTIAL:
            paid += Decimal(record.payment_amount or 0)
            status = "PAID" if paid >= Decimal(record.total or 0) else PARTIAL  # NRS turns it by itself
        told = replace(_cleared(record), payment_status=status, paid=plain(paid) if paid else None)
        return self._change(told, "payment_told", {"how": how, "payment": str(status)})

    def _nothing(self, record: SaleRecord, status: str | None) -> SaleRecord:
        """Equal already, or closed at NRS."""
        kept = replace(_cleared(record), payment_status=status)
        return self._change(kept, "payment_closed", {"wanted": str(record.payment_wanted), "payment": str(status)})

    def _impossible(self, record: SaleRecord, fault: Fault, detail: Mapping[str, str]) -> SaleRecord:
        failed = replace(_cleared(record), faults=(fault,))
        return self._change(failed, "payment_refused", {"codes": fault.code, **detail})

    def _change(self, record: SaleRecord, action: str, detail: Mapping[str, str]) -> SaleRecord:
        return self.stores.sales.change(record, action=action, detail=detail)


def _cleared(record: SaleRecord) -> SaleRecord:
    return replace(record, payment_wanted=None, payment_amount=None, payment_in_doubt=False)


def _balance(record: SaleRecord) -> Decimal:
    return Decimal(record.total or 0) - Decimal(record.paid or 0)


_NO_AMOUNT = Fault(
    "PAYMENT-001",
    "payments",
    "An instalment cannot be told to NRS: its amount is missing, or more than what is still open.",
    "Check the payments in the source record. The invoice itself stays valid.",
)
_REFUSED = Fault(
    "PAYMENT-002",
    "payments",
    "NRS does not take the payment.",
    "Check the invoice's payment in the NRS portal. The invoice itself stays valid.",
)
