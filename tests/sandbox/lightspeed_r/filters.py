"""`field=operator,value`: what one filter means for a record."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_r.errors import api

_OPERATORS = re.compile(r"(>=|<=|><|!=|!~|>|<|~|IN|=),(.*)", re.DOTALL)
MOST_VALUES = 100

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda held, asked: bool(held == asked),
    "!=": lambda held, asked: bool(held != asked),
    ">": lambda held, asked: bool(held > asked),
    ">=": lambda held, asked: bool(held >= asked),
    "<": lambda held, asked: bool(held < asked),
    "<=": lambda held, asked: bool(held <= asked),
}


@dataclass(frozen=True)
class Filter:
    """`name` may be `relation.field`; `values` are the texts given, one unless the operator is IN or ><."""

    name: str
    operator: str
    values: tuple[str, ...]

    def holds(self, record: Json) -> bool:
        """Whether a record passes; Refused 400 for a field it has not or a value that does not fit it."""
        if self.name not in record:
            raise api(400, f"'{self.name}' is not a searchable field of this endpoint")
        held = record[self.name]
        if held is None:
            return False
        if self.operator in {"~", "!~"}:
            return _like(str(held), self.values[0]) == (self.operator == "~")
        asked = [typed(self.name, held, value) for value in self.values]
        if self.operator == "IN":
            return held in asked
        if self.operator == "><":
            return bool(asked[0] <= held <= asked[1])
        return _COMPARE[self.operator](held, asked[0])


def parse_filter(entity: str, name: str, value: str) -> Filter:
    """Filter from one query parameter."""
    found = _OPERATORS.fullmatch(value)
    operator, rest = found.groups() if found else ("=", value)
    values = [rest]
    if operator == "IN":
        values = _in_list(rest)
    elif operator == "><":
        values = rest.split(",")
        if len(values) != 2:
            raise api(400, f"{entity}.{name}: >< needs two values")
    return Filter(name, operator, tuple(values))


def _in_list(text: str) -> list[str]:
    try:
        given = json.loads(text) if text.startswith("[") else text.split(",")
    except ValueError:
        raise api(400, "IN needs a JSON encoded array or values separated by commas") from None
    if len(given) > MOST_VALUES:
        raise api(400, f"IN takes at most {MOST_VALUES} values")
    return [str(one) for one in given]


def typed(name: str, held: Any, value: str) -> Any:
    """The text as the kind of value the field holds."""
    try:
        if isinstance(held, bool):
            return {"true": True, "false": False, "1": True, "0": False}[value.lower()]
        if isinstance(held, datetime):
            return a_time(value)
        if isinstance(held, int | Decimal):
            return Decimal(value)
    except (KeyError, ValueError, InvalidOperation):
        raise api(400, f"'{value}' is not a valid value for {name}") from None
    return value


def a_time(value: str) -> datetime:
    """With an offset such as +00:00 or -0400; a plus that was not encoded arrives as a space, and is no time."""
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        raise ValueError("a time needs an offset")
    return parsed


def _like(held: str, pattern: str) -> bool:
    """`%` stands for anything; without one, the text begins with the pattern. Case does not matter."""
    pattern = pattern if "%" in pattern else pattern + "%"
    return bool(re.fullmatch(".*".join(map(re.escape, pattern.split("%"))), held, re.IGNORECASE | re.DOTALL))
