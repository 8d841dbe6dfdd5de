"""The shops of a platform as check boxes: which of them invoice, which are new, and which went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from taxpoynt.domain.locations import Location, LocationList

MOST_BOXES = 500
"""More shops than these are written as numbers, one a line: a form has its limits, and so have thumbs."""


@dataclass(frozen=True, slots=True)
class Box:
    """One shop. state: `` (there), `closed` (shown as closed), `gone` (no longer shown), `unknown` (never shown)."""

    id: str
    name: str
    ticked: bool
    state: str = ""
    new: bool = False
    gone_at: datetime | None = None


def boxes_of(listed: LocationList | None, chosen: Sequence[str], since: datetime | None) -> tuple[Box, ...]:
    """Every shop that is there, then those that are chosen and are not; none while nothing was told yet.

    since: when the rules that count were put in force; a shop first seen later is new.
    """
    if listed is None or listed.as_of is None or len(listed.present) > MOST_BOXES:
        return ()
    there = {one.id for one in listed.present}
    shown = [_box(one, chosen, since) for one in listed.present]
    return (*shown, *(_absent(listed.find(one), one) for one in dict.fromkeys(chosen) if one not in there))


def ticked(form: Mapping[str, str], setting: str) -> list[str]:
    """The shops that a form names for a setting: boxes that are ticked, and lines that were written."""
    start = f"setting.{setting}."
    boxes = [name[len(start) :] for name in form if name.startswith(start)]
    written = [line.strip() for line in form.get(f"setting.{setting}", "").splitlines() if line.strip()]
    return list(dict.fromkeys((*boxes, *written)))


def told(form: Mapping[str, str], setting: str) -> bool:
    """Was the setting on the form at all? A form without a ticked box says that none is."""
    return f"setting.{setting}" in form or any(name.startswith(f"setting.{setting}.") for name in form)


def left_out(listed: LocationList | None, chosen: Sequence[str], since: datetime | None) -> list[str]:
    """Names of shops that were opened after the choice was made, and so issue nothing."""
    if listed is None or not chosen:
        return []
    return [one.name for one in listed.present if one.id not in chosen and _new(one, since)]


def went(listed: LocationList | None, chosen: Sequence[str]) -> list[str]:
    """Names of chosen shops that the platform does not show any more."""
    if listed is None or listed.as_of is None:
        return []
    there = {one.id for one in listed.present}
    return [listed.name_of(one) for one in dict.fromkeys(chosen) if one not in there]


def _box(one: Location, chosen: Sequence[str], since: datetime | None) -> Box:
    """New matters only where some are chosen: else it issues invoices by itself."""
    is_ticked = one.id in chosen
    new = bool(chosen) and not is_ticked and _new(one, since)
    return Box(one.id, one.name, is_ticked, "" if one.active else "closed", new)


def _absent(known: Location | None, location_id: str) -> Box:
    if known is None:
        return Box(location_id, location_id, ticked=True, state="unknown")
    return Box(location_id, known.name, ticked=True, state="gone", gone_at=known.gone_at)


def _new(one: Location, since: datetime | None) -> bool:
    return one.first_seen is not None and (since is None or one.first_seen > since)
