"""The shops of a merchant's account at a platform: what there is to choose from when it says which of them invoice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from taxpoynt.domain.model import Model

MOST_GONE = 500
"""Shops that went are kept for their names; of more than these the oldest are forgotten."""


class Location(Model):
    """One shop, by the platform's id.

    active: not closed at the platform. first_seen: when a later list first had it; None for those of the first list.
    gone_at: since when no list has had it (UTC).
    """

    id: str
    name: str
    active: bool = True
    currency: str | None = None
    time_zone: str | None = None
    address: str | None = None
    first_seen: datetime | None = None
    gone_at: datetime | None = None


class LocationList(Model):
    """All shops ever listed, those that went too: a choice that names one still has a name to show.

    asked_at: the last time the platform was asked; as_of: the last time it told (None: never so far).
    problem: the kind of error of the last time, never its text.
    """

    asked_at: datetime
    as_of: datetime | None = None
    problem: str = ""
    locations: tuple[Location, ...] = Field(default=())

    @property
    def present(self) -> tuple[Location, ...]:
        """Those the platform listed the last time."""
        return tuple(one for one in self.locations if one.gone_at is None)

    def find(self, location_id: str) -> Location | None:
        """The shop of that id, gone or not."""
        return next((one for one in self.locations if one.id == location_id), None)

    def name_of(self, location_id: str) -> str:
        """What people call it; the id where it was never listed."""
        found = self.find(location_id)
        return found.name if found else location_id


def merged(before: LocationList | None, told: Sequence[Location], now: datetime) -> LocationList:
    """What is known after a list came: the told ones by name, then those that went, each with when."""
    known = {one.id: one for one in before.locations} if before else {}
    first = before is None or before.as_of is None
    there = {one.id: _since(one, known.get(one.id), None if first else now) for one in told}
    went = sorted((_gone(one, now) for name, one in known.items() if name not in there), key=_when, reverse=True)
    by_name = sorted(there.values(), key=lambda one: (one.name.casefold(), one.id))
    return LocationList(asked_at=now, as_of=now, locations=(*by_name, *went[:MOST_GONE]))


def untold(before: LocationList | None, problem: str, now: datetime) -> LocationList:
    """What is known after the platform was asked and did not tell: as before."""
    if before is None:
        return LocationList(asked_at=now, problem=problem)
    return before.model_copy(update={"asked_at": now, "problem": problem})


def _since(told: Location, known: Location | None, now: datetime | None) -> Location:
    """One that comes back is not new."""
    return told.model_copy(update={"first_seen": known.first_seen if known else now, "gone_at": None})


def _gone(known: Location, now: datetime) -> Location:
    return known if known.gone_at else known.model_copy(update={"gone_at": now})


def _when(gone: Location) -> str:
    return f"{gone.gone_at:%Y-%m-%dT%H:%M:%S} {gone.id}"
