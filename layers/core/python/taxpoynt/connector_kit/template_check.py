"""Every fault of a template in one run, each with its line and, for a misspelt name, the likely one.

`templates check FILE` and the loader use it. The YAML is composed to nodes first, because only nodes know lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from taxpoynt.connector_kit.cross_checks import cross_checks
from taxpoynt.connector_kit.findings import FILL, MAX_VALUES, Finding, Place, expanded, texts
from taxpoynt.connector_kit.model_faults import model_faults
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.vector_checks import vector_checks
from taxpoynt.errors import Fault

MAX_TEMPLATE = 262_144
"""Characters; a template is a page or two."""


def check(text: str) -> list[Fault]:
    """All faults, by line. Codes: docs/reference/faults.md, TPL-001 to TPL-020."""
    return read(text)[1]


def read(text: str) -> tuple[Template | None, list[Fault]]:
    """The template, or None and every fault."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader) if len(text) <= MAX_TEMPLATE else None
        data = yaml.safe_load(text) if node is not None else None
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        return None, [_fault(Finding((), "TPL-001", "this is not YAML: " + _short(problem)), _line_of_problem(problem))]
    if expanded(data) > MAX_VALUES:
        return None, [_fault(Finding((), "TPL-001", "too many values once its references (*name) are followed"), 1)]
    template: Template | None = None
    found = [Finding(place, "TPL-002", "this key stands twice") for place, _ in _duplicates(node, ())]
    open_places = [place for place, value in texts(data) if value.startswith(FILL)]
    found += [Finding(place, "TPL-020", _asked(data, place), "only a person can know this") for place in open_places]
    try:
        template = Template.model_validate(data)
    except ValidationError as problem:
        found += _not_open(model_faults(data, problem), open_places)
    found += _not_open(cross_checks(data), open_places)
    if template is not None and not found:
        found += vector_checks(template)
    lines = dict(_lines(node, ()))
    twice = dict(_duplicates(node, ()))
    faults = [
        (twice.get(one.place, 0) if one.code == "TPL-002" else _line(lines, one.place), one)
        for one in dict.fromkeys(found)
    ]
    faults.sort(key=lambda pair: pair[0])
    return (None if faults else template), [_fault(one, line) for line, one in faults]


def quick(text: str) -> Template | None:
    """The template when nothing is wrong with it, in a third of the time; None says: `read` it and see the faults.

    A key written twice and a wrong test vector are not noticed here: shipped templates are checked by `read` in tests.
    """
    try:
        data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe loaders)
        return None if expanded(data) > MAX_VALUES or cross_checks(data) else Template.model_validate(data)
    except (yaml.YAMLError, ValueError):
        return None


def _asked(data: Any, place: Place) -> str:
    for step in place:
        data = data[step]
    return str(data).removeprefix(FILL).strip()[:200]


def _not_open(found: list[Finding], open_places: list[Place]) -> list[Finding]:
    """Without what follows from a value that a person has yet to fill in."""
    return [
        one for one in found if not any(one.place[: len(place)] == place or place == one.place for place in open_places)
    ]


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


def dotted(place: Place) -> str:
    """`poll.requests.0.path`, or words for the whole file."""
    return ".".join(str(part) for part in place) or "the top level"


def _fault(one: Finding, line: int) -> Fault:
    return Fault(one.code, f"{dotted(one.place)} (line {line})", one.message, one.remedy or "see docs/templates.md")


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The published JSON Schema of a model, in the 2020-12 dialect."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
