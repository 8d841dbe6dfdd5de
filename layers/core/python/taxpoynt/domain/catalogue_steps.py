"""What follows from each page of a synchronisation. Pure: no clock, no I/O."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from taxpoynt.domain.catalogue import Stored
from taxpoynt.domain.catalogue_sync import Drift, PageRead, Plan, Purpose, SyncState, Walk

RESTARTS = 3
"""A place may have expired at the platform; then the walk begins again, this many times."""
WHOLE_EVERY = timedelta(days=7)
"""Between two checks that read every row, as long as the platform's own total says the same as ours."""
SHRUNK = 20
"""From so many rows on, a walk that shows less than half of them is not believed (lost rights, a broken list)."""


def wanted(state: SyncState, plan: Plan, now: datetime) -> Literal["changes", "whole", "check"] | None:
    """What to do next: changes before a long walk, so that a check never keeps news waiting."""
    if state.changes is not None:
        return "changes"
    due = state.next_at is None or state.next_at <= now
    if state.loaded_at is not None and plan.follows and due:
        return "changes"
    if state.whole is not None:
        return "whole"
    if state.loaded_at is None or not plan.follows:
        return "whole" if due else None
    if state.plan != plan.version and due_again(state, now):
        return "whole"
    return "check" if state.next_check_at is not None and state.next_check_at <= now else None


def due_again(state: SyncState, now: datetime) -> bool:
    """May a walk over everything begin that nobody planned? Not while the last one was refused."""
    return state.problem is None or state.next_check_at is None or state.next_check_at <= now


def begun(state: SyncState, purpose: Purpose, now: datetime, plan: Plan, *, expected: int | None = None) -> SyncState:
    """The state with a new walk."""
    since = state.since if purpose == "changes" else None
    walk = Walk(purpose=purpose, started_at=now, since=since, expected=expected, plan=plan.version)
    return state.model_copy(update={_slot(purpose): walk})


def stepped(state: SyncState, walk: Walk, page: PageRead, stored: Stored, now: datetime) -> SyncState:
    """The state after one page whose rows are stored."""
    newest = max((mark for mark in (walk.newest, page.newest) if mark is not None), default=None)
    after = walk.model_copy(
        update={
            "newest": newest,
            "leg": walk.leg if page.leg is None else page.leg,
            "place": page.place,
            "pages": walk.pages + 1,
            "rows": walk.rows + page.rows,
            "live": walk.live + page.live,
            "written": walk.written + stored.written,
            "unreadable": walk.unreadable + page.unreadable,
        }
    )
    changed = {"changed_at": now} if stored.written else {}
    return state.model_copy(update={_slot(walk.purpose): after, "problem": None, **changed})


def changes_done(state: SyncState, plan: Plan, walk: Walk) -> SyncState:
    """The walk over changes is at its end: everything is known up to where it began."""
    return state.model_copy(
        update={
            "changes": None,
            "since": _later(state.since, walk.newest),
            "current_at": _latest(state.current_at, walk.started_at),
            "next_at": walk.started_at + plan.every,
        }
    )


def whole_done(state: SyncState, plan: Plan, walk: Walk, now: datetime, check_at: datetime) -> SyncState:
    """Every row was read. What changed meanwhile is asked for at once, unless the list itself told it."""
    again = now if plan.follows and not plan.in_order else walk.started_at + plan.every
    drift = None if walk.purpose == "load" else drift_of(walk, now)
    return state.model_copy(
        update={
            "whole": None,
            "since": _later(state.since, walk.newest),
            "loaded_at": state.loaded_at or now,
            "whole_at": now,
            "current_at": _latest(state.current_at, walk.started_at),
            "checked_at": now if drift else state.checked_at,
            "next_check_at": check_at,
            "next_at": again,
            "rows": walk.live,
            "plan": plan.version,
            "drift": drift or state.drift,
        }
    )


def drift_of(walk: Walk, now: datetime) -> Drift:
    """The report of a check that read every row."""
    here = max(walk.live - walk.missing + walk.extra, 0)
    return Drift(
        at=now,
        by="whole",
        there=walk.live,
        here=here,
        missing=walk.missing,
        extra=walk.extra,
        different=walk.different,
        examples=walk.examples,
        note=walk.note,
    )


def counted(state: SyncState, there: int, here: int, now: datetime, check_at: datetime) -> SyncState:
    """The platform's total is ours: the check is done."""
    drift = Drift(at=now, by="total", there=there, here=here)
    return state.model_copy(update={"drift": drift, "checked_at": now, "next_check_at": check_at, "rows": here})


def restarted(state: SyncState, walk: Walk, plan: Plan) -> SyncState | None:
    """A refused place: the walk begins again, where it can from the newest mark; None when that was tried enough."""
    if walk.restarts >= RESTARTS or (walk.place is None and walk.leg == 0):
        return None
    since = (walk.newest or walk.since) if plan.in_order and plan.follows else walk.since
    again = walk.model_copy(update={"since": since, "leg": 0, "place": None, "restarts": walk.restarts + 1})
    return state.model_copy(update={_slot(walk.purpose): again})


def given_up(state: SyncState, walk: Walk, why: str, again: datetime) -> SyncState:
    """The platform refuses this list (a right, a plan): the reason stands there for people, and it is tried later."""
    check_at = None if state.next_check_at is None else max(state.next_check_at, again)
    told = {"problem": why[:300], "next_at": again, "next_check_at": check_at}
    return state.model_copy(update={_slot(walk.purpose): None, **told})


def planned(walk: Walk, plan: Plan) -> Walk:
    """A template that changed meanwhile has other lists, in which the place of this walk means nothing."""
    return walk.model_copy(update={"plan": plan.version, "leg": 0, "place": None})


def shrunk(state: SyncState, walk: Walk) -> bool:
    """Did the platform show less than half of what it showed last time?"""
    return state.rows is not None and state.rows >= SHRUNK and walk.live * 2 < state.rows


def _slot(purpose: Purpose) -> str:
    return "changes" if purpose == "changes" else "whole"


def _later(known: str | None, told: str | None) -> str | None:
    return max((mark for mark in (known, told) if mark is not None), default=None)


def _latest(known: datetime | None, told: datetime) -> datetime:
    return told if known is None else max(known, told)
