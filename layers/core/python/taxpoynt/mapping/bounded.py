"""Carries out a compiled JMESPath expression with a budget of work, in exact numbers.

JMESPath cannot loop or call out, but it can do much with little: `*.*.*` over long lists, lists of lists that double at
each step, `to_string` of what `to_string` made. So each step takes from a budget before it runs: what it costs to visit
a node, to touch an item, to move 64 characters. A unit is about half a microsecond. Numbers are int and Decimal, never
float.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from jmespath import functions
from jmespath.visitor import Options, TreeInterpreter

from taxpoynt.domain.money import decimal_of, plain
from taxpoynt.errors import BadInput

MAX_WORK = 40_000
"""Units one expression may use: a filter over the lines of an order of two thousand lines, three times over."""
VISIT = 4
CALL = 8
_CHARACTERS = 64
"""Characters that cost as much as one item: they are moved by the block."""


class TooMuchWork(Exception):
    """The budget of an expression is spent."""


class Budget:
    """Units of work that are left."""

    __slots__ = ("left",)

    def __init__(self, units: int = MAX_WORK) -> None:
        self.left = units

    def spend(self, units: int) -> None:
        """Takes units; TooMuchWork when there are not so many left."""
        self.left -= units
        if self.left < 0:
            raise TooMuchWork


def weigh(value: Any, budget: Budget) -> None:
    """Spends a unit for everything in the value; what is held many times over counts as often."""
    waiting = [value]
    budget.spend(1)
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if len(one) > _CHARACTERS:
                budget.spend(len(one) // _CHARACTERS)
        elif isinstance(one, list):
            budget.spend(len(one))
            waiting += one
        elif isinstance(one, dict):
            budget.spend(2 * len(one))
            waiting += one.values()


def _size(value: Any) -> int:
    """What one value costs without what it holds."""
    if isinstance(value, str):
        return 1 + len(value) // _CHARACTERS
    return 1 + len(value) if isinstance(value, list | dict) else 1


def _texts(value: Any) -> int:
    """What the texts in a list cost on top of its size."""
    return sum(len(one) // _CHARACTERS for one in value if isinstance(one, str)) if isinstance(value, list) else 0


class Interpreter(TreeInterpreter):  # type: ignore[misc]  # jmespath publishes no types
    """Visits the nodes of one expression over one value, within one budget."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(Options(custom_functions=_Functions(budget)))
        self._budget = budget

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        """One node: the base class's dispatch, paid for and without its indirection, because all time goes here."""
        self._budget.left -= VISIT
        if self._budget.left < 0:
            raise TooMuchWork
        kind = node["type"]
        method = self._method_cache.get(kind)
        if method is None:
            method = self._method_cache[kind] = getattr(self, f"visit_{kind}", self.default_visit)
        return method(node, *args, **kwargs)

    def visit_field(self, node: Any, value: Any) -> Any:
        """A field of an object; the base class finds out by an exception, which is slow where there are many."""
        return value.get(node["value"]) if isinstance(value, dict) else None

    def visit_flatten(self, node: Any, value: Any) -> Any:
        """Joins lists without visiting their items, so they are counted here, before each is copied."""
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return None
        self._budget.spend(len(base))
        merged: list[Any] = []
        for element in base:
            if isinstance(element, list):
                self._budget.spend(len(element))
                merged += element
            else:
                merged.append(element)
        return merged

    def visit_slice(self, node: Any, value: Any) -> Any:
        """Copies a part of a list."""
        self._budget.spend(len(value) if isinstance(value, list) else 1)
        return super().visit_slice(node, value)

    def visit_comparator(self, node: Any, value: Any) -> Any:
        """Compares; null where numbers and texts are put in order, as the specification says."""
        left, right = (self.visit(child, value) for child in node["children"])
        if node["value"] in ("eq", "ne"):
            if isinstance(left, list | dict | str):
                weigh(left, self._budget)
        elif not _can_be_ordered(left, right):
            return None
        return self.COMPARATOR_FUNC[node["value"]](left, right)


def _can_be_ordered(left: Any, right: Any) -> bool:
    return all(_is_number(one) for one in (left, right)) or all(isinstance(one, str) for one in (left, right))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


class _Functions(functions.Functions):  # type: ignore[misc]  # jmespath publishes no types
    """JMESPath's own functions, each paid for before it runs and for what it made, with Decimal as a number."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self._budget = budget

    def call_function(self, function_name: str, resolved_args: list[Any]) -> Any:
        """Runs a function. What it costs is known by its name: see `_pay`."""
        self._budget.spend(CALL)
        for argument in resolved_args:
            self._pay(function_name, argument)
        own = _EXACT.get(function_name) if len(resolved_args) == 1 else None
        made = own(*resolved_args) if own else super().call_function(function_name, resolved_args)
        self._budget.spend(_size(made))
        return made

    def _pay(self, function_name: str, argument: Any) -> None:
        """`to_string` and `contains` look into everything; sorting compares an item some ten times; most look once."""
        if function_name in ("to_string", "contains"):
            weigh(argument, self._budget)
            return
        times = 10 if function_name.startswith("sort") else 1
        self._budget.spend(times * _size(argument))
        if function_name not in ("length", "type", "not_null", "to_array"):
            self._budget.spend(times * _texts(argument))

    def _get_allowed_pytypes(self, types: list[str]) -> tuple[list[str], list[tuple[str, ...]]]:
        allowed, inside = super()._get_allowed_pytypes(types)
        numbers = ("float", "int", "long")
        more = ["Decimal"] if "number" in types else []
        return [*allowed, *more], [(*one, "Decimal") if one == numbers else one for one in inside]

    def _convert_to_jmespath_type(self, pyobject: str) -> Any:
        return "number" if pyobject == "Decimal" else super()._convert_to_jmespath_type(pyobject)


def _to_number(value: Any) -> Decimal | None:
    try:
        return decimal_of(value)
    except BadInput:
        return None


def _to_string(value: Any) -> Any:
    return plain(value) if isinstance(value, Decimal) else _JMESPATH.call_function("to_string", [value])


def _type(value: Any) -> Any:
    return "number" if isinstance(value, Decimal) else _JMESPATH.call_function("type", [value])


_JMESPATH = functions.Functions()
_EXACT: dict[str, Callable[[Any], Any]] = {"to_number": _to_number, "to_string": _to_string, "type": _type}
"""What JMESPath does by way of floats, or does not know of Decimals."""
