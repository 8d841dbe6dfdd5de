"""When a sender signed: where it is printed, and whether it is now. Standard library only; nothing here raises."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from taxpoynt.connector_kit.header_parts import Pairs, the_one
from taxpoynt.connector_kit.schemes import Stamp

_NUMBER = re.compile(r"[0-9]{1,17}\Z")


def printed(stamp: Stamp, pairs: Pairs, parts_of_header: Pairs, body: bytes) -> str | None:
    """The timestamp as it is printed, which is what is signed; None where there is none, or two."""
    if stamp.body is not None:
        return _from_body(body, stamp.body)
    if stamp.header is not None:
        return the_one(pairs, stamp.header)
    texts = {value for name, value in parts_of_header if name == stamp.part}
    return texts.pop() if len(texts) == 1 else None


def _from_body(body: bytes, name: str) -> str | None:
    """A top-level text or number of a JSON body, a number as it is printed."""
    try:
        whole = json.loads(body, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    found = whole.get(name) if isinstance(whole, dict) else None
    return found if isinstance(found, str) and 0 < len(found) <= 64 else None


def seconds(unit: str, text: str) -> float | None:
    """A printed time as seconds since 1970; None when it is none. Without a zone it is UTC."""
    if unit != "iso":
        return int(text) / (1000 if unit == "ms" else 1) if _NUMBER.match(text) else None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def is_fresh(stamp: Stamp, text: str, now: datetime) -> bool:
    """Neither older nor newer than the tolerance: clocks differ both ways."""
    signed = seconds(stamp.unit, text)
    return signed is not None and abs(now.timestamp() - signed) <= stamp.tolerance_seconds
