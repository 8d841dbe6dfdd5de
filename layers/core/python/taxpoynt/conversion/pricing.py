"""Lines of a sale as amounts: quantity × price, line discounts, on the basis (with or without tax) of the price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from taxpoynt.conversion.notes import Notes
from taxpoynt.conversion.treatment import TaxLaw, Treatment, treat
from taxpoynt.conversion.units import from_units, percent_of, to_units
from taxpoynt.domain.money import plain
from taxpoynt.domain.sale import Charge, Discount, Sale, SaleLine

MOST = Decimal(10) ** 15
"""Larger amounts and quantities are mistakes; NRS's JSON numbers stop being exact here."""

MOST_PLACES = 28


@dataclass(slots=True)
class Priced:
    """One line in minor units on its own basis: gross − discount = total."""

    line: SaleLine
    path: str
    gross: int
    discount: int
    total: int
    inclusive: bool
    exact: bool
    treatment: Treatment
    net: int = 0
    """Without tax; known after the groups are settled."""
    tax: int | None = None


def price_lines(sale: Sale, law: TaxLaw, digits: int, notes: Notes) -> list[Priced]:
    """Every line that counts, in order; quantity 0 is left out (reference case 40), a bad number is a fault."""
    priced: list[Priced] = []
    for line in sale.lines:
        path = f"lines[{len(priced)}]"
        if not _is_usable(line):
            notes.fault("NUM-004", line.path or path)
        elif line.quantity == 0:
            notes.trace("line-skipped", line.path, "quantity 0")
        else:
            priced.append(_price(line, path, law, digits, notes))
    return priced


def _is_usable(line: SaleLine) -> bool:
    numbers = [line.quantity, line.unit_price, *(d.percent or d.amount or Decimal(0) for d in line.discounts)]
    return all(is_sane(number) for number in numbers) and abs(line.quantity * line.unit_price) < MOST


def is_sane(number: Decimal) -> bool:
    """Can this be an amount, a quantity or a rate?"""
    return abs(number) < MOST and abs(int(number.as_tuple().exponent)) <= MOST_PLACES


def _price(line: SaleLine, path: str, law: TaxLaw, digits: int, notes: Notes) -> Priced:
    raw = line.quantity * line.unit_price
    gross = to_units(raw, digits)
    if line.quantity < 0 or line.unit_price < 0:
        notes.fault("LINE-008", path)
    discount = _discount(line.discounts, gross, path, digits, notes)
    _check_stated(line, gross - discount, path, digits, notes)
    discount = _as_stated(line, gross, discount, path, digits, notes)
    total = gross - discount
    treatment = treat(line, from_units(total, digits), law)
    notes.trace("tax-category", f"{path}.tax_category", treatment.why)
    if treatment.fault:
        notes.fault(treatment.fault, path)
    exact = raw == from_units(gross, digits) and not any(one.percent for one in line.discounts)
    return Priced(line, path, gross, discount, total, line.price_basis == "inclusive", exact, treatment)


def _discount(discounts: Sequence[Discount], gross: int, path: str, digits: int, notes: Notes) -> int:
    """All reductions of a line together, rounded once; percentages are of the line's gross (rule 2)."""
    if not discounts:
        return 0
    amount = sum((amount_of(one, gross, digits) for one in discounts), Decimal(0))
    units = to_units(amount, 0)
    if not all(is_discount(one) for one in discounts) or (gross >= 0 and units > gross):
        notes.fault("LINE-021", f"{path}.discount")
    words = ", ".join(described(one) for one in discounts)
    notes.trace("line-discount", f"{path}.discount", f"{words} of {_text(gross, digits)} is {_text(units, digits)}")
    return units


def amount_of(one: Discount | Charge, base: int, digits: int) -> Decimal:
    """Minor units, not rounded: an amount as it is, a percentage of `base`."""
    if one.amount is not None:
        return one.amount.scaleb(digits)
    return base * (one.percent or Decimal(0)) / 100


def is_discount(one: Discount | Charge) -> bool:
    """Not negative, and not more than 100 %."""
    return (one.amount is None or one.amount >= 0) and (one.percent is None or 0 <= one.percent <= 100)


def described(one: Discount | Charge) -> str:
    """`10 %` or `5.00`, for the trace."""
    return f"{plain(one.percent)} %" if one.percent is not None else plain(one.amount or Decimal(0))


def _check_stated(line: SaleLine, total: int, path: str, digits: int, notes: Notes) -> None:
    if line.stated_total is None:
        return
    ours = from_units(total, digits)
    if abs(ours - line.stated_total) > tolerance(digits):
        notes.fault("LINE-020", path, ours=plain(ours), stated=f"{line.stated_total:.16g}")


def _as_stated(line: SaleLine, gross: int, discount: int, path: str, digits: int, notes: Notes) -> int:
    """The discount that gives the source's own line total, when only rounding is between the two (rule 2: 0.01).

    The source rounds price less discount once, we round each; the customer was quoted the source's number.
    """
    if not line.discounts or line.stated_total is None or not is_sane(line.stated_total):
        return discount
    fitting = gross - to_units(line.stated_total, digits)
    if fitting == discount or not 0 <= fitting <= gross or abs(fitting - discount) > 1:
        return discount
    words = f"{_text(discount, digits)} becomes {_text(fitting, digits)}, so that the line is the source's own total"
    notes.trace("stated-line-total", f"{path}.discount", words)
    return fitting


def tolerance(digits: int) -> Decimal:
    """What two honest roundings may differ by: 0.01, or one minor unit where that is more."""
    return max(Decimal("0.01"), Decimal(1).scaleb(-digits))


def discount_percent(line: SaleLine, gross: int, discount: int) -> Decimal:
    """The rate to state beside a discount: the source's only percentage if it agrees with the amount (rule 2)."""
    if len(line.discounts) != 1 or line.discounts[0].percent is None:
        return Decimal(0)
    percent = line.discounts[0].percent
    return percent if abs(percent_of(gross, percent) - discount) <= 1 else Decimal(0)


def _text(units: int, digits: int) -> str:
    return plain(from_units(units, digits))
