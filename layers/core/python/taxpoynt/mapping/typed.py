"""Does a mapped value fit its target?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

from taxpoynt.errors import Fault
from taxpoynt.mapping.targets import Kind
from taxpoynt.mapping.time_transforms import zone_of
from taxpoynt.mapping.values import NoValue, number_of

_REMEDY = "correct it at the source, or change the mapping rule"


def fault_of(kind: Kind, where: str, value: str) -> Fault | None:
    """Why a value (not empty) may not stand at a target of this kind; None when it may."""
    if len(value) > kind.longest:
        return Fault("MAP-011", where, f"longer than {kind.longest} characters", "shorten it at the source")
    if kind.form == "words" and value not in kind.words:
        return Fault("MAP-012", where, "not a word we know here", f"map it to one of: {', '.join(kind.words)}")
    try:
        _READ[kind.form](value)
    except (NoValue, ValueError, OverflowError):
        code, message = _FAULTS[kind.form]
        return Fault(code, where, message, _REMEDY)
    return None


def moment_of(value: str) -> datetime:
    """An aware moment, in UTC; ValueError for a text that is none or has no offset."""
    found = datetime.fromisoformat(value)
    if found.utcoffset() is None:
        raise ValueError("a time without time zone")
    return found.astimezone(UTC)


def _currency_of(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError("not a currency")
    return value


def _boolean_of(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError("neither true nor false")
    return value == "true"


_READ: dict[str, Callable[[str], object]] = {
    "text": str,
    "words": str,
    "number": number_of,
    "time": moment_of,
    "day": date.fromisoformat,
    "zone": zone_of,
    "currency": _currency_of,
    "boolean": _boolean_of,
}
_FAULTS = {
    "number": ("MAP-013", "not a number"),
    "time": ("MAP-014", "not a moment with a time zone"),
    "day": ("MAP-014", "not a day, like 2026-05-15"),
    "zone": ("MAP-014", "not a time zone, like Africa/Lagos"),
    "currency": ("MAP-015", "not a currency code of three capital letters"),
    "boolean": ("MAP-012", "neither true nor false"),
}
