"""A sale becomes an invoice: normalise, calculate, check. Pure, and the same for every platform.

Money policy: domain/money.py. Sources of the rules: nrs-einvoice reference, sections 7, 9, 14 and 19.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal, localcontext
from typing import Any

from taxpoynt.conversion.exact import exactly
from taxpoynt.conversion.extras import price_extras
from taxpoynt.conversion.invoice_lines import invoice_line
from taxpoynt.conversion.items import Item
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.notes import Notes
from taxpoynt.conversion.parties import in_nrs_form, kind_of
from taxpoynt.conversion.pricing import is_cents_only, price_lines, tolerance
from taxpoynt.conversion.rules import check
from taxpoynt.conversion.settle import Settlement, settle
from taxpoynt.conversion.tenders import cash_rounding, payment_status, tenders, tip_beside, withheld
from taxpoynt.conversion.treatment import TaxLaw
from taxpoynt.conversion.units import from_units, to_units
from taxpoynt.domain.invoice import TYPES_OF, Invoice, InvoiceKind, Reference
from taxpoynt.domain.money import minor_digits, plain
from taxpoynt.domain.party import Merchant, MerchantDefaults
from taxpoynt.domain.sale import Sale
from taxpoynt.errors import Fault

NOTE_LENGTH = 255
PRECISION = 60
"""Enough for the exact product of any two numbers that `pricing` lets in."""


def convert(
    sale: Sale,
    merchant: Merchant,
    *,
    issue_date: date,
    issue_time: time | str,
    lists: CodeLists,
    number: str | None = None,
    irn: str | None = None,
    refers_to: Sequence[Reference] = (),
) -> tuple[Invoice, list[Fault]]:
    """The computed invoice and all its faults at once, those of `rules.check` included; no business problem raises.

    issue_date, issue_time: Africa/Lagos, as `clock.legal_clock` froze them. Amounts that depend on an unknown tax are
    None (and the net of a price that contains an unknown tax is that price, with the fault). `refers_to`: for credit
    notes. A document with faults must not be submitted.
    """
    with localcontext(prec=PRECISION):
        notes = Notes()
        law = TaxLaw(issue_date, merchant.defaults, lists)
        draft = exactly(_computed(sale, merchant, law, notes), sale.exact_taxes)
        invoice = draft.model_copy(
            update={
                "issue_time": time.fromisoformat(issue_time) if isinstance(issue_time, str) else issue_time,
                "number": number,
                "irn": irn,
                "refers_to": tuple(refers_to),
                "lists_version": lists.version or None,
                "trace": tuple(notes.entries),
            }
        )
        return invoice, _unique([*notes.faults, *check(invoice, lists)])


def _computed(sale: Sale, merchant: Merchant, law: TaxLaw, notes: Notes) -> Invoice:
    currency = sale.currency.strip().upper()
    digits = minor_digits(currency)
    lines = price_lines(sale, law, digits, notes)
    items: list[Item] = [*lines, *(extras := price_extras(sale, lines, law, digits, notes))]
    settled = settle(sale, lines, extras, digits, notes)
    _check_total(sale, items, settled, digits, notes)
    kind = kind_of(sale.buyer, merchant.defaults, notes)
    return Invoice(
        connector=sale.connector,
        platform=sale.platform,
        sale_id=sale.sale_id,
        type_code=_type_code(sale, notes),
        kind=kind,
        currency=currency,
        issue_date=law.on,
        issue_time=time(),
        due_date=_due_date(law.on, kind, merchant.defaults),
        tax_point_date=law.on,
        seller=in_nrs_form(merchant, "seller", merchant.defaults, law.lists, notes),
        buyer=in_nrs_form(sale.buyer, "buyer", merchant.defaults, law.lists, notes) if sale.buyer else None,
        lines=tuple(invoice_line(line, digits, merchant.defaults, law.lists, notes) for line in lines),
        note=_shortened(sale.note, "note", notes),
        buyer_reference=_shortened(sale.buyer_reference, "buyer_reference", notes),
        **_amounts(settled, digits),
        **_settlement(sale, items, settled, law, digits, notes),
    )


def _amounts(settled: Settlement, digits: int) -> dict[str, Any]:
    """The taxed document's own amounts."""
    return {
        "charges": tuple(settled.charges),
        "lines_total": from_units(settled.lines_total, digits),
        "net_total": from_units(settled.net, digits),
        "taxes": tuple(settled.subtotals),
        "tax_total": _money(settled.tax, digits),
        "gross_total": _money(settled.gross, digits),
    }


def _settlement(
    sale: Sale, items: Sequence[Item], settled: Settlement, law: TaxLaw, digits: int, notes: Notes
) -> dict[str, Any]:
    """What is to be paid, what was, and what the buyer keeps back."""
    gross = settled.gross
    rounding = cash_rounding(sale, gross, digits, notes)
    payable = None if gross is None else gross + rounding
    rows = withheld(sale, items, settled.net, settled.tax, digits, notes)
    kept = sum((row.amount for row in rows), from_units(0, digits))
    money = tenders(sale, law.lists, digits, notes)
    due = None if payable is None else payable - to_units(kept, digits)
    return {
        "payment_status": payment_status(due, money.paid, notes),
        "tip": from_units(tip_beside(sale, settled.tip, digits, notes), digits),
        "rounding": from_units(rounding, digits),
        "payable": _money(payable, digits),
        "withholding": rows,
        "withheld": kept,
        "prepaid": from_units(money.prepaid, digits),
        "payments": money.payments,
        "balance_due": _money(None if due is None else max(due - money.paid, 0), digits),
    }


def _type_code(sale: Sale, notes: Notes) -> str:
    """NRS's code for the document; the source may ask for another of the same kind (reference, section 8.1)."""
    possible = TYPES_OF[sale.document]
    if sale.type_code is None or sale.type_code in possible:
        return sale.type_code or possible[0]
    notes.fault("DOC-010", "type_code", value=sale.type_code[:3])
    return possible[0]


def _money(units: int | None, digits: int) -> Decimal | None:
    return None if units is None else from_units(units, digits)


def _due_date(issued: date, kind: InvoiceKind, defaults: MerchantDefaults) -> date:
    """A consumer pays at once; a business within the merchant's terms (reference, section 7.1)."""
    return issued if kind == "B2C" else issued + timedelta(days=max(defaults.payment_terms_days, 0))


def _check_total(sale: Sale, items: Sequence[Item], settled: Settlement, digits: int, notes: Notes) -> None:
    """Ours against the platform's own total; every line that had to be rounded may move it by one minor unit."""
    if sale.stated_total is None:
        return
    ours: int | None = settled.on_basis
    if sale.stated_total_basis == "net":
        ours = settled.net - settled.tip
    elif sale.stated_total_basis == "gross":
        ours = None if settled.gross is None else settled.gross - settled.tip
    if ours is None:
        notes.trace("stated-total", "gross_total", "not compared with the platform's total: a tax is unknown")
        return
    coarse = is_cents_only(digits, sale.stated_total)
    rounded = sum(coarse or not item.exact for item in items)
    allowed = tolerance(digits, sale.stated_total) * (rounded if coarse else 1) + from_units(rounded, digits)
    if abs(from_units(ours, digits) - sale.stated_total) > allowed:
        path = "net_total" if sale.stated_total_basis == "net" else "gross_total"
        notes.fault("SUM-006", path, ours=plain(from_units(ours, digits)), stated=f"{sale.stated_total:.16g}")


def _shortened(text: str | None, path: str, notes: Notes) -> str | None:
    text = text.strip() if text else None
    if not text or len(text) <= NOTE_LENGTH:
        return text or None
    notes.trace("text-shortened", path, f"{len(text)} characters cut to {NOTE_LENGTH}")
    return text[: NOTE_LENGTH - 1].rstrip() + "…"


def _unique(faults: Sequence[Fault]) -> list[Fault]:
    """One fault per code and path, in the order found."""
    return list({(fault.code, fault.path): fault for fault in reversed(faults)}.values())[::-1]
