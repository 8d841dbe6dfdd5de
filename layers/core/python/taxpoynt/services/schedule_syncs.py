"""Every minute: which connections want a poll, and now and then a look at subscriptions and tokens.

An index gives only what is due, so a quiet minute reads next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from taxpoynt.domain.connection import Connection
from taxpoynt.errors import StoreConflict
from taxpoynt.ports import Clock, ConnectionStore, JobQueue
from taxpoynt.services import jobs

PER_RUN = 500
WATCH = timedelta(minutes=5)
"""A poll says itself when the next one is due; this is for the one that never came to it."""
CARE_EVERY = timedelta(days=1)
"""Platforms drop subscriptions and idle refresh tokens; a daily look is far inside every limit (20 days, P6)."""


@dataclass(frozen=True, slots=True)
class ScheduleSyncs:
    """Jobs first, the next time afterwards: a crash in between repeats a job, and every job may be repeated."""

    connections: ConnectionStore
    queue: JobQueue
    clock: Clock
    pause: Callable[[Connection], timedelta]
    sync_minutes: Callable[[str], int | None] = lambda _: None
    """Between two looks at items, stock and customers; None for a platform that has none."""
    check_hours: Callable[[str], int | None] = lambda _: None
    """How often the template wants its subscriptions looked at; None, and more than a day, is a day."""
    lists_shops: Callable[[str], bool] = lambda _: False
    """Are there shops whose list is read again with the daily look?"""

    def __call__(self) -> Mapping[str, int]:
        """How many connections were due and how many jobs were sent."""
        due = self.connections.due_connections(self.clock.now(), limit=PER_RUN)
        return {"due": len(due), "jobs": sum(self._schedule(connection) for connection in due)}

    def _care(self, connection: Connection) -> timedelta:
        hours = self.check_hours(connection.connector)
        return min(CARE_EVERY, timedelta(hours=hours)) if hours else CARE_EVERY

    def _schedule(self, connection: Connection) -> int:
        now, wanted, following = self.clock.now(), [], connection
        if connection.next_poll_at and connection.next_poll_at <= now:
            following = replace(following, next_poll_at=now + max(self.pause(connection), WATCH))
            wanted.append("poll")
        if connection.next_refresh_at and connection.next_refresh_at <= now:
            wanted += ["subscribe", "keep_alive"]
            wanted += ["locations"] if self.lists_shops(connection.connector) else []
            following = replace(following, next_refresh_at=now + self._care(connection))
        if connection.next_sync_at and connection.next_sync_at <= now:
            minutes = self.sync_minutes(connection.connector)
            wanted += ["sync"] if minutes else []
            following = replace(following, next_sync_at=now + timedelta(minutes=minutes) if minutes else None)
        ids = (connection.merchant, connection.connection, connection.connector)
        for job in wanted:
            more = {"due": jobs.due(following)} if job == "poll" else {}
            self.queue.send("bulk", jobs.make(job, *ids, **more))
        try:
            self.connections.save_connection(following)
        except StoreConflict:
            return len(wanted)  # somebody else changed the connection; it comes up again in a minute
        return len(wanted)
