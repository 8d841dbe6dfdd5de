"""Supplied values laid over a sale. Pure; the source record has the last word, and the trace says what was decided.

A value stands while the source says nothing there, or still what it said when the value was supplied, and while it is
about the same buyer or the same product. Otherwise it is left out and the trace says why (docs/decisions/0015).
"""

from __future__ import annotations

from typing import Any

from taxpoynt.conversion.suppliable import Place, facts, index_of, place_of, same_buyer, stated
from taxpoynt.domain.invoice import TraceEntry
from taxpoynt.domain.party import Address, Classification, Party
from taxpoynt.domain.sale import Sale, SaleLine, StatedTax
from taxpoynt.domain.supplied import SuppliedValue, SuppliedValues

_SIDES = {
    "hsn_code": ("isic_code", "service_category"),
    "product_category": ("isic_code", "service_category"),
    "isic_code": ("hsn_code", "product_category"),
    "service_category": ("hsn_code", "product_category"),
}
"""A line is goods or a service: supplying one side clears the other."""


def supply(sale: Sale, supplied: SuppliedValues) -> tuple[Sale, tuple[TraceEntry, ...]]:
    """The sale with every supplied value that stands, and one trace entry for each value."""
    source, made, trace = sale, sale, []
    for one in sorted(supplied.values, key=lambda each: each.path.endswith(".tax_reason")):  # it belongs to a tax
        place, why = _standing(source, one)
        if place is None:
            trace.append(TraceEntry(rule="supplied-left-out", path=one.path, detail=why))
            continue
        made = _with(made, place, one.value)
        detail = f"{one.value}, supplied by {one.who} on {one.at.date().isoformat()}: {one.why}"
        trace.append(TraceEntry(rule="supplied", path=place.path, detail=detail))
    return made, tuple(trace)


def _standing(sale: Sale, one: SuppliedValue) -> tuple[Place | None, str]:
    """The place a value goes to now, or None and why it does not count any more."""
    place = place_of(one.path)
    if place is None:
        return None, "not a value that may be supplied"
    if place.line is not None:
        place = _line_now(sale, place, one.about)
        if place is None:
            return None, f"the line that {one.who} supplied this for is not in the record any more"
    elif not same_buyer(one.about, facts(sale, place)):
        return None, f"the record names another buyer or address now than when {one.who} supplied this"
    says = stated(sale, place)
    if says is not None and says != one.instead_of:
        return None, f"the source now says {says}; that wins over {one.value}, supplied by {one.who}"
    return place, ""


def _line_now(sale: Sale, place: Place, about: dict[str, str]) -> Place | None:
    """Where the line stands now: at its place, else at the only other place that sells the same."""
    if facts(sale, place) == about:
        return place
    every = [Place(f"lines[{number}].{place.field}", number, place.field) for number in range(len(sale.lines))]
    same = [one for one in every if facts(sale, one) == about]
    return same[0] if len(same) == 1 else None


def _with(sale: Sale, place: Place, value: str) -> Sale:
    if place.line is None:
        return sale.model_copy(update={"buyer": _buyer_with(sale.buyer or Party(), place.field, value)})
    index = index_of(sale, place.line) or 0
    lines = list(sale.lines)
    lines[index] = _line_with(lines[index], place.field, value)
    return sale.model_copy(update={"lines": tuple(lines)})


def _buyer_with(buyer: Party, field: str, value: str) -> Party:
    if field.startswith("address."):
        part = field.removeprefix("address.")
        address = (buyer.address or Address()).model_copy(update={part: value})
        return buyer.model_copy(update={"address": address})
    return Party.model_validate({**buyer.model_dump(), field: value})


def _line_with(line: SaleLine, field: str, value: str) -> SaleLine:
    if field == "taxes":
        return line.model_copy(update={"taxes": (StatedTax(category=value),)})
    if field == "tax_reason":
        taxes = tuple(tax.model_copy(update={"reason": value}) for tax in line.taxes)
        return line.model_copy(update={"taxes": taxes})
    if field == "unit":
        return line.model_copy(update={"unit": value})
    name = field.removeprefix("classification.")
    changes: dict[str, Any] = {name: value, **dict.fromkeys(_SIDES[name])}
    known = (line.classification or Classification()).model_copy(update=changes)
    return line.model_copy(update={"classification": known})
