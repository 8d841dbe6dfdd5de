"""The table of lines: flows over pages under a repeated header, numbers on the right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.platypus import Table

from taxpoynt.documents.amounts import UNKNOWN, figure, is_something, percent, quantity, unit_price
from taxpoynt.documents.typography import (
    ACCENT,
    INK,
    PALE,
    QUIET,
    RULE,
    WIDTH,
    clean,
    escaped,
    looks,
    say,
    say_marked,
    style,
    text_width,
)
from taxpoynt.documents.wording import line_tax
from taxpoynt.domain.invoice import Invoice, InvoiceLine

_STAND_IN = re.compile(r"LINE-[0-9]+")
"""NRS wants a number on every line; one that only says where the line stands tells a customer nothing."""

_SIZES = (8.5, 7.5, 6.5)
_PADDING = 4.0
_NARROWEST = 130.0
"""Points that the description keeps; with longer amounts the letters shrink first."""


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    cells: Sequence[str]

    def width(self, size: float) -> float:
        """Room for the longest entry on one line."""
        entries = [text_width(cell, size) for cell in self.cells]
        return max([*entries, text_width(self.title, size - 1, bold=True)]) + 2 * _PADDING


def line_table(invoice: Invoice) -> Any:
    """All lines of `invoice`, in its order."""
    numbers = _Column("#", [str(place + 1) for place in range(len(invoice.lines))])
    columns = _columns(invoice)
    size, widths = _fit(numbers, columns)
    head = style(size - 1, bold=True, color=ACCENT)
    head_right = style(size - 1, bold=True, right=True, color=ACCENT)
    right = style(size, right=True)
    rows: list[list[Any]] = [
        [say("#", head), say("Description", head), *(say(column.title, head_right) for column in columns)]
    ]
    for place, line in enumerate(invoice.lines):
        cells = [say(column.cells[place], right) for column in columns]
        rows.append([say(numbers.cells[place], style(size, color=QUIET)), _description(line, size, widths[1]), *cells])
    table = Table(rows, colWidths=widths, repeatRows=1, splitByRow=1, splitInRow=1)
    table.setStyle(_looks())
    return table


def _columns(invoice: Invoice) -> list[_Column]:
    """The columns of numbers; a discount or fee column only where a line has one."""
    lines, currency = invoice.lines, invoice.currency
    columns = [
        _Column("Quantity", [quantity(line.quantity, line.unit) for line in lines]),
        _Column("Unit price", [unit_price(line.unit_price_net, currency) for line in lines]),
    ]
    if any(is_something(line.discount, currency) for line in lines):
        columns.append(_Column("Discount", [_discount(line, currency) for line in lines]))
    if any(is_something(line.fee, currency) for line in lines):
        columns.append(_Column("Fee", [_fee(line, currency) for line in lines]))
    columns.append(_Column("Tax", [line_tax(line) or UNKNOWN for line in lines]))
    columns.append(_Column("Amount", [figure(line.net, currency) for line in lines]))
    return columns


def _fit(numbers: _Column, columns: Sequence[_Column]) -> tuple[float, list[float]]:
    for size in _SIZES:
        first, fixed = numbers.width(size), [column.width(size) for column in columns]
        rest = WIDTH - first - sum(fixed)
        if rest >= _NARROWEST:
            return size, [first, rest, *fixed]
    # absurdly long amounts: every column gives in proportion and its entries wrap
    share = (WIDTH - first - _NARROWEST) / sum(fixed)
    return size, [first, _NARROWEST, *(width * share for width in fixed)]


def _description(line: InvoiceLine, size: float, room: float) -> Any:
    """The name; below it description and the seller's own number, where they add to it, on one line if they fit."""
    more = [
        line.description if line.description.strip() != line.name.strip() else "",
        f"Item no. {line.sku}" if line.sku and not _STAND_IN.fullmatch(line.sku) else "",
    ]
    said = [text for text in more if text]
    together = " · ".join(said)
    fits = text_width(clean(together), size - 1) <= room - 2 * _PADDING
    below = escaped(together) if fits else "<br/>".join(escaped(text) for text in said)
    small = f'<br/><font size="{size - 1}" color="{QUIET}">{below}</font>' if below else ""
    return say_marked(f'<font color="{INK}">{escaped(line.name)}</font>{small}', style(size))


def _discount(line: InvoiceLine, currency: str) -> str:
    if not is_something(line.discount, currency):
        return ""
    rate = f" ({percent(line.discount_percent)})" if line.discount_percent else ""
    return f"−{figure(line.discount, currency)}{rate}"


def _fee(line: InvoiceLine, currency: str) -> str:
    if not is_something(line.fee, currency):
        return ""
    rate = f" ({percent(line.fee_percent)})" if line.fee_percent else ""
    return f"{figure(line.fee, currency)}{rate}"


def _looks() -> Any:
    return looks(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), HexColor(PALE)),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(ACCENT)),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(RULE)),
            ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
            ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
            ("TOPPADDING", (0, 0), (-1, -1), 3.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4.5),
        ]
    )
