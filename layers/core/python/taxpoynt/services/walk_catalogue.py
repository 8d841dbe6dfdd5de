"""One step of one kind: a page of a list, or a page of ours that is held against what a walk has shown."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from taxpoynt.conversion.clock import LAGOS
from taxpoynt.domain.catalogue import Feed, Row, Stored
from taxpoynt.domain.catalogue_steps import (
    WHOLE_EVERY,
    begun,
    changes_done,
    counted,
    given_up,
    planned,
    restarted,
    shrunk,
    stepped,
    wanted,
    whole_done,
)
from taxpoynt.domain.catalogue_sync import EXAMPLES, Plan, Purpose, SyncState, Walk
from taxpoynt.errors import NotFound, PlatformRefused, RateLimited
from taxpoynt.ports import Clock, PlatformApi
from taxpoynt.ports.catalogue import CatalogueReader, CatalogueStore, SeenIds

HALF = "the platform shows less than half of the rows it had: nothing was removed"
TOO_OLD = timedelta(days=2)
"""What a walk has shown is kept a day longer; a check that takes so long begins again."""
SWEEP_PAGE = 500
CONFIRM = 10
"""Rows asked for one by one in a step, before they are taken as gone."""
NIGHT_HOURS = 5
"""Checks begin between midnight and this hour in Nigeria, each connection at a time of its own."""
FEW = 10
SHARE = 1000
"""A drift of more than FEW rows and of more than one in SHARE rings the alarm."""


@dataclass(slots=True)
class WalkCatalogue:
    """For one connection and one job."""

    store: CatalogueStore
    clock: Clock
    reader: CatalogueReader
    api: PlatformApi
    _seen: tuple[str, SeenIds] | None = None

    def step(self, feed: Feed, state: SyncState) -> tuple[SyncState, str]:
        """The state after one step, stored, and a word where a person should look. Raises RateLimited untouched.

        One request a step, as a rule: with a budget that allows one at a time a step of two would never end.
        """
        plan, now = self.reader.plan(feed.kind), self.clock.now()
        if wanted(state, plan, now) == "changes":
            state = state if state.changes else begun(state, "changes", now, plan)
        elif state.whole is None or _stale(state.whole, now):
            return self.store.save_state(feed, self._begun_whole(feed, state, plan, now)), ""
        walk = state.changes or state.whole
        if walk is None:  # pragma: no cover - one of them was begun
            return state, ""
        if walk.plan != plan.version:
            walk = planned(walk, plan)
        after, word = self._walked(feed, state, walk, plan, now)
        return self.store.save_state(feed, after), word

    def _begun_whole(self, feed: Feed, state: SyncState, plan: Plan, now: datetime) -> SyncState:
        """A new walk over everything; none on a night on which the platform's own total does."""
        there = self._total(feed)
        if there is not None and _total_does(state, plan, now) and there == self.store.count(feed):
            return counted(state, there, there, now, next_night(feed, now))
        purpose: Purpose = "load" if state.loaded_at is None else "check"
        return begun(state, purpose, now, plan, expected=there)

    def _walked(self, feed: Feed, state: SyncState, walk: Walk, plan: Plan, now: datetime) -> tuple[SyncState, str]:
        if walk.sweeping:
            return self._sweep(feed, state, walk, plan, now)
        try:
            page = self.reader.page(self.api, feed.kind, since=walk.since, leg=walk.leg, place=walk.place, now=now)
        except (PlatformRefused, NotFound) as problem:
            again = restarted(state, walk, plan)
            return again or given_up(state, walk, f"{problem}", now + plan.every), ""
        stored = self.store.put(feed, page.rows)
        if walk.purpose == "check":
            live = [row.id for row in page.rows if not row.gone]
            self.store.note_seen(feed, _name(walk), walk.pages, live)
            walk = _noted(walk, state, page.rows, stored) if state.plan == plan.version else walk
        after = stepped(state, walk, page.read, stored, now)
        if page.read.leg is not None:
            return after, ""
        return self._ended(feed, after, plan, now)

    def _ended(self, feed: Feed, state: SyncState, plan: Plan, now: datetime) -> tuple[SyncState, str]:
        """The last page is stored."""
        if state.changes is not None:
            return changes_done(state, plan, state.changes), ""
        walk = state.whole
        if walk is None or walk.purpose == "load":
            return self._whole_done(feed, state, plan, now), ""
        return state.model_copy(update={"whole": walk.model_copy(update={"sweeping": True})}), ""

    def _sweep(self, feed: Feed, state: SyncState, walk: Walk, plan: Plan, now: datetime) -> tuple[SyncState, str]:
        """Rows of ours that the walk did not show are gone at the platform, unless it shows one when asked for it."""
        seen = self._seen_by(feed, walk)
        walk = walk.model_copy(update={"live": len(seen)})
        if shrunk(state, walk):
            walk = walk.model_copy(
                update={"note": "the platform shows less than half of its rows: nothing was removed"}
            )
            rows: Sequence[Row] = ()
        else:
            rows = self.store.rows_after(feed, walk.swept, limit=SWEEP_PAGE)
        if rows:
            return state.model_copy(update={"whole": self._swept(feed, walk, rows, seen, now)}), ""
        done = self._whole_done(feed, state.model_copy(update={"whole": walk}), plan, now)
        return done, _alarm(done, plan)

    def _swept(self, feed: Feed, walk: Walk, rows: Sequence[Row], seen: SeenIds, now: datetime) -> Walk:
        """As far as this step comes: a row that must be asked for costs a request."""
        extra: list[str] = []
        asked, last = 0, walk.swept
        for row in rows:
            if row.id not in seen and row.as_of < walk.started_at:
                if asked >= CONFIRM:
                    break
                asked += 1
                try:
                    shown = self.reader.one(self.api, feed.kind, row.id, now)
                except RateLimited:
                    if last == walk.swept:
                        raise
                    break
                self.store.put(feed, [shown or _gone(row, now)])
                extra += [] if shown else [row.id]
            last = row.id
        examples = (*walk.examples, *extra)[:EXAMPLES]
        return walk.model_copy(update={"swept": last, "extra": walk.extra + len(extra), "examples": examples})

    def _whole_done(self, feed: Feed, state: SyncState, plan: Plan, now: datetime) -> SyncState:
        walk = state.whole
        if walk is None:  # pragma: no cover - only called with one
            return state
        done = whole_done(state, plan, walk, now, next_night(feed, now))
        return done.model_copy(update={"rows": self.store.count(feed)})

    def _total(self, feed: Feed) -> int | None:
        try:
            return self.reader.total(self.api, feed.kind)
        except (PlatformRefused, NotFound):
            return None

    def _seen_by(self, feed: Feed, walk: Walk) -> SeenIds:
        name = f"{feed.kind} {_name(walk)}"
        if self._seen is None or self._seen[0] != name:
            self._seen = (name, self.store.seen(feed, _name(walk)))
        return self._seen[1]


def next_night(feed: Feed, now: datetime) -> datetime:
    """The next check: in a night hour of Nigeria, spread so that not all connections ask at midnight."""
    digest = hashlib.sha256(f"{feed.merchant} {feed.connection} {feed.kind}".encode()).digest()
    minutes = int.from_bytes(digest[:2], "big") % (NIGHT_HOURS * 60)
    tomorrow = (now.astimezone(LAGOS) + timedelta(days=1)).date()
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=LAGOS) + timedelta(minutes=minutes)


def _total_does(state: SyncState, plan: Plan, now: datetime) -> bool:
    """May the total stand for every row? Not for a week's check, and not after the template changed."""
    recent = state.whole_at is not None and now - state.whole_at < WHOLE_EVERY
    return plan.follows and recent and state.plan == plan.version


def _stale(walk: Walk, now: datetime) -> bool:
    return walk.purpose == "check" and now - walk.started_at > TOO_OLD


def _noted(walk: Walk, state: SyncState, rows: Sequence[Row], stored: Stored) -> Walk:
    """What following the changes should have told: rows no newer than what is known, which were not so here."""
    told = {row.id for row in rows if not row.revision or state.since is None or row.revision <= state.since}
    missing = [one for one in stored.new if one in told]
    different = [one for one in stored.changed if one in told]
    return walk.model_copy(
        update={
            "missing": walk.missing + len(missing),
            "different": walk.different + len(different),
            "examples": (*walk.examples, *missing, *different)[:EXAMPLES],
        }
    )


def _gone(row: Row, now: datetime) -> Row:
    return replace(row, as_of=now, record=b"", gone=True, sku=None)


def _alarm(state: SyncState, plan: Plan) -> str:
    """In a word for the metric: only what following the changes should have told."""
    drift = state.drift
    if drift is None or not plan.follows:
        return ""
    found = drift.missing + drift.different + (drift.extra if plan.tells_deletes else 0)
    much = found > FEW and found * SHARE > drift.there
    return f"drift: {found} of {drift.there}" if much or drift.note else ""


def _name(walk: Walk) -> str:
    return walk.started_at.strftime("%Y%m%dT%H%M%S%f")
