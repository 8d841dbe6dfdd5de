"""Mapping rules as data: target field ← source expression + transforms + condition.

Layers (template, merchant) are rule sets; the engine asks the merchant's first. `check` reports all faults at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from taxpoynt.domain.model import Model
from taxpoynt.errors import Fault, FaultsFound
from taxpoynt.mapping.expressions import fault_of
from taxpoynt.mapping.transforms import TRANSFORMS, argument_fault

_ADDRESS = ("street", "unit", "city", "postal_code", "lga", "state", "region", "country", "free_text")
DOCUMENT_TARGETS: dict[str, int] = {
    "buyer.name": 255,
    "buyer.tin": 40,
    "buyer.email": 254,
    "buyer.telephone": 40,
    "buyer.kind": 20,
    "buyer.business_description": 500,
    **{f"buyer.address.{part}": 300 for part in _ADDRESS},
    "note": 2000,
    "buyer_reference": 200,
}
"""Target and the most characters its value may have."""

LINE_TARGETS: dict[str, int] = {
    "line.classification.hsn_code": 20,
    "line.classification.product_category": 255,
    "line.classification.isic_code": 20,
    "line.classification.service_category": 255,
    "line.sku": 100,
    "line.unit": 10,
    "line.tax_category": 40,
    "line.description": 1000,
}
TARGETS = DOCUMENT_TARGETS | LINE_TARGETS
ROOTS = ("deal", "organization", "person", "address", "products", "account", "line", "product")
"""What expressions may start from; `address` is the buyer's, `line` and `product` exist in line rules only."""


def named(spec: str | dict[str, Any]) -> tuple[str, Any]:
    """Name and argument of a transform as a rule writes it: `strip` or `{default: NG}`."""
    return (spec, None) if isinstance(spec, str) else next(iter(spec.items()))


def transform_fault(spec: str | dict[str, Any]) -> str | None:
    """What is wrong with a transform as written; None when nothing is."""
    if not isinstance(spec, str) and len(spec) != 1:
        return "a transform is one name, or one name with its argument"
    name, argument = named(spec)
    if name not in TRANSFORMS:
        return f"no transform called {name!r}{_likely(name, TRANSFORMS)}"
    problem = argument_fault(name, argument)
    return f"transform {name!r} {problem}" if problem else None


def _target_fault(target: str) -> str | None:
    return None if target in TARGETS else f"no target called {target!r}{_likely(target, TARGETS)}"


def _likely(name: str, known: Iterable[str]) -> str:
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
    rules: Annotated[tuple[Rule, ...], Field(max_length=500)] = ()


def read(data: Mapping[str, Any]) -> RuleSet:
    """The rule set, or FaultsFound with everything that is wrong. An empty mapping is an empty set."""
    if faults := check(data):
        raise FaultsFound(faults)
    return RuleSet.model_validate(data)


def check(data: Any) -> list[Fault]:
    """Every fault of a rule set given as plain data. Codes: MAP-001."""
    try:
        RuleSet.model_validate(data)
    except ValidationError as problem:
        return [
            Fault(
                "MAP-001",
                ".".join(str(part) for part in place_of(error["loc"])) or "rules",
                error["msg"].removeprefix("Value error, "),
                "mend the rule; targets and transforms are listed in docs/connectors",
            )
            for error in problem.errors(include_url=False, include_context=False)
        ]
    return []


def place_of(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """A pydantic error's place in the data, without the names of alternatives that pydantic mixes in."""
    return tuple(
        part for part in location if part not in ("str", "dict[str,any]") and not str(part).startswith("function-")
    )
