"""The events table: claims, one outcome each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from taxpoynt.domain.connection import Event
from taxpoynt.domain.status import EventOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class EventClaim:
    """`won`: this caller works on it now. Otherwise `outcome` says how it ended (None: somebody else is at it)."""

    won: bool
    outcome: EventOutcome | None = None


class EventStore(Protocol):
    """First writer wins; a claim without outcome whose lease ran out may be taken again (its owner died)."""

    def claim(
        self, merchant: str, connector: str, event: Event, *, owner: str, now: datetime, lease_seconds: int
    ) -> EventClaim: ...
    def settle(
        self,
        merchant: str,
        connector: str,
        event_id: str,
        outcome: EventOutcome,
        why: str,
        *,
        sale_id: str | None = None,
    ) -> None: ...
    def park(self, merchant: str, connector: str, event_id: str, why: str, body_key: str | None) -> None:
        """An authentic notification that nobody could read or place: kept for a person."""
        ...

    def list_events(
        self, merchant: str, *, limit: int, cursor: str | None
    ) -> tuple[list[dict[str, Any]], str | None]: ...
