"""Which rates a line's tax is made of: a tax may be a group of several, and what was charged decides."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from taxpoynt.connectors.lightspeed_x.shapes import Record, number, text
from taxpoynt.domain.sale import StatedTax

HUNDRED = Decimal(100)
UNIT = Decimal("0.00001")
"""The last digit of unit amounts; a total of n pieces may be off by n/2 of it, for price and for tax."""


def line_taxes(line: Record, seen: Mapping[str, Any]) -> tuple[StatedTax, ...] | None:
    """One StatedTax a rate, 0 % where no tax was charged; None where no rate explains what was charged."""
    net, tax = number(line["price_total"], "price_total"), number(line["tax_total"], "tax_total")
    known = _known(line, seen)
    if not tax and not net:
        return _stated(known) or (StatedTax(name="No tax", rate_percent=Decimal(0)),)
    if not tax:
        return (StatedTax(name=_name(known) or "No tax", rate_percent=Decimal(0)),)
    allowed = (1 + abs(number(line["quantity"], "quantity"))) * UNIT
    if known and abs(net * sum(_fraction(one) for one in known) - tax) <= allowed:
        return _stated(known)
    return _derived(net, tax, allowed, _name(known) or f"tax {line['tax_id'] or ''}".strip())


def adjustment_taxes(adjustment: Record, seen: Mapping[str, Any]) -> tuple[StatedTax, ...]:
    """The taxes of a fee or surcharge; 0 % where it has none."""
    known = [
        rate
        for one in adjustment["tax_components"]
        if number(one.get("total_tax"), "total_tax")
        for rate in seen["rates"].get(str(one.get("rate_id")), ())
    ]
    return _stated(known) or (StatedTax(name="No tax", rate_percent=Decimal(0)),)


def _known(line: Record, seen: Mapping[str, Any]) -> list[Record]:
    """The rates the line names: by its components, its tax, or the only tax that the sale states."""
    rates: Mapping[str, list[Record]] = seen["rates"]
    parts = [rate for one in line["tax_components"] for rate in rates.get(str(one.get("rate_id")), ())]
    if parts or str(line["tax_id"]) in rates:
        return parts or rates[str(line["tax_id"])]
    stated = [one for one in seen["sale"]["taxes"] if one.get("rate") is not None]
    return stated if len(stated) == 1 else []


def _stated(known: list[Record]) -> tuple[StatedTax, ...]:
    return tuple(
        StatedTax(name=text(one.get("name")), rate_percent=(_fraction(one) * HUNDRED).normalize() + 0) for one in known
    )


def _derived(net: Decimal, tax: Decimal, allowed: Decimal, name: str) -> tuple[StatedTax, ...] | None:
    """The one rate of two decimals that gives the tax."""
    if not net or (net < 0) != (tax < 0):
        return None
    percent = (tax / net * HUNDRED).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if abs(net * percent / HUNDRED - tax) > max(allowed, Decimal("0.0005")):
        return None
    return (StatedTax(name=name, rate_percent=percent.normalize() + 0),)


def _fraction(rate: Record) -> Decimal:
    return number(rate.get("rate"), "rate")


def _name(known: list[Record]) -> str | None:
    return text(known[0].get("name")) if known else None
