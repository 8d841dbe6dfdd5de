"""Values between expression and target: what a transform gets and gives, and how it says that it cannot.

Values are text, int, Decimal, bool, lists and objects of these, or None.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from taxpoynt.domain.money import decimal_of, plain
from taxpoynt.errors import BadInput

MAX_TEXT = 2000
"""Characters any value may have when it reaches its target; the engine refuses more."""
MAX_INPUT = 100_000
"""Characters a transform reads: a product description with all its HTML."""

MAX_ITEMS = 5000
"""Items of a list that a transform goes through."""


class NoValue(Exception):
    """The value cannot be brought into the wanted form."""


def text_of(value: Any) -> str:
    """A scalar as text; NoValue for lists, objects and truth values."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise NoValue(f"expected text, got {kind_of(value)}")
    if isinstance(value, str):
        if len(value) > MAX_INPUT:
            raise NoValue("too long")
        return value
    if isinstance(value, int):
        if abs(value) >= 10**40:
            raise NoValue("number too long")
        return str(value)
    return plain(number_of(value))


def stripped(value: Any) -> str:
    """A scalar as one line of text without spaces around it."""
    return " ".join(text_of(value).split())


def number_of(value: Any) -> Decimal:
    """A number, or a text that is one written plainly (`-1250.50`); NoValue for everything else."""
    try:
        return decimal_of(value.strip() if isinstance(value, str) else value)
    except BadInput as problem:
        raise NoValue(str(problem)) from None


def is_blank(value: Any) -> bool:
    """Is nothing there, or only spaces?"""
    return value is None or (isinstance(value, str) and not value.strip())


def items_of(value: Any) -> Sequence[Any]:
    """A list; NoValue for what is none, and for more items than any value is made of."""
    if not isinstance(value, list):
        raise NoValue(f"expected a list, got {kind_of(value)}")
    if len(value) > MAX_ITEMS:
        raise NoValue("too many items")
    return value


def pair(value: Any) -> tuple[Any, Any]:
    """A value and what it must be read by (currency, zone): `[amount, currency]`, or the value alone and None."""
    if not isinstance(value, list):
        return value, None
    if len(value) != 2:
        raise NoValue("expected [value, what to read it by]")
    return value[0], value[1]


def kind_of(value: Any) -> str:
    """What a value is, in words that quote nothing of it."""
    names = {bool: "true or false", list: "a list", dict: "an object", Decimal: "a number", int: "a number"}
    return "nothing" if value is None else names.get(type(value), type(value).__name__)
