"""The end of the invoice: totals, tax breakdown, stamp, and what else the buyer should know."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer, Table, TableStyle

from taxpoynt.documents import qr
from taxpoynt.documents.amounts import figure, is_something, moment, money, percent
from taxpoynt.documents.typography import ACCENT, PALE, QUIET, RULE, WIDTH, say, style, text_width
from taxpoynt.domain.invoice import CREDIT_NOTE_TYPE, DocumentCharge, Invoice, TaxSubtotal
from taxpoynt.ports import Stamp

_RIGHT = WIDTH * 0.52
_AMOUNTS = _RIGHT * 0.56
_SMALLEST = 6.0
_QR_SIDE = 38 * mm
_TAXES = {"STANDARD_VAT": "VAT", "ZERO_VAT": "VAT zero-rated", "EXEMPTED": "VAT exempt"}
_MEANS = {
    "10": "cash",
    "20": "cheque",
    "30": "bank transfer",
    "42": "bank transfer",
    "48": "card",
    "49": "direct debit",
    "54": "credit card",
    "55": "debit card",
}


def bottom(invoice: Invoice, stamp: Stamp | None) -> list[Any]:
    """Never torn apart by a page's end."""
    left_width = WIDTH - _RIGHT
    left = [*_tax_table(invoice, left_width - 8 * mm), *_stamp(stamp)]
    table = Table([[left, _totals(invoice)]], colWidths=[left_width, _RIGHT])
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                *((f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")),
            ]
        )
    )
    return [KeepTogether([Spacer(0, 5 * mm), table]), *_words(invoice)]


def _tax_table(invoice: Invoice, width: float) -> list[Any]:
    if not invoice.taxes:
        return []
    head, quiet, right = style(7, bold=True, color=ACCENT), style(8), style(8, right=True)
    head_right = style(7, bold=True, right=True, color=ACCENT)
    rows = [[say("Tax", head), say("Taxable", head_right), say("Tax amount", head_right)]]
    widest = [text_width("Taxable", 7, bold=True), text_width("Tax amount", 7, bold=True)]
    for tax in invoice.taxes:
        amounts = [figure(tax.base, invoice.currency), figure(tax.amount, invoice.currency)]
        widest = [max(wide, text_width(one, 8)) for wide, one in zip(widest, amounts, strict=True)]
        rows.append([say(_tax_name(tax), quiet), *(say(one, right) for one in amounts)])
    columns = [min(wide + 3.5 * mm, width * 0.4) for wide in widest]
    table = Table(rows, colWidths=[width - sum(columns), *columns], hAlign="LEFT")
    table.setStyle(_ruled())
    return [table, Spacer(0, 5 * mm)]


def _tax_name(tax: TaxSubtotal) -> str:
    """In a customer's words; NRS's names are codes for machines."""
    name = _TAXES.get(tax.name, tax.name)
    rated = tax.category != "EXEMPTED" and tax.name != "ZERO_VAT"
    return f"{name} {percent(tax.rate_percent)}" if rated else name


def _ruled() -> Any:
    return TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(RULE)),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
    )


def _stamp(stamp: Stamp | None) -> list[Any]:
    if stamp is None:
        return []
    picture = qr.drawing(stamp.text, _QR_SIDE)
    picture.hAlign = "LEFT"
    return [
        picture,
        say("NRS stamp: scan to verify this document", style(7.5, bold=True)),
        say(f"Stamped {moment(stamp.made_at)}", style(7, color=QUIET)),
    ]


def _totals(invoice: Invoice) -> Any:
    currency = invoice.currency
    rows = [("Subtotal", money(invoice.lines_total, currency))]
    rows += [_charge(one, currency) for one in invoice.charges]
    rows += [("Total excluding tax", money(invoice.net_total, currency))] if invoice.charges else []
    rows += [("Total tax", money(invoice.tax_total, currency))]
    if is_something(invoice.rounding, currency):
        rows.append(("Total including tax", money(invoice.gross_total, currency)))
        rows.append(("Cash rounding", money(invoice.rounding, currency)))
    credit = invoice.type_code == CREDIT_NOTE_TYPE
    rows.append(("Total credited" if credit else "Total to pay", money(invoice.payable, currency)))
    strong = len(rows) - 1
    rows += _after(invoice)
    return _total_table(rows, strong)


def _charge(one: DocumentCharge, currency: str) -> tuple[str, str]:
    name = one.reason or ("Charge" if one.charge else "Discount")
    stated = one.percent and percent(one.percent) not in name  # people call a discount "10%"
    rate = f" ({percent(one.percent)})" if stated else ""
    return name + rate, money(one.amount if one.charge else -one.amount, currency)


def _after(invoice: Invoice) -> list[tuple[str, str]]:
    """What was paid, what is left, and a tip, which is no part of the invoice."""
    currency = invoice.currency
    paid = [one for one in invoice.payments if is_something(one.amount, currency)]
    rows = [(f"Paid by {_MEANS.get(one.means_code or '', one.method)}", money(one.amount, currency)) for one in paid]
    # Without payments it would repeat the total; and a credit note asks for nothing.
    if paid and invoice.balance_due is not None and invoice.type_code != CREDIT_NOTE_TYPE:
        rows.append(("Balance due", money(invoice.balance_due, currency)))
    if is_something(invoice.tip, currency):
        rows.append(("Tip, beside this invoice", money(invoice.tip, currency)))
    return rows


def _total_table(rows: list[tuple[str, str]], strong: int) -> Any:
    cells = [
        [
            say(name, style(10 if place == strong else 8.5, bold=place == strong)),
            say(value, style(_fitting(value, 12 if place == strong else 8.5), bold=place == strong, right=True)),
        ]
        for place, (name, value) in enumerate(rows)
    ]
    table = Table(cells, colWidths=[_RIGHT - _AMOUNTS, _AMOUNTS])
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(RULE)),
                ("BACKGROUND", (0, strong), (-1, strong), HexColor(PALE)),
                ("LINEABOVE", (0, strong), (-1, strong), 1, HexColor(ACCENT)),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
                ("TOPPADDING", (0, strong), (-1, strong), 6),
                ("BOTTOMPADDING", (0, strong), (-1, strong), 7),
            ]
        )
    )
    return table


def _fitting(amount: str, size: float) -> float:
    """The largest size, from `size` down, at which an amount stays on one line."""
    while size > _SMALLEST and text_width(amount, size, bold=True) > _AMOUNTS - 4 * mm:
        size -= 0.5
    return size


def _words(invoice: Invoice) -> list[Any]:
    """The note, and the currency for those who do not read signs."""
    name = "Nigerian naira (NGN)" if invoice.currency == "NGN" else invoice.currency
    quiet = style(7.5, color=QUIET)
    note: list[Any] = []
    if invoice.note:
        note = [Spacer(0, 5 * mm), say("Note", style(7, bold=True, color=ACCENT)), say(invoice.note, style(8.5))]
    return [*note, Spacer(0, 4 * mm), say(f"All amounts are in {name}.", quiet)]
