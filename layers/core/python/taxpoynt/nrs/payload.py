"""The bytes of an invoice for NRS's validate and sign: v1.1 JSON (reference, section 7)."""

from __future__ import annotations

from typing import Any

from taxpoynt.conversion.nrs_shape import nrs_shape
from taxpoynt.domain.invoice import Invoice
from taxpoynt.errors import BadInput
from taxpoynt.nrs.json_text import encode


def as_dict(invoice: Invoice) -> dict[str, Any]:
    """The body as plain data with Decimals, also of an unfinished invoice: what the numbered rules check."""
    return nrs_shape(invoice)


def body(invoice: Invoice) -> bytes:
    """The exact bytes to freeze and send: compact UTF-8, keys in the reference's order, equal for equal invoices.

    BadInput while something NRS cannot do without is open: IRN, business id, tax or totals.
    """
    needed = {
        "irn": invoice.irn,
        "business_id": invoice.seller.business_id,
        "tax_total": invoice.tax_total,
        "gross_total": invoice.gross_total,
    }
    missing = [name for name, value in needed.items() if value is None]
    if missing:
        raise BadInput("the invoice is not ready for NRS, it lacks: " + ", ".join(missing))
    return encode(as_dict(invoice)).encode()
