"""The top of the invoice: who sells, what document this is, who buys."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Spacer, Table

from taxpoynt.documents.amounts import UNKNOWN, day
from taxpoynt.documents.places import Places
from taxpoynt.documents.typography import ACCENT, PALE, QUIET, WIDTH, looks, say, style
from taxpoynt.documents.wording import ANONYMOUS, DRAFT, contact_lines, due, is_credit, number_of, status, title
from taxpoynt.domain.invoice import Invoice, Reference
from taxpoynt.domain.party import Merchant, Party


def top(invoice: Invoice, places: Places) -> list[Any]:
    """Seller on the left, the document's own data on the right; below, the buyer and what is corrected."""
    left = WIDTH * 0.52
    table = Table([[_seller(invoice.seller, places), _about(invoice, WIDTH - left)]], colWidths=[left, WIDTH - left])
    table.setStyle(_bare([("RIGHTPADDING", (0, 0), (0, 0), 8 * mm)]))
    corrected = [_corrected(one) for one in invoice.refers_to]
    return [table, Spacer(0, 7 * mm), _buyer(invoice, places), Spacer(0, 3 * mm), *corrected, Spacer(0, 3 * mm)]


def _bare(more: list[Any] | None = None) -> Any:
    return looks(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
            *(more or []),
        ]
    )


def _seller(seller: Merchant, places: Places) -> list[Any]:
    return [say(seller.name or UNKNOWN, style(14, bold=True)), Spacer(0, 1.5 * mm), *_contact(seller, places)]


def _contact(party: Merchant | Party, places: Places) -> list[Any]:
    quiet = style(8.5, color=QUIET)
    return [say(line, quiet) for line in contact_lines(party, places)]


def _about(invoice: Invoice, width: float) -> list[Any]:
    rows = [
        ("Number", invoice.number or "not assigned yet"),
        ("Issued", f"{day(invoice.issue_date)}, {invoice.issue_time:%H:%M}"),
        *([] if is_credit(invoice) else [("Due", due(invoice)), ("Payment", status(invoice))]),
        *([("Reference", invoice.buyer_reference)] if invoice.buyer_reference else []),
        ("IRN", invoice.irn or DRAFT),
    ]
    cells = [[say(name, style(8.5, color=QUIET)), say(value, style(8.5))] for name, value in rows]
    table = Table(cells, colWidths=[20 * mm, width - 20 * mm])
    table.setStyle(_bare([("BOTTOMPADDING", (0, 0), (-1, -1), 1.2)]))
    name = title(invoice) if invoice.irn else f"{title(invoice)} (DRAFT)"
    return [say(name, style(18, bold=True, color=ACCENT)), Spacer(0, 2.5 * mm), table]


def _corrected(one: Reference) -> Any:
    return say(f"Corrects invoice {number_of(one)} of {day(one.issue_date)}, IRN {one.irn}", style(8.5, bold=True))


def _buyer(invoice: Invoice, places: Places) -> Any:
    name = invoice.buyer.name if invoice.buyer else ANONYMOUS
    cell = [
        say("CREDITED TO" if is_credit(invoice) else "BILLED TO", style(7, bold=True, color=ACCENT)),
        Spacer(0, 0.8 * mm),
        say(name or UNKNOWN, style(10.5, bold=True)),
        *(_contact(invoice.buyer, places) if invoice.buyer else []),
    ]
    table = Table([[cell]], colWidths=[WIDTH])
    padding = [(f"{side}PADDING", (0, 0), (-1, -1), 3.5 * mm) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    table.setStyle(_bare([("BACKGROUND", (0, 0), (-1, -1), HexColor(PALE)), *padding]))
    return table
