"""The note of an NRS body: what the law wants said and NRS has no field for, then the source's own note."""

from __future__ import annotations

from taxpoynt.conversion.units import tidy
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.money import plain

NOTE_LENGTH = 255
_LEAST_OWN = 40
_VAT_WORDS = {"ZERO_VAT": "VAT zero-rated", "EXEMPTED": "VAT exempt"}


def nrs_note(invoice: Invoice) -> str | None:
    """At most 255 characters (section 7.1). Withholding and reasons come first; the source's words may be cut."""
    told = "; ".join([*_reasons(invoice), *_withheld(invoice), *_rounding(invoice)])
    if not told:
        return invoice.note
    room = NOTE_LENGTH - (_LEAST_OWN + 2 if invoice.note else 0)
    told = shortened(told, room)
    return f"{told}. {shortened(invoice.note, NOTE_LENGTH - len(told) - 2)}" if invoice.note else told


def shortened(text: str, most: int) -> str:
    """At most `most` characters, an ellipsis for what is missing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _reasons(invoice: Invoice) -> list[str]:
    return [f"{_VAT_WORDS.get(tax.category, tax.name)}: {tax.reason}" for tax in invoice.taxes if tax.reason]


def _withheld(invoice: Invoice) -> list[str]:
    rows = []
    for row in invoice.withholding:
        rate = f" {plain(tidy(row.rate_percent))} %" if row.rate_percent is not None else ""
        rows.append(f"{row.name}{rate} of {plain(row.base)}: {invoice.currency} {plain(row.amount)}")
    return rows


def _rounding(invoice: Invoice) -> list[str]:
    return [f"Cash rounding {plain(invoice.rounding)}"] if invoice.rounding else []
