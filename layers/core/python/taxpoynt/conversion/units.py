"""Whole minor units (kobo): sums that must agree to the kobo are made with integers, so nothing can get lost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

MOST_PRICE_DECIMALS = 10
FEWEST_PRICE_DECIMALS = 4
_WIDEST = 100


def to_units(amount: Decimal, digits: int) -> int:
    """`amount` in minor units, half up (away from zero)."""
    return int(amount.scaleb(digits).to_integral_value(ROUND_HALF_UP))


def from_units(units: int, digits: int) -> Decimal:
    """Minor units as an amount with exactly `digits` decimals."""
    return Decimal(units).scaleb(-digits)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """`total` split in proportion to `weights` so that the parts add up to it: the largest-remainder rule.

    Ties go to the earlier part. Weights that add up to nothing give everything to the first.
    """
    whole = sum(weights)
    if whole == 0:
        return [total if place == 0 else 0 for place in range(len(weights))]
    if whole < 0:
        return _shared(total, -whole, [-weight for weight in weights])
    return _shared(total, whole, weights)


def _shared(total: int, whole: int, weights: Sequence[int]) -> list[int]:
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(total * weight, whole)
        parts.append(part)
        remainders.append(remainder)
    left = total - sum(parts)
    if left:
        for place in sorted(range(len(parts)), key=lambda place: -remainders[place])[:left]:
            parts[place] += 1
    return parts


def percent_of(base: int, percent: Decimal) -> int:
    """`percent` % of `base` minor units, half up."""
    return to_units(base * percent / 100, 0)


def split_gross(gross: int, percent: Decimal) -> tuple[int, int, int]:
    """(net, tax, residual) with net + tax + residual = gross and tax = round(net × percent / 100) (rules 5 and 12).

    No net reaches some grosses: at 7.5 % 0.06 gives 0.06 and 0.07 gives 0.08, never 0.07 (about one gross in
    fourteen). Then the nearest lower one is taken and the missing minor unit is the residual.
    """
    if gross < 0:
        net, tax, residual = split_gross(-gross, percent)
        return -net, -tax, -residual
    net = to_units(gross / (1 + percent / 100), 0)
    while net > 0 and net + percent_of(net, percent) > gross:
        net -= 1
    tax = percent_of(net, percent)
    return net, tax, gross - net - tax


def unit_price(gross: int, quantity: Decimal, digits: int) -> Decimal:
    """The price without tax whose product with `quantity` rounds to `gross` minor units (rule 1).

    The fewest decimals from four to ten that do; ten when even those do not (only beyond 10^7 pieces; rule LINE-012
    reports it if it matters).
    """
    exact = from_units(gross, digits) / quantity
    price = exact
    for decimals in range(max(FEWEST_PRICE_DECIMALS, digits), MOST_PRICE_DECIMALS + 1):
        price = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        if to_units(price * quantity, digits) == gross:
            break
    return tidy(price, digits)


def tidy(number: Decimal, digits: int = 0) -> Decimal:
    """The same number with as few decimals as it needs, but at least `digits`; no exponent."""
    with localcontext(prec=_WIDEST):  # also for what is shown outside a conversion, however absurd
        places = max(digits, -int(number.normalize().as_tuple().exponent))
        return number.quantize(Decimal(1).scaleb(-places))
