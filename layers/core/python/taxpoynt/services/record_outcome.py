"""Stamp, QR code and PDF of an accepted invoice. Acceptance is never lost for want of a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Fault, Rejected
from taxpoynt.ports import InvoicePrinter, SaleRecord, Stamp, StampMaker
from taxpoynt.services.sale_files import invoice_of
from taxpoynt.services.steps import OPERATOR, Answer, Stores, in_state, state_answer


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """Step five."""

    stores: Stores
    stamps: StampMaker
    printer: InvoicePrinter

    def __call__(self, merchant: str, connector: str, sale_id: str) -> Answer:
        """Completed, or still accepted with the fault that keeps the stamp from being made."""
        record = self.stores.sales.get(merchant, connector, sale_id)
        if not in_state(record, SaleState.ACCEPTED):
            return state_answer(record)
        stamp = self._stamp(record)
        if isinstance(stamp, Fault):
            return state_answer(self._waiting(record, stamp))
        documents = self._documents(record, stamp)
        done = replace(record, state=SaleState.COMPLETED, documents=documents, faults=(), next_action_at=None)
        return state_answer(self.stores.sales.change(done, action="completed"))

    def _stamp(self, record: SaleRecord) -> Stamp | Fault:
        """The first stamp ever stored for this IRN: its padding is random, so a second one would differ."""
        keys = self.stores.connections.get_merchant(record.merchant).profile.crypto_keys
        if not keys:
            remedy = "Download crypto_keys.txt from the NRS portal and paste its text into your profile."
            return Fault("STAMP-001", "seller.crypto_keys", "The merchant's crypto_keys.txt is missing.", remedy)
        try:
            made = self.stamps.stamp(keys, str(record.irn), self.stores.clock.now())
        except Rejected as error:
            remedy = "Download crypto_keys.txt from the NRS portal again and paste all of its text."
            return Fault("STAMP-002", "seller.crypto_keys", f"The stamp cannot be made: {error}.", remedy)
        place = _place(record, "stamp.txt")
        self.stores.blobs.put(place, f"{made.text}\n{made.made_at.isoformat()}\n".encode(), content_type="text/plain")
        text, made_at = self.stores.blobs.get(place).decode().split()
        return Stamp(text=text, made_at=datetime.fromisoformat(made_at))

    def _waiting(self, record: SaleRecord, fault: Fault) -> SaleRecord:
        later = self.stores.clock.now() + OPERATOR
        waiting = replace(record, faults=(fault,), next_action_at=later)
        return self.stores.sales.change(waiting, action="stamp_waits", detail={"codes": fault.code})

    def _documents(self, record: SaleRecord, stamp: Stamp) -> dict[str, str]:
        blobs, invoice = self.stores.blobs, invoice_of(self.stores.blobs, record)
        qr = blobs.put(_place(record, "png"), self.printer.qr_png(stamp), content_type="image/png")
        pdf = blobs.put(_place(record, "pdf"), self.printer.pdf(invoice, stamp), content_type="application/pdf")
        return {"stamp": _place(record, "stamp.txt"), "qr": qr, "pdf": pdf}


def _place(record: SaleRecord, ending: str) -> str:
    return f"{record.merchant}/documents/{record.irn}.{ending}"
