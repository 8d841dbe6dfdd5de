"""The deal inside a Pipedrive notification. Its custom fields are typed there and plain in the REST API.

What a notification means is data: `webhooks.events` in connector.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def embedded(webhook: Mapping[str, Any]) -> dict[str, Any]:
    """The object inside a notification, custom fields in REST's shape: a preview; sales are made of what REST says."""
    found = dict(_object(webhook.get("data")) or _object(webhook.get("current")))
    if isinstance(found.get("custom_fields"), Mapping):
        found["custom_fields"] = {key: rest_value(value) for key, value in found["custom_fields"].items()}
    return found


def rest_value(typed: Any) -> Any:
    """A webhook's typed custom field value as REST v2 gives it (reference, section 2, table of shapes)."""
    if not isinstance(typed, Mapping) or "type" not in typed:
        return typed
    kind = typed["type"]
    if kind == "set":
        return [one.get("id") for one in typed.get("values") or () if isinstance(one, Mapping)]
    if kind in ("enum", "people", "org", "user"):
        return typed.get("id")
    if kind == "monetary":
        return {"value": typed.get("value"), "currency": typed.get("currency")}
    if kind in ("daterange", "timerange"):
        return {"value": typed.get("from"), "until": typed.get("until")}
    if kind == "address":
        return {name: value for name, value in typed.items() if name != "type"}
    return typed.get("value")


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
