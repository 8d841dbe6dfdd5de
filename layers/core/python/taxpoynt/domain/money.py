"""Money is Decimal from the first byte to the last, and is rounded here and nowhere else.

Policy, named `half-up-at-the-document`: line nets, taxes per (category, rate) and document amounts are rounded
half up to the currency's minor digits; nothing in between is rounded. Source: nrs-einvoice reference, section 9
(2 decimals, round half up), and Appendix A for the minor digits of each currency.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

from taxpoynt.errors import BadInput

MAX_DIGITS = 28
"""Digits before and after the point together; more is not money but an attack or a mistake."""

_ZERO = frozenset(
    re.findall(
        "[A-Z]+",
        """AFN ALL AMD BIF BYR CLP COP CRC DJF GNF HUF IDR IQD IRR ISK JPY KMF KRW LBP MGA MMK MUR PKR PYG RSD RWF SOS
        SYP TZS UGX UZS VND XAF XOF YER ZMK""",
    )
)
_THREE = frozenset(["BHD", "JOD", "KWD", "LYD", "OMR", "TND"])


def minor_digits(currency: str) -> int:
    """Decimals NRS's own currency list gives for `currency` (ISO 4217, upper case); two unless listed."""
    return 0 if currency in _ZERO else 3 if currency in _THREE else 2


def round_money(amount: Decimal, currency: str) -> Decimal:
    """`amount` half up at the currency's minor digits; never negative zero."""
    with localcontext(prec=60):
        rounded = amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), rounding=ROUND_HALF_UP)
    return rounded + 0 if rounded else abs(rounded)


def decimal_of(value: object) -> Decimal:
    """A platform's number as Decimal: str, int or Decimal; BadInput for bool, float, NaN, infinity or absurd size.

    Floats are refused on purpose: JSON is parsed with `parse_float=Decimal`, so a float means that somebody
    lost digits before us.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise BadInput(f"expected a number, got {type(value).__name__}")
    if isinstance(value, str) and len(value) > MAX_DIGITS + 2:
        raise BadInput("number too long")
    try:
        number = Decimal(value.strip()) if isinstance(value, str) else Decimal(value)
    except InvalidOperation:
        raise BadInput("expected a decimal number") from None
    if not number.is_finite():
        raise BadInput("expected a finite number")
    exponent = int(number.as_tuple().exponent)
    if len(number.as_tuple().digits) > MAX_DIGITS or abs(exponent) > MAX_DIGITS:
        raise BadInput("number too long")
    return number


def plain(amount: Decimal) -> str:
    """Decimal as text without exponent: what DynamoDB, logs and summaries hold."""
    return f"{amount:f}"
