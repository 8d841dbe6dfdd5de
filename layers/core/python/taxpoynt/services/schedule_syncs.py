"""Every five minutes: which connections want a poll, and once a day a look at their subscriptions and tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from taxpoynt.domain.connection import Connection
from taxpoynt.errors import StoreConflict
from taxpoynt.ports import Clock, ConnectionStore, JobQueue
from taxpoynt.services import jobs

PER_RUN = 500
CARE_EVERY = timedelta(days=1)
"""Platforms drop subscriptions and idle refresh tokens; a daily look is far inside every limit (20 days, P6)."""


@dataclass(frozen=True, slots=True)
class ScheduleSyncs:
    """Jobs first, the next time afterwards: a crash in between repeats a job, and every job may be repeated."""

    connections: ConnectionStore
    queue: JobQueue
    clock: Clock
    poll_minutes: Callable[[str], int]

    def __call__(self) -> Mapping[str, int]:
        """How many connections were due and how many jobs were sent."""
        due = self.connections.due_connections(self.clock.now(), limit=PER_RUN)
        return {"due": len(due), "jobs": sum(self._schedule(connection) for connection in due)}

    def _schedule(self, connection: Connection) -> int:
        now, wanted, following = self.clock.now(), [], connection
        if connection.next_poll_at and connection.next_poll_at <= now:
            wanted.append("poll")
            pause = timedelta(minutes=self.poll_minutes(connection.connector))
            following = replace(following, next_poll_at=now + pause)
        if connection.next_refresh_at and connection.next_refresh_at <= now:
            wanted += ["subscribe", "keep_alive"]
            following = replace(following, next_refresh_at=now + CARE_EVERY)
        for job in wanted:
            self.queue.send("bulk", jobs.make(job, connection.merchant, connection.connection, connection.connector))
        try:
            self.connections.save_connection(following)
        except StoreConflict:
            return len(wanted)  # somebody else changed the connection; it comes up again in five minutes
        return len(wanted)
