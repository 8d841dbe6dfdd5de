"""An invoice with its number and IRN, and the bytes NRS gets: made in one place, so what is checked is what is sent."""

from __future__ import annotations

from collections.abc import Callable

from taxpoynt.conversion import number_pattern, numbering
from taxpoynt.domain.invoice import Invoice
from taxpoynt.errors import BadInput
from taxpoynt.ports import SaleRecord

BodyMaker = Callable[[Invoice], bytes]


def numbered(record: SaleRecord, invoice: Invoice, *, apart: bool = False) -> Invoice:
    """`invoice` with number and IRN, made from the source's id, the merchant's pattern and the frozen date alone.

    apart: the number it would have is another sale's already, so it gets the one that no other can have.

    A number once reserved stays. The IRN only differs from the reserved one when the merchant's service id was
    mended after a clear refusal, when NRS holds nothing under the old one. BadInput without a service id.
    """
    number = record.number or _number(record, invoice, apart=apart)
    if not invoice.seller.service_id:
        raise BadInput("the merchant has no service id")
    irn = numbering.irn(number, invoice.seller.service_id, record.clock.issue_date)
    if record.irn and irn_stays(record):
        irn = record.irn
    return invoice.model_copy(update={"number": number, "irn": irn})


def _number(record: SaleRecord, invoice: Invoice, *, apart: bool) -> str:
    prefix, start = invoice.seller.defaults.invoice_prefix, invoice.number_start
    if apart:
        return number_pattern.apart(start or prefix or "", record.connector, record.sale_id)
    if start is not None:
        return number_pattern.chosen_number(start, record.connector, record.sale_id)
    return numbering.invoice_number(record.connector, record.sale_id, prefix, platform=invoice.platform)


def irn_stays(record: SaleRecord) -> bool:
    """Sent, and never clearly refused: NRS may hold it. The issue date is part of it, so the legal clock stays too."""
    return bool(record.irn) and (record.tries > 0 or record.in_doubt)
