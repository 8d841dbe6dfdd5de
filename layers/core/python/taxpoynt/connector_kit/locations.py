"""Reads the shops of an account, as the template's `locations` block says where they are and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from taxpoynt.connector_kit import fetching, paging
from taxpoynt.connector_kit.quirks import put_right
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_account import Locations
from taxpoynt.connector_kit.template_records import Resource
from taxpoynt.domain.locations import Location
from taxpoynt.domain.money import plain
from taxpoynt.errors import PlatformRefused
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.ports import PlatformApi

MOST = 2000
"""Shops of one account; as many as a rule document may name."""
LONGEST = 255
"""Characters of a name or an address."""

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


def read_locations(api: PlatformApi, template: Template) -> list[Location] | None:
    """Every shop once, in the platform's order; None for a platform that has none to tell of.

    PlatformRefused for more than MOST of them. An entry without a usable id is left out: no sale can name it either.
    """
    where = template.locations
    if where is None:
        return None
    found: dict[str, Location] = {}
    for shown in _listed(api, template, template.resources[where.resource]):
        one = _location(where, put_right(template.quirks, shown))
        if one is not None:
            found.setdefault(one.id, one)
        if len(found) > MOST:
            raise PlatformRefused(f"{template.name}: more than {MOST} shops")
    return list(found.values())


def _listed(api: PlatformApi, template: Template, resource: Resource) -> Iterator[Any]:
    asked = paging.Asked(resource.path, resource.params, resource.body)
    if resource.paged:
        for page in paging.pages(api, resource.paging or template.paging, asked, resource.item):
            yield from page.items
        return
    answer = api.read(asked.path, asked.params or None, body=asked.body)
    shown = _find(resource.item, fetching.readable(template, answer.body))
    yield from paging.listed(shown, single_as_object=True)


def _location(where: Locations, shown: Any) -> Location | None:
    number = _text(where.id, shown)
    if number is None or not _ID.fullmatch(number):
        return None
    return Location(
        id=number,
        name=_text(where.name, shown) or number,
        active=where.active is None or _find(where.active, shown) not in (None, False, "", [], {}),
        currency=_text(where.currency, shown),
        time_zone=_text(where.time_zone, shown),
        address=_text(where.address, shown),
    )


def _text(expression: str | None, shown: Any) -> str | None:
    """One line of what stands there; the parts of an address with commas between."""
    found = _find(expression, shown) if expression else None
    if isinstance(found, Mapping):
        found = list(found.values())
    parts = [_plain(one) for one in (found if isinstance(found, list) else [found])]
    return ", ".join(part for part in parts if part)[:LONGEST] or None


def _plain(value: Any) -> str:
    if value is None or isinstance(value, bool | list | Mapping):
        return ""
    text = plain(value) if isinstance(value, Decimal) else str(value)
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _find(expression: str, shown: Any) -> Any:
    try:
        return find(expression, shown, most=paging.MAX_ITEMS)
    except NoValue:
        return None
