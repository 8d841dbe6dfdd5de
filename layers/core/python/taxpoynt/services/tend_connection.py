"""Jobs about a connection itself: its webhook, its polling, its tokens, its end. Each may be repeated at any point."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from taxpoynt.connector_kit.webhook import basic_secret, new_basic_pair
from taxpoynt.domain.connection import Connection, ConnectionStatus, Endpoint
from taxpoynt.errors import NeedsReauthorisation, NotFound, PlatformRefused
from taxpoynt.ports import Clock, ConnectionStore, Connector, JobQueue, PlatformApi, PlatformAuthoriser, TokenStore
from taxpoynt.services import jobs
from taxpoynt.services.jobs import Job
from taxpoynt.services.sale_files import digest

ENDPOINT_BYTES = 20
"""160 random bits in the path."""
MAX_SECRETS = 6
"""Pairs that live side by side; more means that subscriptions were made again and again, so all are made anew."""


@dataclass(frozen=True, slots=True)
class TendConnection:
    """`keep_alive` refreshes a connection's tokens if that is wanted now."""

    connections: ConnectionStore
    tokens: TokenStore
    queue: JobQueue
    clock: Clock
    connector: Callable[[str], Connector]
    api: Callable[[Connection], PlatformApi]
    authoriser: Callable[[str], PlatformAuthoriser]
    keep_tokens: Callable[[Connection], None]
    public_url: str

    def subscribe(self, job: Job) -> str:
        """Makes sure that the platform calls us. What a delivery may prove itself with is stored before it can come."""
        connection = self._active(job)
        if connection is None:
            return "not active"
        if connection.endpoint is None:
            connection = self._save(connection, endpoint=secrets.token_urlsafe(ENDPOINT_BYTES))
        place = str(connection.endpoint)
        known = self.connections.get_endpoint(place)
        before = known.secrets if known and known.active else ()
        connector, api = self.connector(connection.connector), self.api(connection)
        if len(before) >= MAX_SECRETS:
            connector.unsubscribe(api, connection.subscriptions)
            before = ()
        user, password = new_basic_pair()
        self._open(connection, place, (basic_secret(user, password), *before))
        url = f"{self.public_url}/webhooks/{connection.connector}/{place}"
        ids = connector.subscribe(api, url=url, user=user, password=password)
        if before and set(ids) == set(connection.subscriptions):
            self._open(connection, place, before)  # nothing was made anew: the new pair is nobody's
        else:
            self._save(connection, subscriptions=tuple(ids))
        return f"{len(ids)} subscriptions"

    def poll(self, job: Job) -> str:
        """One page of changes becomes fetch jobs; the cursor moves once they are all stored durably."""
        connection = self._active(job)
        if connection is None:
            return "not active"
        connector = self.connector(connection.connector)
        page = connector.changed(self.api(connection), connection.cursor, self.clock.now())
        seen = digest((connection.cursor or "").encode())[:16]
        ids = (connection.merchant, connection.connection, connection.connector)
        for ref in page.records:
            about = {"resource": ref.resource, "resource_id": ref.id, "reason": "poll"}
            event_id = f"poll:{ref.resource}:{ref.id}:{seen}"
            self.queue.send(connector.kind, jobs.make("fetch", *ids, **about, event_id=event_id))
        if page.cursor != connection.cursor:
            self._save(connection, cursor=page.cursor)
        if page.more:
            self.queue.send("bulk", jobs.make("poll", *ids))
        return f"{len(page.records)} records"

    def keep_alive(self, job: Job) -> str:
        """Idle refresh tokens die; this uses them."""
        connection = self._active(job)
        if connection is None:
            return "not active"
        self.keep_tokens(connection)
        return "kept"

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

    def _open(self, connection: Connection, place: str, accepted: tuple[str, ...]) -> None:
        self.connections.put_endpoint(
            Endpoint(
                endpoint=place,
                merchant=connection.merchant,
                connection=connection.connection,
                connector=connection.connector,
                secrets=accepted,
            )
        )
