"""A delivery as events, by what the template says of its body. Total: events, or BadInput.

What one event of many lacks parks that event alone; a delivery of which nothing can be read is BadInput.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from taxpoynt.connector_kit.soap import read_soap
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_events import Body, EventRule, Events, Moment
from taxpoynt.connector_kit.template_webhooks import Webhooks
from taxpoynt.domain.connection import Event
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput
from taxpoynt.mapping.expressions import find, plain_data
from taxpoynt.mapping.transforms import NoValue

MAX_ITEMS = 1000
"""Events of one delivery; the largest batch we know of holds a hundred."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}\Z")
_KEY = re.compile(r"[A-Za-z0-9_.:+=@-]{1,200}\Z")
_ACCOUNT = re.compile(r"[A-Za-z0-9_.:@-]{1,200}\Z")
_TYPE = re.compile(r"[A-Za-z0-9_.:/-]{1,80}\Z")

_UNREADABLE = "unreadable: "
"""How the reason of an event begins of which we cannot even tell what it is about."""

View = dict[str, Any]


def events(
    template: Template, body: bytes, content_type: str = "", headers: Mapping[str, str] | None = None
) -> list[Event]:
    """Every notification in a delivery. `headers`: those that the template's events name, in lower case."""
    del content_type  # the template says what a body is; senders' headers differ
    if template.webhooks is None:
        raise BadInput(f"{template.name} has no webhooks")
    view = _view(template.webhooks.body, body, headers or {})
    reading = next((one for one in template.webhooks.events if one.when is None or _holds(one.when, view)), None)
    if reading is None:
        raise BadInput(f"not a {template.title} webhook: none of the kinds of body that the template knows")
    found = [_event(reading, {**view, "item": item}, template.webhooks) for item in _items(reading, view)]
    if found and all(event.why.startswith(_UNREADABLE) for event in found):
        raise BadInput(f"not a {template.title} webhook: {found[0].why}")
    return found


def same_account(template: Template, event_account: str, account_id: str) -> bool:
    """Do both name one account? In constant time; the first characters decide where the template says how many."""
    readings = template.webhooks.events if template.webhooks else ()
    wanted = next((one.account_characters for one in readings if one.account_characters), None)
    if wanted is not None and min(len(event_account), len(account_id)) >= wanted:
        event_account, account_id = event_account[:wanted], account_id[:wanted]
    return hmac.compare_digest(
        event_account.encode("utf-8", "surrogatepass"), account_id.encode("utf-8", "surrogatepass")
    )


def embedded(template: Template, webhook: Mapping[str, Any]) -> dict[str, Any]:
    """The record inside a notification, where the template says that there is one: a preview, never a sale."""
    view: View = {"body": plain_data(webhook), "item": plain_data(webhook), "headers": {}, "form": {}}
    for reading in template.webhooks.events if template.webhooks else ():
        if reading.embedded and (reading.when is None or _holds(reading.when, view)):
            found = _found(reading.embedded, view)
            return dict(found) if isinstance(found, Mapping) else {}
    return {}


def _view(spec: Body, body: bytes, headers: Mapping[str, str]) -> View:
    form: dict[str, str] = {}
    if spec.format == "soap":
        whole: Any = read_soap(body, root=str(spec.root), namespaces=spec.namespaces, lists=spec.lists)
    elif spec.format == "form":
        form = _form(body)
        whole = read_json(form.pop(str(spec.field), "").encode("utf-8", "surrogatepass"))
    else:
        whole = read_json(body)
    return {"body": plain_data(whole), "headers": dict(headers), "form": form}


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        raise BadInput("not readable as a form") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadInput("a form with the same field twice")
    return fields


def _items(reading: Events, view: View) -> Sequence[Any]:
    if reading.items is None:
        return [view["body"]]
    found = _found(reading.items, view)
    items = found if isinstance(found, list) else [] if found is None else [found]
    if len(items) > MAX_ITEMS:
        raise BadInput("too many events in one delivery")
    return items


def _event(reading: Events, view: View, webhooks: Webhooks) -> Event:
    kind = _text(reading.type, view, _TYPE)
    sent_id = _text(reading.id, view, _KEY) if reading.id else None
    account = _text(reading.account, view, _ACCOUNT)
    rule = next((one for one in reading.rules if kind in one.types and (not one.when or _holds(one.when, view))), None)
    resource_id = _text((rule and rule.resource_id) or reading.resource_id, view, _ID)
    means, why = _meaning(rule, kind, resource_id)
    nobody = account is None and webhooks.signature.secret == "none"  # noqa: S105 - whose secret it is, not a secret
    if means not in ("ignore", "park") and nobody:
        means, why = "park", _UNREADABLE + "no account, and nothing else says whose it is"
    return Event(
        id=_key(reading, view, sent_id),
        sent_id=sent_id,
        type=(rule.named if rule and rule.named else kind) or "",
        resource=(rule.resource if rule and rule.resource else "none"),
        resource_id=resource_id or "",
        account=account,
        occurred_at=_moment(reading.occurred_at, view),
        means=means,
        why=why,
    )


def _meaning(rule: EventRule | None, kind: str | None, resource_id: str | None) -> tuple[Any, str]:
    if kind is None:
        return "park", _UNREADABLE + "no type"
    if rule is None:
        return "ignore", f"{kind}: nothing an invoice could depend on"
    if rule.means in ("fetch", "changed") and resource_id is None:
        return "park", f"{_UNREADABLE}{kind} without a usable id of its record"
    return rule.means, rule.why or kind


def _key(reading: Events, view: View, sent_id: str | None) -> str:
    """What the event is deduplicated on: the sender's id, or the parts that tell two apart, or all of it."""
    if reading.dedupe:
        parts = [_scalar(_found(part, view)) for part in reading.dedupe]
        if all(part is not None and _KEY.match(part) for part in parts):
            return "/".join(str(part) for part in parts)
    elif sent_id is not None:
        return sent_id
    wanted = reading.dedupe or reading.fallback_id
    values: list[Any] = [_found(part, view) for part in wanted]
    if all(value is None for value in values):
        values = [view["item"], view["headers"]]
    text = json.dumps(values, sort_keys=True, default=str)
    return "d-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _moment(spec: Moment | None, view: View) -> datetime | None:
    """As the sender tells it, UTC where it names no zone; None when it cannot be read."""
    value = _scalar(_found(spec.source, view)) if spec else None
    if spec is None or value is None:
        return None
    try:
        if spec.unit != "iso":
            return datetime.fromtimestamp(int(value) / (1000 if spec.unit == "ms" else 1), UTC)
        found = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _text(expression: str, view: View, pattern: re.Pattern[str]) -> str | None:
    """A text or whole number that fits the pattern; ids are one here and the other there."""
    found = _scalar(_found(expression, view))
    return found if found is not None and pattern.match(found) else None


def _scalar(value: Any) -> str | None:
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else None


def _holds(condition: str, view: View) -> bool:
    return _found(condition, view) is True


def _found(expression: str, view: View) -> Any:
    try:
        return find(expression, view)
    except NoValue:
        return None
