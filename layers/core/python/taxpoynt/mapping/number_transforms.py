"""Transforms of numbers. None of them rounds: the one rounding policy is domain/money.py's."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from typing import Any

from taxpoynt.mapping.values import NoValue, is_blank, items_of, number_of, pair, text_of

_NO_MINOR_UNIT = frozenset(re.findall("[A-Z]+", "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"))
_THREE_DIGITS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
_FOUR_DIGITS = frozenset(["CLF", "UYW"])
"""ISO 4217 (2024), the exponent of each currency, which platforms count by. NRS's own list of minor digits differs
(domain/money.py) and decides how invoices are rounded, not how platforms write amounts."""

_GROUPS = {".": ",' \u00a0\u202f", ",": ".' \u00a0\u202f"}


def decimal(value: Any, argument: str | None) -> Decimal:
    """A number. The argument says which character is the decimal point where thousands are set apart.

    `{decimal: ","}` reads `1.234,50`; groups must have three digits. Without argument only plainly written numbers are
    read, because `1,234` could be either.
    """
    if argument is None or not isinstance(value, str):
        return number_of(value)
    text, groups = value.strip(), _GROUPS[argument]
    whole, point, fraction = text.partition(argument)
    if re.fullmatch(rf"-?\d{{1,3}}(?:[{re.escape(groups)}]\d{{3}})+", whole):
        whole = re.sub(r"[^\d-]", "", whole)
    return number_of(whole + ("." if point else "") + fraction)


def minor_units(value: Any, argument: str | None) -> Decimal | None:
    """An amount in the smallest unit of its currency (kobo, cent): 150050 in NGN is 1500.50, in JPY 150050.

    The value is `[amount, currency]`, an object with `amount` and `currency`, or an amount alone with the currency as
    the argument: `{minor_units: NGN}`. The number of digits is ISO 4217's.
    """
    if isinstance(value, dict):
        value = [value.get("amount"), value.get("currency")]
    amount, currency = pair(value)
    if is_blank(amount):
        return None
    code = text_of(currency if currency is not None else argument or "").strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise NoValue("no currency to read minor units by")
    number = number_of(amount)
    if number != number.to_integral_value():
        raise NoValue("minor units are whole numbers")
    with localcontext(prec=60):
        return number.scaleb(-_exponent(code))


def _exponent(code: str) -> int:
    if code in _NO_MINOR_UNIT:
        return 0
    return 3 if code in _THREE_DIGITS else 4 if code in _FOUR_DIGITS else 2


def percent_from_fraction(value: Any, _argument: Any) -> Decimal:
    """A rate written as a fraction, in percent: 0.075 is 7.5."""
    with localcontext(prec=60):
        return number_of(value).scaleb(2)


def negate(value: Any, _argument: Any) -> Decimal:
    """With the other sign."""
    return -number_of(value) + 0


def absolute(value: Any, _argument: Any) -> Decimal:
    """Without its sign."""
    return abs(number_of(value))


def total(value: Any, _argument: Any) -> Decimal | None:
    """The sum of a list of numbers, exact. What is nothing or blank is left out; of nothing at all it is nothing."""
    numbers = [number_of(one) for one in items_of(value) if not is_blank(one)]
    if not numbers:
        return None
    with localcontext(prec=60):
        return sum(numbers, Decimal(0))
