"""JMESPath, bounded: it cannot loop or call out, and here it also cannot grow or fail with anything but `NoValue`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError

from taxpoynt.domain.money import plain
from taxpoynt.errors import BadInput
from taxpoynt.mapping.transforms import NoValue

MAX_LENGTH = 500
MAX_NODES = 150
MAX_DEPTH = 30
MAX_GROWTH = 64
"""How many times its input an expression may multiply: `[@,@][] | [@,@][] | …` doubles at each step."""

_FUNCTIONS = frozenset(functions.Functions.FUNCTION_TABLE)


def fault_of(text: Any) -> str | None:
    """Why an expression is not accepted, in words; None when it is."""
    if not isinstance(text, str) or not 0 < len(text) <= MAX_LENGTH:
        return f"an expression is a text of 1 to {MAX_LENGTH} characters"
    try:
        nodes = list(_walk(_compiled(text).parsed, 1))
    except (JMESPathError, RecursionError, ValueError) as problem:
        return "not a JMESPath expression: " + (str(problem).splitlines() or ["?"])[0][:120]
    if len(nodes) > MAX_NODES or max(depth for _, depth in nodes) > MAX_DEPTH:
        return "the expression is too big"
    growth = 1
    for node, _ in nodes:
        if node["type"] == "function_expression" and node["value"] not in _FUNCTIONS:
            return f"no function called {node['value']!r}"
        if node["type"] in ("multi_select_list", "multi_select_dict"):
            growth *= max(1, len(node["children"]))
    return "the expression makes its input too many times bigger" if growth > MAX_GROWTH else None


def find(expression: str, view: Any) -> Any:
    """What the expression finds in the view; NoValue with a reason when it cannot be evaluated on this data."""
    try:
        return plain_data(_compiled(expression).search(view))
    except (JMESPathError, TypeError, ValueError, KeyError, AttributeError, IndexError, ArithmeticError) as problem:
        raise NoValue(f"not computable on this record ({type(problem).__name__})") from None
    except BadInput as problem:
        raise NoValue(str(problem)) from None
    except RecursionError:
        raise NoValue("nested too deep") from None


def plain_data(value: Any) -> Any:
    """Data as expressions see it: numbers with fractions as text, because JMESPath knows floats only."""
    if isinstance(value, Mapping):
        return {str(key): plain_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(item) for item in value]
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(int(value.as_tuple().exponent)) > 40:
            raise BadInput("a number beyond all money")
        return plain(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    raise BadInput(f"a value of type {type(value).__name__}")


@lru_cache(maxsize=2048)
def _compiled(text: str) -> Any:
    return jmespath.compile(text)


def _walk(node: Any, depth: int) -> Iterator[tuple[dict[str, Any], int]]:
    yield node, depth
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _walk(child, depth + 1)
