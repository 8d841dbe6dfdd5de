"""Settled lines in the invoice's form: price without tax, names, codes, unit, classification."""

from __future__ import annotations

import re
from decimal import Decimal

from taxpoynt.conversion.classify import classify
from taxpoynt.conversion.items import Priced
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.notes import Notes
from taxpoynt.conversion.parties import shortened
from taxpoynt.conversion.pricing import rate_beside
from taxpoynt.conversion.subtotals import line_taxes
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
    gross, discount, fee, price = _without_tax(priced, digits)
    vat, taxes = priced.treatment.vat, line_taxes(priced, digits)
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
        discount_percent=rate_beside(line.discounts, gross, discount),
        discount=from_units(discount, digits),
        fee_percent=rate_beside(line.fees, gross, fee),
        fee=from_units(fee, digits),
        net=from_units(priced.net, digits),
        tax_category=vat.category if vat else None,
        tax_rate_percent=vat.percent if vat else None,
        tax=from_units(sum(priced.taxes), digits) if vat else None,
        classification=classification,
        taxes=taxes,
    )


def _without_tax(priced: Priced, digits: int) -> tuple[int, int, int, Decimal]:
    """(gross, discount, fee, unit price) without tax: round(quantity × price) − discount + fee = net (rule 1)."""
    line, discount, fee = priced.line, priced.discount, priced.fee
    if not priced.inclusive or not any(priced.taxes):
        if priced.net == priced.total and _places(line.unit_price) <= MOST_PRICE_DECIMALS:
            return priced.gross, discount, fee, tidy(line.unit_price, digits)
    else:
        factor = priced.treatment.factor
        discount, fee = to_units(discount / factor, 0), to_units(fee / factor, 0)
    gross = priced.net + discount - fee
    return gross, discount, fee, unit_price(gross, line.quantity, digits)


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
