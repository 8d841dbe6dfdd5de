"""What the webhooks block of a template says about its other blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taxpoynt.connector_kit.findings import at, items

UNPROVED = "vectors must hold at least one genuine and one false delivery"

Place = tuple[str | int, ...]


def cross_checks(data: Mapping[str, Any]) -> list[tuple[Place, str]]:
    """(path, message) pairs over the plain data. What has the wrong shape is left to the model, which reports it."""
    found: list[tuple[Place, str]] = []
    uninstalls = False
    for place, rule in _rules(data):
        uninstalls = uninstalls or rule.get("means") == "uninstall"
        found += _unknown_resource(data, place, rule)
    found += _unproved(data)
    if uninstalls != _told_by_event(data) and isinstance(data.get("webhooks"), Mapping):
        if uninstalls:
            found.append((("oauth", "uninstall"), "an event means uninstall, so its signal is event"))
        else:
            found.append((("oauth", "uninstall"), "signal is event, but no rule of webhooks.events means uninstall"))
    return found


def _unproved(data: Mapping[str, Any]) -> list[tuple[Place, str]]:
    """As the model says it, which is not asked while anything else of the block is wrong."""
    vectors, schemes = items(data, "webhooks", "vectors"), items(data, "webhooks", "signature", "schemes")
    if not vectors or at(schemes, 0, "kind") in (None, "none"):
        return []
    shown = {at(vector, "genuine") for vector in vectors}
    return [] if {True, False} <= shown else [(("webhooks",), UNPROVED)]


def _rules(data: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    webhooks = data.get("webhooks")
    readings = webhooks.get("events") if isinstance(webhooks, Mapping) else None
    for number, reading in enumerate(readings if isinstance(readings, list) else ()):
        rules = reading.get("rules") if isinstance(reading, Mapping) else None
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            if isinstance(rule, Mapping):
                yield ("webhooks", "events", number, "rules", index), rule


def _unknown_resource(data: Mapping[str, Any], place: Place, rule: Mapping[str, Any]) -> list[tuple[Place, str]]:
    """What is fetched is a record; what a held sale may depend on is at least a resource."""
    block = {"fetch": "records", "changed": "resources"}.get(str(rule.get("means")))
    known, name = data.get(block or ""), rule.get("resource")
    if block is None or not isinstance(known, Mapping) or not isinstance(name, str) or name in known:
        return []
    return [((*place, "resource"), f"{name!r} is not described under {block}")]


def _told_by_event(data: Mapping[str, Any]) -> bool:
    oauth = data.get("oauth")
    uninstall = oauth.get("uninstall") if isinstance(oauth, Mapping) else None
    return isinstance(uninstall, Mapping) and uninstall.get("signal") == "event"
