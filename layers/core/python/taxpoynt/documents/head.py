"""The top of the invoice: who sells, what document this is, who buys."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Spacer, Table, TableStyle

from taxpoynt.documents.amounts import UNKNOWN, day
from taxpoynt.documents.typography import ACCENT, PALE, QUIET, WIDTH, say, style
from taxpoynt.domain.invoice import CREDIT_NOTE_TYPE, DEBIT_NOTE_TYPE, Invoice
from taxpoynt.domain.party import Address, Merchant, Party

_TITLES = {CREDIT_NOTE_TYPE: "CREDIT NOTE", DEBIT_NOTE_TYPE: "DEBIT NOTE"}
_STATUS = {"PAID": "Paid", "PARTIAL": "Partly paid", "PENDING": "Open", "REJECTED": "Refused by the buyer"}


def title(invoice: Invoice) -> str:
    """INVOICE, CREDIT NOTE or DEBIT NOTE."""
    return _TITLES.get(invoice.type_code, "INVOICE")


def top(invoice: Invoice) -> list[Any]:
    """Seller on the left, the document's own data on the right; below, the buyer."""
    left = WIDTH * 0.52
    table = Table([[_seller(invoice.seller), _about(invoice, WIDTH - left)]], colWidths=[left, WIDTH - left])
    table.setStyle(_bare([("RIGHTPADDING", (0, 0), (0, 0), 8 * mm)]))
    return [table, Spacer(0, 7 * mm), _buyer(invoice), Spacer(0, 6 * mm)]


def _bare(more: list[Any] | None = None) -> Any:
    return TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
            *(more or []),
        ]
    )


def _seller(seller: Merchant) -> list[Any]:
    return [say(seller.name or UNKNOWN, style(14, bold=True)), Spacer(0, 1.5 * mm), *_contact(seller)]


def _contact(party: Merchant | Party) -> list[Any]:
    quiet = style(8.5, color=QUIET)
    lines = [*_address(party.address), f"TIN {party.tin}" if party.tin else None, party.email, party.telephone]
    return [say(line, quiet) for line in lines if line]


def _address(address: Address | None) -> list[str]:
    if address is None:
        return []
    street = ", ".join(part for part in (address.street, address.unit) if part) or address.free_text
    town = " ".join(part for part in (address.city, address.postal_code) if part)
    country = "Nigeria" if address.country == "NG" else address.country
    place = ", ".join(part for part in (town, address.region, country) if part)
    return [line for line in (street, place) if line]


def _about(invoice: Invoice, width: float) -> list[Any]:
    rows = [
        ("Number", invoice.number or "not assigned yet"),
        ("Issued", f"{day(invoice.issue_date)}, {invoice.issue_time:%H:%M}"),
        *([] if invoice.type_code == CREDIT_NOTE_TYPE else _payment(invoice)),
        *([("Reference", invoice.buyer_reference)] if invoice.buyer_reference else []),
        *[("Corrects", f"{one.irn}\nof {day(one.issue_date)}") for one in invoice.refers_to],
        ("IRN", invoice.irn or "Draft: not registered with NRS"),
    ]
    cells = [[say(name, style(8.5, color=QUIET)), say(value, style(8.5))] for name, value in rows]
    table = Table(cells, colWidths=[20 * mm, width - 20 * mm])
    table.setStyle(_bare([("BOTTOMPADDING", (0, 0), (-1, -1), 1.2)]))
    return [say(title(invoice), style(18, bold=True, color=ACCENT)), Spacer(0, 2.5 * mm), table]


def _payment(invoice: Invoice) -> list[tuple[str, str]]:
    """Until when and whether it is paid; a credit note asks for nothing."""
    days = (invoice.due_date - invoice.issue_date).days
    terms = f" (net {days} days)" if days > 0 else ""
    status = _STATUS.get(invoice.payment_status, invoice.payment_status)
    return [("Due", day(invoice.due_date) + terms), ("Payment", status)]


def _buyer(invoice: Invoice) -> Any:
    name = invoice.buyer.name if invoice.buyer else "Walk-in customer"
    cell = [
        say("CREDITED TO" if invoice.type_code == CREDIT_NOTE_TYPE else "BILLED TO", style(7, bold=True, color=ACCENT)),
        Spacer(0, 0.8 * mm),
        say(name or UNKNOWN, style(10.5, bold=True)),
        *(_contact(invoice.buyer) if invoice.buyer else []),
    ]
    table = Table([[cell]], colWidths=[WIDTH])
    padding = [(f"{side}PADDING", (0, 0), (-1, -1), 3.5 * mm) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    table.setStyle(_bare([("BACKGROUND", (0, 0), (-1, -1), HexColor(PALE)), *padding]))
    return table
