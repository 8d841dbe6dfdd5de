"""The invoice as a till receipt: 80 mm paper, black only, a QR code whose modules are whole dots of the printer."""

from __future__ import annotations

from io import BytesIO
from math import ceil
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, HRFlowable, PageTemplate, Spacer, Table

from taxpoynt.documents import qr
from taxpoynt.documents.amounts import UNKNOWN, day, figure, is_something, moment, percent, quantity, unit_price
from taxpoynt.documents.pdf import metadata
from taxpoynt.documents.places import Places
from taxpoynt.documents.sums import Sum, sums
from taxpoynt.documents.typography import load_fonts, looks, say, style, text_width
from taxpoynt.documents.wording import (
    DRAFT,
    contact_lines,
    currency_note,
    due,
    is_credit,
    line_tax,
    number_of,
    status,
    title,
)
from taxpoynt.domain.invoice import Invoice, InvoiceLine
from taxpoynt.ports import Stamp

_PAPER = 80 * mm
_MARGIN = 4 * mm
_WIDTH = _PAPER - 2 * _MARGIN
"""72 mm: what a thermal head of 576 dots prints on 80 mm paper."""

_DOT = 72 / 203.2
"""Points of one dot of a thermal printer: 8 dots a millimetre."""

_LONGEST = 14_000.0
"""Points of one page: PDF readers stop at 14,400. A longer receipt goes on on a next page of the roll."""

_BLACK = "#000000"
_BODY, _SMALL = 8.5, 7.5


def receipt(invoice: Invoice, stamp: Stamp | None, places: Places) -> bytes:
    """The same content as the A4 invoice; one page as long as it needs to be."""
    load_fonts()
    story = _single_rules([*_top(invoice, places), *_lines(invoice), *_totals(invoice), *_end(invoice, stamp)])
    needed = sum(_height(part) for part in story) + 2 * _MARGIN + 1
    length = ceil(min(needed, _LONGEST) / _DOT) * _DOT  # printers count dots from the top
    out = BytesIO()
    frame = Frame(_MARGIN, _MARGIN, _WIDTH, length - 2 * _MARGIN, 0, 0, 0, 0)
    about = metadata(invoice, title(invoice))
    document = BaseDocTemplate(out, pagesize=(_PAPER, length), pageTemplates=[PageTemplate("roll", [frame])], **about)
    document.build(story)
    return out.getvalue()


def _single_rules(story: list[Any]) -> list[Any]:
    """Two rules in a row say no more than one."""
    before = [None, *story]
    return [
        part
        for part, last in zip(story, before, strict=False)
        if not (isinstance(part, HRFlowable) and isinstance(last, HRFlowable))
    ]


def _height(part: Flowable) -> float:
    """With the space a frame leaves around it; a little too much is better than a second page."""
    _, height = part.wrap(_WIDTH, _LONGEST)
    return float(height + part.getSpaceBefore() + part.getSpaceAfter())


def _text(text: str, size: float = _BODY, *, bold: bool = False, right: bool = False, centre: bool = False) -> Any:
    return say(text, style(size, bold=bold, right=right, centre=centre, color=_BLACK))


def _rule(*, strong: bool = False) -> Any:
    return HRFlowable(
        width="100%", thickness=1.2 if strong else 0.6, color=_BLACK, spaceBefore=1.5 * mm, spaceAfter=1.5 * mm
    )


def _top(invoice: Invoice, places: Places) -> list[Any]:
    seller = [_text(line, _SMALL, centre=True) for line in contact_lines(invoice.seller, places)]
    facts = [
        f"No. {invoice.number or 'not assigned yet'}",
        f"{day(invoice.issue_date)}, {invoice.issue_time:%H:%M}",
        *([] if is_credit(invoice) else [f"Payment: {status(invoice)}"]),
        *([f"Due: {due(invoice)}"] if invoice.due_date > invoice.issue_date and not is_credit(invoice) else []),
        *([f"Reference: {invoice.buyer_reference}"] if invoice.buyer_reference else []),
        *(f"Corrects invoice {number_of(one)} of {day(one.issue_date)}, IRN {one.irn}" for one in invoice.refers_to),
    ]
    return [
        _text(invoice.seller.name or UNKNOWN, 12, bold=True, centre=True),
        Spacer(0, 1 * mm),
        *seller,
        _rule(strong=True),
        _text(title(invoice), 11, bold=True, centre=True),
        *([] if invoice.irn else [_text(DRAFT, _BODY, bold=True, centre=True)]),
        Spacer(0, 1 * mm),
        *(_text(fact) for fact in facts),
        *_buyer(invoice, places),
        _rule(),
    ]


def _buyer(invoice: Invoice, places: Places) -> list[Any]:
    """Nothing for a customer nobody knows."""
    if invoice.buyer is None:
        return []
    lines = [_text(line, _SMALL) for line in contact_lines(invoice.buyer, places)]
    return [Spacer(0, 1 * mm), _text(f"Customer: {invoice.buyer.name or UNKNOWN}", bold=True), *lines]


def _lines(invoice: Invoice) -> list[Any]:
    return [part for line in invoice.lines for part in _line(line, invoice.currency)] + [_rule()]


def _line(line: InvoiceLine, currency: str) -> list[Any]:
    """The name over the whole width; below it how the amount came about."""
    parts = [_text(line.name, bold=True)]
    if line.description.strip() and line.description.strip() != line.name.strip():
        parts.append(_text(line.description, _SMALL))
    worked = f"{quantity(line.quantity, line.unit)} × {unit_price(line.unit_price_net, currency)}"
    more = _adjustments(line, currency)
    if more:
        parts.append(_pair(worked, figure(line.net + line.discount - line.fee, currency)))
    tax = line_tax(line)
    total = " ".join(word for word in ("Line total" if more else worked, f"(tax {tax})" if tax else "") if word)
    return [*parts, *more, _pair(total, figure(line.net, currency)), Spacer(0, 1.5 * mm)]


def _adjustments(line: InvoiceLine, currency: str) -> list[Any]:
    rows = (
        ("Discount", line.discount_percent, -line.discount),
        ("Fee", line.fee_percent, line.fee),
    )
    return [
        _pair(f"{name} {percent(rate)}" if rate else name, figure(amount, currency))
        for name, rate, amount in rows
        if is_something(amount, currency)
    ]


def _totals(invoice: Invoice) -> list[Any]:
    return [part for row in sums(invoice, taxes=True) for part in _sum(row)]


def _sum(row: Sum) -> list[Any]:
    if not row.strong:
        return [_pair(row.name, row.amount), *([_text(row.detail, _SMALL)] if row.detail else [])]
    return [_rule(), _pair(row.name, row.amount, 12, bold=True), _rule()]


def _pair(left: str, right: str, size: float = _BODY, *, bold: bool = False) -> Any:
    """Words on the left, an amount on the right that keeps to one line; letters shrink for what is absurdly long."""
    while size > 5 and text_width(right, size, bold=bold) > _WIDTH * 0.75:
        size -= 0.5
    room = text_width(right, size, bold=bold) + 2
    table = Table(
        [[_text(left, size, bold=bold), _text(right, size, bold=bold, right=True)]],
        colWidths=[_WIDTH - room, room],
    )
    padding = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    table.setStyle(looks([("VALIGN", (0, 0), (-1, -1), "BOTTOM"), *padding]))
    return table


def _end(invoice: Invoice, stamp: Stamp | None) -> list[Any]:
    note = [_rule(), _text(invoice.note)] if invoice.note else []
    currency = _text(currency_note(invoice), _SMALL, centre=True)
    known = [_text(f"IRN {invoice.irn}", _SMALL, centre=True)] if invoice.irn else []
    return [*note, _rule(), *_stamp(stamp), *known, currency]


def _stamp(stamp: Stamp | None) -> list[Any]:
    if stamp is None:
        return []
    picture = qr.Code(stamp.text, qr.side_in_dots(stamp.text, _WIDTH, _DOT), align="CENTER", dot=_DOT)
    return [
        picture,
        _text("NRS stamp: scan to verify", _BODY, bold=True, centre=True),
        _text(f"Stamped {moment(stamp.made_at)}", _SMALL, centre=True),
    ]
