"""How looking at a source record ends."""

from __future__ import annotations

from dataclasses import dataclass

from taxpoynt.domain.status import EventOutcome

HELD_SALE = "needs attention"
"""Begins the reason of what is parked for the merchant; it stands in the portal, and no operator has to look."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How looking at a record ended, in the words of promise P2. news: nothing had told of what it says before."""

    outcome: EventOutcome
    why: str
    sale_id: str | None = None
    news: bool = False
