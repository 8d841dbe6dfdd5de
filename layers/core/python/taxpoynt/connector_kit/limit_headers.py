"""What an answer's headers tell of the limits. Headers are data from outside: what is no number tells nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from taxpoynt.connector_kit.budget import Meter, Reading, units
from taxpoynt.connector_kit.template_limits import Budget

_NUMBER = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,9})?")
_LEVEL = re.compile(r"(?<![0-9.-])([0-9]{1,9}(?:\.[0-9]{1,9})?)\s?/\s?([0-9]{1,9}(?:\.[0-9]{1,9})?)(?![0-9])")


def readings(meters: Sequence[Meter], headers: Mapping[str, str]) -> dict[str, Reading]:
    """What was told, by budget; one that says nothing is left out."""
    told = {meter.name: _reading(meter, headers) for meter in meters}
    return {name: reading for name, reading in told.items() if reading != Reading()}


def _reading(meter: Meter, headers: Mapping[str, str]) -> Reading:
    names = meter.budget.headers
    level = _LEVEL.search(headers.get(names.level or "", "")[:200])
    used, size = (units(float(level[1])), units(float(level[2]))) if level else (None, None)
    limit, remaining = _number(headers, names.limit), _number(headers, names.remaining)
    size = limit if limit is not None else size
    whole = size if size is not None else meter.size
    if remaining is not None and whole is not None:
        used = max(0, whole - remaining)
    drip = _number(headers, names.drip)
    return Reading(size=size or None, used=used, drip=drip // 1000 if drip else None, cost=_number(headers, names.cost))


def _number(headers: Mapping[str, str], name: str | None) -> int | None:
    text = headers.get(name or "", "").strip()
    return units(float(text)) if _NUMBER.fullmatch(text) else None


def wait_told(budgets: Sequence[Budget], headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until a budget that was used up is whole again, for an answer without Retry-After; None: not told.

    A day that is used up counts first: its burst would be free again in a moment.
    """
    empty = [one for one in budgets if headers.get(one.headers.remaining or "", "").strip() == "0"]
    for budget in sorted(empty, key=lambda one: one.kind != "day"):
        told = _reset(budget, headers, now)
        if told is not None:
            return told
        if budget.kind == "day":
            return 86_400 - (now.astimezone(UTC).timestamp() % 86_400)
    waits = [wait for one in budgets if (wait := _reset(one, headers, now)) is not None]
    return min(waits, default=None)


def _reset(budget: Budget, headers: Mapping[str, str], now: datetime) -> float | None:
    text = headers.get(budget.headers.reset or "", "").strip()
    if budget.headers.reset_in == "date":
        return date_wait(text, now)
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    if budget.headers.reset_in == "epoch":
        number -= now.timestamp()
    if budget.headers.reset_in == "milliseconds":
        number /= 1000
    return number if 0 <= number <= 2 * 86_400 else None


def date_wait(text: str, now: datetime) -> float | None:
    """Seconds until an HTTP date; 0 for one that is over, None for none."""
    try:
        at = parsedate_to_datetime(text) if text else None
    except (ValueError, IndexError, OverflowError):
        return None
    if at is None:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
