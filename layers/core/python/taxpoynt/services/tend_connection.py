"""Jobs about a connection itself: its webhook, its polling, its tokens, its end. Each may be repeated at any point."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.gap import GapCause, PollReason
from taxpoynt.errors import NeedsReauthorisation, NotFound, PlatformRefused
from taxpoynt.ports import (
    BatchJobQueue,
    ChangedRecords,
    Clock,
    ConnectionStore,
    Connector,
    PlatformApi,
    PlatformAuthoriser,
    TokenStore,
)
from taxpoynt.services import jobs
from taxpoynt.services.jobs import Job
from taxpoynt.services.sale_files import digest
from taxpoynt.services.watch_gaps import WatchGaps
from taxpoynt.services.webhook_door import WebhookDoor

ENDPOINT_BYTES = 20
"""160 random bits in the path."""
SCHEDULED = timedelta(minutes=1)
"""What the scheduler's tick can do by itself."""
WATCH = timedelta(minutes=5)
"""How much later than a chained poll's time the scheduler takes over: the chain broke."""


@dataclass(frozen=True, slots=True)
class TendConnection:
    """`keep_alive` refreshes a connection's tokens if that is wanted now."""

    connections: ConnectionStore
    tokens: TokenStore
    queue: BatchJobQueue
    clock: Clock
    connector: Callable[[str], Connector]
    api: Callable[[Connection], PlatformApi]
    authoriser: Callable[[str], PlatformAuthoriser]
    keep_tokens: Callable[[Connection], None]
    public_url: str
    watch: WatchGaps
    webhook_secret_prefix: str = ""
    pause: Callable[[Connection], timedelta] = lambda _: timedelta(hours=1)
    """How long until a connection is polled again, by what was found of late."""
    look: Callable[[Connection], Mapping[str, str]] = lambda _: {}
    """How a connection is, by asking its platform (connector_kit/health.py)."""

    def subscribe(self, job: Job) -> str:
        """Makes sure that the platform calls us, where it can; with `anew` by other subscriptions than those of now.

        What polls look back to begins here too: a first event that gets lost is found by the first poll.
        """
        connection = self._active(job)
        if connection is None:
            return "not active"
        connector, api = self.connector(connection.connector), self.api(connection)
        connection = self._begun(connection, connector, api)
        before = connection.subscriptions
        lost = self._lost(connection, connector, api)
        if job.raw.get("anew"):
            self.watch.remade(connection)
            connector.unsubscribe(api, before)
        door = WebhookDoor(self.connections, self.clock, self.public_url, self.webhook_secret_prefix)
        ids = door.subscribe(connection, connector, api)
        if ids is None:
            by = connector.webhooks.by
            return "polled only" if by == "nobody" else f"the {by} subscribes"
        if ids != before:
            self.watch.remade(connection)
            self._save(connection, subscriptions=ids)
        return f"gap: {lost}" if lost else f"{len(ids)} subscriptions"

    def _lost(self, connection: Connection, connector: Connector, api: PlatformApi) -> GapCause | None:
        """Before they are made again: are some of ours gone at the platform, or off?"""
        if not connection.subscriptions or connector.webhooks.by != "api":
            return None
        there = connector.standing(api)
        if all(there.get(one) for one in connection.subscriptions):
            return None
        cause: GapCause = "paused" if all(one in there for one in connection.subscriptions) else "deleted"
        self.watch.lost(connection, cause)
        return cause

    def _begun(self, connection: Connection, connector: Connector, api: PlatformApi) -> Connection:
        wanted = secrets.token_urlsafe(ENDPOINT_BYTES) if connector.webhooks.own_address else None
        endpoint = connection.endpoint or wanted
        if endpoint == connection.endpoint and connection.cursor is not None:
            return connection
        begin = connection.cursor or connector.changed(api, None, self.clock.now()).cursor
        if endpoint == connection.endpoint and begin is None:
            return connection
        return self._save(connection, endpoint=endpoint, cursor=begin)

    def poll(self, job: Job) -> str:
        """One page of changes becomes fetch jobs; the cursor moves once they are all stored durably."""
        connection = self._active(job)
        if connection is None:
            return "not active"
        due = job.raw.get("due")
        if due is not None and jobs.overtaken(due, connection):
            return "another poll goes on"
        connector, now = self.connector(connection.connector), self.clock.now()
        reason = self.watch.reason(connection, self.pause(connection))
        page = connector.changed(self.api(connection), connection.cursor, now)
        self._fetch(connection, connector, page, reason)
        ids = (connection.merchant, connection.connection, connection.connector)
        found = {"cursor": page.cursor, **({"found_at": now} if page.records else {})}
        if page.more:
            self._save(connection, **found)
            self.queue.send("bulk", jobs.make("poll", *ids, **({"due": due} if due else {})))
            return f"{len(page.records)} records, and more"
        polled = replace(connection, **found, polled_at=now)  # type: ignore[arg-type]  # names are fields
        self._next(connector, polled, self.watch.rounded(connection, now, self.pause(polled)))
        return f"{len(page.records)} records"

    def _fetch(self, connection: Connection, connector: Connector, page: ChangedRecords, reason: PollReason) -> None:
        """One job for each record. What the list says of it names the event, so that the same news is taken once."""
        seen = digest((connection.cursor or "").encode())[:16]
        ids = (connection.merchant, connection.connection, connection.connector)
        fetches = []
        for ref in page.records:
            about = {"resource": ref.resource, "resource_id": ref.id, "reason": reason}
            event_id = f"poll:{ref.resource}:{ref.id}:{page.states.get(ref) or seen}"
            fetches.append(jobs.make("fetch", *ids, **about, event_id=event_id))
        self.queue.send_many(connector.kind, fetches)

    def _next(self, connector: Connector, connection: Connection, pause: timedelta) -> None:
        """When to look again. For less than the scheduler's minute the poll sends itself, and the scheduler watches.

        `due` makes one chain of them: a poll whose `due` is earlier than the connection's was overtaken, and ends.
        """
        chained = pause < SCHEDULED
        due = self.clock.now() + pause + (WATCH if chained else timedelta(0))
        saved = self._save(connection, next_poll_at=due)
        if chained:
            ids = (saved.merchant, saved.connection, saved.connector)
            again = jobs.make("poll", *ids, due=jobs.due(saved))
            self.queue.send(connector.kind, again, delay_seconds=int(pause.total_seconds()))

    def keep_alive(self, job: Job) -> str:
        """Idle refresh tokens die; this uses them, and notes how the connection is."""
        connection = self._active(job)
        if connection is None:
            return "not active"
        self.keep_tokens(connection)
        seen = dict(self.look(connection))
        self._save(connection, health={**seen, "at": self.clock.now().isoformat(timespec="seconds")})
        if seen.get("token") == "refused":
            raise NeedsReauthorisation(f"{connection.connector}: the daily look was refused")
        return f"kept, {seen.get('problem') or 'well'}"

    def disconnect(self, job: Job) -> str:
        """Ends a connection: no more deliveries, no subscription, no grant, no tokens, the account free again."""
        try:
            connection = self.connections.get_connection(job.merchant, job.connection)
        except NotFound:
            return "unknown"
        if connection.status is not ConnectionStatus.DISCONNECTED:
            if job.raw.get("ended"):
                return "connected again meanwhile"
            connection = self._save(connection, status=ConnectionStatus.DISCONNECTED)
        self._close(connection)
        if self._nobody_elses(connection):
            with suppress(NotFound):
                self._revoke(connection)
        self.tokens.delete(connection.merchant, connection.connection)
        holder = (connection.merchant, connection.connection)
        self.connections.release_account(connection.connector, connection.account_id, *holder)
        self.queue.send("bulk", jobs.make("forget_catalogue", *holder, connection.connector))
        return "disconnected"

    def _nobody_elses(self, connection: Connection) -> bool:
        """Revoking uninstalls the app for the account; that is not for a connection that was never confirmed."""
        holder = self.connections.find_account(connection.connector, connection.account_id)
        return holder in (None, (connection.merchant, connection.connection))

    def _close(self, connection: Connection) -> None:
        if connection.endpoint:
            known = self.connections.get_endpoint(connection.endpoint)
            if known:
                self.connections.put_endpoint(replace(known, active=False))

    def _revoke(self, connection: Connection) -> None:
        """What the platform refuses is gone already (an uninstall took everything along)."""
        tokens = self.tokens.load(connection.merchant, connection.connection, connection.connector)
        with suppress(NeedsReauthorisation, PlatformRefused, NotFound):
            self.connector(connection.connector).unsubscribe(self.api(connection), connection.subscriptions)
        with suppress(NeedsReauthorisation, PlatformRefused):
            self.authoriser(connection.connector).revoke(tokens)

    def _active(self, job: Job) -> Connection | None:
        try:
            connection = self.connections.get_connection(job.merchant, job.connection)
        except NotFound:
            return None
        return connection if connection.status is ConnectionStatus.ACTIVE else None

    def _save(self, connection: Connection, **changes: object) -> Connection:
        return self.connections.save_connection(replace(connection, **changes))  # type: ignore[arg-type]  # names are fields
