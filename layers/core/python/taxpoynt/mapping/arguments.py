"""What a transform takes beside the value: checked before anything runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from taxpoynt.mapping.time_transforms import zone_of
from taxpoynt.mapping.values import NoValue

MAX_ROWS = 2000
_MAX = 200


@dataclass(frozen=True, slots=True)
class Argument:
    """fits: may this be written? wish and example: for people and for the reference."""

    fits: Callable[[Any], bool]
    wish: str
    example: str = ""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _MAX


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MAX


def _is_zone(value: Any) -> bool:
    try:
        return isinstance(value, str) and zone_of(value) is not None
    except NoValue:
        return False


def _is_table(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and 0 < len(value) <= MAX_ROWS
        and all(isinstance(key, str) and isinstance(one, str) and len(one) <= _MAX for key, one in value.items())
    )


def _parts(value: Any, required: dict[str, Callable[[Any], bool]], others: dict[str, Callable[[Any], bool]]) -> bool:
    """An object with all of `required`, perhaps some of `others`, and nothing else."""
    known = required | others
    return (
        isinstance(value, dict)
        and required.keys() <= value.keys() <= known.keys()
        and all(known[name](one) for name, one in value.items())
    )


def _is_clock(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", value) is not None


def _is_order(value: Any) -> bool:
    return value in ("ymd", "dmy", "mdy")


def _is_mark(value: Any) -> bool:
    return _is_text(value) and value != ""


NOTHING = Argument(lambda value: value is None, "takes no argument")
TEXT = Argument(_is_text, "needs a text", "NG")
TABLE = Argument(_is_table, "needs a table of texts", "{'17': STANDARD_VAT}")
SPLIT = Argument(
    lambda value: _parts(value, {"by": _is_mark, "take": _is_whole}, {}),
    "needs {by: text, take: whole number}",
    '{by: ",", take: 0}',
)
REPLACE = Argument(
    lambda value: _parts(value, {"from": _is_mark, "to": _is_text}, {}),
    "needs {from: text, to: text}",
    '{from: "₦", to: ""}',
)
BETWEEN = Argument(
    lambda value: value != {} and _parts(value, {}, {"after": _is_mark, "before": _is_mark}),
    "needs {after: text, before: text}, or one of them",
    '{after: "(", before: ")"}',
)
CUT = Argument(
    lambda value: (
        _parts(value, {"start": _is_whole, "length": _is_whole}, {}) and value["start"] >= 0 and value["length"] > 0
    ),
    "needs {start: whole number, length: whole number}",
    "{start: 0, length: 8}",
)
POINT = Argument(lambda value: value in (None, ".", ","), "takes the decimal point, or nothing", '","')
CURRENCY = Argument(
    lambda value: value is None or (isinstance(value, str) and re.fullmatch(r"[A-Z]{3}", value) is not None),
    "takes a currency, or nothing",
    "NGN",
)
MOMENT = Argument(
    lambda value: value is None or _is_zone(value) or _parts(value, {"zone": _is_zone}, {"at": _is_clock}),
    "takes a time zone, or {zone: time zone, at: time of day}, or nothing",
    "Africa/Lagos",
)
DAY = Argument(
    lambda value: value is None or _is_zone(value) or _parts(value, {}, {"zone": _is_zone, "order": _is_order}),
    "takes a time zone, or {zone: time zone, order: dmy}, or nothing",
    "{order: dmy}",
)
