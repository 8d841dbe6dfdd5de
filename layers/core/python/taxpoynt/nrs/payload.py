"""An invoice as NRS's v1.1 body for validate and sign. Source of every field: nrs-einvoice reference, section 7."""

from __future__ import annotations

from typing import Any

from taxpoynt.domain.invoice import CREDIT_NOTE_TYPE, DEBIT_NOTE_TYPE, Invoice, InvoiceLine, Reference
from taxpoynt.domain.party import Address, Classification, Merchant, Party
from taxpoynt.errors import BadInput
from taxpoynt.nrs.json_text import encode

_DESCRIPTION_LENGTHS = range(5, 256)
"""Shorter or longer business descriptions are left out: the field is optional, a wrong length is refused (7.2)."""


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


def as_dict(invoice: Invoice) -> dict[str, Any]:
    """The body as plain data with Decimals, also of an unfinished invoice: what is unknown is left out."""
    return _known(
        {
            **_header(invoice),
            "accounting_supplier_party": _party(invoice.seller),
            "accounting_customer_party": _party(invoice.buyer) if invoice.buyer else None,
            "payment_means": _payment_means(invoice),
            "payment_terms_note": _terms(invoice),
            "allowance_charge": [{"charge_indicator": one.charge, "amount": one.amount} for one in invoice.charges],
            "tax_total": _tax_total(invoice),
            "legal_monetary_total": _totals(invoice),
            "invoice_line": [_line(line) for line in invoice.lines],
        }
    )


def _known(whole: dict[str, Any]) -> dict[str, Any]:
    """Without what is unknown or empty; zero and False stay, NRS takes a missing number for an error."""
    return {key: value for key, value in whole.items() if value not in (None, "", [], {})}


def _header(invoice: Invoice) -> dict[str, Any]:
    return {
        "business_id": invoice.seller.business_id,
        "irn": invoice.irn,
        "issue_date": invoice.issue_date.isoformat(),
        "due_date": invoice.due_date.isoformat(),
        "issue_time": invoice.issue_time.strftime("%H:%M:%S"),
        "invoice_type_code": invoice.type_code,
        "invoice_kind": invoice.kind,
        "payment_status": invoice.payment_status,
        "note": invoice.note,
        "tax_point_date": invoice.tax_point_date.isoformat(),
        "document_currency_code": invoice.currency,
        "tax_currency_code": invoice.tax_currency,
        "buyer_reference": invoice.buyer_reference,
        "billing_reference": _references(invoice),
    }


def _references(invoice: Invoice) -> list[dict[str, str]]:
    """Credit and debit notes name what they correct; an invoice must not (7.1)."""
    if invoice.type_code not in (CREDIT_NOTE_TYPE, DEBIT_NOTE_TYPE):
        return []
    return [_reference(one) for one in invoice.refers_to]


def _reference(reference: Reference) -> dict[str, str]:
    return {"irn": reference.irn, "issue_date": reference.issue_date.isoformat()}


def _party(party: Merchant | Party) -> dict[str, Any]:
    about = party.business_description
    return _known(
        {
            "party_name": party.name,
            "tin": party.tin,
            "email": party.email,
            "telephone": party.telephone,
            "business_description": about if about and len(about) in _DESCRIPTION_LENGTHS else None,
            "postal_address": _address(party.address) if party.address else None,
        }
    )


def _address(address: Address) -> dict[str, Any]:
    """`lga` and `state` are codes of Nigerian places; a foreign address goes without (7.2)."""
    here = address.country == "NG"
    return _known(
        {
            "street_name": ", ".join(part for part in (address.unit, address.street) if part),
            "city_name": address.city,
            "postal_zone": address.postal_code,
            "lga": address.lga if here else None,
            "state": address.state if here else None,
            "country": address.country,
        }
    )


def _payment_means(invoice: Invoice) -> list[dict[str, str]]:
    codes = dict.fromkeys(payment.means_code for payment in invoice.payments if payment.means_code)
    return [{"payment_means_code": code, "payment_due_date": invoice.due_date.isoformat()} for code in codes]


def _terms(invoice: Invoice) -> str | None:
    days = (invoice.due_date - invoice.issue_date).days
    return f"Net {days} days" if days > 0 else None


def _tax_total(invoice: Invoice) -> list[dict[str, Any]]:
    """One element with one subtotal per (category, percent) (7.4)."""
    if invoice.tax_total is None:
        return []
    subtotals = [
        {
            "taxable_amount": tax.base,
            "tax_amount": tax.amount,
            "tax_category": {"id": tax.category, "percent": tax.rate_percent},
        }
        for tax in invoice.taxes
    ]
    return [{"tax_amount": invoice.tax_total, "tax_subtotal": subtotals}]


def _totals(invoice: Invoice) -> dict[str, Any]:
    """`payable_amount` is the inclusive amount whatever the till rounded or was paid already (section 9, rule 9)."""
    return _known(
        {
            "line_extension_amount": invoice.lines_total,
            "tax_exclusive_amount": invoice.net_total,
            "tax_inclusive_amount": invoice.gross_total,
            "payable_amount": invoice.gross_total,
        }
    )


def _line(line: InvoiceLine) -> dict[str, Any]:
    return {
        **_classification(line.classification),
        "discount_rate": line.discount_percent,
        "discount_amount": line.discount,
        "fee_rate": line.fee_percent,
        "fee_amount": line.fee,
        "invoiced_quantity": line.quantity,
        "line_extension_amount": line.net,
        "item": _known({"name": line.name, "description": line.description, "sellers_item_identification": line.sku}),
        "price": {"price_amount": line.unit_price_net, "base_quantity": 1, "price_unit": line.unit},
    }


def _classification(found: Classification | None) -> dict[str, Any]:
    return _known(found.model_dump()) if found else {}
