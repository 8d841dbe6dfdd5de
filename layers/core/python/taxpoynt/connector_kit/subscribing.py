"""Webhook subscriptions: list first, create what is missing, remove what is double, inactive or otherwise made.

Creating the same subscription twice gives two at most platforms, and every event comes twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from taxpoynt.connector_kit.fetching import readable
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_subscriptions import Subscription
from taxpoynt.connector_kit.verdicts import RefusedWithStatus
from taxpoynt.errors import Busy, ConfigurationError, NotFound, PlatformRefused
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.ports import PlatformApi, WebhookSetup

Item = Mapping[str, Any]


def webhook_setup(template: Template) -> WebhookSetup:
    """How this platform is told to call us."""
    webhooks = template.webhooks
    if webhooks is None:
        return WebhookSetup(by="nobody")
    whose = webhooks.signature.secret
    return WebhookSetup(
        by=webhooks.subscribe,
        own_address=webhooks.address == "connection",
        secret="pair" if whose == "connection" else whose,
        steps=webhooks.steps,
    )


def subscribe(api: PlatformApi, template: Template, *, url: str, user: str, password: str) -> tuple[str, ...]:
    """Exactly one active subscription of each wanted kind; their ids in the template's order.

    For a subscription of the application, `api` is authorised by a token of the application.
    """
    spec = _spec(template)
    existing = _existing(api, template, spec)
    values = {"{url}": url, "{user}": user, "{password}": password}
    filled = _filled(spec.body, values)
    return tuple(_one(api, template, spec, {**filled, **_filled(one, values)}, existing) for one in spec.each)


def standing(api: PlatformApi, template: Template) -> dict[str, bool]:
    """By id, every subscription that the platform shows us: is it active?"""
    spec = _spec(template)
    shown = ((_id(spec, item), _is_active(spec, item)) for item in _existing(api, template, spec))
    return {one: active for one, active in shown if one is not None}


def unsubscribe(api: PlatformApi, template: Template, subscriptions: Iterable[str]) -> None:
    """Removes them; one that is gone already counts as removed."""
    spec = _spec(template)
    for subscription in subscriptions:
        _remove(api, spec, subscription)


def _existing(api: PlatformApi, template: Template, spec: Subscription) -> list[Item]:
    found = _found(spec.items, readable(template, api.get(spec.path, spec.list_params or None)))
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _one(api: PlatformApi, template: Template, spec: Subscription, wanted: Item, existing: Iterable[Item]) -> str:
    alike = [item for item in existing if _agree(spec.match, item, wanted)]
    good = [item for item in alike if _is_active(spec, item) and _agree(spec.same, item, wanted)]
    kept = _id(spec, good[0]) if good else None
    for item in alike:
        other = _id(spec, item)
        if other is not None and other != kept:
            _remove(api, spec, other)
    return kept if kept is not None else _make(api, template, spec, wanted)


def _make(api: PlatformApi, template: Template, spec: Subscription, wanted: Item) -> str:
    body = {spec.wrap: dict(wanted)} if spec.wrap else dict(wanted)
    beside = _filled(spec.beside, {"{unique}": str(uuid.uuid4())})
    try:
        created = readable(template, api.send("POST", spec.path, {**beside, **body}))
    except RefusedWithStatus as error:
        if error.status != spec.exists_on:
            raise
        raise Busy("somebody else made the same subscription just now") from None
    made = _id(spec, _found(spec.made, created) if spec.made else created)
    if made is None:
        raise PlatformRefused(f"{template.name}: a new subscription without id")
    return made


def _agree(names: Iterable[str], item: Item, wanted: Item) -> bool:
    return all(_plain(item.get(name)) == _plain(wanted[name]) for name in names)


def _plain(value: Any) -> Any:
    """Numbers and texts are one here and the other there; lists are sets."""
    if isinstance(value, list | tuple):
        return sorted(str(one) for one in value)
    return value if isinstance(value, bool) else str(value)


def _is_active(spec: Subscription, item: Item) -> bool:
    return spec.active is None or _found(spec.active, item) not in (0, False, None)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(one, values) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(one, values) for one in value]
    return values.get(value, value) if isinstance(value, str) else value


def _remove(api: PlatformApi, spec: Subscription, subscription: str) -> None:
    path = spec.remove_path or f"{spec.path}/{{id}}"
    try:
        api.send("DELETE", path.replace("{id}", quote(subscription, safe="")))
    except NotFound:
        return


def _spec(template: Template) -> Subscription:
    if template.webhooks is None or template.webhooks.subscription is None:
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
