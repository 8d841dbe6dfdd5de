"""Carries out rules over a view of the record. Pure; raises nothing, reports coded faults.

Codes: MAP-010 a required rule found nothing; MAP-011 a value is longer than its target may be;
MAP-012 a value is not one of those its target may have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from taxpoynt.errors import Fault
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.rules import TARGETS, Rule, RuleSet, named
from taxpoynt.mapping.transforms import MAX_TEXT, TRANSFORMS, NoValue, text_of

KINDS = ("organisation", "person", "government")


@dataclass(frozen=True, slots=True)
class Layer:
    """A rule set and whose it is: `merchant` before `template`."""

    name: str
    rules: RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Where one value came from, or why a rule gave none (`why`)."""

    path: str
    layer: str
    rule: int
    expression: str
    source_value: Any
    transforms: tuple[Any, ...]
    result: str | None
    why: str


@dataclass(slots=True)
class Mapped:
    """Values by target, every rule that was asked, and faults."""

    values: dict[str, str] = field(default_factory=dict)
    explained: list[Explained] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def apply(layers: Sequence[Layer], view: Mapping[str, Any], targets: Mapping[str, int], *, path: str = "") -> Mapped:
    """All rules of `targets` over `view` (made of plain data: expressions.plain_data).

    Layers are asked in the order given, rules within a layer in theirs; the first value wins. `path` is put before
    targets in explanations and faults (`lines[3].`).
    """
    mapped = Mapped()
    for layer in layers:
        for index, rule in enumerate(layer.rules.rules):
            if rule.target in targets and rule.target not in mapped.values:
                _run(mapped, layer, index, rule, view, path)
    return mapped


def _run(mapped: Mapped, layer: Layer, index: int, rule: Rule, view: Mapping[str, Any], path: str) -> None:
    source: Any = None
    result: str | None = None
    why = ""
    try:
        if rule.when is not None and not _holds(rule.when, view):
            why = "its condition does not hold"
        else:
            source = find(rule.source, view)
            result = _transformed(source, rule)
    except NoValue as reason:
        why = str(reason)
    where = path + rule.target.removeprefix("line.") if path else rule.target
    fault = _fault(rule, result, where, skipped=why == "its condition does not hold")
    if fault:
        mapped.faults.append(fault)
    elif result is not None:
        mapped.values[rule.target] = result
    mapped.explained.append(
        Explained(
            path=where,
            layer=layer.name,
            rule=index,
            expression=rule.source,
            source_value=source,
            transforms=rule.transforms,
            result=None if fault else result,
            why=why or ("" if result is not None else "nothing there"),
        )
    )


def _holds(condition: str, view: Mapping[str, Any]) -> bool:
    return find(condition, view) not in (None, False, "", [], {})


def _transformed(value: Any, rule: Rule) -> str | None:
    for spec in rule.transforms:
        name, argument = named(spec)
        transform = TRANSFORMS[name]
        if value is None and not transform.on_none:
            continue
        value = transform.run(value, argument)
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise NoValue("too long")
    if value is None:
        return None
    return text_of(value).strip() or None


def _fault(rule: Rule, result: str | None, where: str, *, skipped: bool) -> Fault | None:
    if result is None:
        if rule.required and not skipped:
            return Fault(
                "MAP-010", where, "your mapping needs this and the record does not have it", "fill it in at the source"
            )
        return None
    if len(result) > TARGETS[rule.target]:
        return Fault("MAP-011", where, f"longer than {TARGETS[rule.target]} characters", "shorten it at the source")
    if rule.target == "buyer.kind" and result not in KINDS:
        return Fault("MAP-012", where, "not a kind of buyer", f"map it to one of: {', '.join(KINDS)}")
    return None
