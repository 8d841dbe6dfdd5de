"""The sums below the lines, in the order a reader adds them up; the same on A4 and on a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from taxpoynt.documents.amounts import figure, is_something, money, percent
from taxpoynt.documents.wording import is_credit, tax_name, tender
from taxpoynt.domain.invoice import DocumentCharge, Invoice, TaxSubtotal, WithheldTax
from taxpoynt.domain.sale import Payment


@dataclass(frozen=True, slots=True)
class Sum:
    """One row: what it is and how much; `strong` for the ones that matter; `detail` in small letters below."""

    name: str
    amount: str
    strong: bool = False
    detail: str = ""


def sums(invoice: Invoice, *, taxes: bool = False) -> list[Sum]:
    """Subtotal to what is left to pay; `taxes`: every tax with its base and reason instead of their sum."""
    currency = invoice.currency
    rows = [Sum("Subtotal", money(invoice.lines_total, currency))]
    rows += [_charge(one, currency) for one in invoice.charges]
    if invoice.charges:
        rows.append(Sum("Total excluding tax", money(invoice.net_total, currency)))
    if taxes and invoice.tax_total is not None:
        rows += [_tax(tax, currency) for tax in invoice.taxes]
    else:
        rows.append(Sum("Total tax", money(invoice.tax_total, currency)))
    if is_something(invoice.rounding, currency):
        rows.append(Sum("Total including tax", money(invoice.gross_total, currency)))
        rows.append(Sum("Cash rounding", money(invoice.rounding, currency)))
    after = _after(invoice)
    name = "Total credited" if is_credit(invoice) else "Total" if after else "Total to pay"
    rows.append(Sum(name, money(invoice.payable, currency), strong=True))
    return [*rows, *after, *_tip(invoice)]


def _charge(one: DocumentCharge, currency: str) -> Sum:
    name = one.reason or ("Charge" if one.charge else "Discount")
    stated = one.percent and percent(one.percent) not in name  # people call a discount "10%"
    rate = f" ({percent(one.percent)})" if stated else ""
    return Sum(name + rate, money(one.amount if one.charge else -one.amount, currency))


def _tax(tax: TaxSubtotal, currency: str) -> Sum:
    name = f"{tax_name(tax)} on {figure(tax.base, currency)}"
    return Sum(name, money(tax.amount, currency), detail=tax.reason or "")


def _after(invoice: Invoice) -> list[Sum]:
    """What the buyer withholds and has paid, and what that leaves."""
    currency = invoice.currency
    rows = [_withheld(one, currency) for one in invoice.withholding if is_something(one.amount, currency)]
    rows += [row for one in invoice.payments for row in _paid(one, currency, credit=is_credit(invoice))]
    # A credit note asks for nothing, and without withholding and payments the balance would repeat the total.
    if rows and invoice.balance_due is not None and not is_credit(invoice):
        paid = any(is_something(one.amount, currency) for one in invoice.payments)
        left = is_something(invoice.balance_due, currency)
        rows.append(Sum("Balance due" if paid else "To pay", money(invoice.balance_due, currency), strong=left))
    return rows


def _withheld(one: WithheldTax, currency: str) -> Sum:
    rate = f" {percent(one.rate_percent)}" if one.rate_percent and percent(one.rate_percent) not in one.name else ""
    return Sum(f"Less {one.name[:1].lower()}{one.name[1:]}{rate}", money(-one.amount, currency))


def _paid(one: Payment, currency: str, *, credit: bool) -> list[Sum]:
    if not is_something(one.amount, currency):
        return []
    way = tender(one)
    if one.kind == "refund":
        return [Sum(f"Refunded by {way}", money(one.amount, currency))]
    name = f"Paid in advance by {way}" if one.kind == "prepayment" else f"Paid by {way}"
    rows = [Sum(name, money(one.amount if credit else -one.amount, currency))]
    if is_something(one.change, currency):
        rows.append(Sum("Change given", money(one.change, currency)))
    return rows


def _tip(invoice: Invoice) -> list[Sum]:
    """A tip outside the invoice; one that is part of it is a charge."""
    inside = sum((one.amount for one in invoice.charges if one.kind == "tip"), Decimal(0))
    beside = invoice.tip - inside
    if not is_something(beside, invoice.currency) or beside < 0:
        return []
    return [Sum("Tip, beside this invoice", money(beside, invoice.currency))]
