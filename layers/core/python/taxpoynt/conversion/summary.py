"""A conversion for people and scripts that compare: the `--as summary` shape of the public contracts, part 2.

Amounts are decimal strings with the currency's minor digits (`unit_price_net` may have more); null is unknown. What the
contract does not name stands beside it and only where there is something to say: `line_fee` and `taxes` of a line with
several, `kind`, `tax` and `taxes` of a charge with a tax rule of its own, `reason` of a tax, `change` and `kind` of a
payment, `withholding`, `withheld`, `prepaid`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from taxpoynt.conversion.units import tidy
from taxpoynt.domain.invoice import DocumentCharge, Invoice, InvoiceLine, LineTax, TaxSubtotal
from taxpoynt.domain.money import NO_CURRENCY, minor_digits, plain
from taxpoynt.domain.party import Party
from taxpoynt.domain.sale import Payment, Sale
from taxpoynt.errors import Fault


def summary(sale: Sale, invoice: Invoice, faults: Sequence[Fault], *, why: str | None = None) -> dict[str, Any]:
    """The summary of a document that is made, also when it has faults."""
    currency = invoice.currency
    return {
        "document": sale.document,
        "why": why or f"{sale.connector} record {sale.sale_id} is complete",
        "currency": None if currency == NO_CURRENCY else currency,
        "number": invoice.number,
        "issue_date": invoice.issue_date.isoformat(),
        "business_date": sale.business_date.isoformat() if sale.business_date else None,
        "buyer": _buyer(invoice.buyer),
        "lines": [_line(line, currency) for line in invoice.lines],
        "charges": [_charge(one, currency) for one in invoice.charges],
        "net_total": _money(None if _net_is_unknown(sale, invoice) else invoice.net_total, currency),
        "taxes": [_tax(tax, currency) for tax in invoice.taxes],
        "tax_total": _money(invoice.tax_total, currency),
        "gross_total": _money(invoice.gross_total, currency),
        "tip": _money(invoice.tip, currency),
        "rounding": _money(invoice.rounding, currency),
        "payable": _money(invoice.payable, currency),
        "payments": [_payment(payment, currency) for payment in invoice.payments],
        "balance_due": _money(invoice.balance_due, currency),
        "refers_to": [one.irn for one in invoice.refers_to] or list(sale.refers_to),
        **_beside(invoice),
        "faults": fault_rows(faults),
    }


def no_document(document: str, why: str, faults: Sequence[Fault] = ()) -> dict[str, Any]:
    """The same shape where no document is made: `none`, `none_until_completed`, `trigger` or `needs_more_data`."""
    empty: dict[str, Any] = dict.fromkeys(_KEYS)
    for key in ("lines", "charges", "taxes", "payments", "refers_to"):
        empty[key] = []
    return {"document": document, "why": why, **empty, "faults": fault_rows(faults)}


_KEYS = (
    "currency",
    "number",
    "issue_date",
    "business_date",
    "buyer",
    "lines",
    "charges",
    "net_total",
    "taxes",
    "tax_total",
    "gross_total",
    "tip",
    "rounding",
    "payable",
    "payments",
    "balance_due",
    "refers_to",
)


def fault_rows(faults: Sequence[Fault]) -> list[dict[str, str]]:
    """Faults as the contracts print them."""
    return [
        {"code": fault.code, "path": fault.path, "message": fault.message, "remedy": fault.remedy} for fault in faults
    ]


def _buyer(buyer: Party | None) -> dict[str, Any]:
    address = buyer.address if buyer else None
    return {
        "anonymous": buyer is None,
        "name": buyer.name if buyer else None,
        "tin": buyer.tin if buyer else None,
        "email": buyer.email if buyer else None,
        "address": address.model_dump(exclude_none=True) if address else {},
    }


def _beside(invoice: Invoice) -> dict[str, Any]:
    """What only some documents have, and what is left out of the others: the contract's keys are always there."""
    currency = invoice.currency
    rows = [
        {
            "name": row.name,
            "rate_percent": _rate(row.rate_percent),
            "base": _money(row.base, currency),
            "amount": _money(row.amount, currency),
        }
        for row in invoice.withholding
    ]
    kept = {"withholding": rows, "withheld": _money(invoice.withheld, currency)} if rows else {}
    return {**kept, **({"prepaid": _money(invoice.prepaid, currency)} if invoice.prepaid else {})}


def _charge(one: DocumentCharge, currency: str) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "name": one.reason,
        "charge": one.charge,
        "percent": _rate(one.percent),
        "amount": _money(one.amount, currency),
    }
    if one.taxes:
        tax = sum((tax.amount for tax in one.taxes if tax.amount is not None), Decimal(0))
        whole |= {
            "kind": one.kind,
            "tax": _money(tax, currency),
            "taxes": [_line_tax(tax, currency) for tax in one.taxes],
        }
    return whole


def _tax(tax: TaxSubtotal, currency: str) -> dict[str, Any]:
    return {
        "name": tax.name,
        "rate_percent": _rate(tax.rate_percent),
        "base": _money(tax.base, currency),
        "amount": _money(tax.amount, currency),
        **({"reason": tax.reason} if tax.reason else {}),
    }


def _line_tax(tax: LineTax, currency: str) -> dict[str, Any]:
    return {
        "name": tax.name or tax.category,
        "rate_percent": _rate(tax.rate_percent),
        "amount": _money(tax.amount, currency),
    }


def _line(line: InvoiceLine, currency: str) -> dict[str, Any]:
    several = [_line_tax(tax, currency) for tax in line.taxes] if len(line.taxes) > 1 else []
    return {
        "description": line.name,
        "quantity": plain(tidy(line.quantity)),
        "unit_price_net": plain(tidy(line.unit_price_net, minor_digits(currency))),
        "line_discount": _money(line.discount, currency),
        "line_net": _money(line.net, currency),
        "tax": _money(line.tax, currency),
        "tax_rate_percent": _rate(line.tax_rate_percent),
        **({"line_fee": _money(line.fee, currency)} if line.fee else {}),
        **({"taxes": several} if several else {}),
    }


def _payment(payment: Payment, currency: str) -> dict[str, Any]:
    return {
        "method": payment.method,
        "amount": _money(payment.amount, currency),
        **({"kind": payment.kind} if payment.kind != "payment" else {}),
        **({"change": _money(payment.change, currency)} if payment.change else {}),
    }


def _net_is_unknown(sale: Sale, invoice: Invoice) -> bool:
    """A price that contains an unknown tax has an unknown net."""
    if invoice.tax_total is not None:
        return False
    inclusive = {line.path for line in sale.lines if line.price_basis == "inclusive"}
    return any(line.tax is None and line.path in inclusive for line in invoice.lines)


def _money(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else plain(tidy(amount, minor_digits(currency)))


def _rate(percent: Decimal | None) -> str | None:
    return None if percent is None else plain(tidy(percent))
