"""Cursors of lists: where a page ended, as text. They come back from browsers, so nothing in them is believed."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from taxpoynt.errors import BadInput
from taxpoynt.storage.items import Item


def write(place: Mapping[str, Any]) -> str:
    """`place` as text that can stand in an address."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def read(cursor: str) -> dict[str, Any]:
    """What `write` was given, as far as it is an object; BadInput otherwise. Check each part before it is used."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor))
    except (ValueError, RecursionError):
        place = None
    if not isinstance(place, dict):
        raise _not_ours()
    return place


def day_in(place: Mapping[str, Any]) -> date | None:
    """The day a list stopped at, None when there is none."""
    day = place.get("day")
    try:
        return None if day is None else date.fromisoformat(day)
    except (TypeError, ValueError):
        raise _not_ours() from None


def start_in(place: Mapping[str, Any], name: str, partition: str) -> Item | None:
    """The key to go on after, None when there is none; BadInput unless its attribute `name` is this very partition."""
    start = place.get("start")
    if start is None:
        return None
    wanted = {"pk", "sk", name, name.removesuffix("pk") + "sk"}
    if not isinstance(start, dict) or start.keys() != wanted or not all(map(_is_text, start.values())):
        raise _not_ours()
    if start[name]["S"] != partition:
        raise _not_ours()
    return start


def _is_text(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"S"} and isinstance(value["S"], str) and bool(value["S"])


def _not_ours() -> BadInput:
    return BadInput("this cursor is not ours")
