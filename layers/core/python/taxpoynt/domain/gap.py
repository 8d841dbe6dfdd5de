"""Webhooks against polling: what a platform should have told by itself, and did not.

A record that a poll brought news of, and no webhook told of within a grace, was missed. What is missed while the sender
is otherwise silent is a gap; one that is switched off or gone at the platform is a gap even before anything is missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from taxpoynt.domain.sale import RecordRef

GapCause = Literal["silent", "deleted", "paused"]
"""silent: the subscription looks well, and nothing comes (a ban); paused: switched off; deleted: gone."""
PollReason = Literal["poll", "gap", "catch_up"]
"""Why a poll asks for a record: as always, to close a gap, or because nobody had looked for long (ours to explain)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A record that polling told first. in_gap: found while a gap was open, so no webhook is waited for."""

    ref: RecordRef
    found_at: datetime
    in_gap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The newest gap of a connection; times are UTC.

    since: when the sender was last heard before it, if ever; remade_at: when we subscribed anew; found: records that
    only polling told of; found_at: the last of them; closed_at: when everything of it was fetched and, after a silence,
    the sender was heard again.
    """

    cause: GapCause
    since: datetime | None
    noticed_at: datetime
    remade_at: datetime | None = None
    found: int = 0
    found_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def mended_at(self) -> datetime:
        """From when on the platform should tell again."""
        return max(self.noticed_at, self.remade_at or self.noticed_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is known of one connection. heard_at: to the minute; missed: single events lost by a sender that lives."""

    heard_at: datetime | None = None
    missed: int = 0
    gap: Gap | None = None
    version: int = 0

    @property
    def open(self) -> Gap | None:
        """The gap that is not closed."""
        return self.gap if self.gap is not None and self.gap.closed_at is None else None
