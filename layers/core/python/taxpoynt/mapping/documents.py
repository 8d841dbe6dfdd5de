"""A rule document: what one version of a merchant's (or the operator's) rules for a connection says, in one piece.

`{"version": 1, "rules": [...], "settings": {...}, "tax": [...], "locations": {...}, "number": "..."}`: mapping rules,
what was chosen of the template's settings, and the decisions of domain/decisions.py. Every part may be absent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.number_pattern import pattern_fault, start_fault
from taxpoynt.domain.decisions import Decisions
from taxpoynt.errors import Fault, FaultsFound
from taxpoynt.mapping import rules
from taxpoynt.mapping.rules import dotted, likely, place_of

VERSION = 1
LARGEST = 250_000
"""Bytes of JSON; more than some thousand rules. Long lists of products belong into the product table."""
PARTS = ("version", "rules", "settings", "tax", "locations", "number")
_DECISIONS = ("tax", "locations", "number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What a document is checked against.

    rules: judges the mapping part, for its connector; settings: those the template has; setting: (name, value) → what
    is allowed instead, None when the value is; lists: NRS's; platform: the letters that begin the connector's numbers.
    """

    rules: Callable[[Mapping[str, Any]], list[Fault]] = rules.check
    settings: tuple[str, ...] = ()
    setting: Callable[[str, Any], str | None] = lambda _name, _value: None
    lists: CodeLists | None = None
    platform: str | None = None


def check(data: Any, checks: Checks) -> list[Fault]:
    """Every fault of a document, all at once. Codes: MAP-0xx of the rules; RULES-001 to RULES-006 of the rest."""
    if not isinstance(data, Mapping):
        return [_fault("RULES-001", "", "a rule document is an object", f"with any of: {', '.join(PARTS)}")]
    faults = [
        _fault("RULES-001", name, f"no part called {name!r}{likely(name, PARTS)}", f"use {', '.join(PARTS)}")
        for name in data
        if name not in PARTS
    ]
    if len(json.dumps(data, default=str).encode()) > LARGEST:
        faults.append(_fault("RULES-002", "", "the document is too large", "put products into the product table"))
        return faults
    faults += checks.rules(mapping_of(data))
    faults += _setting_faults(data.get("settings", {}), checks)
    return [*faults, *_decision_faults(data, checks.lists)]


def read(data: Mapping[str, Any], checks: Checks) -> dict[str, Any]:
    """The document as it is stored: only what it says. FaultsFound with everything that is wrong."""
    if faults := check(data, checks):
        raise FaultsFound(faults)
    return {"version": VERSION, **{name: data[name] for name in PARTS[1:] if data.get(name)}}


def mapping_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping rules of a document, as a RuleSet as data."""
    return {"version": data.get("version", VERSION), "rules": data.get("rules", [])}


def decisions_of(data: Mapping[str, Any]) -> Decisions:
    """The decisions of a document that was checked."""
    return Decisions.model_validate({name: data[name] for name in _DECISIONS if name in data})


def _setting_faults(chosen: Any, checks: Checks) -> Iterator[Fault]:
    if not isinstance(chosen, Mapping):
        yield _fault("RULES-003", "settings", "settings are an object of names and values", "see the connector's page")
        return
    for name, value in chosen.items():
        where = f"settings.{name}"
        if name not in checks.settings:
            known = ", ".join(checks.settings) or "it has none"
            message = f"the connector has no setting called {name!r}{likely(str(name), checks.settings)}"
            yield _fault("RULES-003", where, message, f"its settings: {known}")
        elif problem := checks.setting(name, value):
            yield _fault("RULES-003", where, "this setting cannot have that value", f"give {problem}")


def _decision_faults(data: Mapping[str, Any], lists: CodeLists | None) -> Iterator[Fault]:
    try:
        decisions = decisions_of(data)
    except ValidationError as problem:
        for error in problem.errors(include_url=False, include_context=False, include_input=False):
            where = dotted(place_of(error["loc"]))
            yield _fault("RULES-001", where, error["msg"].removeprefix("Value error, "), "see docs/merchant-rules.md")
        return
    for index, rule in enumerate(decisions.tax):
        yield from _category_fault(rule.tax_category, f"tax.{index}.tax_category", lists)
    for name, location in decisions.locations.items():
        if location.tax_category is not None:
            yield from _category_fault(location.tax_category, f"locations.{name}.tax_category", lists)
        if location.prefix is not None and (wrong := start_fault(location.prefix)):
            yield _fault("RULES-005", f"locations.{name}.prefix", "numbers cannot begin so", wrong)
    if decisions.number is not None and (wrong := pattern_fault(decisions.number)):
        yield _fault("RULES-005", "number", "not a pattern of invoice numbers", wrong)


def _category_fault(category: str, where: str, lists: CodeLists | None) -> Iterator[Fault]:
    if lists is None or lists.tax_categories.allows(category):
        return
    known = sorted(lists.tax_categories.rows)
    yield _fault("RULES-004", where, f"NRS has no tax category {category!r}{likely(category, known)}", _one_of(known))


def _one_of(known: list[str]) -> str:
    return f"choose one of: {', '.join(known)}"


def _fault(code: str, path: str, message: str, remedy: str) -> Fault:
    return Fault(code, path, message, remedy)
