"""An invoice with its number and IRN, and the bytes NRS gets: made in one place, so what is checked is what is sent."""

from __future__ import annotations

from collections.abc import Callable

from taxpoynt.conversion import numbering
from taxpoynt.domain.invoice import Invoice
from taxpoynt.errors import BadInput
from taxpoynt.ports import SaleRecord

BodyMaker = Callable[[Invoice], bytes]


def numbered(record: SaleRecord, invoice: Invoice) -> Invoice:
    """`invoice` with number and IRN, made from the source's id and the frozen date alone.

    A number once reserved stays. The IRN only differs from the reserved one when the merchant's service id was
    mended after a clear refusal, when NRS holds nothing under the old one. BadInput without a service id.
    """
    prefix = invoice.seller.defaults.invoice_prefix
    number = record.number or numbering.invoice_number(record.connector, record.sale_id, prefix)
    if not invoice.seller.service_id:
        raise BadInput("the merchant has no service id")
    irn = numbering.irn(number, invoice.seller.service_id, record.clock.issue_date)
    if record.irn and record.tries:
        irn = record.irn  # sent, and never clearly refused: NRS may hold it
    return invoice.model_copy(update={"number": number, "irn": irn})
