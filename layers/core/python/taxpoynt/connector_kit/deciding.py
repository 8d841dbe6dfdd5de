"""Which document a record makes: the template's trigger cases over the record and what the merchant chose. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from taxpoynt.connector_kit.classed import HIDDEN_FROM_OTHERS
from taxpoynt.connector_kit.redaction import class_of
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_triggers import Case, Makes, Setting, Trigger
from taxpoynt.domain.money import plain
from taxpoynt.errors import BadInput
from taxpoynt.mapping.expressions import exact_data, find
from taxpoynt.mapping.roots import references
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.ports import TriggerDecision

_PART = re.compile(r"[A-Za-z0-9-]{1,64}")

_DOCUMENTS: dict[Makes, Literal["invoice", "credit_note", "draft", "ignore"]] = {
    "invoice": "invoice",
    "credit_note": "credit_note",
    "draft": "draft",
    "nothing": "ignore",
}


def decide(
    template: Template, view: Mapping[str, Any], settings: Mapping[str, Any] | None = None, resource: str | None = None
) -> TriggerDecision:
    """The document and why. BadInput when the view holds no record of a trigger.

    settings: what the merchant chose; whatever is absent or not a value of its setting is the template's default.
    resource: which record it is about; by default the main one.
    """
    rule = _trigger(template, resource)
    record = view.get(rule.record)
    if not isinstance(record, Mapping):
        raise BadInput(f"{template.name}: no {rule.record} in what was given")
    chosen = chosen_settings(template.settings, settings or {})
    seen = {**exact_data(view), "settings": chosen}
    if (elsewhere := _elsewhere(template, rule.record, seen, chosen)) is not None:
        return TriggerDecision(document="ignore", why=elsewhere)
    value = _text(_found(rule.field, seen[rule.record]))
    for case in rule.cases:
        if _holds(case, value, seen, chosen):
            return TriggerDecision(document=_DOCUMENTS[case.makes], why=case.why or _state(template, rule, value))
    return TriggerDecision(document="ignore", why=_state(template, rule, value))


def chosen_settings(known: Mapping[str, Setting], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting with its value, lists as lists."""
    values = {
        name: given[name] if name in given and setting.fault_of(given[name]) is None else setting.default
        for name, setting in known.items()
    }
    return {name: list(value) if isinstance(value, list | tuple) else value for name, value in values.items()}


def locations_setting(template: Template) -> str | None:
    """The setting that names the shops that issue invoices; None where a platform has none to choose."""
    return next((name for name, one in template.settings.items() if one.type == "locations"), None)


def _trigger(template: Template, resource: str | None) -> Trigger:
    if resource is None:
        return template.trigger
    rule = next((one for one in template.triggers if one.record == resource), None)
    if rule is None:
        raise BadInput(f"{template.name}: no document is made of {resource!r}")
    return rule


def _state(template: Template, rule: Trigger, value: str) -> str:
    """In words that are kept with the event and shown to operators: a field of a class is not repeated there."""
    paths = [".".join((root, *path)) for root, path in references(rule.field)]
    found = {class_of(template.data, rule.record, path) for path in paths}
    hidden = next((kind for kind in HIDDEN_FROM_OTHERS if kind in found), None)
    return f"the {rule.record} is {f'[{hidden}]' if hidden else value}"


def _elsewhere(template: Template, record: str, seen: Mapping[str, Any], chosen: Mapping[str, Any]) -> str | None:
    """Why the record's shop makes no invoices: the merchant named the shops that do, and it is none of them."""
    where = template.locations
    if where is None or record not in where.of:
        return None
    name = locations_setting(template)
    wanted: list[str] = chosen[name] if name is not None else []
    shop = _text(_found(where.of[record], seen[record]))
    return f"shop {shop} does not issue invoices here" if wanted and shop not in wanted else None


def _holds(case: Case, value: str, seen: Mapping[str, Any], chosen: Mapping[str, Any]) -> bool:
    values: Sequence[str] = chosen[case.chosen] if case.chosen is not None else case.values
    if (case.values or case.chosen is not None) and value not in values:
        return False
    return case.when is None or holds(case.when, seen)


def holds(condition: str, seen: Any) -> bool:
    """A condition as the language has it: nothing, no, and everything empty do not hold."""
    return _found(condition, seen) not in (None, False, "", [], {})


def parts_of(each: str, seen: Any) -> tuple[str, ...]:
    """The ids of the parts of a record, each once; whatever can be no part of an id is left out."""
    found = _found(each, seen)
    texts = (_text(one) for one in (found if isinstance(found, list) else []) if not isinstance(one, bool | None))
    return tuple(dict.fromkeys(text for text in texts if _PART.fullmatch(text)))


def _found(expression: str, seen: Any) -> Any:
    try:
        return find(expression, seen)
    except NoValue:
        return None


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)
