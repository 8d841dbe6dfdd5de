"""Where the synchronisation of one kind of rows stands; catalogue_steps.py says what follows from each page.

A kind has two walks at most: `whole` reads every row (the first load, and checks of what is stored), `changes` reads
what changed since the last time. Both stop and go on at any page: a walk's place is stored once its rows are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from taxpoynt.domain.model import Model

EXAMPLES = 20
"""Ids a drift report names."""

Purpose = Literal["load", "check", "changes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the platform offers for one kind.

    follows: changes can be asked for; tells_deletes: deletions come as changes too; in_order: the whole list is a list
    of changes from the beginning, oldest first; every: between two looks; counts: the platform tells its own total.
    version: names what the template says; another one asks for other lists, and keeps other parts of each row.
    """

    follows: bool
    tells_deletes: bool
    in_order: bool
    every: timedelta
    counts: bool
    version: str = ""


class Drift(Model):
    """What a check found that following the changes should have told: all of it mended by the check itself.

    by: `whole` compared every row, `total` compared the platform's own count. there, here: rows at the platform and
    ours before mending; missing: rows we lacked; extra: rows the platform no longer has; different: other content.
    note: why something was left as it is.
    """

    at: datetime
    by: Literal["whole", "total"]
    there: int
    here: int
    missing: int = 0
    extra: int = 0
    different: int = 0
    examples: tuple[str, ...] = ()
    note: str | None = None

    @property
    def found(self) -> int:
        """Rows that were not as they should be."""
        return self.missing + self.extra + self.different


class Walk(Model):
    """A walk under way. since: the mark it begins from (None: the beginning); newest: the highest mark so far.

    plan: the version of the template's words it goes by; leg: which of several lists; place: where in it (paging.Place
    as text); expected: rows the platform says it has. sweeping: everything is read, and rows it did not show are looked
    for; swept: how far that has come.
    """

    purpose: Purpose
    started_at: datetime
    plan: str = ""
    since: str | None = None
    newest: str | None = None
    leg: int = 0
    place: str | None = None
    pages: int = 0
    rows: int = 0
    live: int = 0
    written: int = 0
    unreadable: int = 0
    expected: int | None = None
    restarts: int = 0
    missing: int = 0
    extra: int = 0
    different: int = 0
    examples: tuple[str, ...] = ()
    note: str | None = None
    sweeping: bool = False
    swept: str | None = None


class SyncState(Model):
    """One kind of one connection.

    since: the mark up to which changes are known; current_at: everything stored is as the platform had it then;
    rows: live rows at the last whole walk, plan: the version it went by; changed_at: when a row changed last; problem:
    why nothing could be read.
    """

    since: str | None = None
    whole: Walk | None = None
    changes: Walk | None = None
    loaded_at: datetime | None = None
    current_at: datetime | None = None
    changed_at: datetime | None = None
    whole_at: datetime | None = None
    plan: str = ""
    checked_at: datetime | None = None
    next_at: datetime | None = None
    next_check_at: datetime | None = None
    rows: int | None = None
    drift: Drift | None = None
    problem: str | None = None
    version: int = 0

    @property
    def phase(self) -> str:
        """In a word, for people: waiting, loading, checking or following."""
        if self.whole is not None:
            return "loading" if self.whole.purpose == "load" else "checking"
        return "following" if self.loaded_at else "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """What one page told: rows and those of them that are live, where to go on (leg None: the end), the newest mark."""

    rows: int
    live: int
    unreadable: int
    leg: int | None
    place: str | None
    newest: str | None
