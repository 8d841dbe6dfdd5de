"""Webhook subscriptions: list first, create what is missing, remove what is double or inactive.

Creating the same subscription twice gives two, and every event comes twice (pipedrive reference, section 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from taxpoynt.connector_kit.fetching import readable
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_webhooks import Subscription
from taxpoynt.errors import ConfigurationError, NotFound, PlatformRefused
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.ports import PlatformApi


def subscribe(api: PlatformApi, template: Template, *, url: str, user: str, password: str) -> tuple[str, ...]:
    """Exactly one active subscription of each wanted kind; their ids in the template's order."""
    spec = _spec(template)
    listed = _found(spec.items, readable(template, api.get(spec.path)))
    existing = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
    values = {"{url}": url, "{user}": user, "{password}": password}
    filled = {name: values.get(value, value) for name, value in spec.body.items()}
    return tuple(_one(api, template, spec, {**filled, **wanted}, existing) for wanted in spec.each)


def unsubscribe(api: PlatformApi, template: Template, subscriptions: Iterable[str]) -> None:
    """Removes them; one that is gone already counts as removed."""
    spec = _spec(template)
    for subscription in subscriptions:
        _remove(api, spec, subscription)


def _one(
    api: PlatformApi,
    template: Template,
    spec: Subscription,
    wanted: Mapping[str, str],
    existing: Iterable[Mapping[str, Any]],
) -> str:
    same = [item for item in existing if all(str(item.get(name)) == wanted[name] for name in spec.match)]
    active = [item for item in same if spec.active is None or _found(spec.active, item) not in (0, False, None)]
    kept = _id(spec, active[0]) if active else None
    for item in same:
        other = _id(spec, item)
        if other is not None and other != kept:
            _remove(api, spec, other)
    if kept is not None:
        return kept
    created = readable(template, api.send("POST", spec.path, wanted))
    made = _id(spec, _found("data", created) or created)
    if made is None:
        raise PlatformRefused(f"{template.name}: a new subscription without id")
    return made


def _remove(api: PlatformApi, spec: Subscription, subscription: str) -> None:
    try:
        api.send("DELETE", f"{spec.path}/{quote(subscription, safe='')}")
    except NotFound:
        return


def _spec(template: Template) -> Subscription:
    if template.webhooks.subscription is None:
        raise ConfigurationError(f"{template.name}: subscriptions are made by hand")
    return template.webhooks.subscription


def _id(spec: Subscription, item: Any) -> str | None:
    found = _found(spec.id, item)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else None


def _found(expression: str, seen: Any) -> Any:
    try:
        return find(expression, seen)
    except NoValue:
        return None
