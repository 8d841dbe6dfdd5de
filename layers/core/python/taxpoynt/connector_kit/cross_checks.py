"""What one block of a template says about another, over the plain data, so that every fault is found in one run.

Whatever has the wrong shape is left to the models, which report it. Codes: docs/reference/faults.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from taxpoynt.connector_kit import declared_surface, reading_checks, sync_checks, webhook_checks
from taxpoynt.connector_kit.findings import Finding, Place, at, block, items, texts, unknown
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_quality import QUALITY_RULES
from taxpoynt.connector_kit.template_walk import expressions

PLACEHOLDERS: dict[Place, frozenset[str]] = {
    ("oauth", "account", "read"): frozenset({"account_id"}),
    ("oauth", "revoke"): frozenset({"client_id", "client_secret"}),
    ("hosts", "headers"): frozenset({"account_id"}),
    ("webhooks", "subscription"): frozenset({"url", "user", "password", "unique", "id"}),
    ("resources",): frozenset({"id", "ids", "account_id"}),
    ("poll",): frozenset({"since", "until", "account_id"}),
    ("syncs",): frozenset({"since", "account_id"}),
}
"""What `{…}` may name, by block."""

_BRACES = re.compile(r"\{([^{}]*)\}")
_BY_ID = re.compile(r"\{ids?\}")
_SETTING = re.compile(r"\bsettings\.([A-Za-z_][A-Za-z0-9_]*)")


def cross_checks(data: Any) -> list[Finding]:
    """Everything that two blocks of one template say differently."""
    return [finding for check in _CHECKS for finding in check(data)] if isinstance(data, Mapping) else []


def _resources(data: Mapping[str, Any]) -> Iterator[Finding]:
    resources, records = block(data, "resources"), block(data, "records")
    for name, record in records.items():
        yield from unknown(("records", name), at(record, "of") or name, resources, "resources")
        for index, one in enumerate(items(record, "related")):
            place = ("records", name, "related", index, "resource")
            yield from unknown(place, at(one, "resource"), resources, "resources")
    yield from unknown(("poll", "record"), at(data, "poll", "record"), records, "records")
    where = block(data, "locations")
    yield from unknown(("locations", "resource"), where.get("resource"), resources, "resources")
    if _asks_by_id(resources.get(str(where.get("resource")))):
        message = f"{where.get('resource')!r} is asked for by an id, so it is no list of shops"
        yield Finding(("locations", "resource"), "TPL-008", message, "name a resource that lists all of them")
    for name in block(where, "of"):
        yield from unknown(("locations", "of", name), name, records, "records")
    for kind, fields in block(data, "data").items():
        for name in block(fields):
            yield from unknown(("data", kind, name), name, resources, "resources")


def _asks_by_id(resource: Any) -> bool:
    """Nobody knows the ids of shops before the list is read."""
    said = [text for name in ("path", "params", "body") for _, text in texts([at(resource, name)])]
    return bool(at(resource, "batch")) or any(_BY_ID.search(text) for text in said)


def _parts(data: Mapping[str, Any]) -> Iterator[Finding]:
    """A part shows the same answer as its whole, so the same of it is personal."""
    for name, record in block(data, "records").items():
        for kind, fields in block(data, "data").items():
            lacking = [one for one in items(fields, at(record, "of") or "") if one not in items(fields, name)]
            if lacking:
                message = f"{name!r} shows what {at(record, 'of')!r} does, and {lacking[0]!r} is not named for it"
                yield Finding(("data", kind), "TPL-008", message, "name the same fields for both")


def _triggers(data: Mapping[str, Any]) -> Iterator[Finding]:
    records, settings = block(data, "records"), block(data, "settings")
    seen: set[str] = set()
    for index, trigger in enumerate(items(data, "triggers")):
        name = at(trigger, "record")
        yield from unknown(("triggers", index, "record"), name, records, "records")
        if name in seen:
            yield Finding(("triggers", index, "record"), "TPL-008", f"{name!r} has a trigger already")
        seen |= {name} if isinstance(name, str) else set()
        for number, case in enumerate(items(trigger, "cases")):
            place = ("triggers", index, "cases", number, "chosen")
            yield from unknown(place, at(case, "chosen"), settings, "settings")
            if at(settings, at(case, "chosen") or "", "type") not in (None, "values"):
                yield Finding(place, "TPL-008", "only a setting of type values names the values of a case")
    for name in records if seen <= set(records) else ():  # a misspelt one was told above
        if name not in seen and not at(records, name, "of"):
            yield Finding(("records", name), "TPL-008", "no trigger says which document is made of it")


def _settings(data: Mapping[str, Any]) -> Iterator[Finding]:
    """A condition may ask for settings that there are; shops can be chosen where there are shops."""
    known = block(data, "settings")
    for place, text in texts(data):
        for name in _SETTING.findall(text) if place[0] in ("triggers", "sale", "mapping") else ():
            yield from unknown(place, name, known, "settings")
    for name, setting in known.items():
        if at(setting, "type") == "locations" and not block(data, "locations"):
            yield Finding(("settings", name, "type"), "TPL-008", "there is no locations block to choose from")


def _hosts(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Fields of host names, and the questions that answer them."""
    fields, asked = block(data, "hosts", "fields"), block(data, "oauth", "asked")
    used: set[str] = set()
    for environment in ("production", "sandbox"):
        for name in block(data, "hosts", environment):
            place = ("hosts", environment, name)
            host = at(data, *place)
            if isinstance(host, str):
                found = _BRACES.findall(host)
                used |= set(found)
                for one in found:
                    yield from unknown(place, one, fields, "hosts.fields")
            yield from _asked((*place, "at"), host, asked)
    for name, field in fields.items():
        yield from _asked(("hosts", "fields", name, "at"), field, asked)
        if name not in used:
            yield Finding(("hosts", "fields", name), "TPL-008", "no host name uses this field")


def _asked(place: Place, host: Any, asked: Mapping[str, Any]) -> Iterator[Finding]:
    if at(host, "source") == "merchant":
        yield from unknown(place, at(host, "at"), asked, "oauth.asked")


def _placeholders(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Braces mean something else in expressions, so those are left out."""
    for block_of, names in PLACEHOLDERS.items():
        inside = at(data, *block_of)
        skip = {place for place in expressions(Template, data) if place[: len(block_of)] == block_of} if inside else ()
        for place, text in texts(inside, block_of):
            for name in _BRACES.findall(text) if place not in skip else ():
                if name not in names:
                    known = ", ".join(f"{{{one}}}" for one in sorted(names))
                    yield Finding(place, "TPL-006", f"unknown placeholder {{{name}}}", f"known here: {known}")


def _places(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Where people are sent must exist: facts of the account, and the records that fields belong to."""
    places = block(data, "places")
    facts = block(data, "oauth", "account", "details")
    for name in _BRACES.findall(str(places.get("origin") or "")):
        yield from unknown(("places", "origin"), name, facts, "oauth.account.details")
    known = {*block(places, "records"), *block(places, "roots"), *block(data, "resources")}
    for path in block(places, "fields"):
        yield from unknown(("places", "fields", path), str(path).partition(".")[0], known, "places")


def _quality(data: Mapping[str, Any]) -> Iterator[Finding]:
    given = block(data, "quality")
    for name in QUALITY_RULES:
        if given and name not in given:
            remedy = f"write `{name}: done`, or `{name}: {{exempt: the reason}}`; it asks: {QUALITY_RULES[name]}"
            yield Finding(("quality",), "TPL-012", f"nothing is said of {name!r}", remedy)


def _signals(data: Mapping[str, Any]) -> Iterator[Finding]:
    """PKCE, scopes and settings of the grant that only make sense together."""
    consent = block(data, "oauth", "authorize")
    optional = [one for one in items(data, "oauth", "scopes") if at(one, "optional") is True]
    if optional and consent and consent.get("scope_parameter", "scope") is None:
        place = ("oauth", "authorize", "scope_parameter")
        yield Finding(place, "TPL-008", "scopes are not asked for in the request, so none of them can be optional")
    if at(data, "oauth", "grant") == "client_credentials" and at(data, "hosts", "fields"):
        for name, field in block(data, "hosts", "fields").items():
            if at(field, "source") == "callback":
                yield Finding(("hosts", "fields", name, "source"), "TPL-008", "an app that logs in has no callback")


def _others(data: Mapping[str, Any]) -> Iterator[Finding]:
    """What the rooms of webhooks, of reading, of catalogues and of whole sales check themselves."""
    for place, message in declared_surface.cross_checks(data):
        yield Finding(place, "TPL-011", message)
    for place, message in webhook_checks.cross_checks(data):
        code = "TPL-010" if message == webhook_checks.UNPROVED else "TPL-008" if place[0] == "oauth" else "TPL-007"
        yield Finding(place, code, message)
    for place, message in reading_checks.cross_checks(data):
        yield Finding(place, "TPL-007" if "not described" in message else "TPL-008", message)
    for place, message in sync_checks.cross_checks(dict(data)):
        yield Finding(place, "TPL-007" if "not described" in message else "TPL-008", message)


_CHECKS = (
    _resources,
    _parts,
    _triggers,
    _settings,
    _hosts,
    _placeholders,
    _places,
    _quality,
    _signals,
    _others,
)
