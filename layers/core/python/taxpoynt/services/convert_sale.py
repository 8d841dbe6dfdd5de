"""The stored sale becomes an invoice draft; number and IRN come later, when nothing is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taxpoynt.conversion.convert import convert
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.domain.money import plain
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import FaultsFound
from taxpoynt.services.sale_files import put_invoice, sale_of
from taxpoynt.services.steps import Answer, Stores, codes_of, in_state, most, state_answer, write


@dataclass(frozen=True, slots=True)
class ConvertSale:
    """Step one."""

    stores: Stores
    lists: CodeLists

    def __call__(self, merchant: str, connector: str, sale_id: str) -> Answer:
        """Keeps the draft even when it has faults, so that people see what is missing; FaultsFound then."""
        stores = self.stores
        record = stores.sales.get(merchant, connector, sale_id)
        if not in_state(record, SaleState.CLAIMED):
            return state_answer(record)
        invoice, faults = convert(
            sale_of(stores.blobs, record),
            stores.connections.get_merchant(merchant).profile,
            issue_date=record.clock.issue_date,
            issue_time=record.clock.issue_time,
            lists=self.lists,
        )
        draft = replace(
            record,
            invoice_key=put_invoice(stores.blobs, merchant, invoice),
            kind=invoice.kind,
            currency=invoice.currency,
            total=None if invoice.payable is None else plain(invoice.payable),
            faults=most(faults),
        )
        record = write(stores, record, draft, "converted", codes=codes_of(faults))
        if faults:
            raise FaultsFound(faults)
        return state_answer(record)
