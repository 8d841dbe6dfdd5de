"""JSON as NRS wants it: plain numbers, never an exponent, never a float, never a number in quotes.

The standard encoder knows no Decimal; turning one into a float would lose kobo, into a string would be refused.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def encode(value: Any) -> str:
    """`value` as compact JSON text; keys in the order given, so that equal input gives equal text.

    TypeError for anything but dict with text keys, list, tuple, str, bool, int, finite Decimal and None;
    floats on purpose: one here means that digits were lost before.
    """
    if isinstance(value, dict):
        return "{" + ",".join(f"{_key(key)}:{encode(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(encode(one) for one in value) + "]"
    if isinstance(value, Decimal):
        return number(value)
    if value is None or isinstance(value, str | bool | int):
        return json.dumps(value, ensure_ascii=False)
    raise TypeError(f"no JSON for {type(value).__name__}")


def number(value: Decimal) -> str:
    """The exact value in plain notation with the digits it has (`150000.00`, `7.5`); zero has no sign."""
    if not value.is_finite():
        raise TypeError("no JSON for a number that is not finite")
    return f"{abs(value) if value.is_zero() else value:f}"


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"no JSON key for {type(key).__name__}")
    return json.dumps(key, ensure_ascii=False)
