"""The end of the invoice: totals, tax breakdown, stamp, and what else the buyer should know."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer, Table

from taxpoynt.documents import qr
from taxpoynt.documents.amounts import figure, moment
from taxpoynt.documents.sums import Sum, sums
from taxpoynt.documents.typography import (
    ACCENT,
    PALE,
    QUIET,
    RULE,
    WIDTH,
    escaped,
    looks,
    say,
    say_marked,
    style,
    text_width,
)
from taxpoynt.documents.wording import currency_note, tax_name
from taxpoynt.domain.invoice import Invoice, TaxSubtotal
from taxpoynt.ports import Stamp

_RIGHT = WIDTH * 0.52
_AMOUNTS = _RIGHT * 0.62
_GAP = 5 * mm
_SMALLEST = 6.0
_QR_SIDE = 38 * mm
_MODULE = 0.45 * mm
"""A larger key makes a denser code, which then gets more room."""


def bottom(invoice: Invoice, stamp: Stamp | None) -> list[Any]:
    """Never torn apart by a page's end."""
    left_width = WIDTH - _RIGHT
    left = [*_tax_table(invoice, left_width - 8 * mm), *_stamp(stamp)]
    table = Table([[left, _totals(sums(invoice))]], colWidths=[left_width, _RIGHT])
    table.setStyle(
        looks(
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
    head, right = style(7, bold=True, color=ACCENT), style(8, right=True)
    head_right = style(7, bold=True, right=True, color=ACCENT)
    rows = [[say("Tax", head), say("Taxable", head_right), say("Tax amount", head_right)]]
    widest = [text_width("Taxable", 7, bold=True), text_width("Tax amount", 7, bold=True)]
    for tax in invoice.taxes:
        amounts = [figure(tax.base, invoice.currency), figure(tax.amount, invoice.currency)]
        widest = [max(wide, text_width(one, 8)) for wide, one in zip(widest, amounts, strict=True)]
        rows.append([_tax_cell(tax), *(say(one, right) for one in amounts)])
    columns = [min(wide + 3.5 * mm, width * 0.4) for wide in widest]
    table = Table(rows, colWidths=[width - sum(columns), *columns], hAlign="LEFT")
    table.setStyle(_ruled())
    return [table, Spacer(0, 5 * mm)]


def _tax_cell(tax: TaxSubtotal) -> Any:
    """The tax, and below it why there is none."""
    reason = f'<br/><font size="6.5" color="{QUIET}">{escaped(tax.reason)}</font>' if tax.reason else ""
    return say_marked(escaped(tax_name(tax)) + reason, style(8))


def _ruled() -> Any:
    return looks(
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
    picture = qr.Code(stamp.text, max(_QR_SIDE, qr.modules(stamp.text) * _MODULE))
    return [
        picture,
        say("NRS stamp: scan to verify this document", style(7.5, bold=True)),
        say(f"Stamped {moment(stamp.made_at)}", style(7, color=QUIET)),
    ]


def _totals(rows: list[Sum]) -> Any:
    """Names left, amounts right; the amounts take the room they need, up to most of the table."""
    sizes = [_fitting(row) for row in rows]
    needed = max(text_width(row.amount, size, bold=row.strong) for row, size in zip(rows, sizes, strict=True))
    amounts = min(needed + _GAP, _AMOUNTS)
    cells = [
        [
            say(row.name, style(10 if row.strong else 8.5, bold=row.strong)),
            say(row.amount, style(size, bold=row.strong, right=True)),
        ]
        for row, size in zip(rows, sizes, strict=True)
    ]
    table = Table(cells, colWidths=[_RIGHT - amounts, amounts])
    commands: list[Any] = [
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(RULE)),
        ("LEFTPADDING", (0, 0), (-1, -1), 2 * mm),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2 * mm),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
    ]
    for place in (place for place, row in enumerate(rows) if row.strong):
        commands += [
            ("BACKGROUND", (0, place), (-1, place), HexColor(PALE)),
            ("LINEABOVE", (0, place), (-1, place), 1, HexColor(ACCENT)),
            ("TOPPADDING", (0, place), (-1, place), 6),
            ("BOTTOMPADDING", (0, place), (-1, place), 7),
        ]
    table.setStyle(looks(commands))
    return table


def _fitting(row: Sum) -> float:
    """The largest size at which an amount stays on one line."""
    size = 12 if row.strong else 8.5
    while size > _SMALLEST and text_width(row.amount, size, bold=row.strong) > _AMOUNTS - _GAP:
        size -= 0.5
    return size


def _words(invoice: Invoice) -> list[Any]:
    """The note, and the currency for those who do not read signs."""
    note: list[Any] = []
    if invoice.note:
        note = [Spacer(0, 5 * mm), say("Note", style(7, bold=True, color=ACCENT)), say(invoice.note, style(8.5))]
    return [*note, Spacer(0, 4 * mm), say(currency_note(invoice), style(7.5, color=QUIET))]
