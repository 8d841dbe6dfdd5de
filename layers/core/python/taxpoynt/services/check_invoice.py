"""The numbered rules over the draft and over the body NRS would get."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taxpoynt.conversion import rules
from taxpoynt.conversion.body_rules import check_body
from taxpoynt.conversion.clock import lagos_date
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.source import read_json
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Fault, FaultsFound
from taxpoynt.ports import SaleRecord
from taxpoynt.services.current_lists import ListSource
from taxpoynt.services.final_invoice import BodyMaker, numbered
from taxpoynt.services.sale_files import invoice_of
from taxpoynt.services.steps import Answer, Stores, in_state, state_answer, stop_for, write


@dataclass(frozen=True, slots=True)
class CheckInvoice:
    """Step two."""

    stores: Stores
    lists: ListSource
    body: BodyMaker

    def __call__(self, merchant: str, connector: str, sale_id: str) -> Answer:
        """FaultsFound with every fault at once, or nothing."""
        record = self.stores.sales.get(merchant, connector, sale_id)
        if in_state(record, SaleState.CLAIMED):
            if record.faults:  # another conversion of this sale found them meanwhile
                raise FaultsFound(record.faults)
            stop_for(self.stores, record, self._faults(record, invoice_of(self.stores.blobs, record)))
            record = write(self.stores, record, replace(record, checked_key=record.invoice_key), "checked")
        return state_answer(record)

    def _faults(self, record: SaleRecord, invoice: Invoice) -> list[Fault]:
        today = lagos_date(self.stores.clock.now())
        lists = self.lists.of(record.lists_version)  # those it was made with, whatever NRS changed since
        faults = rules.check(invoice, lists, today=today)
        if faults:
            return faults
        body = read_json(self.body(numbered(record, invoice)))
        needs_state = invoice.seller.defaults.require_state_lga
        return check_body(body, lists, today=today, require_state_lga=needs_state)
