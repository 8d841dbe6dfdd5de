"""Whole sales from a template alone: no Python in the connector's folder.

loader.py and connector.py use `view` and `sale` for a template with a `sale` block wherever the folder's `mapping.py`
(or the whole file) offers none of its own:

    read_view = partial(declared.view, template)            # (bundle, account) -> View
    read_sale = partial(declared.sale, template)            # (view, layers) -> SaleReading

What the merchant chose stands in the view as `settings`, put there by the caller; without it the template's defaults
count. Nothing is invented: what a sale needs and no rule gives is a fault (MAP-0xx, docs/reference/faults.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from taxpoynt.connector_kit import declared_parts as parts
from taxpoynt.connector_kit.connector import SaleReading, View
from taxpoynt.connector_kit.deciding import chosen_settings, decide
from taxpoynt.connector_kit.declared_reader import Reader, Scope, Values, ids_of
from taxpoynt.connector_kit.declared_view import RESOURCE, RESOURCE_ID, SETTINGS, view
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_sale import SaleShape
from taxpoynt.domain.sale import RecordRef, Sale
from taxpoynt.errors import BadInput
from taxpoynt.mapping.engine import Layer
from taxpoynt.mapping.expressions import exact_data, find
from taxpoynt.mapping.targets import of_scope
from taxpoynt.mapping.time_transforms import zone_of
from taxpoynt.mapping.transforms import NoValue

__all__ = ["sale", "view"]

_HEAD = ("number", "order_number", "location", "title", "note", "buyer_reference", "type_code")
_NEEDED = ("sale_id", "currency", "completed_at")


def sale(template: Template, view: View, layers: Sequence[Layer]) -> SaleReading:
    """The sale as far as it can be read, every fault at once, and where each value came from.

    Layers are asked in the order given, the merchant's first. BadInput when the view holds no record to read.
    """
    shape = template.sale
    if shape is None:
        raise BadInput(f"{template.name}: the template has no sale block")
    settings = chosen_settings(template.settings, view.get(SETTINGS) or {})
    reader = Reader(layers)
    roots = reader.looked_up({**exact_data(view), SETTINGS: settings}, shape.lookups, "")
    reader.steady = frozenset(roots)
    head = Scope("", "", roots)
    document = _document(template, view, settings, reader, head)
    reader.turned = document == "credit_note" and shape.credit_note_signs == "negative"
    values = reader.values(head, {name: kind for name, kind in of_scope("").items() if name != "document"})
    for name in _NEEDED:
        reader.needed(values, name)
    made = _sale(template, shape, reader, values, document)
    return SaleReading(sale=made, faults=tuple(reader.faults), explained=tuple(reader.explained))


def _document(
    template: Template, view: View, settings: Mapping[str, Any], reader: Reader, head: Scope
) -> Literal["invoice", "credit_note"]:
    """What a rule says, else the trigger: a document that is not made yet is read as what it would be."""
    said = reader.values(head, {"document": of_scope("")["document"]}).word("document")
    if said is not None:
        found: Literal["invoice", "credit_note"] = said
        return found
    decision = decide(template, view, settings, view.get(RESOURCE))
    return "credit_note" if decision.document == "credit_note" else "invoice"


def _sale(
    template: Template, shape: SaleShape, reader: Reader, values: Values, document: Literal["invoice", "credit_note"]
) -> Sale | None:
    head = values.scope
    basis = values.word("price_basis") or "unstated"
    inside: dict[str, Any] = {
        "buyer": parts.buyer(reader, shape.buyer, values),
        "lines": parts.lines(reader, shape.lines, head, basis),
        "discounts": parts.discounts(reader, shape.discounts, head, "discount"),
        "charges": parts.charges(reader, shape.charges, head, "charge", "charges"),
        "payments": parts.payments(reader, shape.payments, head),
        "withholding": parts.withholding(reader, shape, head),
        "refers_to": _ids(reader, shape.refers_to, head, "refers_to"),
    }
    sale_id, currency, completed = values.text("sale_id"), values.text("currency"), values.moment("completed_at")
    if sale_id is None or currency is None or completed is None:
        return None
    return Sale(
        connector=template.name,
        sale_id=sale_id,
        document=document,
        currency=currency,
        completed_at=completed,
        business_date=values.day("business_date") or _local_date(completed, values.text("zone")),
        tip=values.number("tip"),
        rounding=values.number("rounding"),
        stated_total=values.number("stated_total"),
        stated_total_basis=values.word("stated_total_basis"),
        source_url=_web_address(values.text("source_url")),
        depends_on=_depends_on(reader, shape, head, sale_id),
        **{name: values.text(name) for name in _HEAD},
        **inside,
    )


def _local_date(completed: datetime, zone: str | None) -> date | None:
    """The day in the zone that the record or its shop names."""
    return None if zone is None else completed.astimezone(zone_of(zone)).date()


def _web_address(text: str | None) -> str | None:
    """People click on it, so it is a web address or nothing."""
    return text if text is not None and text.startswith("https://") else None


def _ids(reader: Reader, expression: str | None, head: Scope, path: str) -> tuple[str, ...]:
    if expression is None:
        return ()
    try:
        return ids_of(find(expression, head.roots))
    except NoValue as reason:
        reader.fault("MAP-021", path, f"these ids cannot be read: {reason}")
        return ()


def _depends_on(reader: Reader, shape: SaleShape, head: Scope, sale_id: str) -> tuple[RecordRef, ...]:
    """The record itself, then whatever else its sale was read from."""
    own = RecordRef(resource=str(head.roots[RESOURCE]), id=str(head.roots.get(RESOURCE_ID) or sale_id))
    more = [
        RecordRef(resource=resource, id=one)
        for resource, expression in shape.depends_on.items()
        for one in _ids(reader, expression, head, f"depends_on.{resource}")
    ]
    return tuple(dict.fromkeys((own, *more)))
