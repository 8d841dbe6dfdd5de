"""Mapping rules as data: target field ← source expression + transforms + condition.

Layers (template, merchant) are rule sets; the engine asks the merchant's first. `check` reports all faults at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

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

TransformSpec = str | dict[str, Any]


class Rule(Model):
    """One rule. `required`: no value is a fault. `note`: why, for the people who read it later."""

    target: str
    source: str
    transforms: Annotated[tuple[TransformSpec, ...], Field(max_length=10)] = ()
    when: str | None = None
    required: bool = False
    note: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        problems = [self._target_fault(), fault_of(self.source), fault_of(self.when) if self.when is not None else None]
        problems += [transform_fault(one) for one in self.transforms]
        if found := [problem for problem in problems if problem]:
            raise ValueError("; ".join(found))
        return self

    def _target_fault(self) -> str | None:
        if self.target in TARGETS:
            return None
        close = difflib.get_close_matches(self.target, TARGETS, n=1)
        return f"no target called {self.target!r}" + (f", did you mean {close[0]!r}?" if close else "")


class RuleSet(Model):
    """A version of rules. Several rules of one target are tried in order; the first that gives a value wins."""

    version: Literal[1] = 1
    rules: Annotated[tuple[Rule, ...], Field(max_length=500)] = ()


def named(spec: TransformSpec) -> tuple[str, Any]:
    """Name and argument of a transform as a rule writes it: `strip` or `{default: NG}`."""
    return (spec, None) if isinstance(spec, str) else next(iter(spec.items()))


def transform_fault(spec: TransformSpec) -> str | None:
    """What is wrong with a transform as written; None when nothing is."""
    if not isinstance(spec, str) and len(spec) != 1:
        return "a transform is one name, or one name with its argument"
    name, argument = named(spec)
    if name not in TRANSFORMS:
        close = difflib.get_close_matches(str(name), TRANSFORMS, n=1)
        return f"no transform called {name!r}" + (f", did you mean {close[0]!r}?" if close else "")
    problem = argument_fault(name, argument)
    return f"transform {name!r} {problem}" if problem else None


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
                ".".join(str(part) for part in error["loc"] if part not in ("str", "dict[str,any]")) or "rules",
                error["msg"].removeprefix("Value error, "),
                "mend the rule; targets and transforms are listed in docs/connectors",
            )
            for error in problem.errors(include_url=False, include_context=False)
        ]
    return []
