"""What an expression starts from: its roots, found in its tree without running it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taxpoynt.mapping.expressions import compiled

Reference = tuple[str, tuple[str, ...]]
"""A root and the fields that follow it: (`person`, (`emails`, `value`))."""

_THROUGH = frozenset({"projection", "filter_projection", "value_projection", "flatten", "index_expression"})
_PATHS = _THROUGH | {"subexpression", "pipe"}
_OF_ITEMS = frozenset({"expref", "literal", "current", "identity"})


def references(expression: str) -> list[Reference]:
    """The paths of a sound expression, each once, in their order. Inside filters and `&…` names belong to items."""
    return list(dict.fromkeys(_references(compiled(expression))))


def roots_of(expression: str) -> list[str]:
    """The names a sound expression starts from, each once."""
    return list(dict.fromkeys(root for root, _ in references(expression)))


def sees_all(expression: str) -> bool:
    """Does a sound expression read the view as a whole (`@`, `*`), so that no path says what it looks at?"""
    return _sees_all(compiled(expression))


def _sees_all(node: Any) -> bool:
    """Only the first step of a path looks at the view; what stands behind `&` looks at items."""
    kind, children = node["type"], [child for child in node.get("children", ()) if isinstance(child, dict)]
    if kind in ("current", "identity"):
        return True
    if kind in ("expref", "literal", "field"):
        return False
    return any(map(_sees_all, children[:1] if kind in _PATHS else children))


def _references(node: Any) -> Iterator[Reference]:
    """The references of a node that looks at the view itself."""
    kind, children = node["type"], [child for child in node.get("children", ()) if isinstance(child, dict)]
    if kind == "field":
        yield node["value"], ()
    elif kind in _PATHS:
        yield from _path(node, children)
    elif kind not in _OF_ITEMS:
        for child in children:
            yield from _references(child)


def _path(node: Any, children: list[Any]) -> Iterator[Reference]:
    """Only the first step of a path looks at the view; `@` stands for the view itself."""
    chain = _chain(node)
    if chain is not None:
        yield chain
    elif children and children[0]["type"] not in ("current", "identity"):
        yield from _references(children[0])
    elif node["type"] in ("subexpression", "pipe") and len(children) > 1:
        rest = children[1:]
        yield from _references(rest[0] if len(rest) == 1 else {**node, "children": rest})


def _chain(node: Any) -> Reference | None:
    """A path of fields, through lists and their items; None when it does not begin with a field."""
    kind, children = node["type"], node.get("children", ())
    if kind == "field":
        return node["value"], ()
    if kind not in _THROUGH and kind != "subexpression":
        return None
    found = _chain(children[0])
    if found is None:
        return None
    root, steps = found
    after = children[1:2] if kind in _THROUGH else children[1:]
    for child in after:
        steps += _steps(child)
    return root, steps


def _steps(node: Any) -> tuple[str, ...]:
    """The fields at the beginning of what is read of each item."""
    if not isinstance(node, dict):
        return ()
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] == "subexpression" or node["type"] in _THROUGH:
        found: tuple[str, ...] = ()
        children = node["children"][:1] if node["type"] in _THROUGH else node["children"]
        for child in children:
            found += _steps(child)
        return found
    return ()
