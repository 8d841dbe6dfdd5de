"""What was paid, what is kept back, and what is left to pay. None of it changes the document's own amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from taxpoynt.conversion.items import Item
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.notes import Notes
from taxpoynt.conversion.pricing import is_sane
from taxpoynt.conversion.units import from_units, to_units
from taxpoynt.domain.invoice import WithheldTax
from taxpoynt.domain.money import plain
from taxpoynt.domain.sale import Payment, Sale, Withholding

_NAME = "Withholding tax"


@dataclass(frozen=True, slots=True)
class Tenders:
    """`paid` (what came less what went back) and `prepaid` in minor units."""

    payments: tuple[Payment, ...]
    paid: int
    prepaid: int


def tenders(sale: Sale, lists: CodeLists, digits: int, notes: Notes) -> Tenders:
    """The tenders that count; a means code that NRS's list lacks is dropped (reference, case 45)."""
    kept = []
    for place, payment in enumerate(sale.payments):
        path = f"payments[{place}].amount"
        if not is_sane(payment.amount) or not is_sane(payment.change):
            notes.fault("NUM-004", path)
            continue
        if not 0 <= payment.change <= payment.amount:
            notes.fault("PAY-003", path)
        code = payment.means_code
        if code is not None and not lists.allows_means(code):
            notes.trace("payment-means", f"payments[{place}].means_code", f"{code} is not in NRS's list; left out")
            payment = payment.model_copy(update={"means_code": None})
        kept.append(payment)
    paid = sum((_counts(payment, sale) for payment in kept), Decimal(0))
    prepaid = sum((one.amount - one.change for one in kept if one.kind == "prepayment"), Decimal(0))
    return Tenders(tuple(kept), to_units(paid, digits), to_units(prepaid, digits))


def _counts(payment: Payment, sale: Sale) -> Decimal:
    """Towards what is owed: on an invoice money given back is owed again; on a credit note it is what was owed."""
    amount = payment.amount - payment.change
    return -amount if payment.kind == "refund" and sale.document != "credit_note" else amount


def withheld(
    sale: Sale, items: Sequence[Item], net: int, tax: int | None, digits: int, notes: Notes
) -> tuple[WithheldTax, ...]:
    """What the buyer keeps back: the sale's own statements, then those among the taxes of a line or charge."""
    stated = [(one, net, f"withholding[{place}]") for place, one in enumerate(sale.withholding)]
    for item in items:
        for one in item.treatment.withheld:
            row = Withholding(name=one.name, rate_percent=one.rate_percent, amount=one.amount)
            stated.append((row, item.net, item.path))
    rows = [made for one, base, path in stated if (made := _withheld(one, base, digits, path, notes)) is not None]
    kept = sum((row.amount for row in rows), Decimal(0))
    if tax is not None and kept > from_units(net + tax, digits):
        notes.fault("SUM-008", "withholding")
    return tuple(rows)


def _withheld(one: Withholding, net: int, digits: int, path: str, notes: Notes) -> WithheldTax | None:
    numbers = [one.amount, one.base, one.rate_percent]
    if any(number is not None and not is_sane(number) for number in numbers):
        notes.fault("NUM-004", path)
        return None
    base = net if one.base is None else to_units(one.base, digits)
    rate, amount = one.rate_percent, one.amount
    if amount is None and rate is None:
        notes.fault("TAX-014", path)
        return None
    if any(number is not None and number < 0 for number in numbers) or (rate is not None and rate > 100):
        notes.fault("TAX-014", path)
    units = to_units(base * (rate or Decimal(0)) / 100, 0) if amount is None else to_units(amount, digits)
    words = f"{plain(from_units(units, digits))} of {plain(from_units(base, digits))} is kept back by the buyer"
    notes.trace("withholding", path, words + ("" if amount is None else ", as stated") + "; no part of the tax total")
    return WithheldTax(
        name=one.name or _NAME, rate_percent=rate, base=from_units(base, digits), amount=from_units(units, digits)
    )


def payment_status(due: int | None, paid: int, notes: Notes) -> str:
    """PAID when the tenders cover what is owed, PARTIAL when some money came, PENDING otherwise (section 8.4).

    Tips may be part of a tender, so more than what is owed is PAID too.
    """
    if due is None or paid <= 0:
        return "PENDING"
    status = "PAID" if paid >= due else "PARTIAL"
    notes.trace("payment-status", "payment_status", f"{paid} of {due} minor units tendered: {status}")
    return status


def cash_rounding(sale: Sale, gross: int | None, digits: int, notes: Notes) -> int:
    """Rule `cash-rounding`: the till's rounding is between till and customer; no tax base and no NRS amount moves."""
    rounding = sale.rounding or Decimal(0)
    if not is_sane(rounding):
        notes.fault("NUM-004", "rounding")
        return 0
    units = to_units(rounding, digits)
    if units:
        words = f"{plain(from_units(units, digits))} as the till states it"
        notes.trace("cash-rounding", "rounding", words + ", in the payment and not in the invoice's amounts")
    if gross is not None and gross + units < 0 <= gross:
        notes.fault("SUM-009", "rounding")
    return units


def tip_beside(sale: Sale, in_invoice: int, digits: int, notes: Notes) -> int:
    """Rule `tip`: outside the invoice (reference, section 19) unless the merchant puts it in as an untaxed charge."""
    tip = sale.tip or Decimal(0)
    if not is_sane(tip):
        notes.fault("NUM-004", "tip")
        return 0
    units = to_units(tip, digits)
    if units:
        where = "an untaxed charge of the invoice" if in_invoice else "outside the invoice"
        notes.trace("tip", "tip", f"{plain(from_units(units, digits))} is {where}")
    return 0 if in_invoice else units
