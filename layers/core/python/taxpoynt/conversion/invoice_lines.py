"""Settled lines in the invoice's form: price without tax, names, codes, unit, classification."""

from __future__ import annotations

import re
from decimal import Decimal

from taxpoynt.conversion.classify import classify
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.notes import Notes
from taxpoynt.conversion.parties import shortened
from taxpoynt.conversion.pricing import Priced, discount_percent
from taxpoynt.conversion.units import MOST_PRICE_DECIMALS, from_units, tidy, to_units, unit_price
from taxpoynt.domain.invoice import InvoiceLine
from taxpoynt.domain.party import MerchantDefaults
from taxpoynt.domain.sale import SaleLine

_UNIT = re.compile(r"[A-Z0-9]{1,3}")


def invoice_line(
    priced: Priced, digits: int, defaults: MerchantDefaults, lists: CodeLists, notes: Notes
) -> InvoiceLine:
    """The line with its amounts; its SKU falls back on the product id, then on its place (`LINE-1`)."""
    line, path = priced.line, priced.path
    gross, discount, price = _without_tax(priced, digits)
    name, description = _words(line, path, defaults, notes)
    classification, why = classify(line, defaults, lists)
    notes.trace("classification", f"{path}.classification", why if classification else "nobody decided")
    return InvoiceLine(
        path=line.path,
        name=name,
        description=description,
        sku=_one_line(line.sku) or _one_line(line.product_id) or _place(path),
        quantity=line.quantity,
        unit=_unit(line, path, defaults, notes),
        unit_price_net=price,
        discount_percent=discount_percent(line, gross, discount),
        discount=from_units(discount, digits),
        fee_percent=Decimal(0),
        fee=from_units(0, digits),
        net=from_units(priced.net, digits),
        tax_category=priced.treatment.category if priced.tax is not None else None,
        tax_rate_percent=priced.treatment.percent if priced.tax is not None else None,
        tax=None if priced.tax is None else from_units(priced.tax, digits),
        classification=classification,
    )


def _without_tax(priced: Priced, digits: int) -> tuple[int, int, Decimal]:
    """(gross, discount, unit price), all without tax, so that round(quantity × price) − discount = net (rule 1)."""
    line, percent = priced.line, priced.treatment.percent
    if not priced.inclusive or percent is None or percent == 0:
        gross, discount = priced.gross, priced.discount
        if priced.net == priced.total and _places(line.unit_price) <= MOST_PRICE_DECIMALS:
            return gross, discount, tidy(line.unit_price, digits)
        gross = priced.net + discount
    else:
        discount = to_units(priced.discount / (1 + percent / 100), 0)
        gross = priced.net + discount
    return gross, discount, unit_price(gross, line.quantity, digits)


def _places(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def _words(line: SaleLine, path: str, defaults: MerchantDefaults, notes: Notes) -> tuple[str, str]:
    """(name, description): each stands in for the other; what is cut from a name stays in the description."""
    description = line.description.strip()
    whole = _one_line(line.name) or _one_line(description) or ""
    name = shortened(whole, f"{path}.name", defaults, notes) or ""
    if description:
        return name, description
    if whole:
        notes.trace("description", f"{path}.description", "the source has none; the name stands in")
    return name, whole


def _unit(line: SaleLine, path: str, defaults: MerchantDefaults, notes: Notes) -> str:
    """A unit code as the source has it; words such as `pieces` give way to the merchant's default."""
    code = (line.unit or "").strip().upper()
    if _UNIT.fullmatch(code):
        return code
    if code:
        notes.trace("unit", f"{path}.unit", f"not a unit code; {defaults.unit} instead")
    return defaults.unit


def _one_line(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None


def _place(path: str) -> str:
    """`lines[0]` → `LINE-1`."""
    return f"LINE-{int(path[len('lines[') : -1]) + 1}"
