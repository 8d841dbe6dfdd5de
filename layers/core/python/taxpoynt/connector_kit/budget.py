"""The arithmetic of rate budgets: pure, in whole millionths of a unit and whole milliseconds.

A connection's state is one short text that a store swaps atomically (ports.RateBudget). Never over the limit: a window
counts nine eighths of its time, so that no window of the platform, wherever it begins, sees more than its size.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from taxpoynt.connector_kit.template_limits import Budget

UNIT = 1_000_000
SLICES = 8
"""A window is counted in so many parts, and one more."""
AHEAD = 600_000
"""Milliseconds a state may be ahead of our clock; one that is further ahead was written by a broken clock."""
PROBE = 900_000
"""Milliseconds between two questions whether a used-up day is over."""
DAY = 86_400_000
KEEP_SECONDS = 2 * 86_400
"""How long a state is kept untouched: what was used is forgiven by then, and sizes are told again."""

State = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A budget for one account: sizes in millionths (None: not known yet), `drip` millionths a millisecond."""

    budget: Budget
    size: int | None
    drip: int = 0

    @property
    def name(self) -> str:
        """Its name in the state."""
        return self.budget.name

    def counts(self, path: str) -> bool:
        """Does a request to this path use it?"""
        return not self.budget.only or path.startswith(self.budget.only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an answer told about one meter, in millionths; None: nothing."""

    size: int | None = None
    used: int | None = None
    drip: int | None = None
    cost: int | None = None


def meters(budgets: Sequence[Budget], facts: Mapping[str, Any]) -> tuple[Meter, ...]:
    """The budgets of an account. A fact that is unknown counts as the least: the platform's headers tell more."""
    return tuple(_meter(budget, facts) for budget in budgets)


def _meter(budget: Budget, facts: Mapping[str, Any]) -> Meter:
    size, drip = budget.size, budget.per_second or 0.0
    if budget.each is not None and size is not None:
        known = str(facts.get(budget.each.fact, ""))
        count = int(known) if known.isascii() and known.isdigit() and len(known) < 6 else 0
        more = max(0, count - budget.each.beyond) if count else (1 if budget.each.beyond == 0 else 0)
        size, drip = size + more * budget.each.size, drip + more * budget.each.per_second
    return Meter(budget=budget, size=None if size is None else _units(size), drip=int(drip * UNIT) // 1000)


def take(
    all_meters: Sequence[Meter], text: str, path: str, cost: int, share: float, now: int
) -> tuple[str | None, int]:
    """(the state afterwards, 0), or (None, milliseconds to wait). `cost` in millionths; `now` in milliseconds."""
    state = _read(text)
    paused = state.get("until", 0) - now
    if 0 < paused <= DAY + AHEAD:
        return None, paused
    after, waits = dict(state), [0]
    after.pop("until", None)
    for meter in all_meters:
        if meter.counts(path):
            wanted = cost if meter.budget.counts == "cost" else UNIT
            after[meter.name], wait = _KINDS[meter.budget.kind](meter, state.get(meter.name) or {}, wanted, share, now)
            waits.append(wait)
    return (None, max(waits)) if max(waits) else (_text(after), 0)


def learn(
    all_meters: Sequence[Meter],
    text: str,
    readings: Mapping[str, Reading],
    taken: int,
    now: int,
    pause: int = 0,
) -> str:
    """The state after what an answer told. taken: what was counted for the request; pause: milliseconds it asked for.

    A reading only adds to what is counted, since other answers are under way; a day may begin anew at the platform.
    """
    state = _read(text)
    for meter in all_meters:
        reading = readings.get(meter.name)
        if reading is not None:
            state[meter.name] = _told(meter, dict(state.get(meter.name) or {}), reading, taken, now)
    if pause > 0:
        state["until"] = max(int(state.get("until", 0)), now + min(pause, PROBE))
    return _text(state)


def _told(meter: Meter, data: State, reading: Reading, taken: int, now: int) -> State:
    if reading.size is not None and reading.size != meter.size:
        data["z"] = reading.size
    if reading.drip is not None and reading.drip != meter.drip:
        data["r"] = reading.drip
    size = data.get("z", meter.size) or 0
    used, data = _used(meter, data, now)
    correction = reading.cost - taken if reading.cost is not None and meter.budget.counts == "cost" else 0
    told = reading.used
    if told is not None and told > used + correction + size // 20:
        correction = told - used
    if told is not None and meter.budget.kind == "day" and told < used - size // 20:
        correction = (
            told - used
        )  # its day began anew, or ours counted too much: so few are under way that it knows best
    return _added(meter, data, max(correction, -used)) if correction else data


# --- the three kinds: what is used now, what is added, how long until there is room --------------------------------


def _window(meter: Meter, data: State, cost: int, share: float, now: int) -> tuple[State, int]:
    used, data = _used(meter, data, now)
    room = _room(meter, data, share)
    if room is None or used + cost <= room or used == 0:
        return _added(meter, data, cost), 0
    leaves = data["t"] - len(data["u"])
    for amount in data["u"]:  # the first part whose leaving makes room, or the last one
        used, leaves = used - amount, leaves + 1
        if used + cost <= room:
            break
    return data, max(1, (leaves + SLICES + 1) * _part(meter) - now)


def _bucket(meter: Meter, data: State, cost: int, share: float, now: int) -> tuple[State, int]:
    used, data = _used(meter, data, now)
    room = _room(meter, data, share)
    if room is None or used + cost <= room or used == 0:
        return _added(meter, data, cost), 0
    drip = max(1, data.get("r", meter.drip))
    return data, max(1, -(-min(used, used + cost - room) // drip))


def _day(meter: Meter, data: State, cost: int, share: float, now: int) -> tuple[State, int]:
    used, data = _used(meter, data, now)
    room = _room(meter, data, share)
    if room is None or used + cost <= room or used == 0:
        return _added(meter, data, cost), 0
    asked = int(data.get("p", 0))
    if share >= 1 and not 0 <= now - asked < PROBE:
        return {**data, "p": now}, 0
    return data, min(DAY - now % DAY, max(1, PROBE - (now - asked)) if share >= 1 else DAY)


_KINDS = {"window": _window, "bucket": _bucket, "day": _day}


def _used(meter: Meter, data: State, now: int) -> tuple[int, State]:
    """What is used at `now`, and the data as it is then. Time never goes back: a slow clock counts as of the last."""
    kept: State = {name: data[name] for name in ("z", "r", "p") if name in data}
    if meter.budget.kind == "window":
        part = _part(meter)
        here = now // part
        last = data.get("t", here)
        if (last - here) * part > AHEAD:
            return 0, {**kept, "t": here, "u": [0]}
        newest = max(here, last)
        parts = (list(data.get("u", [0])) + [0] * min(newest - last, SLICES + 1))[-(SLICES + 1) :]
        return sum(parts), {**kept, "t": newest, "u": parts}
    if meter.budget.kind == "bucket":
        last = data.get("t", now)
        if last - now > AHEAD:
            return 0, {**kept, "t": now, "l": 0}
        newest = max(now, last)
        level = max(0, data.get("l", 0) - data.get("r", meter.drip) * (newest - last))
        return level, {**kept, "t": newest, "l": level}
    today = now // DAY
    used = data.get("u", 0) if data.get("t") == today else 0
    return used, {**kept, "t": today, "u": used}


def _added(meter: Meter, data: State, amount: int) -> State:
    if meter.budget.kind == "bucket":
        return {**data, "l": max(0, data["l"] + amount)}
    if meter.budget.kind == "day":
        return {**data, "u": max(0, data["u"] + amount)}
    return {**data, "u": [*data["u"][:-1], max(0, data["u"][-1] + amount)]}


def _room(meter: Meter, data: State, share: float) -> int | None:
    size = data.get("z", meter.size)
    return None if size is None else int(size * share)


def _part(meter: Meter) -> int:
    return max(1, -(-int((meter.budget.seconds or 1) * 1000) // SLICES))


def _units(amount: float) -> int:
    return int(amount * UNIT)


def units(amount: float) -> int:
    """An amount in millionths, rounded up: a cost is never counted as less."""
    return -int(-amount * UNIT // 1)


def milliseconds(span: timedelta) -> int:
    """Whole milliseconds."""
    return int(span.total_seconds() * 1000)


def _read(text: str) -> State:
    """A state that cannot be read is no state: budgets begin anew, and the platform's headers correct that."""
    try:
        state = json.loads(text) if text else {}
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def _text(state: State) -> str:
    return json.dumps(state, separators=(",", ":"), sort_keys=True)
