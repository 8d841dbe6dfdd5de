"""The parts of a declared sale: buyer, lines, taxes, discounts, charges, payments, withholding. Pure.

Codes: MAP-023 nobody to invoice; MAP-024 an item that states neither, or both, of what it must state one of;
MAP-025 one tax category for a line that has several taxes; MAP-026 an amount of which no price can be made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from taxpoynt.connector_kit.declared_reader import AT_SOURCE, Reader, Scope, Values
from taxpoynt.connector_kit.template_sale import BuyerShape, ItemList, Lines, SaleShape, TaxedList
from taxpoynt.domain.money import price_of
from taxpoynt.domain.party import Address, Classification, Party
from taxpoynt.domain.sale import Charge, Discount, Payment, SaleLine, StatedTax, Withholding
from taxpoynt.errors import BadInput
from taxpoynt.mapping.engine import holds
from taxpoynt.mapping.transforms import NoValue

_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_ADDRESS = tuple(Address.model_fields)
_TEXTS = ("sku", "unit", "product_id", "category", "account")


def buyer(reader: Reader, shape: BuyerShape, values: Values) -> Party | None:
    """The buyer, or None for a consumer nobody knows."""
    address = {part: values.text(f"buyer.address.{part}") for part in _ADDRESS}
    plain: dict[str, Any] = {part: values.text(f"buyer.{part}") for part in Party.model_fields if part != "address"}
    named = any(address.values()) or any(value for part, value in plain.items() if part != "kind")
    if named and _is_there(reader, shape, values):
        return Party.model_validate({**plain, "address": Address(**address) if any(address.values()) else None})
    if shape.required:
        reader.fault("MAP-023", "buyer", "the record names nobody who could be invoiced", "add the buyer at the source")
    return None


def _is_there(reader: Reader, shape: BuyerShape, values: Values) -> bool:
    try:
        return shape.when is None or holds(shape.when, values.scope.roots)
    except NoValue as reason:
        reader.fault("MAP-021", "buyer", f"whether there is a buyer cannot be told: {reason}")
        return False


def lines(reader: Reader, shape: Lines, head: Scope, basis: str) -> tuple[SaleLine, ...]:
    """The things sold, in the record's order. `basis`: of their prices, where a line does not say its own.

    A line that cannot be read keeps its number in paths; one that does not count has none.
    """
    made: list[SaleLine] = []
    count = 0
    for position, found in reader.items(head, shape, "line", "lines"):
        scope = Scope(found.name, f"lines[{count}].", found.roots)
        mark = reader.mark
        values = reader.values(scope)
        if shape.zero_quantity == "drop" and values.number("quantity") == 0:
            reader.drop(mark)
            continue
        count += 1
        line = _line(reader, shape, values, basis, _source_path(shape.items, position))
        if line is not None:
            made.append(line)
    return tuple(made)


def _line(reader: Reader, shape: Lines, values: Values, basis: str, path: str) -> SaleLine | None:
    scope = values.scope
    reader.needed(values, "quantity")
    price = _price(reader, values)
    description = values.text("description") or values.text("name")
    if description is None:
        reader.needed(values, "description")
    parts: dict[str, Any] = {
        "discounts": discounts(reader, shape.discounts, scope, "line.discount"),
        "fees": charges(reader, shape.fees, scope, "line.fee", "fees"),
        "taxes": _line_taxes(reader, shape.taxes, values),
    }
    quantity = values.number("quantity")
    if quantity is None or price is None or description is None:
        return None
    return SaleLine(
        path=path,
        description=description,
        name=values.text("name"),
        quantity=quantity,
        unit_price=price,
        price_basis=values.word("price_basis") or basis,
        classification=_classification(values),
        stated_total=values.number("stated_total"),
        from_total=values.flag("from_total"),
        **{name: values.text(name) for name in _TEXTS},
        **parts,
    )


def _price(reader: Reader, values: Values) -> Decimal | None:
    """The price of one as the record states it, else made of what the line comes to."""
    price, amount, quantity = (values.number(name) for name in ("unit_price", "amount", "quantity"))
    if price is None and amount is not None and quantity is not None:
        try:
            return price_of(amount, quantity)
        except BadInput as problem:
            reader.fault("MAP-026", f"{values.scope.path}amount", str(problem))
    elif price is None and not reader.is_faulty(values.scope.path + "amount"):
        reader.needed(values, "unit_price")
    return price


def _source_path(items: str, position: int) -> str:
    """Where the line stands in the record: `order.line_items[3]`, where its list is a plain path there."""
    return f"{items}[{position}]" if _PATH.fullmatch(items) else f"lines[{position}]"


def _classification(values: Values) -> Classification | None:
    found = {name: values.text(f"classification.{name}") for name in Classification.model_fields}
    return Classification(**found) if any(found.values()) else None


def _line_taxes(reader: Reader, wanted: ItemList | None, values: Values) -> tuple[StatedTax, ...]:
    stated = taxes(reader, wanted, values.scope, "line.tax")
    category = values.text("tax_category")
    if category is None:
        return stated
    if len(stated) > 1:
        message = "this line has several taxes, so that one tax category cannot be theirs"
        reader.fault("MAP-025", f"{values.scope.path}tax_category", message, "map line.tax.category instead")
        return stated
    rate = stated[0].rate_percent if stated else None
    return (StatedTax(category=category, rate_percent=rate),)


def taxes(reader: Reader, wanted: ItemList | None, outer: Scope, scope: str) -> tuple[StatedTax, ...]:
    """Taxes as the record states them."""
    made = []
    for _, item in reader.items(outer, wanted, scope, "taxes"):
        values = reader.values(item)
        texts = {name: values.text(name) for name in ("name", "category", "reason")}
        rate, amount = values.number("rate_percent"), values.number("amount")
        if rate is None and amount is None and not texts["name"] and not texts["category"]:
            reader.fault("MAP-024", item.path.rstrip("."), "this tax has no name, rate, amount or category")
            continue
        made.append(StatedTax(rate_percent=rate, amount=amount, on_tax=values.flag("on_tax"), **texts))
    return tuple(made)


def discounts(reader: Reader, wanted: ItemList | None, outer: Scope, scope: str) -> tuple[Discount, ...]:
    """Reductions of a line or of the document; one of nothing is none."""
    found = _reductions(reader, wanted, outer, scope, "discounts")
    return tuple(
        Discount(percent=percent, amount=amount, reason=values.text("reason")) for values, percent, amount in found
    )


def charges(reader: Reader, wanted: TaxedList | None, outer: Scope, scope: str, plural: str) -> tuple[Charge, ...]:
    """Extras on a line or on the document; one of nothing is none."""
    return tuple(
        Charge(
            percent=percent,
            amount=amount,
            reason=values.text("reason"),
            kind=values.word("kind") or "other",
            price_basis=values.word("price_basis") or "unstated",
            taxes=taxes(reader, wanted.taxes if wanted else None, values.scope, f"{scope}.tax"),
        )
        for values, percent, amount in _reductions(reader, wanted, outer, scope, plural)
    )


def _reductions(
    reader: Reader, wanted: ItemList | None, outer: Scope, scope: str, plural: str
) -> Iterator[tuple[Values, Decimal | None, Decimal | None]]:
    """Items that state a percentage or an amount: exactly one of them, and not zero."""
    for _, item in reader.items(outer, wanted, scope, plural):
        values = reader.values(item)
        percent, amount = values.number("percent"), values.number("amount")
        if (percent is None) == (amount is None):
            both = "both a percentage and an amount" if percent is not None else "neither a percentage nor an amount"
            if not any(fault.path.startswith(item.path) for fault in reader.faults):
                reader.fault("MAP-024", item.path.rstrip("."), f"this states {both}", "map one of them")
        elif percent or amount:
            yield values, percent, amount


def payments(reader: Reader, wanted: ItemList | None, head: Scope) -> tuple[Payment, ...]:
    """Tenders; one of nothing is none."""
    made = []
    for _, item in reader.items(head, wanted, "payment", "payments"):
        values = reader.values(item)
        for name in ("method", "amount"):
            reader.needed(values, name)
        method, amount = values.text("method"), values.number("amount")
        if method is None or amount is None or not amount:
            continue
        made.append(
            Payment(
                method=method,
                amount=amount,
                means_code=values.text("means_code"),
                paid_at=values.moment("paid_at"),
                kind=values.word("kind") or "payment",
                change=values.number("change") or Decimal(0),
            )
        )
    return tuple(made)


def withholding(reader: Reader, shape: SaleShape, head: Scope) -> tuple[Withholding, ...]:
    """What the buyer keeps back."""
    made = []
    for _, item in reader.items(head, shape.withholding, "withholding", "withholding"):
        values = reader.values(item)
        rate, amount = values.number("rate_percent"), values.number("amount")
        if rate is None and amount is None:
            reader.fault("MAP-024", item.path.rstrip("."), "this states neither a rate nor an amount", AT_SOURCE)
            continue
        base = values.number("base")
        made.append(Withholding(name=values.text("name"), rate_percent=rate, amount=amount, base=base))
    return tuple(made)
