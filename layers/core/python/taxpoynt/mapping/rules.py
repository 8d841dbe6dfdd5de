"""Mapping rules as data: target field ← source expression + transforms + condition.

Layers (merchant, operator, template) are rule sets; the engine asks the merchant's first. `check` reports all faults
at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails

from taxpoynt.domain.model import Model
from taxpoynt.errors import Fault, FaultsFound
from taxpoynt.mapping.expressions import fault_of
from taxpoynt.mapping.targets import TARGETS
from taxpoynt.mapping.transforms import TRANSFORMS, argument_fault

MAX_RULES = 500


def named(spec: str | dict[str, Any]) -> tuple[str, Any]:
    """Name and argument of a transform as a rule writes it: `strip` or `{default: NG}`."""
    return (spec, None) if isinstance(spec, str) else next(iter(spec.items()))


def transform_fault(spec: str | dict[str, Any]) -> str | None:
    """What is wrong with a transform as written; None when nothing is."""
    if not isinstance(spec, str) and len(spec) != 1:
        return "a transform is one name, or one name with its argument"
    name, argument = named(spec)
    if name not in TRANSFORMS:
        return f"no transform called {name!r}{likely(name, TRANSFORMS)}"
    problem = argument_fault(name, argument)
    return f"transform {name!r} {problem}" if problem else None


def _target_fault(target: str) -> str | None:
    return None if target in TARGETS else f"no target called {target!r}{likely(target, TARGETS)}"


def likely(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about a name that is not known: the one that was probably meant."""
    close = difflib.get_close_matches(name, known, n=1)
    return f", did you mean {close[0]!r}?" if close else ""


def _sound(fault: Callable[[Any], str | None]) -> AfterValidator:
    def check(value: Any) -> Any:
        if problem := fault(value):
            raise ValueError(problem)
        return value

    return AfterValidator(check)


Target = Annotated[str, _sound(_target_fault)]
Expression = Annotated[str, _sound(fault_of)]
TransformSpec = Annotated[str | dict[str, Any], _sound(transform_fault)]


class Rule(Model):
    """One rule. `required`: no value is a fault. `note`: why, for the people who read it later."""

    target: Target
    source: Expression
    transforms: Annotated[tuple[TransformSpec, ...], Field(max_length=10)] = ()
    when: Expression | None = None
    required: bool = False
    note: str | None = None


class RuleSet(Model):
    """A version of rules. Several rules of one target are tried in order; the first that gives a value wins."""

    version: Literal[1] = 1
    rules: Annotated[tuple[Rule, ...], Field(max_length=MAX_RULES)] = ()


def read(data: Mapping[str, Any]) -> RuleSet:
    """The rule set, or FaultsFound with everything that is wrong. An empty mapping is an empty set."""
    if faults := check(data):
        raise FaultsFound(faults)
    return RuleSet.model_validate(data)


def check(data: Any) -> list[Fault]:
    """Every fault of a rule set given as plain data, as far as it can be told without its connector. Code MAP-001."""
    try:
        RuleSet.model_validate(data)
    except ValidationError as problem:
        return [
            Fault(
                "MAP-001",
                dotted(place_of(error["loc"])) or "rules",
                _said(error),
                "mend the rule; targets and transforms are listed in docs/mapping.md",
            )
            for error in problem.errors(include_url=False, include_context=False)
        ]
    return []


def _said(error: ErrorDetails) -> str:
    """What is wrong, in our words where pydantic's leave people alone."""
    name = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"unknown key {name!r}{likely(name, (*Rule.model_fields, *RuleSet.model_fields))}"
    if error["type"] == "missing":
        return f"{name!r} is missing"
    return error["msg"].removeprefix("Value error, ")


def place_of(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """A pydantic error's place in the data, without the names of alternatives that pydantic mixes in."""
    return tuple(
        part for part in location if part not in ("str", "dict[str,any]") and not str(part).startswith("function-")
    )


def dotted(place: Iterable[int | str]) -> str:
    """A place in data as people write it: `rules.3.source`."""
    return ".".join(str(part) for part in place)
