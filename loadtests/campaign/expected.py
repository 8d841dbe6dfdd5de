"""What a deal must come to, calculated apart from the package: with fractions, rounded once where the law rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

KOBO = 100


def half_up(amount: Fraction) -> Fraction:
    """To the kobo, halves away from zero; amounts are never negative here."""
    return Fraction((amount * KOBO + Fraction(1, 2)).__floor__(), KOBO)


def line_amount(line: Mapping[str, Any]) -> Fraction:
    """Price × quantity less the line's own discount, to the kobo."""
    gross = Fraction(str(line["item_price"])) * Fraction(str(line["quantity"]))
    discount = Fraction(str(line.get("discount", 0)))
    off = gross * discount / 100 if line.get("discount_type", "percentage") == "percentage" else discount
    return half_up(gross - off)


def payable(lines: Sequence[Mapping[str, Any]], percent_off: Fraction = Fraction(0)) -> Decimal:
    """What the customer owes: prices with tax as they stand, the others with tax by rate on top.

    `percent_off`: a discount on the whole deal, taken from every line alike.
    """
    with_tax = Fraction(0)
    without: dict[Fraction, Fraction] = {}
    for line in lines:
        amount = line_amount(line)
        if line["tax_method"] == "inclusive":
            with_tax += amount
        else:
            rate = Fraction(str(line["tax"])) / 100
            without[rate] = without.get(rate, Fraction(0)) + amount
    left = sum((_taxed(base, rate, percent_off) for rate, base in without.items()), Fraction(0))
    total = left + with_tax - half_up(with_tax * percent_off / 100)
    return Decimal(total.numerator) / Decimal(total.denominator)


def _taxed(base: Fraction, rate: Fraction, percent_off: Fraction) -> Fraction:
    net = base - half_up(base * percent_off / 100)
    return net + half_up(net * rate)
