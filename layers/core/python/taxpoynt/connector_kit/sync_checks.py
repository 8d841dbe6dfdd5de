"""What `syncs` and the other blocks of a template say about one another, over the plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taxpoynt.connector_kit.known import PLAIN

Problem = tuple[tuple[str | int, ...], str]


def cross_checks(data: dict[str, Any]) -> list[Problem]:
    """(path, message) pairs; what has the wrong shape is left to the model."""
    return [*_unknown_records(data), *_unkept_fields(data), *_catalogue_answers(data)]


def _unknown_records(data: dict[str, Any]) -> Iterator[Problem]:
    resources = _table(data.get("resources"))
    for kind, sync in _table(data.get("syncs")).items():
        record = _table(sync).get("record")
        if isinstance(record, str) and record not in resources:
            yield ("syncs", kind, "record"), f"resource {record!r} is not described under resources"


def _unkept_fields(data: dict[str, Any]) -> Iterator[Problem]:
    """A term of a field that is not kept would be empty for ever, without a word."""
    for kind, sync in _table(data.get("syncs")).items():
        kept = _table(sync).get("keep")
        names = {str(path).partition(".")[0].removesuffix("[]") for path in kept} if isinstance(kept, list) else set()
        for term, rule in _table(_table(sync).get("terms")).items():
            source = rule if isinstance(rule, str) else _table(rule).get("source")
            if not isinstance(source, str) or not names or "*" in names:
                continue
            if lacking := sorted(_starts(source) - names):
                yield ("syncs", kind, "terms", term), f"{lacking[0]!r} is not kept"


def _starts(source: str) -> set[str]:
    """The fields of the row that an expression begins with; none for one that cannot be read."""
    from jmespath import parser
    from jmespath.exceptions import JMESPathError

    try:
        tree = parser.Parser().parse(source).parsed
    except (JMESPathError, RecursionError, ValueError):
        return set()
    return set(_heads(tree))


def _heads(node: Any) -> Iterator[str]:
    """The left end of each chain: what stands right of a dot, a pipe or inside a filter is seen from elsewhere."""
    if node["type"] == "field":
        yield str(node["value"])
        return
    children = [child for child in node.get("children", ()) if isinstance(child, dict)]
    chained = ("subexpression", "pipe", "index_expression", "projection", "value_projection", "filter_projection")
    for child in children[:1] if node["type"] in chained else children:
        yield from _heads(child)


def _catalogue_answers(data: dict[str, Any]) -> Iterator[Problem]:
    """A row can stand in for a record only if it is one, and if we know where a record stands in an answer."""
    resources, syncs = _table(data.get("resources")), _table(data.get("syncs"))
    for name, record in _table(data.get("records")).items():
        related = _table(record).get("related")
        for index, one in enumerate(related if isinstance(related, list) else []):
            kind, wanted = _table(one).get("catalogue"), _table(one).get("resource")
            if not isinstance(kind, str) or not isinstance(wanted, str):
                continue
            place = ("records", name, "related", index, "catalogue")
            if _table(syncs.get(kind)).get("record") != wanted:
                yield place, f"syncs.{kind} must name {wanted!r} as its record"
            resource = _table(resources.get(wanted))
            if resource.get("paged") is True or not PLAIN.fullmatch(str(resource.get("item"))):
                yield place, f"resource {wanted!r} must show one record, at a plain path"


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
