"""Fetches NRS's code lists, keeps what can be believed, and makes it the current copy (reference, section 8.7)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from taxpoynt.conversion.list_copy import (
    CODE_KEYS,
    Copy,
    OneList,
    from_bytes,
    key_of,
    to_bytes,
    usable_rows,
    version_of,
)
from taxpoynt.errors import BadInput, NotFound, TaxPoyntError
from taxpoynt.ports import Alerts, BlobStore, Clock, ConnectionStore
from taxpoynt.ports.lists import ListNotes, ListsNote
from taxpoynt.services.alerting import alert_once

DAILY = timedelta(hours=23)
"""A little less than a day, so that an hourly schedule asks once a day."""
SOON = timedelta(hours=4)
"""After a run in which some list did not pass."""
STALE = timedelta(days=3)
"""An outage of NRS is no news before this; then somebody should know how old the lists are."""


@dataclass(frozen=True, slots=True)
class RefreshCodeLists:
    """`ask(name)` gives the rows of a list as NRS sends them; `packaged` is the copy our code came with."""

    ask: Callable[[str], Any]
    packaged: Copy
    notes: ListNotes
    blobs: BlobStore
    connections: ConnectionStore
    alerts: Alerts
    clock: Clock

    def __call__(self, accept_smaller: Collection[str] = ()) -> Mapping[str, int]:
        """Counts. Does nothing when the lists are fresh, unless `accept_smaller` names lists that may shrink."""
        note = self.notes.current()
        packaged = to_bytes(self.packaged)
        if note and not accept_smaller and not self._due(note, version_of(packaged)):
            return {"fetched": 0, "problems": 0, "changed": 0}
        self._keep(packaged)
        last = self._last_good(note)
        fresh, problems = self._fetch(last, accept_smaller)
        data = to_bytes({**last, **fresh})
        self._keep(data)
        version, now = version_of(data), self.clock.now()
        fetched_at = now if not problems else note.fetched_at if note else None
        self.notes.keep(
            ListsNote(
                version=version,
                packaged=version_of(packaged),
                fetched_at=fetched_at,
                tried_at=now,
                problems=tuple(sorted(problems)),
            )
        )
        self._tell(problems, stale=fetched_at is not None and now - fetched_at > STALE)
        changed = int(note is None or note.version != version)
        return {"fetched": len(fresh), "problems": len(problems), "changed": changed}

    def _due(self, note: ListsNote, packaged: str) -> bool:
        """A deploy that brought other lists counts as news from NRS would."""
        wait = SOON if note.problems else DAILY
        return note.packaged != packaged or self.clock.now() - note.tried_at >= wait

    def _last_good(self, note: ListsNote | None) -> Copy:
        """What stands for a list that does not pass."""
        if note is None:
            return self.packaged
        try:
            return from_bytes(self.blobs.get(key_of(note.version)))
        except (NotFound, BadInput):
            return self.packaged

    def _fetch(self, last: Copy, accept_smaller: Collection[str]) -> tuple[dict[str, OneList], dict[str, str]]:
        """New lists by name, and what is wrong with the others. A live list is all there is."""
        fresh, problems = {}, {}
        for name in CODE_KEYS:
            try:
                rows = usable_rows(name, self.ask(name))
            except TaxPoyntError as error:
                problems[name] = UNREACHABLE + type(error).__name__
                continue
            if problem := _unbelievable(rows, last[name], smaller=name in accept_smaller):
                problems[name] = problem
            else:
                fresh[name] = OneList(rows, complete=True)
        return fresh, problems

    def _keep(self, data: bytes) -> None:
        self.blobs.put(key_of(version_of(data)), data, content_type="application/json")

    def _tell(self, problems: Mapping[str, str], *, stale: bool) -> None:
        """A list that came and cannot be believed is told at once, silence of NRS when it has lasted."""
        told = {name: text for name, text in problems.items() if stale or not text.startswith(UNREACHABLE)}
        if told:
            lines = "\n".join(f"{name}: {text}" for name, text in sorted(told.items()))
            text = f"The last good copies stay in use.\n{lines}\nTo take a smaller list: docs/deploy.md, code lists."
            alert_once(self, self.alerts, "code lists", "NRS's code lists were not all refreshed", text)


UNREACHABLE = "could not be read: "


def _unbelievable(rows: Collection[Any], last: OneList, *, smaller: bool) -> str | None:
    """Half of a list gone is a broken answer until somebody says otherwise."""
    if not rows:
        return "came empty or unreadable"
    if not smaller and len(rows) * 2 < len(last.rows):
        return f"came with {len(rows)} rows, had {len(last.rows)}"
    return None
