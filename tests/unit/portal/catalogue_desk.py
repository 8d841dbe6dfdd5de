"""The catalogue as the routes see it: a store in memory, and a platform that has every kind."""

from __future__ import annotations

from typing import Any

from taxpoynt.connector_kit.catalogue import TemplateCatalogue
from taxpoynt.services.read_catalogue import ReadCatalogue
from tests.fakes.catalogue import BY_VERSION, FakeCatalogueStore
from tests.fakes.catalogue_world import template_with

_PARTY = {
    **BY_VERSION,
    "record": None,
    "sku": None,
    "keep": ["id", "name", "vat", "city"],
    "terms": {"name": "name", "tin": "vat", "kind": "'person'", "address.city": "city"},
}
_STOCK = {
    **BY_VERSION,
    "record": None,
    "sku": None,
    "id": None,
    "item": "product",
    "location": "outlet",
    "keep": ["product", "outlet", "level"],
    "terms": {"quantity": "level"},
}
SYNCS: dict[str, Any] = {
    "items": {
        **BY_VERSION,
        "location": "outlet",
        "keep": ["id", "name", "hs"],
        "terms": {"name": "name", "hsn_code": "hs"},
    },
    "customers": _PARTY,
    "companies": _PARTY,
    "stock": _STOCK,
}


def catalogue_desk(connections: Any, store: FakeCatalogueStore | None = None) -> ReadCatalogue:
    reader = TemplateCatalogue(template_with(**SYNCS))
    return ReadCatalogue(connections, store or FakeCatalogueStore(), lambda _: reader)
