"""JMESPath, bounded: it cannot loop or call out, and here it cannot take long, grow, or fail with other than NoValue.

Numbers are exact: `sum`, `max` and comparisons work on Decimals.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Any

from jmespath import functions, parser
from jmespath.exceptions import JMESPathError

from taxpoynt.domain.money import plain
from taxpoynt.errors import BadInput
from taxpoynt.mapping.bounded import Budget, Interpreter, TooMuchWork, weigh
from taxpoynt.mapping.transforms import NoValue

MAX_LENGTH = 500
MAX_NODES = 150
MAX_DEPTH = 30
MAX_GROWTH = 64
"""How many times its input an expression may multiply: `[@,@][] | [@,@][] | …` doubles at each step."""
MAX_OUTPUT = 50_000
"""Units (bounded.py) of what an expression may find: the lines of a very long order, and no more."""

_FUNCTIONS = frozenset(functions.Functions.FUNCTION_TABLE)


def fault_of(text: Any) -> str | None:
    """Why an expression is not accepted, in words; None when it is."""
    if not isinstance(text, str) or not 0 < len(text) <= MAX_LENGTH:
        return f"an expression is a text of 1 to {MAX_LENGTH} characters"
    if _nesting(text) > MAX_DEPTH:
        return "the expression is nested too deep"
    try:
        return _too_much(list(_walk(compiled(text), 1)))
    except (JMESPathError, RecursionError, ValueError) as problem:
        return "not a JMESPath expression: " + (str(problem).splitlines() or ["?"])[0][:120]
    except BadInput as problem:
        return str(problem)


def _too_much(nodes: list[tuple[dict[str, Any], int]]) -> str | None:
    """Why a tree (nodes with their depths) is not accepted."""
    if len(nodes) > MAX_NODES or max(depth for _, depth in nodes) > MAX_DEPTH:
        return "the expression is too big"
    growth = 1
    for node, _ in nodes:
        if (problem := _wrong(node)) is not None:
            return problem
        if node["type"] in ("multi_select_list", "multi_select_dict"):
            growth *= max(1, len(node["children"]))
    return "the expression makes its input too many times bigger" if growth > MAX_GROWTH else None


def _wrong(node: dict[str, Any]) -> str | None:
    """Why a node can never do what was meant by it."""
    if node["type"] == "function_expression" and node["value"] not in _FUNCTIONS:
        return f"no function called {node['value']!r}"
    if node["type"] == "subexpression" and node["children"][0]["type"] == "not_expression":
        return "`!a.b` is read as `(!a).b`, which is always nothing; write `!(a.b)`"
    return None


def find(expression: str, view: Any, *, most: int = MAX_OUTPUT) -> Any:
    """What the expression finds in the view (None, bool, int, Decimal, str, list, dict).

    NoValue with a reason when it cannot be evaluated on this data, or not within its budget. The view is exact data or
    plain data; what is found may be a part of it, so nobody changes it. most: units of what may be found.
    """
    try:
        with localcontext(prec=100):
            found = Interpreter(Budget()).visit(compiled(expression), view)
        weigh(found, Budget(most))
    except TooMuchWork:
        raise NoValue("too much work for one expression") from None
    except RecursionError:
        raise NoValue("nested too deep") from None
    except BadInput as problem:
        raise NoValue(str(problem)) from None
    except (JMESPathError, TypeError, ValueError, KeyError, AttributeError, IndexError, ArithmeticError) as problem:
        raise NoValue(f"not computable on this record ({type(problem).__name__})") from None
    return found


def exact_data(value: Any) -> Any:
    """Data as expressions see it: parsed JSON as it is, any float as the Decimal it was written as.

    BadInput for what is no JSON value, and for numbers beyond all money.
    """
    if isinstance(value, Mapping):
        return {str(key): exact_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [exact_data(item) for item in value]
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(int(value.as_tuple().exponent)) > 40:
            raise BadInput("a number beyond all money")
        return value
    if value is None or isinstance(value, bool | int | str):
        return value
    raise BadInput(f"a value of type {type(value).__name__}")


def plain_data(value: Any) -> Any:
    """Exact data as JSON can hold it: numbers with fractions as text."""
    if isinstance(value, Mapping):
        return {str(key): plain_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(item) for item in value]
    exact = exact_data(value)
    return plain(exact) if isinstance(exact, Decimal) else exact


@lru_cache(maxsize=2048)
def compiled(text: str) -> Any:
    """The expression's tree, as jmespath makes it, with exact numbers in its literals.

    JMESPathError, ValueError or BadInput for a text that is no expression.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", PendingDeprecationWarning)
        try:
            parsed = parser.Parser().parse(text).parsed
        except PendingDeprecationWarning:
            raise BadInput("between back quotes stands JSON; write a text as 'text'") from None
    return _exact_literals(parsed)


def _exact_literals(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    made = {**node, "children": [_exact_literals(child) for child in node.get("children", ())]}
    if node["type"] == "literal":
        made["value"] = exact_data(node["value"])
    return made


def _nesting(text: str) -> int:
    """How deep brackets go; each costs the parser some frames of its stack."""
    depth = deepest = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _walk(node: Any, depth: int) -> Iterator[tuple[dict[str, Any], int]]:
    yield node, depth
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _walk(child, depth + 1)
