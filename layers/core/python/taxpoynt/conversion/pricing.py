"""Lines of a sale as amounts: quantity × price, discounts and fees, on the basis (with or without tax) of the price."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from taxpoynt.conversion.items import Priced, stated_units
from taxpoynt.conversion.notes import Notes
from taxpoynt.conversion.treatment import TaxLaw, Treatment, treat
from taxpoynt.conversion.units import from_units, percent_of, to_units
from taxpoynt.domain.money import plain
from taxpoynt.domain.sale import Charge, Discount, Sale, SaleLine

MOST = Decimal(10) ** 15
"""Larger amounts and quantities are mistakes; NRS's JSON numbers stop being exact here."""

MOST_PLACES = 28
MOST_PERCENT = 10**6
CENTS = 2


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
    parts: list[Discount | Charge] = [*line.discounts, *line.fees]
    taxes = [*line.taxes, *(tax for fee in line.fees for tax in fee.taxes)]
    numbers = [line.quantity, line.unit_price, *(tax.amount for tax in taxes if tax.amount)]
    if not all(is_sane(number) for number in numbers) or not all(has_sane_amount(part) for part in parts):
        return False
    return abs(line.quantity * line.unit_price) < MOST


def has_sane_amount(one: Discount | Charge) -> bool:
    """Are amount and percentage of a discount or charge within bounds?"""
    numbers = [number for number in (one.amount, one.percent) if number is not None]
    return all(is_sane(number) for number in numbers) and (one.percent is None or abs(one.percent) < MOST_PERCENT)


def is_sane(number: Decimal) -> bool:
    """Can this be an amount, a quantity or a rate?"""
    return abs(number) < MOST and abs(int(number.as_tuple().exponent)) <= MOST_PLACES


def is_own(fee: Charge, line: SaleLine) -> bool:
    """Has the fee a tax rule or a price basis that its line has not? Then it cannot stand in the line's amount."""
    return bool(fee.taxes) or fee.price_basis not in ("unstated", line.price_basis)


def _price(line: SaleLine, path: str, law: TaxLaw, digits: int, notes: Notes) -> Priced:
    raw = line.quantity * line.unit_price
    gross = to_units(raw, digits)
    if line.quantity < 0 or line.unit_price < 0:
        notes.fault("LINE-008", path)
    discount = _discount(line.discounts, gross, path, digits, notes)
    _check_stated(line, gross - discount, path, digits, notes)
    discount = _as_stated(line, gross, discount, path, digits, notes)
    inclusive = line.price_basis == "inclusive"
    fee = _fee(line, gross, path, digits, notes)
    treatment = treat(line.taxes, from_units(gross - discount + fee, digits), law, inclusive=inclusive)
    told(treatment, path, f"{path}.tax_category", notes)
    fee += tax_in_price(treatment, gross - discount + fee, path, digits, notes, inclusive=inclusive)
    exact = raw == from_units(gross, digits) and not _has_percent((*line.discounts, *line.fees))
    return Priced(
        path=path,
        total=gross - discount + fee,
        inclusive=inclusive,
        exact=exact,
        treatment=treatment,
        stated=stated_units(treatment, digits),
        line=line,
        gross=gross,
        discount=discount,
        fee=fee,
    )


def told(treatment: Treatment, path: str, at: str, notes: Notes) -> None:
    """A treatment's reason for the trace, and the rules it breaks."""
    notes.trace("tax-category", at, treatment.why)
    for code in treatment.faults:
        notes.fault(code, path)


def _has_percent(many: Iterable[Discount | Charge]) -> bool:
    return any(one.percent for one in many)


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


def _fee(line: SaleLine, gross: int, path: str, digits: int, notes: Notes) -> int:
    """All fees that are taxed as their line, together, rounded once; percentages are of the line's gross (rule 2)."""
    fees = [fee for fee in line.fees if not is_own(fee, line)]
    if not fees:
        return 0
    if not all(is_extra(fee) for fee in fees):
        notes.fault("LINE-022", f"{path}.fee")
    units = to_units(sum((amount_of(fee, gross, digits) for fee in fees), Decimal(0)), 0)
    words = ", ".join(described(fee) for fee in fees)
    notes.trace("line-fee", f"{path}.fee", f"{words} on {_text(gross, digits)} is {_text(units, digits)}")
    return units


def tax_in_price(treatment: Treatment, total: int, path: str, digits: int, notes: Notes, *, inclusive: bool) -> int:
    """Taxes that VAT is charged on, as a fee of the line; a price with tax contains them already."""
    if not treatment.inside:
        return 0
    names = ", ".join(tax.name or tax.category for tax in treatment.inside)
    if inclusive:
        notes.trace("tax-in-price", path, f"VAT is charged on {names}, which the price contains")
        return 0
    exact = Decimal(0)
    for tax in treatment.inside:
        base = total + exact if tax.on_tax else Decimal(total)
        exact += (tax.amount or Decimal(0)).scaleb(digits) if tax.percent is None else base * tax.percent / 100
    units = to_units(exact, 0)
    notes.trace(
        "tax-in-price", f"{path}.fee", f"VAT is charged on {names}: {_text(units, digits)} is a fee of the line"
    )
    return units


def amount_of(one: Discount | Charge, base: int, digits: int) -> Decimal:
    """Minor units, not rounded: an amount as it is, a percentage of `base`."""
    if one.amount is not None:
        return one.amount.scaleb(digits)
    return base * (one.percent or Decimal(0)) / 100


def is_discount(one: Discount | Charge) -> bool:
    """Not negative, and not more than 100 %."""
    return is_extra(one) and (one.percent is None or one.percent <= 100)


def is_extra(one: Discount | Charge) -> bool:
    """Not negative."""
    return (one.amount is None or one.amount >= 0) and (one.percent is None or one.percent >= 0)


def described(one: Discount | Charge) -> str:
    """`10 %` or `5.00`, for the trace."""
    return f"{plain(one.percent)} %" if one.percent is not None else plain(one.amount or Decimal(0))


def _check_stated(line: SaleLine, total: int, path: str, digits: int, notes: Notes) -> None:
    if line.stated_total is None:
        return
    ours = from_units(total, digits)
    if abs(ours - line.stated_total) > tolerance(digits, line.stated_total):
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


def tolerance(digits: int, stated: Decimal) -> Decimal:
    """What two honest roundings may differ by: one minor unit.

    In currencies with three decimals some platforms know cents only; to such a total half a cent is no difference, but
    one that is stated to the third decimal must agree to it.
    """
    unit = Decimal(1).scaleb(-digits)
    return max(unit, Decimal("0.005")) if is_cents_only(digits, stated) else unit


def is_cents_only(digits: int, stated: Decimal) -> bool:
    """Is an amount stated more coarsely than its currency counts?"""
    return digits > CENTS and is_sane(stated) and not stated.scaleb(CENTS) % 1


def rate_beside(many: Sequence[Discount | Charge], gross: int, amount: int) -> Decimal:
    """The rate beside a discount or fee: the source's only percentage if it agrees with the amount (rule 2)."""
    if len(many) != 1 or many[0].percent is None:
        return Decimal(0)
    percent = many[0].percent
    return percent if abs(percent_of(gross, percent) - amount) <= 1 else Decimal(0)


def _text(units: int, digits: int) -> str:
    return plain(from_units(units, digits))
