"""Circuits in the connections table: one item a name, written only when something failed.

No hot counter: while all goes well a submission reads one item and writes none. An item that never was, or whose row
of failures is over, is a closed circuit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from taxpoynt.domain.keys import key
from taxpoynt.errors import CircuitOpen, StoreConflict
from taxpoynt.storage.items import iso, moment_of
from taxpoynt.storage.table import Table

SK = "CIRCUIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a circuit opens and for how long. `row` failures without a success between them within `window`."""

    row: int = 8
    window: timedelta = timedelta(minutes=2)
    first_pause: timedelta = timedelta(seconds=15)
    longest_pause: timedelta = timedelta(minutes=5)
    refused_pause: timedelta = timedelta(minutes=5)
    probe: timedelta = timedelta(seconds=45)
    """How long a caller that probes may take before another one may: one call, and a margin."""


class DynamoCircuits:
    """ports.Circuits. `jitter` gives a number in [0, 1), so that those who wait do not all come back at once."""

    def __init__(self, table: Table, jitter: Callable[[], float], limits: Limits | None = None) -> None:
        self._table, self._jitter, self._limits = table, jitter, limits or Limits()

    def permit(self, name: str, now: datetime) -> bool:
        """Is anything noted? CircuitOpen unless the call may be made."""
        item = self._table.get(_pk(name), SK)
        opened = moment_of(item.get("open_until")) if item else None
        if opened is None:
            return item is not None
        if now < opened:
            raise self._open(name, (opened - now).total_seconds())
        try:  # one caller probes
            self._table.update(
                _pk(name),
                SK,
                "SET probe_until = :until",
                only_if="open_until = :opened AND (attribute_not_exists(probe_until) OR probe_until <= :now)",
                until=iso(now + self._limits.probe),
                opened=iso(opened),
                now=iso(now),
            )
        except StoreConflict:
            raise self._open(name, self._limits.first_pause.total_seconds()) from None
        return True

    def released(self, name: str) -> None:
        """The next caller probes; nothing to do when somebody closed or opened it meanwhile."""
        with suppress(StoreConflict):
            self._table.update(_pk(name), SK, "REMOVE probe_until", only_if="attribute_exists(probe_until)")

    def failed(self, name: str, now: datetime) -> None:
        """Counts; the failure of a probe opens again at once, for twice as long."""
        item = self._table.get(_pk(name), SK) or {}
        in_window = (moment_of(item.get("window_until")) or now) > now
        failures = (int(item.get("failures", 0)) if in_window else 0) + 1
        probing = bool(item.get("open_until"))
        if probing and (moment_of(item["open_until"]) or now) > now:
            return  # a call that began before it opened: nothing new
        trips = int(item.get("trips", 0))
        noted = {
            "failures": failures,
            "window_until": item["window_until"] if in_window and item else iso(now + self._limits.window),
            "trips": trips,
        }
        if probing or failures >= self._limits.row:
            pause = min(self._limits.first_pause * 2 ** min(trips, 10), self._limits.longest_pause)
            noted |= {"open_until": iso(now + pause), "trips": trips + 1}
        self._write(name, item, noted, now)

    def refused(self, name: str, now: datetime) -> None:
        """Open for a while whatever was noted before."""
        item = self._table.get(_pk(name), SK) or {}
        noted = {"failures": 1, "window_until": iso(now), "trips": int(item.get("trips", 0))}
        self._write(name, item, noted | {"open_until": iso(now + self._limits.refused_pause)}, now)

    def succeeded(self, name: str) -> None:
        """Forgets the row of failures."""
        self._table.delete(_pk(name), SK)

    def _write(self, name: str, before: Mapping[str, Any], noted: Mapping[str, Any], now: datetime) -> None:
        """Over what was read. Who loses against another failure leaves it: a row more or less does not matter."""
        version = int(before.get("version", 0))
        item = {**noted, "pk": _pk(name), "sk": SK, "version": version + 1}
        over = {"only_if": "version = :was", "was": version} if before else {"only_if": "attribute_not_exists(pk)"}
        with suppress(StoreConflict):
            self._table.put({**item, "ttl": int((now + timedelta(days=1)).timestamp())}, **over)

    def _open(self, name: str, seconds: float) -> CircuitOpen:
        wait = seconds + self._jitter() * self._limits.first_pause.total_seconds()
        return CircuitOpen(f"no calls to {name} for now", retry_after=max(1.0, wait))


def _pk(name: str) -> str:
    return key("CIRCUIT", name)
