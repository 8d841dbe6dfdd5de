"""What Pipedrive computes: the `sum` of a product line and the value of a deal with products.

Sources: deal products and discounts pages of the v2 specification; `sum` from the vendor's samples (300 × 5 less 5 % is
2850 for inclusive and exclusive tax alike; 22 × 5 with 0.2 is 109.78, so a discount of 0.2 means 0.2 %).
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")
HUNDRED = Decimal(100)


def decimal(value: Any) -> Decimal:
    """Exact decimal of a JSON number."""
    return Decimal(str(value or 0))


def number(value: Decimal) -> int | float:
    """As the API prints it: without a fraction when there is none."""
    rounded = value.quantize(CENT, ROUND_HALF_UP)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def line_sum(line: Mapping[str, Any], *, amount_per_unit: bool = False) -> Decimal:
    """After the line's own discount, without exclusive tax.

    Whether a discount of type `amount` counts once per line or once per unit is not documented; per line unless told.
    """
    price, quantity, discount = (decimal(line[key]) for key in ("item_price", "quantity", "discount"))
    if line["discount_type"] == "percentage":
        total = price * quantity * (1 - discount / HUNDRED)
    elif amount_per_unit:
        total = (price - discount) * quantity
    else:
        total = price * quantity - discount
    return total.quantize(CENT, ROUND_HALF_UP)


def deal_value(
    lines: Iterable[Mapping[str, Any]], discounts: Iterable[Mapping[str, Any]], *, with_tax: bool = True
) -> Decimal:
    """Value of a deal that has products: enabled lines, less discounts on one-time lines, plus exclusive tax.

    Not documented, so decided here: several discounts each act on the undiscounted sum, and the value includes
    exclusive tax unless `with_tax` is off.
    """
    enabled = [line for line in lines if line["is_enabled"]]
    one_time = [line for line in enabled if line["billing_frequency"] == "one-time"]
    share = _share_left(sum((decimal(line["sum"]) for line in one_time), Decimal(0)), discounts)
    total = Decimal(0)
    for line in enabled:
        net = decimal(line["sum"]) * (share if line in one_time else 1)
        taxed = with_tax and line["tax_method"] == "exclusive"
        total += net * (1 + decimal(line["tax"]) / HUNDRED) if taxed else net
    return total.quantize(CENT, ROUND_HALF_UP)


def _share_left(base: Decimal, discounts: Iterable[Mapping[str, Any]]) -> Decimal:
    if base <= 0:
        return Decimal(1)
    taken = sum(
        (
            base * decimal(discount["amount"]) / HUNDRED
            if discount["type"] == "percentage"
            else decimal(discount["amount"])
            for discount in discounts
        ),
        Decimal(0),
    )
    return (base - min(base, taken)) / base
