"""Request bytes to JSON, numbers kept exactly as written."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from tests.sandbox.nrs.problems import Problem


def _plain(text: str) -> Decimal:
    if "e" in text.lower():
        raise Problem("invalid request body: numbers must be in plain notation")
    return Decimal(text)


def _no_constant(text: str) -> Any:
    raise Problem(f"invalid request body: {text} is not a number")


def parse_object(raw: bytes) -> dict[str, Any]:
    """The object sent, or a refusal. Exponents, NaN and anything that is not one JSON object are refused."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_float=_plain, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Problem("invalid request body") from None
    if not isinstance(value, dict):
        raise Problem("invalid request body")
    return value
