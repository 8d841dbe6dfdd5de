"""Which values a person may supply for a sale, where they stand in it, and what shows whom or what they are about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from taxpoynt.domain.party import Address, Classification, Party
from taxpoynt.domain.sale import Sale, SaleLine

ADDRESS_PARTS = ("street", "city", "postal_code", "state", "lga", "country")
BUYER_PATHS = (
    *("buyer.name", "buyer.tin", "buyer.email", "buyer.telephone", "buyer.kind"),
    *(f"buyer.address.{part}" for part in ADDRESS_PARTS),
)
LINE_FIELDS = (*(f"classification.{name}" for name in Classification.model_fields), "unit", "taxes", "tax_reason")
"""`taxes` is an NRS tax category, its rate is the law's; `tax_reason` why a supply is zero-rated or exempt."""

_LINE = re.compile(r"lines\[([0-9]{1,4})\]\.([a-z_.]+)")
_FAULT_LINE = re.compile(r"lines\[([0-9]{1,4})\](?:\.([a-z_.]+))?")


@dataclass(frozen=True, slots=True)
class Place:
    """A path taken apart: `line` as the invoice counts, None for the buyer; `field` what follows (`address.lga`)."""

    path: str
    line: int | None
    field: str


def place_of(path: str) -> Place | None:
    """Where `path` points; None for what nobody may supply."""
    if path in BUYER_PATHS:
        return Place(path, None, path.removeprefix("buyer."))
    found = _LINE.fullmatch(path)
    if found and found[2] in LINE_FIELDS:
        return Place(path, int(found[1]), found[2])
    return None


def asked_for(fault_path: str, code: str) -> tuple[str, ...]:
    """The paths a person may supply to mend a fault; empty when only the source record or the profile can."""
    if fault_path == "buyer":
        return BUYER_PATHS
    if fault_path == "buyer.address":
        return tuple(f"buyer.address.{part}" for part in ADDRESS_PARTS)
    if fault_path == "buyer.tin" and code == "BUYER-002":
        return "buyer.tin", "buyer.kind"
    if fault_path in BUYER_PATHS:
        return (fault_path,)
    return _asked_of_line(fault_path, code)


def _asked_of_line(fault_path: str, code: str) -> tuple[str, ...]:
    found = _FAULT_LINE.fullmatch(fault_path)
    if not found:
        return ()
    line, field = f"lines[{found[1]}]", found[2] or ""
    if code.startswith("CLASS-"):
        return tuple(f"{line}.classification.{name}" for name in Classification.model_fields)
    if code in ("TAX-002", "TAX-003", "TAX-010", "TAX-011"):
        return f"{line}.taxes", f"{line}.tax_reason"
    return (f"{line}.unit",) if field == "unit" else ()


def index_of(sale: Sale, number: int) -> int | None:
    """Where in `sale.lines` the invoice's line `number` stands: what has quantity 0 is on no invoice."""
    counted = [index for index, line in enumerate(sale.lines) if line.quantity != 0]
    return counted[number] if number < len(counted) else None


def stated(sale: Sale, place: Place) -> str | None:
    """What the source says at a place, as text; None for nothing."""
    if place.line is None:
        return _stated_of_buyer(sale.buyer or Party(), place.field)
    index = index_of(sale, place.line)
    if index is None:
        return None
    line = sale.lines[index]
    if place.field == "taxes":
        return _stated_taxes(line)
    if place.field == "tax_reason":
        return _text(next((tax.reason for tax in line.taxes if tax.reason), None))
    holder = line.classification if place.field.startswith("classification.") else line
    return _text(getattr(holder, place.field.rpartition(".")[2], None))


def _stated_of_buyer(buyer: Party, field: str) -> str | None:
    if field.startswith("address."):
        return _text(getattr(buyer.address or Address(), field.removeprefix("address.")))
    return _text(getattr(buyer, field))


def _stated_taxes(line: SaleLine) -> str | None:
    shown = []
    for tax in line.taxes:
        rate = None if tax.rate_percent is None else f"{tax.rate_percent:f} %"
        amount = None if tax.amount is None else f"amount {tax.amount:f}"
        shown.append(" ".join(part for part in (tax.category, tax.name, rate, amount) if part))
    return _text(", ".join(shown))


def facts(sale: Sale, place: Place) -> dict[str, str]:
    """What the value is about, in the source's own words at this moment; empty values are left out."""
    if place.line is not None:
        index = index_of(sale, place.line)
        return {} if index is None else line_facts(sale.lines[index])
    buyer = sale.buyer or Party()
    others = [f"{ref.resource}/{ref.id}" for ref in sale.depends_on if ref.id != sale.sale_id]
    found = {"name": _text(buyer.name), "records": " ".join(sorted(others)) or None}
    if place.field.startswith("address."):
        # a street filled in later is no new address; another street is
        address = buyer.address or Address()
        own = place.field.removeprefix("address.")
        found |= {f"address.{part}": _text(getattr(address, part)) for part in ADDRESS_PARTS if part != own}
    return {name: value for name, value in found.items() if value}


def line_facts(line: SaleLine) -> dict[str, str]:
    """What a line sells: the product's id, else its SKU, else its name."""
    for name, value in (("product", line.product_id), ("sku", line.sku), ("name", line.name or line.description)):
        if text := _text(value):
            return {name: text}
    return {}


def same_buyer(then: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Renamed, or linked to other records, it is the same buyer still; both at once, or another address, it is not."""
    moved = [name for name in then if name.startswith("address.") and now.get(name) != then[name]]
    if moved:
        return False
    known = [name for name in ("name", "records") if name in then]
    return not known or any(then[name] == now.get(name) for name in known)


def _text(value: str | None) -> str | None:
    return " ".join(value.split()) or None if value else None
