"""Pipedrive's webhook bodies, v2 and v1, as events. Chosen by content: the subscription's version is not trusted.

There is no "deal won" event. v2's `previous` holds changed fields only, so a missing `status` means "unchanged":
taking it for "different" makes every later edit of a won deal look like a new sale (reference, section 6).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from taxpoynt.connector_kit.template import Template
from taxpoynt.domain.connection import Event
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_V1_ACTIONS = {"added": "create", "updated": "change", "deleted": "delete", "merged": "delete"}
_PAST = {"create": "created", "change": "changed", "delete": "deleted"}


def events(template: Template, body: bytes) -> list[Event]:
    """The one event of a delivery; BadInput when it is not a Pipedrive notification."""
    whole = read_json(body)
    meta = whole.get("meta") if isinstance(whole, Mapping) else None
    if not isinstance(whole, Mapping) or not isinstance(meta, Mapping):
        raise BadInput("not a Pipedrive webhook: no meta")
    return [_v2(template, whole, meta) if str(meta.get("version", "")).startswith("2") else _v1(template, whole, meta)]


def _v2(template: Template, whole: Mapping[str, Any], meta: Mapping[str, Any]) -> Event:
    data, previous = _object(whole.get("data")), _object(whole.get("previous"))
    action, resource = str(meta.get("action")), str(meta.get("entity"))
    resource_id = _id(meta.get("entity_id")) or _id(data.get("id")) or _id(previous.get("id"))
    return _event(
        template,
        action=action,
        resource=resource,
        resource_id=resource_id,
        account=_id(meta.get("company_id")),
        event_id=_event_id(meta.get("id")) or _digest(meta, "company_id webhook_id entity entity_id action timestamp"),
        occurred_at=_time(meta.get("timestamp")),
        status=data.get("status"),
        status_before=previous.get("status", data.get("status")) if action == "change" else None,
        last_status=previous.get("status"),
    )


def _v1(template: Template, whole: Mapping[str, Any], meta: Mapping[str, Any]) -> Event:
    """Both sides are full objects here; `meta.id` is the object's id, and there is no event id."""
    if whole.get("v") != 1 and meta.get("v") != 1:
        raise BadInput("not a Pipedrive webhook: neither version 1 nor 2")
    current, previous = _object(whole.get("current")), _object(whole.get("previous"))
    return _event(
        template,
        action=_V1_ACTIONS.get(str(meta.get("action")), ""),
        resource=str(meta.get("object")),
        resource_id=_id(meta.get("id")) or _id(current.get("id")),
        account=_id(meta.get("company_id")),
        event_id=_digest(meta, "company_id webhook_id object action id timestamp_micro timestamp"),
        occurred_at=_time(meta.get("timestamp")),
        status=current.get("status"),
        status_before=previous.get("status"),
        last_status=previous.get("status"),
    )


def _event(
    template: Template,
    *,
    action: str,
    resource: str,
    resource_id: str | None,
    account: str | None,
    event_id: str,
    occurred_at: datetime | None,
    status: Any,
    status_before: Any,
    last_status: Any,
) -> Event:
    if action not in _PAST or resource_id is None or not re.fullmatch(r"[a-z_]{1,40}", resource):
        raise BadInput("not a Pipedrive webhook: no action, entity or id that we know")
    kind, relevant, why = f"{resource}.{_PAST[action]}", False, f"{resource} {_PAST[action]}"
    if resource not in template.webhooks.events.resources:
        why = f"no invoice depends on a {resource}"
    elif resource != "deal":
        # Deleted or merged away is a change of what a held sale is made from, and nothing to fetch by itself.
        relevant, kind = action != "create", kind if action == "create" else f"{resource}.changed"
        why += ": a held sale may depend on it" if relevant else ": no sale depends on it yet"
    elif action != "delete" and status == "won" and status_before != "won":
        kind, relevant, why = "deal.won", True, "the deal was won"
    elif status == "won" or status_before == "won" or (action == "delete" and last_status == "won"):
        relevant, why = True, f"{why}: it is or was won, a held sale may depend on it"
    else:
        why = f"{why}, status {status if isinstance(status, str) else last_status}"[:100]
    return Event(
        id=event_id,
        type=kind,
        resource=resource,
        resource_id=resource_id,
        account=account,
        occurred_at=occurred_at,
        relevant=relevant,
        why=why,
    )


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


def _id(value: Any) -> str | None:
    """Ids are text in the vendor's examples and numbers in recorded deliveries."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if _ID.match(text) else None


def _event_id(value: Any) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9-]{8,64}", value) else None


def _digest(meta: Mapping[str, Any], names: str) -> str:
    parts = "\n".join(f"{name}={meta.get(name)}" for name in names.split())
    return "d-" + hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:40]


def _time(value: Any) -> datetime | None:
    """ISO text in v2, epoch seconds in v1."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
