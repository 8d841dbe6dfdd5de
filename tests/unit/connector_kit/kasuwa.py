"""An invented till, for tests: everything about its sales is data. Its other blocks are Pipedrive's."""

from __future__ import annotations

import copy
from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml

from taxpoynt.connector_kit import events
from taxpoynt.connector_kit.connector import SaleReading, TemplateConnector
from taxpoynt.connector_kit.declared import sale, view
from taxpoynt.connector_kit.loader import text
from taxpoynt.connector_kit.template import Template
from taxpoynt.domain.source import Answer, SourceBundle
from taxpoynt.mapping.engine import Layer
from taxpoynt.mapping.rules import read
from taxpoynt.nrs.json_text import encode

BLOCKS = Path(__file__).with_name("kasuwa.yaml")
VAT = [{"label": "VAT", "rate": "0.075"}]
SHOPS = [
    {"id": 2, "currency": "kes", "zone": "Africa/Nairobi"},
    {"id": "3", "currency": "ngn", "zone": "Africa/Lagos"},
]
PRODUCTS = [
    {"product": {"id": 71, "name": "Ofada rice", "code": "OFR-5", "sold_by": "kg"}},
    {"product": {"id": 72, "name": "Palm oil", "code": "PO-1", "sold_by": "litres"}},
]
CUSTOMER = {
    "id": "c1",
    "company": "Bello Foods Ltd",
    "tin": " 12345678-0001 ",
    "mail": "ap@bello.example",
    "city": "Kano",
    "country": "Nigeria",
}


@cache
def _written() -> dict[str, Any]:
    return {**yaml.safe_load(text("pipedrive")), **yaml.safe_load(BLOCKS.read_text("utf-8"))}


@cache
def _template() -> Template:
    return Template.model_validate(_written())


def blocks() -> dict[str, Any]:
    """The whole template as data, to be changed by a test."""
    return copy.deepcopy(_written())


def template(**changes: Any) -> Template:
    """The template, with some blocks replaced."""
    return Template.model_validate({**blocks(), **changes}) if changes else _template()


def order(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An order as the API answers it, without its envelope."""
    return {
        "id": "o-17",
        "no": "A-17",
        "state": "paid",
        "shop": 3,
        "closed": 1780000000000,
        "items": list(items),
        **more,
    }


def item(**changes: Any) -> dict[str, Any]:
    """One line of it: two kilograms of rice at 1,075.00 with VAT."""
    return {"product": 71, "count": "2", "price": 107500, "vat": VAT, **changes}


def bundle(resource: str = "order", resource_id: str = "o-17", **answers: Any) -> SourceBundle:
    """Answers by resource; a list of answers is several."""
    kept = {
        name: tuple(Answer("GET", encode(one).encode()) for one in (many if isinstance(many, tuple) else (many,)))
        for name, many in ({"shops": {"shops": SHOPS}, "products": tuple(PRODUCTS)} | answers).items()
    }
    return SourceBundle("kasuwa", resource, resource_id, kept)


def reading(
    given: SourceBundle, *rules: dict[str, Any], made: Template | None = None, settings: dict[str, Any] | None = None
) -> SaleReading:
    """What the record says, with a merchant's own rules before the template's."""
    spec = made or template()
    layers = (Layer("merchant", read({"rules": list(rules)}), "7"), Layer("template", spec.mapping, "t"))
    return sale(spec, view(spec, given, {}) | ({"settings": settings} if settings else {}), layers)


def connector(made: Template | None = None) -> TemplateConnector:
    """As the loader would make it of a folder without Python."""
    spec = made or template()
    return TemplateConnector(
        template=spec,
        read_events=events.events,
        embedded=partial(events.embedded, spec),
        read_view=partial(view, spec),
        read_sale=partial(sale, spec),
        version="t" * 64,
    )
