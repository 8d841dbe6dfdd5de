"""Number, IRN and the exact bytes, once: a retry never changes one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import StoreConflict
from taxpoynt.services.final_invoice import BodyMaker, numbered
from taxpoynt.services.sale_files import digest, invoice_of, put_body, put_invoice
from taxpoynt.services.steps import UNDER_WAY, Answer, Stores, in_state, state_answer


@dataclass(frozen=True, slots=True)
class ReserveInvoice:
    """Step three."""

    stores: Stores
    body: BodyMaker

    def __call__(self, merchant: str, connector: str, sale_id: str) -> Answer:
        """Freezes; ContentConflict when another sale holds the number or IRN."""
        stores = self.stores
        record = stores.sales.get(merchant, connector, sale_id)
        if not in_state(record, SaleState.CLAIMED):
            return state_answer(record)
        if record.checked_key is None or record.checked_key != record.invoice_key:
            raise StoreConflict("another conversion of this sale is at work: its draft is not checked yet")
        invoice = numbered(record, invoice_of(stores.blobs, record))
        body = self.body(invoice)
        reserved = replace(
            record,
            state=SaleState.RESERVED,
            number=invoice.number,
            irn=invoice.irn,
            invoice_key=put_invoice(stores.blobs, merchant, invoice),
            body_key=put_body(stores.blobs, merchant, str(invoice.irn), body),
            body_sha256=digest(body),
            faults=(),
            next_action_at=stores.clock.now() + UNDER_WAY,
        )
        return state_answer(stores.sales.reserve(reserved, action="reserved"))
