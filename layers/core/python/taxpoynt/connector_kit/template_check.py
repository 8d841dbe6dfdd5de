"""Every fault of a template in one run, each with its line and, for a misspelt key, the likely one.

`templates check FILE` and the loader use it. The YAML is composed to nodes first, because only nodes know lines.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from taxpoynt.connector_kit.cross_checks import cross_checks
from taxpoynt.connector_kit.template import Template
from taxpoynt.errors import Fault
from taxpoynt.mapping.rules import place_of

Place = tuple[str | int, ...]

MAX_TEMPLATE = 262_144
"""Characters; a template is a page or two."""


def check(text: str) -> list[Fault]:
    """All faults, by line. Codes: TPL-001 not YAML, 002 duplicate key, 003 unknown key, 004 missing, 005 wrong."""
    return read(text)[1]


def read(text: str) -> tuple[Template | None, list[Fault]]:
    """The template, or None and every fault."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader) if len(text) <= MAX_TEMPLATE else None
        data = yaml.safe_load(text) if node is not None else None
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        return None, [_fault("TPL-001", (), _line_of_problem(problem), "this is not YAML: " + _short(problem))]
    lines = dict(_lines(node, ()))
    faults = [_fault("TPL-002", place, line, "this key stands twice") for place, line in _duplicates(node, ())]
    faults += [_fault("TPL-005", place, _line(lines, place), message) for place, message in cross_checks(data)]
    template: Template | None = None
    try:
        template = Template.model_validate(data)
    except ValidationError as problem:
        faults += [_from_pydantic(error, lines) for error in problem.errors(include_url=False, include_context=False)]
    faults.sort(key=lambda fault: int(fault.path.rpartition("line ")[2].rstrip(")") or 0))
    return (None if faults else template), faults


def quick(text: str) -> Template | None:
    """The template when nothing is wrong with it, in a third of the time; None says: `read` it and see the faults.

    A key written twice is not noticed here: shipped templates are checked by `read` in the tests.
    """
    try:
        data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe loaders)
        return None if cross_checks(data) else Template.model_validate(data)
    except (yaml.YAMLError, ValueError):
        return None


def _from_pydantic(error: ErrorDetails, lines: dict[Place, int]) -> Fault:
    place = place_of(error["loc"])
    line = _line(lines, place)
    if error["type"] == "extra_forbidden":
        return _fault("TPL-003", place, line, f"unknown key {place[-1]!r}", _suggestion(place))
    if error["type"] == "missing":
        return _fault(
            "TPL-004", place, line, f"{place[-1]!r} is missing", f"add {place[-1]!r} to {_dotted(place[:-1])}"
        )
    return _fault("TPL-005", place, line, error["msg"].removeprefix("Value error, "))


def _suggestion(place: Place) -> str:
    known = _known_keys(place[:-1])
    close = difflib.get_close_matches(str(place[-1]), known, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"known keys here: {', '.join(sorted(known))}"


def _known_keys(place: Place) -> list[str]:
    """The keys of the model that stands at `place`, found in the published schema."""
    schema = Template.model_json_schema()
    at = schema
    for step in place:
        at = _descend(schema, at, step)
    return list(_resolved(schema, at).get("properties", {}))


def _descend(schema: dict[str, Any], at: dict[str, Any], step: str | int) -> dict[str, Any]:
    here = _resolved(schema, at)
    if isinstance(step, str) and step in here.get("properties", {}):
        found: dict[str, Any] = here["properties"][step]
        return found
    for key in ("additionalProperties", "items", "patternProperties"):
        inner = here.get(key)
        if isinstance(inner, dict):
            return dict(next(iter(inner.values()))) if key == "patternProperties" else inner
    return {}


def _resolved(schema: dict[str, Any], at: dict[str, Any]) -> dict[str, Any]:
    for choice in at.get("anyOf", ()):
        if "$ref" in choice:
            return _resolved(schema, choice)
    if "$ref" in at:
        found: dict[str, Any] = schema["$defs"][at["$ref"].rpartition("/")[2]]
        return found
    return at


def _lines(node: yaml.Node | None, place: Place) -> Iterator[tuple[Place, int]]:
    if node is None:
        return
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from ((at, line) for at, line in _lines(value, inner) if at != inner)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _lines(item, (*place, index))


def _duplicates(node: yaml.Node | None, place: Place) -> Iterator[tuple[Place, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                yield (*place, str(key.value)), key.start_mark.line + 1
            seen.add(str(key.value))
            yield from _duplicates(value, (*place, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _duplicates(item, (*place, index))


def _line(lines: dict[Place, int], place: Place) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _line_of_problem(problem: Exception) -> int:
    mark = getattr(problem, "problem_mark", None)
    return mark.line + 1 if mark else 1


def _short(problem: Exception) -> str:
    return str(getattr(problem, "problem", None) or problem).splitlines()[0][:120]


def _dotted(place: Place) -> str:
    return ".".join(str(part) for part in place) or "the top level"


def _fault(code: str, place: Place, line: int, message: str, remedy: str = "") -> Fault:
    return Fault(code, f"{_dotted(place)} (line {line})", message, remedy or "see docs/reference/connector.schema.json")


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The published JSON Schema of a model, in the 2020-12 dialect."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
