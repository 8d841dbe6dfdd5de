"""Notices that webhooks stopped telling, subscribes anew and sees to it that everything in between is fetched.

Webhooks and polls note what each tells first; a `watch` job, a grace later, compares. Everything may be repeated: a
record is counted in the same transaction that forgets its note.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from taxpoynt.connector_kit import watching
from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.gap import Gap, GapCause, Missed, PollReason, Watch
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import NotFound, StoreConflict
from taxpoynt.ports import Alerts, Clock, ConnectionStore, JobQueue, WatchStore, WebhookSetup
from taxpoynt.services import jobs
from taxpoynt.services.alerting import alert_once
from taxpoynt.services.jobs import Job

AT_ONCE = 90
"""Records counted in one transaction; DynamoDB takes 100 parts."""
AFTERWARDS = 5
"""Seconds that a new subscription leaves to the writing of why it is made."""
SOON = timedelta(seconds=30)
"""How long what was found in a gap waits to be counted together."""


@dataclass(frozen=True, slots=True)
class WatchGaps:
    """By connector: how it is told to call us, and how long it is silent after a ban."""

    watches: WatchStore
    connections: ConnectionStore
    queue: JobQueue
    alerts: Alerts
    clock: Clock
    webhooks: Callable[[str], WebhookSetup]
    ban: Callable[[str], timedelta]

    # --- what webhooks and polls tell ---

    def told(self, connection: Connection, ref: RecordRef, *, sale: bool, news: bool) -> None:
        """A webhook told of a record. sale: of the sale itself, and not of something it may depend on."""
        ids = (connection.merchant, connection.connection)
        if sale:
            self.watches.heard(*ids, self.clock.now())
        if not news:  # polling may have told it first
            self.watches.told(*ids, ref)

    def polled(self, connection: Connection, ref: RecordRef, reason: str) -> None:
        """A poll told first of a record."""
        if reason not in ("poll", "gap") or not self._is_told(connection):
            return
        missed = Missed(ref=ref, found_at=self.clock.now(), in_gap=reason == "gap")
        self.watches.note(connection.merchant, connection.connection, missed)
        self._look_later(connection, SOON if missed.in_gap else watching.GRACE + SOON)

    def reason(self, connection: Connection, pause: timedelta) -> PollReason:
        """Why the poll of now asks for what it finds."""
        if not self._is_told(connection):
            return "poll"
        return watching.reason_of(self._watch(connection), connection.polled_at, pause, self.clock.now())

    # --- what follows from it ---

    def look(self, job: Job) -> str:
        """Counts what was missed; a word for the log, `gap` when one was noticed (an alarm rings)."""
        connection = self._active(job)
        if connection is None:
            return "not active"
        found = self.watches.missed(connection.merchant, connection.connection, limit=AT_ONCE)
        end = watching.judged(self._watch(connection), found, self.clock.now(), self.ban(connection.connector))
        if end.noticed:  # what follows is sent first: a death before the count is written repeats it
            self._notice(connection, end.watch.open)
        if end.remake and self.webhooks(connection.connector).by == "api":
            self.queue.send("bulk", jobs.make("subscribe", *_ids(connection), anew="yes"), delay_seconds=AFTERWARDS)
        if end.settled:
            self.watches.save(connection.merchant, connection.connection, end.watch, end.settled)
        if end.waiting or len(found) == AT_ONCE:
            self._send(connection, "watch", delay=SOON if end.settled else watching.GRACE)
        return f"{'gap' if end.noticed else 'counted'}: {len(end.settled)} told by polling only"

    def lost(self, connection: Connection, cause: GapCause) -> None:
        """The platform shows that a subscription of ours is gone or off."""
        before = self._watch(connection)
        after = watching.lost(before, cause, self.clock.now())
        if before.open is None:
            self._notice(connection, after.open)
        self._save(connection, before, after)

    def remade(self, connection: Connection) -> None:
        """We subscribe anew, or did: what was not told until now is asked for at once."""
        before = self._watch(connection)
        if before.open is None:
            return
        self._save(connection, before, watching.remade(before, self.clock.now()))
        self._send(connection, "poll")

    def rounded(self, connection: Connection, now: datetime, pause: timedelta) -> timedelta:
        """A round of polling ended; `connection` as it was before. How long until the next one."""
        if not self._is_told(connection):
            return pause
        before = self._watch(connection)
        after = watching.rounded(before, connection.polled_at, now, self.ban(connection.connector))
        self._save(connection, before, after)
        return watching.pace(after, connection.polled_at, pause)

    def _notice(self, connection: Connection, gap: Gap | None) -> None:
        """Fetched at once, whoever subscribes; and a person is told."""
        self._send(connection, "poll")
        if gap is None:
            return
        about = f"{connection.merchant} {connection.connector} {connection.connection}"
        since = f"last heard {gap.since:%Y-%m-%d %H:%M} UTC" if gap.since else "never heard"
        ours = self.webhooks(connection.connector).by == "api"
        help_ = "We subscribe anew." if ours else "Look at its webhook at the platform: who made it must make it again."
        text = f"{about}: {gap.cause}, {since}. Polling goes on and fetches what was not told. {help_}"
        alert_once(self, self.alerts, f"gap {about}", "webhooks stopped telling", text)

    def _look_later(self, connection: Connection, delay: timedelta) -> None:
        """One look for all that is found meanwhile. Sent first: a crash repeats it."""
        now, topic = self.clock.now(), f"{connection.merchant} {connection.connection} {delay.seconds}"
        if self.connections.peek("watch", topic, now) is not None:
            return
        self._send(connection, "watch", delay=delay)
        self.connections.forget("watch", topic)
        with suppress(StoreConflict):
            self.connections.put_once("watch", topic, {}, now + delay)

    def _send(self, connection: Connection, job: str, *, delay: timedelta = timedelta(0)) -> None:
        self.queue.send("bulk", jobs.make(job, *_ids(connection)), delay_seconds=int(delay.total_seconds()))

    def _is_told(self, connection: Connection) -> bool:
        return self.webhooks(connection.connector).by != "nobody"

    def _watch(self, connection: Connection) -> Watch:
        return self.watches.get(connection.merchant, connection.connection)

    def _save(self, connection: Connection, before: Watch, after: Watch) -> None:
        if after != before:
            self.watches.save(connection.merchant, connection.connection, after)

    def _active(self, job: Job) -> Connection | None:
        try:
            connection = self.connections.get_connection(job.merchant, job.connection)
        except NotFound:
            return None
        return connection if connection.status is ConnectionStatus.ACTIVE else None


def _ids(connection: Connection) -> tuple[str, str, str]:
    return connection.merchant, connection.connection, connection.connector
