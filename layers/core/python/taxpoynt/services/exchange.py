"""The exchange of an accepted document with its buyer through NRS: transmit, then follow to acknowledged.

NRS's notices carry no signature, so nothing here listens to them: they only bring the next look forward. What the
document's state is, NRS is asked each time (reference, section 12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.errors import ConfigurationError, Fault, NrsRefused, OutcomeUnknown
from taxpoynt.ports import NrsGateway, NrsInvoiceStatus, SaleRecord
from taxpoynt.services.steps import Stores
from taxpoynt.services.what_nrs_said import keep_answer, keep_error

DUE: Final = "due"
TRANSMITTING: Final = "transmitting"
TRANSMITTED: Final = "transmitted"
ACKNOWLEDGED: Final = "acknowledged"
FAILED: Final = "failed"
BY_MERCHANT: Final = "by_merchant"

OPEN = frozenset({DUE, TRANSMITTING, TRANSMITTED, FAILED})
"""Not settled: following it may still change something."""
NO_WEBHOOK = "NRS-123"
UNDER_WAY_AT_NRS = frozenset({"TRANSMITTING", "TRANSMITTED", "ACKNOWLEDGED", "FAILED"})
FAILED_PAUSE = timedelta(hours=24)
"""A failed exchange is looked at, and tried again, once a day."""
FOLLOWED = timedelta(days=7)
"""After this long nothing is followed any more; the delivery keeps the last state NRS told."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One sale's document; `sent` is the body NRS accepted."""

    stores: Stores
    nrs: NrsGateway
    sent: Mapping[str, Any]

    def advance(self, record: SaleRecord) -> SaleRecord:
        """One look, and one transmission where none is under way. Errors: those of NrsGateway but refusals."""
        if record.state not in AT_NRS:  # clearance: nothing goes to a buyer before NRS accepted it
            raise ConfigurationError("a document NRS has not accepted was about to be delivered")
        if record.delivery == DUE:
            return self._transmit(record) if self._reachable(record) else self._by_merchant(record, "not reachable")
        status = self.nrs.follow(str(record.irn), str(self.sent["business_id"]))
        return self._told(record, status)

    def _reachable(self, record: SaleRecord) -> bool:
        """By IRN is exact; by TIN is asked too, because NRS answers both alike when it does not know."""
        tin = (self.sent.get("accounting_customer_party") or {}).get("tin")
        return self.nrs.exchange_by_irn(str(record.irn)) or bool(tin and self.nrs.exchange_by_tin(str(tin)))

    def _told(self, record: SaleRecord, status: NrsInvoiceStatus) -> SaleRecord:
        if status.delivered:
            kept = keep_answer(self.stores, record, "confirm", status.answer)
            return self._done(record, ACKNOWLEDGED, kept)
        if status.transmitted:
            return self._mark(record, TRANSMITTED)
        if status.entry_status == "FAILED":
            return self._failed_again(record)
        if status.entry_status in UNDER_WAY_AT_NRS or record.delivery == TRANSMITTED:
            return record
        return self._transmit(record)  # it never got there

    def _transmit(self, record: SaleRecord) -> SaleRecord:
        """Stored before the call: whoever comes later asks how it stands instead of starting anew."""
        record = self._mark(record, TRANSMITTING)
        try:
            self.nrs.transmit(str(record.irn))
        except OutcomeUnknown:
            return record  # followed next time
        except NrsRefused as error:
            kept = keep_error(self.stores, record, "transmit", error)
            if any(fault.code == NO_WEBHOOK for fault in error.faults):
                return self._by_merchant(record, "the exchange is not set up at NRS")
            return self._failed(record, _refused(error), kept)
        return record

    def _mark(self, record: SaleRecord, delivery: str) -> SaleRecord:
        if record.delivery == delivery:
            return record
        return self.stores.sales.change(replace(record, delivery=delivery, faults=_others(record)), action=delivery)

    def _by_merchant(self, record: SaleRecord, why: str) -> SaleRecord:
        return self._done(record, BY_MERCHANT, {"why": why})

    def _done(self, record: SaleRecord, delivery: str, detail: Mapping[str, str]) -> SaleRecord:
        done = replace(record, state=SaleState.COMPLETED, delivery=delivery, faults=_others(record))
        return self.stores.sales.change(done, action=delivery, detail=detail)

    def _failed(self, record: SaleRecord, fault: Fault, detail: Mapping[str, str]) -> SaleRecord:
        failed = replace(record, delivery=FAILED, faults=(fault,))
        return self.stores.sales.change(failed, action="delivery_failed", detail={"codes": fault.code, **detail})

    def _failed_again(self, record: SaleRecord) -> SaleRecord:
        """The day after it is tried again, for as long as documents are followed."""
        if record.delivery != FAILED:
            return self._failed(record, _NOT_TAKEN, {})
        if self.stores.clock.now() - self._since(record) >= FOLLOWED:
            return self.stores.sales.change(
                replace(record, state=SaleState.COMPLETED), action="delivery_given_up", detail={"delivery": FAILED}
            )
        return self._transmit(record)

    def _since(self, record: SaleRecord) -> datetime:
        entries = self.stores.sales.history(record.merchant, record.connector, record.sale_id)
        return next((one.at for one in entries if one.after is SaleState.DELIVERING), self.stores.clock.now())


def _others(record: SaleRecord) -> tuple[Fault, ...]:
    return tuple(fault for fault in record.faults if not fault.code.startswith("DELIVERY-"))


_NOT_TAKEN = Fault(
    "DELIVERY-001",
    "buyer",
    "The buyer's access point did not take the invoice. The invoice itself is valid.",
    "Send the buyer the printed invoice; the transmission is tried again once a day for a week.",
)


def _refused(error: NrsRefused) -> Fault:
    said = error.faults[0].message if error.faults else "without saying why"
    return Fault(
        "DELIVERY-002",
        "buyer",
        f"NRS does not pass the invoice on to the buyer: {said} The invoice itself is valid.",
        "Send the buyer the printed invoice; the transmission is tried again once a day for a week.",
    )
