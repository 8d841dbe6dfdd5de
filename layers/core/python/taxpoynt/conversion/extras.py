"""Charges with a tax rule of their own: delivery, service charge, fees that are taxed unlike their line, and tips."""

from __future__ import annotations

from collections.abc import Sequence

from taxpoynt.conversion.items import ChargeKind, Extra, Priced, stated_units
from taxpoynt.conversion.notes import Notes
from taxpoynt.conversion.pricing import (
    amount_of,
    described,
    has_sane_amount,
    is_extra,
    is_own,
    is_sane,
    tax_in_price,
    told,
)
from taxpoynt.conversion.treatment import UNTAXED, TaxLaw, Treatment, treat
from taxpoynt.conversion.units import from_units, to_units
from taxpoynt.domain.money import plain
from taxpoynt.domain.sale import Charge, Sale, StatedTax


def price_extras(sale: Sale, lines: Sequence[Priced], law: TaxLaw, digits: int, notes: Notes) -> list[Extra]:
    """Lines' fees, document charges, tip, in this order. Charges that state no tax are spread by `settle` instead."""
    extras = []
    for line in lines:
        for place, fee in enumerate(line.line.fees):
            if is_own(fee, line.line):
                basis = line.line.price_basis if fee.price_basis == "unstated" else fee.price_basis
                fee = fee.model_copy(update={"price_basis": basis, "taxes": fee.taxes or _as_line(line)})
                extras.append(_extra(fee, f"{line.path}.fees[{place}]", line.gross, law, digits, notes))
    whole = sum(line.total for line in lines)
    for place, charge in enumerate(sale.charges):
        if charge.taxes and is_usable(charge):
            extras.append(_extra(charge, f"charges[{place}]", whole, law, digits, notes))
    if sale.tip and law.defaults.tips == "charge" and is_sane(sale.tip):
        extras.append(_priced(Charge(amount=sale.tip, reason="Tip"), "tip", 0, UNTAXED, digits, notes))
    return extras


def is_usable(charge: Charge) -> bool:
    """Are all its numbers within bounds?"""
    return has_sane_amount(charge) and all(is_sane(tax.amount) for tax in charge.taxes if tax.amount is not None)


def _as_line(line: Priced) -> tuple[StatedTax, ...]:
    """The line's taxes for a fee on it: an amount of tax is the line's own, a rate holds for both."""
    taxes = tuple(tax for tax in line.line.taxes if tax.rate_percent is not None or tax.amount is None)
    vat = line.treatment.vat
    if len(taxes) == len(line.line.taxes) or vat is None or vat.percent is None:
        return taxes
    told = StatedTax(name=vat.name, category=vat.category, rate_percent=vat.percent, reason=vat.reason)
    return (*(tax for tax in taxes if tax.rate_percent != vat.percent), told)


def _extra(charge: Charge, path: str, base: int, law: TaxLaw, digits: int, notes: Notes) -> Extra:
    amount = from_units(to_units(amount_of(charge, base, digits), 0), digits)
    treatment = treat(charge.taxes, amount, law, inclusive=charge.price_basis == "inclusive")
    told(treatment, path, path, notes)
    return _priced(charge, path, base, treatment, digits, notes)


def _priced(charge: Charge, path: str, base: int, treatment: Treatment, digits: int, notes: Notes) -> Extra:
    inclusive = charge.price_basis == "inclusive"
    if not is_extra(charge):
        notes.fault("CHARGE-002", path)
    exact = amount_of(charge, base, digits)
    units = to_units(exact, 0)
    notes.trace("charge", path, f"{described(charge)} is {plain(from_units(units, digits))}; it has its own tax rule")
    is_exact = exact == units
    units += tax_in_price(treatment, units, path, digits, notes, inclusive=inclusive)
    kind: ChargeKind = "tip" if path == "tip" else charge.kind
    return Extra(
        path=path,
        total=units,
        inclusive=inclusive,
        exact=is_exact,
        treatment=treatment,
        stated=stated_units(treatment, digits),
        charge=charge,
        kind=kind,
        reason=charge.reason,
    )
