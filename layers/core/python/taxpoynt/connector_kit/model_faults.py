"""What the models say against a template, in words for the person who writes one.

A value that may have several shapes is reported once, for the shape it was meant to have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from taxpoynt.connector_kit.findings import Finding, Place, at
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_fields import IN_WORDS
from taxpoynt.mapping.rules import likely

_TYPES = {
    "string_type": "should be text; put it in quotes",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "tuple_type": "should be a list",
    "list_type": "should be a list",
    "dict_type": "should be a block of keys",
    "model_type": "should be a block of keys",
    "model_attributes_type": "should be a block of keys",
}
_WEAK = frozenset({*_TYPES, "literal_error", "too_short"})
"""Errors that only repeat, in other words, what another one at or below the same place says better."""


def model_faults(data: Any, problem: ValidationError) -> list[Finding]:
    """One finding for each thing that is wrong."""
    errors = [(_place(data, error), error) for error in problem.errors(include_url=False)]
    return [_finding(data, place, error) for place, error in errors if not _said_better(place, error, errors)]


def _said_better(place: Place, error: ErrorDetails, errors: list[tuple[Place, ErrorDetails]]) -> bool:
    for other_place, other in errors:
        if other is error:
            continue
        below = len(other_place) > len(place) and other_place[: len(place)] == place
        if error["type"] in _WEAK and below:
            return True
        stronger = other["type"] not in _TYPES and error["type"] in _TYPES
        if other_place == place and stronger:
            return True
    return False


def _place(data: Any, error: ErrorDetails) -> Place:
    """The error's place in the data, without the names of shapes that pydantic mixes in."""
    wanted = list(error["loc"])
    last = wanted.pop() if wanted and error["type"] == "missing" else None
    place: list[str | int] = []
    here = data
    for step in wanted:
        if (isinstance(here, Mapping) and step in here) or (isinstance(here, list) and isinstance(step, int)):
            place.append(step)
            here = at(here, step)
    return (*place, *([last] if last is not None else ()))


def _finding(data: Any, place: Place, error: ErrorDetails) -> Finding:
    kind, message = error["type"], error["msg"].removeprefix("Value error, ")
    context = error.get("ctx", {})
    if kind == "extra_forbidden" or error["loc"][-1:] == ("[key]",):
        return Finding(place, "TPL-003", f"unknown key {place[-1]!r}", _suggestion(place, context))
    if kind == "missing":
        return Finding(place, "TPL-004", f"{place[-1]!r} is missing", f"add {place[-1]!r} to {_above(place)}")
    if kind == "value_error":
        return Finding(place, _code_of(place, message), message)
    if kind == "literal_error":
        expected = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return Finding(
            place, "TPL-005", f"should be one of: {', '.join(expected)}{likely(str(at(data, *place)), expected)}"
        )
    words = _TYPES.get(kind) or IN_WORDS.get(str(context.get("pattern"))) or message
    return Finding(place, "TPL-005", words)


def _code_of(place: Place, message: str) -> str:
    if message.startswith(("not a JMESPath expression", "no function called", "the expression", "an expression")):
        return "TPL-009"
    if place[:1] == ("mapping",):
        return "TPL-011"
    return "TPL-010" if place[:2] == ("webhooks", "vectors") or message.startswith("vectors") else "TPL-008"


def _above(place: Place) -> str:
    return ".".join(str(part) for part in place[:-1]) or "the top level"


def _suggestion(place: Place, context: Mapping[str, Any]) -> str:
    known = re.findall(r"'([^']*)'", str(context.get("expected", ""))) or _known_keys(place[:-1])
    meant = likely(str(place[-1]), known).removeprefix(", ")
    return meant or f"known keys here: {', '.join(sorted(known))}"


@cache
def _known_keys(place: Place) -> tuple[str, ...]:
    """The keys of the models that may stand at `place`, found in the published schema."""
    schema = Template.model_json_schema()
    here = [schema]
    for step in place:
        here = [inner for one in here for inner in _descend(schema, one, step)]
    return tuple(key for one in here for key in one.get("properties", {}))


def _descend(schema: Mapping[str, Any], at_: Mapping[str, Any], step: str | int) -> list[dict[str, Any]]:
    if isinstance(step, str) and step in at_.get("properties", {}):
        return _shapes(schema, at_["properties"][step])
    for key in ("additionalProperties", "items"):
        if isinstance(at_.get(key), dict):
            return _shapes(schema, at_[key])
    return [one for inner in at_.get("patternProperties", {}).values() for one in _shapes(schema, inner)]


def _shapes(schema: Mapping[str, Any], at_: dict[str, Any]) -> list[dict[str, Any]]:
    """A reference followed, a choice taken apart."""
    if "$ref" in at_:
        return _shapes(schema, schema["$defs"][at_["$ref"].rpartition("/")[2]])
    choices = [one for choice in at_.get("anyOf", ()) for one in _shapes(schema, choice)]
    return choices or [at_]
