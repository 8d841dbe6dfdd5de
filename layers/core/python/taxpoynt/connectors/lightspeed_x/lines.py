"""Sale lines of X-Series: net unit prices of five decimals, behind which often stands a shelf price with tax.

`price` is already less `discount` (reference, B3): the discount is shown, never taken off again. Where the prices only
come out round with their tax, they are taken with it: three lines of 0.43478 + 0.06522 are 1.50, not 1.48.
LSX-102 a number cannot be read · LSX-103 no rate explains the tax that was charged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from taxpoynt.connectors.lightspeed_x.rates import line_taxes
from taxpoynt.connectors.lightspeed_x.shapes import Record, number, text
from taxpoynt.domain.sale import Discount, SaleLine
from taxpoynt.errors import BadInput, Fault

REMEDY = "look at the sale in Lightspeed; it goes on by itself once it is corrected"
TENTHS = Decimal("0.00002")
"""What rounding each unit amount to five decimals may move."""


@dataclass(frozen=True, slots=True)
class Lines:
    """`records` stand beside `lines`, for their products."""

    lines: tuple[SaleLine, ...]
    records: tuple[Record, ...]
    faults: tuple[Fault, ...]


def sale_lines(seen: Mapping[str, Any], *, inclusive: bool) -> Lines:
    """Every line of one document, in positive amounts whichever way the goods went."""
    kept: list[tuple[SaleLine, Record]] = []
    faults: list[Fault] = []
    for place, record in enumerate(seen["lines"]):
        path = f"lines[{place}]"
        try:
            made = _line(record, path, seen, inclusive=inclusive)
            taxes = line_taxes(record, seen)
        except BadInput as problem:
            faults.append(Fault("LSX-102", path, f"cannot be read: {problem}", REMEDY))
            continue
        if taxes is None:
            faults.append(Fault("LSX-103", path, "no tax rate explains the tax that was charged", REMEDY))
        kept.append((made.model_copy(update={"taxes": taxes or ()}), record))
    return Lines(tuple(one for one, _ in kept), tuple(one for _, one in kept), tuple(faults))


def reductions(records: Sequence[Record], *, inclusive: bool) -> tuple[Discount, ...]:
    """Sale-wide discounts: lines of the shop's discount product, quantity -1 with a positive price."""
    found = []
    for one in records:
        amount = number(one["price_total"], "price_total")
        amount += number(one["tax_total"], "tax_total") if inclusive else 0
        found.append(Discount(amount=abs(amount), reason=one["note"] or "Discount on the sale"))
    return tuple(found)


def prices_hold_tax(records: Sequence[Record]) -> bool:
    """Are the prices round only together with their tax?"""
    units = [(number(one["price"], "price"), unit_tax(one)) for one in records]
    return not all(_round(price) for price, _ in units) and all(_round(price + tax) for price, tax in units)


def unit_tax(record: Record) -> Decimal:
    """The tax of one, which some answers give for the whole line only."""
    found = number(record["unit_tax"], "tax")
    if found or not number(record["tax_total"], "tax_total"):
        return found
    return number(record["tax_total"], "tax_total") / number(record["quantity"], "quantity")


def _round(amount: Decimal) -> bool:
    cents = amount.quantize(Decimal("0.01"))
    return abs(amount - cents) <= TENTHS


def _line(record: Record, path: str, seen: Mapping[str, Any], *, inclusive: bool) -> SaleLine:
    product = seen["products"].get(str(record["product_id"])) or {}
    price = number(record["price"], "price")
    if inclusive:
        price = (price + unit_tax(record)).quantize(Decimal("0.01"))
    quantity = abs(number(record["quantity"], "quantity"))
    name = described(record, product)
    return SaleLine(
        path=path,
        description=name,
        name=name,
        sku=text(product.get("sku")),
        product_id=record["product_id"],
        quantity=quantity,
        unit_price=price,
        price_basis="inclusive" if inclusive else "exclusive",
        category=text((product.get("type") or {}).get("name")) if isinstance(product.get("type"), Mapping) else None,
        stated_total=None if inclusive else abs(number(record["price_total"], "price_total")),
    )


def described(record: Record, product: Mapping[str, Any]) -> str:
    """The product's name with its variant; else what little is known."""
    known = text(product.get("variant_name")) or text(product.get("name"))
    return known or record["note"] or (f"product {record['product_id']}" if record["product_id"] else "Item")
