"""DynamoDB items as plain dictionaries: text, whole numbers, bytes and truth values; anything deeper is JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Item = dict[str, Any]
"""An item in DynamoDB's own notation, `{"pk": {"S": "…"}}`."""


def to_item(values: Mapping[str, Any]) -> Item:
    """`values` in DynamoDB's notation; None is left out."""
    return {name: _typed(value) for name, value in values.items() if value is not None}


def _typed(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, datetime):
        return {"S": iso(value)}
    if isinstance(value, str):
        return {"S": value}
    return {"S": json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """What `to_item` wrote, but for JSON text, which stays text."""
    return {name: _plain(typed) for name, typed in item.items()}


def _plain(typed: Mapping[str, Any]) -> Any:
    kind, value = next(iter(typed.items()))
    return int(value) if kind == "N" else bytes(value) if kind == "B" else value


def iso(moment: datetime) -> str:
    """UTC with microseconds always, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def up_to(moment: datetime) -> str:
    """An upper bound for sort keys that begin with `iso` and `#`: everything at `moment` or before."""
    return iso(moment) + "~"


def moment_of(text: str | None) -> datetime | None:
    """What `iso` wrote."""
    return datetime.fromisoformat(text) if text else None
