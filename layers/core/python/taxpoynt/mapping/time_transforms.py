"""Transforms of dates and times. A zone is never guessed: a time without one is no time.

Zones are read from the machine's time zone database (or the tzdata package), the one thing here that is not in this
package; Africa/Lagos and UTC need neither.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from taxpoynt.conversion.clock import LAGOS
from taxpoynt.mapping.values import NoValue, is_blank, number_of, pair, text_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(?:/[A-Za-z0-9_+-]{1,30}){0,2}")
_ORDERS = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}
"""Places of year, month and day."""


def zone_of(name: str) -> tzinfo:
    """The zone of an IANA name; NoValue when there is none."""
    if name in ("UTC", "Etc/UTC", "Z"):
        return UTC
    if name == "Africa/Lagos":
        return LAGOS
    if not _ZONE.fullmatch(name):
        raise NoValue("not the name of a time zone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NoValue("not a time zone we know") from None


def to_datetime(value: Any, argument: Any) -> str | None:
    """A moment, in UTC: `2026-05-15T21:31:07+01:00` becomes `2026-05-15T20:31:07+00:00`.

    A text without offset is read in the zone that is given: as `[text, zone]`, as the argument (`{datetime:
    Africa/Lagos}`), or as `zone` of an argument with two parts. A text that is only a date needs `at` as well:
    `{datetime: {zone: Africa/Lagos, at: "12:00"}}`. An hour that the end of summer time gives twice is the first.
    """
    written, named = pair(value)
    if is_blank(written):
        return None
    options = argument if isinstance(argument, dict) else {"zone": argument}
    found = _moment(text_of(written).strip(), options.get("at"))
    if found.tzinfo is None:
        zone = named if named is not None else options.get("zone")
        if zone is None:
            raise NoValue("a time without time zone")
        found = found.replace(tzinfo=zone_of(text_of(zone).strip()))
    return _utc(found)


def to_date(value: Any, argument: Any) -> str | None:
    """A day, like `2026-05-15`: from a date, `20260515`, or a moment with the zone whose day is meant.

    The zone comes as `[text, zone]`, as the argument, or as its `zone`; a moment with offset needs one, a time without
    offset keeps its date. `order: dmy` or `mdy` reads `15/05/2026`; without it only year first is read.
    """
    written, named = pair(value)
    if is_blank(written):
        return None
    options = argument if isinstance(argument, dict) else {"zone": argument}
    text = text_of(written).strip()
    day = _day(text, options.get("order", "ymd"))
    if day is not None:
        return day.isoformat()
    found = _moment(text, None)
    zone = named if named is not None else options.get("zone")
    if found.tzinfo is None:
        return found.date().isoformat()
    if zone is None:
        raise NoValue("whose day it is depends on a time zone")
    try:
        return found.astimezone(zone_of(text_of(zone).strip())).date().isoformat()
    except OverflowError:
        raise NoValue("beyond all calendars") from None


def unix_seconds(value: Any, _argument: Any) -> str:
    """A moment, from the seconds since 1970 began in UTC."""
    return _since_epoch(value, 1_000_000)


def unix_millis(value: Any, _argument: Any) -> str:
    """A moment, from the milliseconds since 1970 began in UTC."""
    return _since_epoch(value, 1000)


def _since_epoch(value: Any, microseconds: int) -> str:
    try:
        return (_EPOCH + timedelta(microseconds=int(number_of(value) * microseconds))).isoformat()
    except (OverflowError, ArithmeticError):
        raise NoValue("beyond all calendars") from None


def _moment(text: str, at: str | None) -> datetime:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d|\d{8}", text):
            if at is None:
                raise NoValue("a date without a time")
            return datetime.combine(date.fromisoformat(text), time.fromisoformat(at))
        return datetime.fromisoformat(text)
    except ValueError:
        raise NoValue("not a time we can read") from None


def _utc(moment: datetime) -> str:
    try:
        return moment.astimezone(UTC).isoformat()
    except (OverflowError, ValueError):
        raise NoValue("beyond all calendars") from None


def _day(text: str, order: str) -> date | None:
    """A text that is a date and nothing more; None when it is not."""
    if re.fullmatch(r"\d{8}", text) and order == "ymd":
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    parts = re.fullmatch(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})", text)
    if parts is None:
        return None
    numbers = parts.groups()
    year, month, day = (numbers[place] for place in _ORDERS[order])
    if len(year) != 4:
        raise NoValue("a year has four digits here")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise NoValue("not a day of the calendar") from None
