"""What rules may say for one connector: the targets it asks and the roots its record has, checked before they run.

Codes: MAP-002 an expression starts from something there is not; MAP-003 a target this connector does not ask.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from taxpoynt.errors import Fault
from taxpoynt.mapping import rules
from taxpoynt.mapping.expressions import fault_of
from taxpoynt.mapping.roots import roots_of
from taxpoynt.mapping.rules import dotted, likely
from taxpoynt.mapping.targets import TARGETS, scope_of

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Surface:
    """targets: those a connector asks. roots: by scope (targets.py), "" for the document."""

    targets: Collection[str]
    roots: Mapping[str, Collection[str]]

    def roots_for(self, target: str) -> Collection[str]:
        """What the rules of a target may start from."""
        return self.roots.get(scope_of(target), self.roots[""])


def check(data: Any, surface: Surface) -> list[Fault]:
    """Every fault of a rule set given as plain data, for one connector, in the order of the rules."""
    faults = rules.check(data)
    told = {fault.path for fault in faults}
    for code, place, message, remedy in rule_faults(data, surface):
        if dotted(place) not in told:
            faults.append(Fault(code, dotted(place), message, remedy))
    return sorted(faults, key=_order)


def rule_faults(data: Any, surface: Surface) -> Iterator[tuple[str, Place, str, str]]:
    """(code, place, message, remedy) of what is wrong for this connector; what has the wrong shape is left alone."""
    listed = data.get("rules") if isinstance(data, Mapping) else None
    for index, rule in enumerate(listed if isinstance(listed, list | tuple) else ()):
        target = rule.get("target") if isinstance(rule, Mapping) else None
        if not isinstance(target, str) or target not in TARGETS:
            continue
        if target not in surface.targets:
            remedy = f"this connector asks: {', '.join(sorted(surface.targets))}"
            message = f"this connector does not ask for {target!r}{likely(target, surface.targets)}"
            yield "MAP-003", ("rules", index, "target"), message, remedy
            continue
        for key in ("source", "when"):
            yield from _unknown(rule.get(key), ("rules", index, key), surface.roots_for(target))


def _unknown(expression: Any, place: Place, known: Collection[str]) -> Iterator[tuple[str, Place, str, str]]:
    for message in root_faults(expression, known):
        yield "MAP-002", place, message, f"start from one of: {', '.join(sorted(known))}"


def root_faults(expression: Any, known: Collection[str]) -> list[str]:
    """What is wrong with the roots of an expression, in words; an unsound expression is somebody else's to report."""
    if not isinstance(expression, str) or fault_of(expression) is not None:
        return []
    return [
        f"nothing is called {name[:60]!r} here{likely(name, known)}"
        for name in roots_of(expression)
        if name not in known
    ]


def _order(fault: Fault) -> tuple[int, str]:
    """By the number of the rule; what is about the whole set comes first."""
    number = fault.path.split(".")[1:2]
    return (int(number[0]) if number and number[0].isdigit() else -1, fault.path)
