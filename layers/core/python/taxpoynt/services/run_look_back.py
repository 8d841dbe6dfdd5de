"""The job `look_back`: fetches a connection's last records of before and keeps them, to try rules on.

Looking at history invoices nothing. This has no store of events, none of sales and no starter of workflows to do it
with: all it can do with a record is keep its bytes. Nothing else ever begins with what is kept there: the pipeline
reads a kept record only by the key of a sale, which its own claim wrote (decision 0030).

A few seconds a job, as a chain. Whatever was done is noted after each request, so a worker killed anywhere repeats one
request at most, and a record kept twice is one object. It asks with the low priority of the rate budget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.look_back import LookBack, LookBackState
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import Busy, NeedsReauthorisation, NotFound, RateLimited, Rejected, StoreConflict
from taxpoynt.ports import BlobStore, Clock, ConnectionStore, Connector, JobQueue, PlatformApi
from taxpoynt.ports.known import KnownRecords
from taxpoynt.ports.look_back import LookBackStore, PastRecords
from taxpoynt.services.jobs import Job
from taxpoynt.services.look_back import look_back_job
from taxpoynt.services.sale_files import put_source

SLICE = 8.0
"""Seconds of work a job does at most; others of the bulk queue wait no longer for it."""
ENOUGH = 10.0
"""Seconds that must be left when a request is begun."""
OLDEST = timedelta(days=1)
"""A look back that takes longer is given up: nobody waits for it any more."""
SPARE = 2
"""How often as many records as wanted are looked at, where the platform lists some that it does not give."""
STUCK, BURST = 8, 60.0
"""A record that meets a limit of less than BURST seconds so often in a row needs more than the budget gives at once."""
NOT_YET_PAUSE = 300.0
DEFAULT_PAUSE, LONGEST_PAUSE = 30.0, 900.0
"""Seconds, where a platform asks to slow down and does not say for how long; and SQS's limit of a delay."""


@dataclass(frozen=True, slots=True)
class RunLookBack:
    """`api` gives the client that asks with the low priority. known: a connection's catalogue, as for other records.

    is_kept: is this record behind an invoice that NRS has, and so kept for years anyway?
    """

    connections: ConnectionStore
    store: LookBackStore
    blobs: BlobStore
    queue: JobQueue
    clock: Clock
    connector: Callable[[str], Connector]
    past: Callable[[str], PastRecords]
    api: Callable[[Connection], PlatformApi]
    is_kept: Callable[[Connection, RecordRef], bool]
    known: Callable[[Connection], KnownRecords] | None = None

    def __call__(self, job: Job, remaining: Callable[[], float]) -> str:
        """What became of it, in a word: `done`, `stopped`, `goes on`, `waits`, `overtaken`."""
        at = self.store.get(job.merchant, job.connection)
        if at is None or at.state != "fetching" or at.chain != job.raw.get("chain"):
            return "overtaken"
        try:
            connection = self._connection(job)
            if connection is None:
                return self._end(at, "stopped", "the connection is not active")
            if self.clock.now() - at.asked_at > OLDEST:
                return self._end(at, "stopped", "it took longer than a day")
            return self._slice(connection, at, remaining)
        except _Overtaken:
            return "overtaken"  # this message came twice: whoever noted first goes on

    def _slice(self, connection: Connection, at: LookBack, remaining: Callable[[], float]) -> str:
        api, stop = self.api(connection), max(ENOUGH, remaining() - SLICE)
        try:
            while at.state == "fetching":
                if remaining() <= stop:
                    return self._go_on(connection, at, "goes on", 0)
                at = self._save(self._step(connection, api, at))
        except RateLimited as problem:
            pause = problem.retry_after or DEFAULT_PAUSE
            return self._go_on(connection, self._save(_limited(at, pause)), "waits", pause)
        except _NotYet as problem:
            return self._go_on(connection, self._save(replace(at, note=f"{problem}")), "waits", NOT_YET_PAUSE)
        except NeedsReauthorisation:
            self._end(at, "stopped", "the platform wants you to connect again")
            raise
        except Rejected as problem:
            return self._end(at, "stopped", f"{problem}")
        return at.state

    def _step(self, connection: Connection, api: PlatformApi, at: LookBack) -> LookBack:
        """One record, or one page of a list."""
        if at.there >= at.wanted:
            return replace(at, state="done", why="these are all that were asked for", place=None, waiting=())
        if at.waiting:
            return self._record(connection, api, at)
        if at.why or len(at.seen) >= SPARE * at.wanted:
            return replace(at, state="done", why=at.why or "the platform does not give all that it lists", place=None)
        past = self.past(connection.connector)
        page = past.page(api, at.place or self._begun(past, connection))
        new = [one for one in map(_written, page.records) if one not in at.seen]
        new = new[: SPARE * at.wanted - len(at.seen)]
        why = "" if page.place is not None else _ENDS[page.ended or "beginning"]
        reached = page.reached
        return replace(
            at, place=page.place, reached=reached, waiting=tuple(new), seen=(*at.seen, *new), why=why, note=""
        )

    def _begun(self, past: PastRecords, connection: Connection) -> str:
        try:
            return past.begin(connection.cursor, self.clock.now())
        except Busy as problem:
            raise _NotYet(f"{problem}") from None

    def _record(self, connection: Connection, api: PlatformApi, at: LookBack) -> LookBack:
        """The first that waits. What the platform does not give is left out: there is nobody to mend it."""
        ref, rest = _ref(at.waiting[0]), replace(at, waiting=at.waiting[1:], stuck=0)
        if self.is_kept(connection, ref):
            return replace(rest, known=at.known + 1)
        if at.stuck >= STUCK:
            return replace(rest, left_out=at.left_out + 1)
        known = self.known(connection) if self.known else None
        try:
            bundle = self.connector(connection.connector).fetch(api, ref, known)
        except NeedsReauthorisation:
            raise
        except Rejected:
            return replace(rest, left_out=at.left_out + 1)
        put_source(self.blobs, connection.merchant, bundle)
        return replace(rest, kept=at.kept + 1)

    def _go_on(self, connection: Connection, at: LookBack, word: str, pause: float) -> str:
        seconds = int(min(max(pause, 0), LONGEST_PAUSE))
        self.queue.send("bulk", look_back_job(connection, at.chain), delay_seconds=seconds)
        return word

    def _save(self, at: LookBack) -> LookBack:
        """After a lost answer the time of it tells whether it was this call that wrote."""
        noted = replace(at, as_of=self.clock.now())
        try:
            return self.store.save(noted)
        except StoreConflict:
            found = self.store.get(at.merchant, at.connection)
            if found is not None and found == replace(noted, version=found.version):
                return found
            raise _Overtaken from None

    def _end(self, at: LookBack, state: LookBackState, why: str) -> str:
        self._save(replace(at, state=state, why=why, place=None, waiting=()))
        return state

    def _connection(self, job: Job) -> Connection | None:
        try:
            found = self.connections.get_connection(job.merchant, job.connection)
        except NotFound:
            return None
        return found if found.status is ConnectionStatus.ACTIVE else None


class _NotYet(Exception):
    """The connection's first polling is under way; says so in words."""


class _Overtaken(Exception):
    """Another chain, or the same message a second time, noted something since."""


_ENDS = {
    "beginning": "the platform lists no older ones",
    "long enough": "enough of the past was looked through",
}


def _limited(at: LookBack, pause: float) -> LookBack:
    return replace(at, stuck=at.stuck + 1) if at.waiting and pause < BURST else at


def _written(ref: RecordRef) -> str:
    return f"{ref.resource}/{ref.id}"


def _ref(text: str) -> RecordRef:
    resource, _, number = text.partition("/")
    return RecordRef(resource=resource, id=number)
