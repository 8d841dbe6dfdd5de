"""Carries out rules over a view of the record. Pure; raises nothing, reports coded faults.

Codes: MAP-010 a required rule found nothing; MAP-011 a value is longer than its target may be; MAP-012 a value is not
one of those its target may have; MAP-013 not a number; MAP-014 not a time, day or time zone; MAP-015 not a currency;
MAP-016 something is there and cannot be read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from taxpoynt.errors import Fault
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.rules import Rule, RuleSet, named
from taxpoynt.mapping.targets import Kind, scope_of
from taxpoynt.mapping.transforms import MAX_TEXT, TRANSFORMS, NoValue, text_of
from taxpoynt.mapping.typed import fault_of
from taxpoynt.mapping.values import is_blank

_AT_SOURCE = "correct it at the source, or change the mapping rule"
_SKIPPED = "its condition does not hold"


@dataclass(frozen=True, slots=True)
class Layer:
    """A rule set, whose it is (`merchant`, `operator` or `template`) and which version of it."""

    name: str
    rules: RuleSet
    version: str = ""


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
    version: str = ""


@dataclass(slots=True)
class Mapped:
    """Values by target, every rule that was asked, and faults.

    unreadable: targets whose value is there and cannot be read; no further rule is asked, so that another value does
    not silently take its place.
    """

    values: dict[str, str] = field(default_factory=dict)
    explained: list[Explained] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)


def apply(
    layers: Sequence[Layer],
    view: Mapping[str, Any],
    targets: Mapping[str, Kind],
    *,
    path: str = "",
    turned: Collection[str] = (),
) -> Mapped:
    """All rules of `targets` over `view` (exact or plain data: expressions.py).

    Layers are asked in the order given, rules within a layer in theirs; the first value wins. `path` is put before
    the targets' last names in explanations and faults (`lines[3].`). `turned`: targets whose number gets the other
    sign, because the record writes refunds below zero.
    """
    mapped = Mapped()
    for layer in layers:
        for index, rule in enumerate(layer.rules.rules):
            target = rule.target
            if target in targets and target not in mapped.values and target not in mapped.unreadable:
                steps = (*rule.transforms, "negate") if target in turned else rule.transforms
                _run(mapped, _Asked(layer, index, rule, targets[target], steps, path), view)
    return mapped


@dataclass(frozen=True, slots=True)
class _Asked:
    """One rule of one layer, asked for one target."""

    layer: Layer
    index: int
    rule: Rule
    kind: Kind
    transforms: tuple[Any, ...]
    path: str

    @property
    def where(self) -> str:
        """`lines[3].sku` for `line.sku` asked at `lines[3].`; the target itself for the document."""
        target = self.rule.target
        return self.path + target.removeprefix(f"{scope_of(target)}.") if self.path else target


def _run(mapped: Mapped, asked: _Asked, view: Mapping[str, Any]) -> None:
    source: Any = None
    result: str | None = None
    why = ""
    rule = asked.rule
    try:
        if rule.when is not None and not holds(rule.when, view):
            why = _SKIPPED
        else:
            source = find(rule.source, view)
            result = _transformed(source, asked)
    except NoValue as reason:
        why = str(reason)
    fault = _fault(asked, source, result, why)
    if fault:
        mapped.faults.append(fault)
        if fault.code != "MAP-010":
            mapped.unreadable.add(rule.target)
    elif result is not None:
        mapped.values[rule.target] = result
    mapped.explained.append(
        Explained(
            path=asked.where,
            layer=asked.layer.name,
            version=asked.layer.version,
            rule=asked.index,
            expression=rule.source,
            source_value=source,
            transforms=asked.transforms,
            result=None if fault else result,
            why=why or (fault.message if fault else "" if result is not None else "nothing there"),
        )
    )


def holds(condition: str, view: Any) -> bool:
    """Is the condition neither false nor empty? NoValue when it cannot be computed."""
    return find(condition, view) not in (None, False, "", [], {})


def _transformed(value: Any, asked: _Asked) -> str | None:
    strict = asked.kind.strict
    for spec in asked.transforms:
        name, argument = named(spec)
        transform = TRANSFORMS[name]
        value = None if strict and is_blank(value) else value
        if value is None and not transform.on_none:
            continue
        value = transform.run(value, argument)
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise NoValue("too long")
    if value is None:
        return None
    if isinstance(value, bool) and asked.kind.form == "boolean":
        return "true" if value else "false"
    return text_of(value).strip() or None


def _fault(asked: _Asked, source: Any, result: str | None, why: str) -> Fault | None:
    if result is None:
        if asked.kind.strict and why not in ("", _SKIPPED) and not is_blank(source):
            return Fault("MAP-016", asked.where, f"what the record says here cannot be read: {why}", _AT_SOURCE)
        if asked.rule.required and why != _SKIPPED:
            message = "your mapping needs this and the record does not have it"
            return Fault("MAP-010", asked.where, message, "fill it in at the source")
        return None
    return fault_of(asked.kind, asked.where, result)
