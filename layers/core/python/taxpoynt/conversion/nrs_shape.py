"""An invoice in NRS's words (v1.1 body), as plain data with Decimals. Source: nrs-einvoice reference, section 7.

It stands here and not with the NRS client because the numbered rules read exactly this: what was checked is what is
sent, and there is one set of rules for our documents and anyone else's.
"""

from __future__ import annotations

from typing import Any

from taxpoynt.conversion.note_text import nrs_note
from taxpoynt.domain.invoice import CORRECTION_TYPES, Invoice, InvoiceLine
from taxpoynt.domain.party import Address, Merchant, Party


def nrs_shape(invoice: Invoice) -> dict[str, Any]:
    """The body, also of an unfinished invoice: what is unknown is left out, zeros and False stay (section 7.4).

    A consumer is named only when NRS's required fields are all there (section 14); otherwise the sale is anonymous.
    """
    buyer = _party(invoice.buyer) if invoice.buyer else None
    if invoice.kind == "B2C" and buyer is not None and not _is_whole(buyer):
        buyer = None
    return _known(
        {
            **_header(invoice),
            "accounting_supplier_party": _party(invoice.seller),
            "accounting_customer_party": buyer,
            "payment_means": _payment_means(invoice),
            "payment_terms_note": _terms(invoice),
            "allowance_charge": [{"charge_indicator": one.charge, "amount": one.amount} for one in invoice.charges],
            "tax_total": _tax_total(invoice),
            "legal_monetary_total": _totals(invoice),
            "invoice_line": [_line(line) for line in invoice.lines],
        }
    )


def _known(whole: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if value is not None and value not in ("", [], {})}


def _header(invoice: Invoice) -> dict[str, Any]:
    corrects = invoice.type_code in CORRECTION_TYPES
    references = [{"irn": one.irn, "issue_date": one.issue_date.isoformat()} for one in invoice.refers_to]
    return {
        "business_id": invoice.seller.business_id,
        "irn": invoice.irn,
        "issue_date": invoice.issue_date.isoformat(),
        "due_date": invoice.due_date.isoformat(),
        "issue_time": f"{invoice.issue_time:%H:%M:%S}",
        "invoice_type_code": invoice.type_code,
        "invoice_kind": invoice.kind,
        "payment_status": invoice.payment_status,
        "note": nrs_note(invoice),
        "tax_point_date": invoice.tax_point_date.isoformat(),
        "document_currency_code": invoice.currency,
        "tax_currency_code": invoice.tax_currency,
        "buyer_reference": invoice.buyer_reference,
        "billing_reference": references if corrects else None,
    }


def _party(party: Merchant | Party) -> dict[str, Any]:
    return _known(
        {
            "party_name": party.name,
            "tin": party.tin,
            "email": party.email,
            "telephone": party.telephone,
            "business_description": party.business_description,
            "postal_address": _address(party.address) if party.address else None,
        }
    )


def _is_whole(party: dict[str, Any]) -> bool:
    return all(field in party for field in ("party_name", "tin", "email", "postal_address"))


def _address(address: Address) -> dict[str, Any]:
    """`lga` and `state` are codes of Nigerian places; a foreign address goes without (section 7.2)."""
    here = address.country == "NG"
    return _known(
        {
            "street_name": ", ".join(part for part in (address.street, address.unit) if part),
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
    """One element with one subtotal per (category, percent)."""
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
    found = line.classification
    return {
        **(_known(found.model_dump()) if found else {}),
        "discount_rate": line.discount_percent,
        "discount_amount": line.discount,
        "fee_rate": line.fee_percent,
        "fee_amount": line.fee,
        "invoiced_quantity": line.quantity,
        "line_extension_amount": line.net,
        "item": _known({"name": line.name, "description": line.description, "sellers_item_identification": line.sku}),
        "price": {"price_amount": line.unit_price_net, "base_quantity": 1, "price_unit": line.unit},
    }
