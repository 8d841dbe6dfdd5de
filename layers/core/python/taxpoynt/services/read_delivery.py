"""One webhook delivery behind the queue: every event in it claimed once and ended in one of three ways (promise P2)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace

from taxpoynt.domain.connection import Connection, ConnectionStatus, Event
from taxpoynt.domain.keys import NOBODY, event_key
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import EventOutcome
from taxpoynt.errors import BadInput, Busy, ConfigurationError, NeedsReauthorisation, NotFound, Rejected, Retryable
from taxpoynt.ports import BlobStore, Clock, ConnectionStore, Connector, EventStore, JobQueue, SaleStore
from taxpoynt.services.jobs import Job, make, source_of
from taxpoynt.services.sale_files import digest
from taxpoynt.services.take_record import HELD_SALE, Taken, TakeRecord
from taxpoynt.services.watch_gaps import WatchGaps

LEASE_MARGIN = 5
"""Seconds a claim outlives the call that made it, so that nobody takes it over from a call still running."""

PLACED = "placed"
"""Marks a job made from a delivery to the application's own address, whose body may hold others' events too."""


@dataclass(frozen=True, slots=True)
class ReadDelivery:
    """Webhook and fetch jobs; `queue` takes deliveries on to whose they are, and connections that a merchant ended."""

    connections: ConnectionStore
    events: EventStore
    sales: SaleStore
    blobs: BlobStore
    clock: Clock
    connector: Callable[[str], Connector]
    take: TakeRecord
    queue: JobQueue
    watch: WatchGaps

    def webhook(self, job: Job, remaining: Callable[[], float]) -> str:
        """What became of the delivery, in a word for the log."""
        body_key, body = self._body(job)
        connection = self._active(job)
        if connection is None and job.merchant:
            return self._park(job, f"delivery:{job.id}", "unknown or inactive connection", body_key, body)
        connector = self.connector(job.connector)
        try:
            events = connector.events(body, str(job.raw.get("content_type", "")), _headers(job))
        except BadInput as error:
            return self._park(job, f"delivery:{job.id}", f"unreadable: {error}", body_key, body)
        if connection is None:
            return self._place(job, events or [_empty(job)], body_key, body)
        if PLACED in job.raw:
            events = [
                one for one in events if one.account and connector.same_account(one.account, connection.account_id)
            ]
        return self._all(job, connection, connector, events or [_empty(job)], (body_key, body), remaining)

    def _place(self, job: Job, events: list[Event], body_key: str | None, body: bytes) -> str:
        """A delivery to the application's own address: one job for each connection it holds events of.

        Each is then read alone, so that one merchant's trouble keeps nobody else's events waiting.
        """
        holders: dict[tuple[str, str], None] = {}
        for event in events:
            holder = self.connections.find_account(job.connector, event.account) if event.account else None
            if holder is not None:
                holders[holder] = None
            else:
                self._nobodys(job, _nameable(event), body_key, body)
        for merchant, connection in holders:
            about = {"merchant": merchant, "connection": connection, "id": f"{job.id}:{connection}", PLACED: True}
            self.queue.send(self.connector(job.connector).kind, {**job.raw, **about, "tries": 0})
        return f"placed with {len(holders)} connections" if holders else "nobody's"

    def fetch(self, job: Job, remaining: Callable[[], float]) -> str:
        """Look at one record because of a poll, a sweep or a change by the merchant."""
        event_id = job.text("event_id")
        ref = RecordRef(resource=job.text("resource"), id=job.text("resource_id"))
        connection = self._active(job)
        if connection is None:
            return self._park(job, event_id, "unknown or inactive connection", None, None)
        event = Event(id=event_id, type="fetch", resource=ref.resource, resource_id=ref.id, account=None)
        return self._all(job, connection, self.connector(connection.connector), [event], (None, None), remaining)

    def _nobodys(self, job: Job, event: Event, body_key: str | None, body: bytes) -> None:
        """Its end stands beside no merchant's events."""
        if event.means not in ("ignore", "uninstall"):
            self._park(job, event.id, "an event of no account that we know", body_key, body)
            return
        self.events.claim(NOBODY, job.connector, event, owner=job.id, now=self.clock.now(), lease_seconds=LEASE_MARGIN)
        self.events.settle(
            NOBODY, job.connector, event.id, EventOutcome.SKIPPED, f"no account that we know; {event.why}"
        )

    def _body(self, job: Job) -> tuple[str | None, bytes]:
        if "body_key" in job.raw:
            place = job.text("body_key")
            if not place.startswith(f"{_owner(job)}/webhooks/"):
                raise BadInput("a body of somebody else")
            return place, self.blobs.get(place)
        try:
            return None, base64.b64decode(job.raw.get("body_b64", ""), validate=True)
        except (ValueError, TypeError):
            raise BadInput("a webhook job without a readable body") from None

    def _active(self, job: Job) -> Connection | None:
        try:
            connection = self.connections.get_connection(job.merchant, job.connection)
        except NotFound:
            return None
        fits = connection.status is ConnectionStatus.ACTIVE and connection.connector == job.connector
        return connection if fits else None

    def _all(
        self,
        job: Job,
        connection: Connection,
        connector: Connector,
        events: list[Event],
        kept: tuple[str | None, bytes | None],
        remaining: Callable[[], float],
    ) -> str:
        """Every event gets its turn; a reason to come back, or a refused grant, is raised after the last one."""
        parked = 0
        later: Retryable | None = None
        refused: NeedsReauthorisation | None = None
        for event in events:
            try:
                lease = int(remaining()) + LEASE_MARGIN
                parked += self._one(job, connection, connector, _nameable(event), kept, lease)
            except Retryable as error:
                later = later or error
            except NeedsReauthorisation as error:
                refused = refused or error
        if problem := later or refused:
            raise problem
        return f"parked {parked} of {len(events)} events" if parked else f"{len(events)} events"

    def _one(
        self,
        job: Job,
        connection: Connection,
        connector: Connector,
        event: Event,
        kept: tuple[str | None, bytes | None],
        lease: int,
    ) -> bool:
        """True when an operator must look at it. A held sale is the merchant's to mend, and stands in the portal."""
        merchant, name = connection.merchant, connection.connector
        if event.account is not None and not connector.same_account(event.account, connection.account_id):
            self._park(job, event.id, "an event of another account", *kept)
            return True
        claim = self.events.claim(merchant, name, event, owner=job.id, now=self.clock.now(), lease_seconds=lease)
        if not claim.won:
            if claim.outcome is None:
                raise Busy("somebody else works on this event")
            return False
        try:
            taken = self._take(connection, connector, event)
        except ConfigurationError:
            raise  # the operator's to mend; the job comes back
        except Rejected as error:
            self._park(job, event.id, type(error).__name__, *kept)
            if isinstance(error, NeedsReauthorisation):
                raise
            return True
        self._compare(job, connection, event, taken)
        if taken.outcome is EventOutcome.PARKED:
            self._park(job, event.id, taken.why, *kept)
            return not taken.why.startswith(HELD_SALE)
        self.events.settle(merchant, name, event.id, taken.outcome, taken.why, sale_id=taken.sale_id)
        return False

    def _compare(self, job: Job, connection: Connection, event: Event, taken: Taken) -> None:
        """Who told of it first? Killed just before, this may miss one: it proves silence, and finds no sale."""
        if event.means not in ("fetch", "changed"):
            return
        ref = RecordRef(resource=event.resource, id=event.resource_id)
        if job.job == "webhook":
            self.watch.told(connection, ref, sale=event.means == "fetch", news=taken.news)
        elif taken.news:
            self.watch.polled(connection, ref, str(job.raw.get("reason", "")))

    def _take(self, connection: Connection, connector: Connector, event: Event) -> Taken:
        if not event.relevant:
            return Taken(EventOutcome.SKIPPED, event.why or "nothing an invoice could depend on")
        if event.means == "park":
            return Taken(EventOutcome.PARKED, event.why or "a person must look")
        if event.means == "uninstall":
            self.queue.send(
                "bulk", make("disconnect", connection.merchant, connection.connection, connection.connector)
            )
            return Taken(EventOutcome.SKIPPED, "the merchant removed our app: the connection ends")
        ref = RecordRef(resource=event.resource, id=event.resource_id)
        take = self.take.because_of(event.id)
        if event.means == "fetch":
            return take(connection, connector, ref)
        ends = [take(connection, connector, each) for each in self._affected(connection, ref)]
        if not ends:
            return Taken(EventOutcome.SKIPPED, "no sale depends on this record")
        parked = [end for end in ends if end.outcome is EventOutcome.PARKED]
        return replace((parked or ends)[0], news=any(end.news for end in ends))

    def _affected(self, connection: Connection, ref: RecordRef) -> list[RecordRef]:
        """Sales held for want of this record, and the sale made from it if there is one (changed after submission?)."""
        merchant, name = connection.merchant, connection.connector
        refs = []
        for sale_id in dict.fromkeys((*self.sales.held_by(merchant, name, ref), ref.id)):
            try:
                source = source_of(self.sales.get(merchant, name, sale_id))
            except NotFound:
                continue
            if sale_id != ref.id or source == ref:
                refs.append(source)
        return list(dict.fromkeys(refs))

    def _park(self, job: Job, event_id: str, why: str, body_key: str | None, body: bytes | None) -> str:
        """Kept for a person, with the bytes as they came."""
        if body_key is None and body is not None:
            place = f"{_owner(job)}/webhooks/{digest(body)}"
            body_key = self.blobs.put(place, body, content_type="application/octet-stream")
        self.events.park(job.merchant or NOBODY, job.connector, event_id, why, body_key)
        return "parked"


def _owner(job: Job) -> str:
    """Under whom a body is kept: one that may hold several merchants' events belongs to none of them."""
    return NOBODY if PLACED in job.raw else job.merchant or NOBODY


def _headers(job: Job) -> dict[str, str]:
    kept = job.raw.get("headers")
    return {str(name): str(value) for name, value in kept.items()} if isinstance(kept, dict) else {}


def _nameable(event: Event) -> Event:
    """An event id that cannot be a key (a separator, a control character) is replaced by its digest."""
    try:
        event_key("m", "c", event.id)
    except BadInput:
        return replace(event, id=f"sha256:{digest(event.id.encode('utf-8', 'surrogatepass'))}")
    return event


def _empty(job: Job) -> Event:
    """Stands for a delivery that holds no event, so that it too has an end."""
    return Event(
        id=f"delivery:{job.id}",
        type="none",
        resource="none",
        resource_id="",
        account=None,
        means="ignore",
        why="a delivery without events",
    )
