"""Keeps a connection's items, stock, customers and companies in step, a few pages a job, as a chain of jobs.

A page's rows are stored before its place is: a worker killed anywhere repeats a page at most, and a repeated page
changes nothing. One chain a connection has the turn; a message that comes twice, and the scheduler's next job while a
long load is under way, find that and leave. Sales go first: this asks with the low priority of the rate budget, and a
job that may not ask now comes back later instead of waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from taxpoynt.domain.catalogue import Feed, Kind
from taxpoynt.domain.catalogue_steps import wanted
from taxpoynt.domain.catalogue_sync import SyncState
from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.errors import BadInput, NotFound, RateLimited, TaxPoyntError
from taxpoynt.ports import Clock, ConnectionStore, JobQueue, PlatformApi
from taxpoynt.ports.catalogue import CatalogueReader, CatalogueStore, Turn
from taxpoynt.services import jobs
from taxpoynt.services.jobs import Job
from taxpoynt.services.walk_catalogue import WalkCatalogue

SLICE = 8.0
"""Seconds of work a job does at most; others of the bulk queue wait no longer for it."""
ENOUGH = 10.0
"""Seconds that must be left when a page is begun."""
LEASE_MARGIN = 5.0
GRACE = timedelta(minutes=15)
"""How late the next job of a chain may come before the chain counts as dead and the scheduler's job takes over."""
DEFAULT_PAUSE = 30.0
"""Seconds, where a platform asks to slow down and does not say for how long."""
LONGEST_PAUSE = 900.0
"""SQS's limit of a delay."""


@dataclass(frozen=True, slots=True)
class SyncCatalogue:
    """The job `sync`. `api` gives the client that asks with the low priority."""

    connections: ConnectionStore
    store: CatalogueStore
    queue: JobQueue
    clock: Clock
    reader: Callable[[str], CatalogueReader]
    api: Callable[[Connection], PlatformApi]

    def __call__(self, job: Job, remaining: Callable[[], float]) -> str:
        """What became of it, in a word: `in step`, `goes on`, `waits`, `under way`, `drift: …`."""
        connection = _active(self.connections, job)
        if connection is None:
            return "not active"
        reader = self.reader(connection.connector)
        if not reader.kinds:
            return "nothing to keep in step"
        turn, now = _turn(job), self.clock.now()
        if not self.store.take_turn(turn, now=now, until=now + timedelta(seconds=remaining() + LEASE_MARGIN)):
            return "under way"
        try:
            word, pause = self._slice(connection, reader, remaining)
        except TaxPoyntError:
            self.store.end_turn(turn)  # the same job comes back, and may have the turn again
            raise
        if pause is None:
            self.store.end_turn(turn)
        else:
            self._go_on(job, turn, pause)
        return word

    def _go_on(self, job: Job, turn: Turn, pause: float) -> None:
        """Sent before the turn is kept: a crash in between leaves a job that takes it."""
        seconds = int(min(pause, LONGEST_PAUSE))
        more = {"chain": turn.chain, "step": str(turn.step + 1)}
        ids = (job.merchant, job.connection, job.connector)
        self.queue.send("bulk", jobs.make("sync", *ids, **more), delay_seconds=seconds)
        self.store.keep_turn(turn, until=self.clock.now() + timedelta(seconds=seconds) + GRACE)

    def _slice(
        self, connection: Connection, reader: CatalogueReader, remaining: Callable[[], float]
    ) -> tuple[str, float | None]:
        """Steps until nothing is due, time is up or the platform wants a pause: a word, and the pause (None: done)."""
        walk = WalkCatalogue(self.store, self.clock, reader, self.api(connection))
        states = dict(self.store.states(connection.merchant, connection.connection))
        stop, said = max(ENOUGH, remaining() - SLICE), ""
        while (kind := self._next(reader, states)) is not None:
            if remaining() <= stop:
                return said or "goes on", 0.0
            feed = Feed(merchant=connection.merchant, connection=connection.connection, kind=kind)
            try:
                states[kind], word = walk.step(feed, states.get(kind, SyncState()))
            except RateLimited as problem:
                return said or "waits", max(1.0, problem.retry_after or DEFAULT_PAUSE)
            said = said or word
        return said or "in step", None

    def _next(self, reader: CatalogueReader, states: Mapping[Kind, SyncState]) -> Kind | None:
        """The kind to go on with. Changes of every kind come before anybody's long walk."""
        now = self.clock.now()
        due = {kind: wanted(states.get(kind, SyncState()), reader.plan(kind), now) for kind in reader.kinds}
        changes = (kind for kind, what in due.items() if what == "changes")
        return next(changes, next((kind for kind, what in due.items() if what), None))


@dataclass(frozen=True, slots=True)
class ForgetCatalogue:
    """The job `forget_catalogue`: a connection that has ended keeps no copy of the platform's data."""

    connections: ConnectionStore
    store: CatalogueStore
    queue: JobQueue

    def __call__(self, job: Job, remaining: Callable[[], float]) -> str:
        """Page by page; a merchant who connects again meanwhile keeps what is left."""
        while remaining() > ENOUGH:
            if (
                self.connections.get_connection(job.merchant, job.connection).status
                is not ConnectionStatus.DISCONNECTED
            ):
                return "connected again meanwhile"
            if not self.store.forget_all(job.merchant, job.connection, limit=FORGET_PAGE):
                return "forgotten"
        self.queue.send("bulk", jobs.make("forget_catalogue", job.merchant, job.connection, job.connector))
        return "goes on"


FORGET_PAGE = 500


def _active(connections: ConnectionStore, job: Job) -> Connection | None:
    try:
        connection = connections.get_connection(job.merchant, job.connection)
    except NotFound:
        return None
    return connection if connection.status is ConnectionStatus.ACTIVE else None


def _turn(job: Job) -> Turn:
    """A chain is named by its first job; each further job is a step of it."""
    chain, step = str(job.raw.get("chain") or job.id), str(job.raw.get("step", "0"))
    if not step.isascii() or not step.isdigit():
        raise BadInput("a sync job without a readable step")
    return Turn(merchant=job.merchant, connection=job.connection, chain=chain, step=int(step))
