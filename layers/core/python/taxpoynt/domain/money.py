"""Money is Decimal from the first byte to the last, and is rounded here and nowhere else.

Policy, named `half-up-at-the-document`: the amounts a document states (quantity × price of a line, the discounts of
a line together, its fees together, each document discount and charge, each tax per (category, rate)) are rounded half
up to the currency's minor digits; nothing in between is rounded, and a tax never line by line. What rounding leaves
has a rule by name, each shown in the calculation trace: `inclusive-residual` (prices with tax that no net and tax
reach), `stated-line-total` (a source's line total one unit off), `document-discount` (the largest adjustment takes
what the others left), `cash-rounding` (stays in the payment); shares of a whole follow the largest remainder, ties to
the earlier one.

Source: nrs-einvoice reference, section 9 (2 decimals, round half up), and Appendix A for the minor digits of each
currency; docs/decisions/0010.
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

NO_CURRENCY = "XXX"
"""ISO 4217's code for none: what a connector writes, beside a fault, where nothing names the currency."""


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


PRICE_DECIMALS = 10
"""Digits after the point of a price that is made of an amount; NRS takes no more."""


def price_of(amount: Decimal, quantity: Decimal) -> Decimal:
    """The price of one, where a source states only what a line comes to: quantity × price is that amount again.

    It has the digits that takes, ten after the point at most, so that no currency's minor unit is lost. BadInput for
    quantity 0, and for quantities so large that ten digits do not do.
    """
    if not quantity:
        raise BadInput("an amount for nothing has no price")
    with localcontext(prec=60):
        price = (amount / quantity).quantize(Decimal(1).scaleb(-PRICE_DECIMALS), rounding=ROUND_HALF_UP)
        if abs(price * quantity - amount) >= Decimal("0.0005"):
            raise BadInput("this amount cannot be told as a price of one")
        shortest = price.normalize()
    return shortest.quantize(Decimal(1)) if int(shortest.as_tuple().exponent) > 0 else shortest


def plain(amount: Decimal) -> str:
    """Decimal as text without exponent: what DynamoDB, logs and summaries hold."""
    return f"{amount:f}"
