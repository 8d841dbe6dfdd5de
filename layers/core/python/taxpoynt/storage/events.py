"""Claims of events: first writer wins, one outcome each, forgotten after seven days (docs/decisions/0003)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from taxpoynt.domain.connection import Event
from taxpoynt.domain.keys import event_key, key
from taxpoynt.domain.status import EventOutcome
from taxpoynt.errors import StoreConflict
from taxpoynt.ports import Clock, EventClaim
from taxpoynt.storage import cursors
from taxpoynt.storage.items import iso
from taxpoynt.storage.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SK = "EVENT"
KEPT_DAYS = 7
"""Longer than any platform repeats a delivery (security-and-reliability, part 6)."""
PARKED_DAYS = 30
"""As long as the raw body a person would want to see."""

_FREE = "attribute_not_exists(pk) OR (attribute_not_exists(outcome) AND (claim_owner = :us OR lease_until <= :now))"


class DynamoEventStore:
    """ports.EventStore."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, clock: Clock) -> None:
        self._table = Table(dynamodb, table)
        self._clock = clock

    def claim(
        self, merchant: str, connector: str, event: Event, *, owner: str, now: datetime, lease_seconds: int
    ) -> EventClaim:
        """Won, or how it ended, or neither (somebody else works on it until its lease runs out)."""
        item = {
            **self._new(merchant, connector, event.id, KEPT_DAYS),
            "type": event.type,
            "resource": event.resource,
            "resource_id": event.resource_id,
            "claim_owner": owner,
            "lease_until": now + timedelta(seconds=lease_seconds),
        }
        try:
            self._table.put(item, only_if=_FREE, us=owner, now=now)
        except StoreConflict:
            return self._lost(item["pk"])
        return EventClaim(won=True)

    def _lost(self, pk: str) -> EventClaim:
        item = self._table.get(pk, SK) or {}
        return EventClaim(won=False, outcome=EventOutcome(item["outcome"]) if "outcome" in item else None)

    def settle(
        self,
        merchant: str,
        connector: str,
        event_id: str,
        outcome: EventOutcome,
        why: str,
        *,
        sale_id: str | None = None,
    ) -> None:
        """Writes how it ended; the first outcome stays."""
        change = "SET outcome = :outcome, why = :why, settled_at = :at, sale_id = :sale REMOVE lease_until"
        pk = event_key(merchant, connector, event_id)
        values = {"outcome": outcome.value, "why": why[:500], "at": self._clock.now(), "sale": sale_id or ""}
        unsettled = "attribute_exists(pk) AND attribute_not_exists(outcome)"
        try:
            self._table.update(pk, SK, change, only_if=unsettled, **values)
        except StoreConflict:
            return

    def park(self, merchant: str, connector: str, event_id: str, why: str, body_key: str | None) -> None:
        """Keeps it for a person, longer than the rest; an outcome that is there already stays."""
        item = {
            **self._new(merchant, connector, event_id, PARKED_DAYS),
            "outcome": EventOutcome.PARKED.value,
            "why": why[:500],
            "body_key": body_key,
            "settled_at": self._clock.now(),
        }
        try:
            self._table.put(item, only_if="attribute_not_exists(outcome)")
        except StoreConflict:
            return

    def _new(self, merchant: str, connector: str, event_id: str, days: int) -> dict[str, Any]:
        now = self._clock.now()
        return {
            "pk": event_key(merchant, connector, event_id),
            "sk": SK,
            "merchant": merchant,
            "connector": connector,
            "event_id": event_id,
            "received_at": now,
            "ttl": int((now + timedelta(days=days)).timestamp()),
            "day_pk": _day(merchant, now.astimezone(UTC).date()),
            "day_sk": key(iso(now), connector, event_id),
        }

    def list_events(self, merchant: str, *, limit: int, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        """Newest first, over the days that are kept."""
        today = self._clock.now().astimezone(UTC).date()
        place = cursors.read(cursor) if cursor else {}
        day = min(cursors.day_in(place) or today, today)  # one from a far future would be read day by day
        start = cursors.start_in(place, "day_pk", _day(merchant, day))
        oldest = (self._clock.now() - timedelta(days=PARKED_DAYS)).date()
        found: list[dict[str, Any]] = []
        while day >= oldest:
            page, start = self._table.query(
                "day_pk = :pk",
                index="by_day",
                pk=_day(merchant, day),
                limit=limit - len(found),
                start=start,
                newest_first=True,
            )
            found += [_public(item) for item in page]
            if len(found) >= limit:
                following = day if start else day - timedelta(days=1)
                return found, cursors.write({"day": following.isoformat(), "start": start})
            if start is None:
                day -= timedelta(days=1)
        return found, None


def _day(merchant: str, day: date) -> str:
    return key("M", merchant, day.isoformat())


def _public(item: dict[str, Any]) -> dict[str, Any]:
    hidden = ("pk", "sk", "day_pk", "day_sk", "ttl", "claim_owner", "lease_until", "merchant")
    return {name: value for name, value in item.items() if name not in hidden}
