"""Deal products as sale lines: rules 1 to 10 of the Pipedrive reference, section 3, each with its fault code.

PD-102 a number or word cannot be read · PD-103 the line's currency is not the deal's · PD-104 an amount discount fits
neither per line nor per unit · PD-105 a recurring line whose sum is not one period. For one-time lines Pipedrive's own
sum goes along as `stated_total`; the conversion checks it (LINE-020), and takes it where only rounding differs.
"""

from __future__ import annotations

import html
import re
from collections.abc import Container, Mapping
from decimal import Decimal
from typing import Any

from taxpoynt.domain.money import decimal_of, minor_digits, round_money
from taxpoynt.domain.sale import Discount, PriceBasis, SaleLine, StatedTax
from taxpoynt.errors import BadInput, Fault

HUNDRED = Decimal(100)
REMEDY = "correct the line in Pipedrive; the sale goes on by itself"

_BASIS: dict[str, PriceBasis] = {"inclusive": "inclusive", "exclusive": "exclusive", "none": "unstated", "": "unstated"}
DISCOUNT_TYPES = ("percentage", "amount", "")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"(?i)<(br|/p|/li|/div)\b[^<>]{0,200}>")


def tolerance(currency: str) -> Decimal:
    """How far Pipedrive's own rounding may be from ours: a cent, or one unit of a currency without cents."""
    return max(Decimal("0.01"), Decimal(1).scaleb(-minor_digits(currency)))


def enabled(item: Mapping[str, Any]) -> bool:
    """Rule 1: a disabled line is not part of the deal's value."""
    return item.get("is_enabled") is not False and item.get("enabled_flag") is not False


def recurring(item: Mapping[str, Any]) -> bool:
    """Does the line come again every period?"""
    return item.get("billing_frequency") not in (None, "", "one-time")


def line(item: Mapping[str, Any], position: int, currency: str) -> tuple[SaleLine | None, list[Fault]]:
    """One line and what is wrong with it. `position`: where it stands in the record."""
    path = f"deal_products[{position}]"
    own = item.get("currency")
    if own is not None and own != currency:
        message = f"the line is in {str(own)[:10]}, the deal in {currency}; amounts are never converted"
        return None, [Fault("PD-103", f"{path}.currency", message, REMEDY)]
    try:
        price, quantity = _number(item, "item_price"), _number(item, "quantity")
        stated = decimal_of(item["sum"]) if item.get("sum") is not None else None
        discount = _number(item, "discount", Decimal(0))
        basis = _BASIS[word(item, "tax_method", _BASIS)]
        rate = _number(item, "tax", Decimal(0)) if basis != "unstated" else None
        word(item, "discount_type", DISCOUNT_TYPES)
    except BadInput as problem:
        return None, [Fault("PD-102", path, f"this line cannot be read: {problem}", REMEDY)]
    gross = price * quantity
    reduction, faults = _reduction(item, gross, quantity, discount, stated, currency, path)
    faults += _period_faults(item, gross - reduction, stated, currency, path)
    name = text(item.get("name")) or "Product"
    made = SaleLine(
        path=path,
        description=text(item.get("comments")) or name,
        name=name,
        quantity=quantity,
        unit_price=price,
        price_basis=basis,
        discounts=_discounts(item, discount, reduction),
        taxes=(StatedTax(rate_percent=rate),) if rate is not None and item.get("tax") is not None else (),
        product_id=str(item["product_id"]) if item.get("product_id") is not None else None,
        stated_total=stated if not recurring(item) else None,
    )
    return made, faults


def text(value: Any) -> str:
    """One line of plain text: comments may hold line breaks or HTML (rule 10)."""
    if not isinstance(value, str):
        return ""
    without = _TAG.sub("", _BREAK.sub(" ", value))
    printable = "".join(char if char.isprintable() else " " for char in html.unescape(without))
    return " ".join(printable.split())[:1000]


def word(item: Mapping[str, Any], name: str, known: Container[str]) -> str:
    """One of Pipedrive's words, empty when absent; BadInput for one we do not know: its meaning is never guessed."""
    found = item.get(name)
    found = "" if found is None else found
    if not isinstance(found, str) or found not in known:
        raise BadInput(f"{name} is {str(found)[:20]!r}, which we do not know")
    return found


def _number(item: Mapping[str, Any], name: str, default: Decimal | None = None) -> Decimal:
    value = item.get(name)
    if value is None and default is not None:
        return default
    number = decimal_of(value)
    if number < 0:
        raise BadInput(f"{name} is negative")
    return number


def _reduction(
    item: Mapping[str, Any],
    gross: Decimal,
    quantity: Decimal,
    discount: Decimal,
    stated: Decimal | None,
    currency: str,
    path: str,
) -> tuple[Decimal, list[Fault]]:
    """What the discount takes off the whole line. Rule 2: percent units; rule 4: amounts are settled by `sum`."""
    if item.get("discount_type") != "amount":
        return gross * discount / HUNDRED, []
    candidates = [discount, discount * quantity]
    if not discount or quantity == 1:
        return discount, []
    if stated is not None:
        closest = min(candidates, key=lambda one: _misfit(gross, one, stated, currency))
        if abs(gross - closest - stated) <= tolerance(currency):
            return closest, []
    message = "Pipedrive does not say whether the discount is per unit or for the line, and the line's sum fits neither"
    return discount, [Fault("PD-104", f"{path}.discount", message, "give the discount in percent, or correct the line")]


def _misfit(gross: Decimal, reduction: Decimal, stated: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """How badly a reduction fits `sum`: beyond the rounding of `sum` itself, then as the invoice will round it."""
    rounding = Decimal("0.5").scaleb(-max(minor_digits(currency), 2))
    beyond = max(abs(gross - reduction - stated) - rounding, Decimal(0))
    return beyond, abs(round_money(gross, currency) - round_money(reduction, currency) - stated)


def _discounts(item: Mapping[str, Any], discount: Decimal, reduction: Decimal) -> tuple[Discount, ...]:
    if not discount:
        return ()
    if item.get("discount_type") == "amount":
        return (Discount(amount=reduction),)
    return (Discount(percent=discount),)


def _period_faults(
    item: Mapping[str, Any], computed: Decimal, stated: Decimal | None, currency: str, path: str
) -> list[Fault]:
    """Rule 7: one period is invoiced; whether `sum` covers one or all of them is not documented."""
    if not recurring(item) or stated is None or abs(computed - stated) <= tolerance(currency):
        return []
    message = f"a recurring line: one period is {computed:f}, Pipedrive's sum is {stated:f}"
    return [Fault("PD-105", f"{path}.sum", message, "invoice the periods as lines of their own, or make it one-time")]
