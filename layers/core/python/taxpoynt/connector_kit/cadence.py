"""When to look next: often while sales come or the shop is open, seldom when nothing happens. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from taxpoynt.connector_kit.template_polling import OpenHours, Poll
from taxpoynt.conversion.clock import LAGOS


def pause_after(poll: Poll, found_at: datetime | None, now: datetime, facts: Mapping[str, Any]) -> timedelta:
    """How long to wait after a look at `now`. found_at: when one last found something (or the connection began)."""
    if poll.every_minutes is not None:
        return timedelta(minutes=poll.every_minutes)
    busy, idle = timedelta(seconds=poll.busy_seconds or 60), timedelta(seconds=poll.idle_seconds or 3600)
    lately = found_at is not None and now - found_at < timedelta(minutes=poll.idle_after_minutes or 0)
    if lately or (poll.open is not None and is_open(poll.open, now, facts)):
        return busy
    return min(idle, _until_opening(poll.open, now, facts) or idle)


def is_open(hours: OpenHours, now: datetime, facts: Mapping[str, Any]) -> bool:
    """Is it within the hours by the shop's own clock?"""
    here = now.astimezone(_zone(hours, facts)).time().replace(tzinfo=None)
    opens, closes = time.fromisoformat(hours.opens), time.fromisoformat(hours.closes)
    return opens <= here < closes if opens < closes else here >= opens or here < closes


def _until_opening(hours: OpenHours | None, now: datetime, facts: Mapping[str, Any]) -> timedelta | None:
    """So that a long pause at night does not reach into the morning."""
    if hours is None:
        return None
    here = now.astimezone(_zone(hours, facts))
    opens = time.fromisoformat(hours.opens)
    at = here.replace(hour=opens.hour, minute=opens.minute, second=0, microsecond=0)
    return (at if at > here else at + timedelta(days=1)).astimezone(UTC) - now.astimezone(UTC)


def _zone(hours: OpenHours, facts: Mapping[str, Any]) -> tzinfo:
    """The zone named, or the one that a fact of the account names; Lagos when there is none that we know."""
    name = hours.zone if "/" in hours.zone else str(facts.get(hours.zone, ""))
    try:
        return ZoneInfo(name) if name else LAGOS
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return LAGOS
