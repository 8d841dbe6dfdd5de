"""Stamp and documents of an accepted invoice. Acceptance is never lost for want of a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Fault, Rejected
from taxpoynt.ports import InvoicePrinter, SaleRecord, Stamp, StampMaker
from taxpoynt.services.references import wake
from taxpoynt.services.sale_files import digest, invoice_of
from taxpoynt.services.steps import OPERATOR, UNDER_WAY, Answer, Stores, in_state, state_answer


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """Step five."""

    stores: Stores
    stamps: StampMaker
    printer: InvoicePrinter

    def __call__(self, merchant: str, connector: str, sale_id: str) -> Answer:
        """Completed or on its way to the buyer, or still accepted with the fault that keeps the stamp away."""
        record = self.stores.sales.get(merchant, connector, sale_id)
        if not in_state(record, SaleState.ACCEPTED):
            return state_answer(record)
        wake(self.stores, record)
        stamp = self._stamp(record)
        if isinstance(stamp, Fault):
            return state_answer(self._waiting(record, stamp))
        documents, digests = self._documents(record, stamp)
        done = self._next(replace(record, documents=documents, faults=()))
        return state_answer(self.stores.sales.change(done, action=done.state.value, detail=digests))

    def _next(self, record: SaleRecord) -> SaleRecord:
        """To a business or a government body it is delivered now that NRS has accepted it; else it is done."""
        now = self.stores.clock.now()
        if record.kind in ("B2B", "B2G"):
            due = now if record.look_again else now + UNDER_WAY
            return replace(record, state=SaleState.DELIVERING, delivery="due", next_action_at=due)
        more = record.payment_wanted or record.look_again  # the sweeper starts deliver_invoice, or a look
        return replace(record, state=SaleState.COMPLETED, next_action_at=now if more else None)

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

    def _documents(self, record: SaleRecord, stamp: Stamp) -> tuple[dict[str, str], dict[str, str]]:
        """(keys, digests of what is kept there) by kind.

        What a run before this one kept stays, also when a later version of ours would draw it otherwise: the customer
        may have it already.
        """
        invoice = invoice_of(self.stores.blobs, record)
        made = {
            "qr": ("png", "image/png", self.printer.qr_png(stamp)),
            "pdf": ("pdf", "application/pdf", self.printer.pdf(invoice, stamp)),
            "receipt": ("receipt.pdf", "application/pdf", self.printer.receipt(invoice, stamp)),
            "ubl": ("xml", "application/xml", self.printer.ubl(invoice, stamp)),
        }
        keys, digests = {"stamp": _place(record, "stamp.txt")}, {}
        for kind, (ending, content_type, data) in made.items():
            keys[kind] = _place(record, ending)
            self.stores.blobs.put_new(keys[kind], data, content_type=content_type)
        for kind, key in keys.items():
            digests[f"{kind}_sha256"] = digest(self.stores.blobs.get(key))
        return keys, digests


def _place(record: SaleRecord, ending: str) -> str:
    return f"{record.merchant}/documents/{record.irn}.{ending}"
