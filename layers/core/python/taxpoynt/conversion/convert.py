"""A sale becomes an invoice: normalise, calculate, check. Pure, and the same for every platform.

Money policy: domain/money.py. Sources of the rules: nrs-einvoice reference, sections 7, 9, 14 and 19.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal, localcontext

from taxpoynt.conversion.invoice_lines import invoice_line
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.notes import Notes
from taxpoynt.conversion.parties import in_nrs_form, kind_of
from taxpoynt.conversion.pricing import Priced, is_sane, price_lines, tolerance
from taxpoynt.conversion.rules import check
from taxpoynt.conversion.settle import Settlement, settle
from taxpoynt.conversion.treatment import TaxLaw
from taxpoynt.conversion.units import from_units, to_units
from taxpoynt.domain.invoice import CREDIT_NOTE_TYPE, INVOICE_TYPE, Invoice, InvoiceKind, Reference
from taxpoynt.domain.money import minor_digits, plain
from taxpoynt.domain.party import Merchant, MerchantDefaults
from taxpoynt.domain.sale import Payment, Sale
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
        draft = _computed(sale, merchant, TaxLaw(issue_date, merchant.defaults, lists), notes)
        invoice = draft.model_copy(
            update={
                "issue_time": time.fromisoformat(issue_time) if isinstance(issue_time, str) else issue_time,
                "number": number,
                "irn": irn,
                "refers_to": tuple(refers_to),
                "trace": tuple(notes.entries),
            }
        )
        return invoice, _unique([*notes.faults, *check(invoice, lists)])


def _computed(sale: Sale, merchant: Merchant, law: TaxLaw, notes: Notes) -> Invoice:
    currency = sale.currency.strip().upper()
    digits = minor_digits(currency)
    lines = price_lines(sale, law, digits, notes)
    settled = settle(sale, lines, digits, notes)
    gross = None if settled.tax is None else settled.net + settled.tax
    _check_total(sale, lines, settled, digits, notes)
    kind = kind_of(sale.buyer, merchant.defaults, notes)
    buyer = in_nrs_form(sale.buyer, "buyer", merchant.defaults, law.lists, notes) if sale.buyer else None
    payments = _payments(sale, law.lists, notes)
    paid = to_units(sum((payment.amount for payment in payments), Decimal(0)), digits)
    return Invoice(
        connector=sale.connector,
        sale_id=sale.sale_id,
        type_code=CREDIT_NOTE_TYPE if sale.document == "credit_note" else INVOICE_TYPE,
        kind=kind,
        currency=currency,
        issue_date=law.on,
        issue_time=time(),
        due_date=_due_date(law.on, kind, merchant.defaults),
        tax_point_date=law.on,
        payment_status=_payment_status(gross, paid, notes),
        seller=in_nrs_form(merchant, "seller", merchant.defaults, law.lists, notes),
        buyer=buyer,
        lines=tuple(invoice_line(line, digits, merchant.defaults, law.lists, notes) for line in lines),
        charges=tuple(settled.charges),
        lines_total=from_units(settled.lines_total, digits),
        net_total=from_units(settled.net, digits),
        taxes=tuple(settled.subtotals),
        tax_total=_money(settled.tax, digits),
        gross_total=_money(gross, digits),
        tip=_tip(sale, digits, notes),
        payable=_money(gross, digits),
        payments=payments,
        balance_due=_money(None if gross is None else max(gross - paid, 0), digits),
        note=_shortened(sale.note, "note", notes),
        buyer_reference=_shortened(sale.buyer_reference, "buyer_reference", notes),
    )


def _money(units: int | None, digits: int) -> Decimal | None:
    return None if units is None else from_units(units, digits)


def _due_date(issued: date, kind: InvoiceKind, defaults: MerchantDefaults) -> date:
    """A consumer pays at once; a business within the merchant's terms (reference, section 7.1)."""
    return issued if kind == "B2C" else issued + timedelta(days=max(defaults.payment_terms_days, 0))


def _payments(sale: Sale, lists: CodeLists, notes: Notes) -> tuple[Payment, ...]:
    """The tenders; a means code that NRS's list lacks is dropped (reference, case 45)."""
    kept = []
    for place, payment in enumerate(sale.payments):
        if not is_sane(payment.amount):
            notes.fault("NUM-004", f"payments[{place}].amount")
            continue
        code = payment.means_code
        if code is not None and not lists.payment_means.allows(code):
            notes.trace("payment-means", f"payments[{place}].means_code", f"{code} is not in NRS's list; left out")
            payment = payment.model_copy(update={"means_code": None})
        kept.append(payment)
    return tuple(kept)


def _payment_status(gross: int | None, paid: int, notes: Notes) -> str:
    """PAID when the tenders cover the invoice, PARTIAL when some money came, PENDING otherwise (section 8.4).

    Tips and change may be part of a tender, so more than the invoice is PAID too.
    """
    if gross is None or paid <= 0:
        return "PENDING"
    status = "PAID" if paid >= gross else "PARTIAL"
    notes.trace("payment-status", "payment_status", f"{paid} of {gross} minor units tendered: {status}")
    return status


def _tip(sale: Sale, digits: int, notes: Notes) -> Decimal:
    """A tip is outside the invoice (reference, section 19); it is kept for people who compare with the till."""
    tip = sale.tip or Decimal(0)
    if not is_sane(tip):
        notes.fault("NUM-004", "tip")
        return Decimal(0)
    return from_units(to_units(tip, digits), digits)


def _check_total(sale: Sale, lines: Sequence[Priced], settled: Settlement, digits: int, notes: Notes) -> None:
    """Ours against the platform's own total; every line that had to be rounded may move it by one minor unit."""
    if sale.stated_total is None:
        return
    ours: int | None = settled.on_basis
    if sale.stated_total_basis == "net":
        ours = settled.net
    elif sale.stated_total_basis == "gross":
        ours = None if settled.tax is None else settled.net + settled.tax
    if ours is None:
        notes.trace("stated-total", "gross_total", "not compared with the platform's total: a tax is unknown")
        return
    allowed = tolerance(digits) + from_units(sum(not line.exact for line in lines), digits)
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
