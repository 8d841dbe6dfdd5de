"""One message of the pos, crm or bulk queue. The only use case that handles platform tokens.

A job that may succeed later is sent again with a growing, random delay and its message is finished: SQS's own
redelivery waits six function time-outs and would bury the backlog of an outage in the dead-letter queue after an
hour. A job that is nobody's fault but ours (an unexpected error) is left to SQS, its dead-letter queue and the alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from taxpoynt.domain.connection import ConnectionStatus
from taxpoynt.errors import Busy, NeedsReauthorisation, NotFound, Rejected, Retryable, StoreConflict
from taxpoynt.ports import Alerts, Clock, ConnectionStore, JobQueue
from taxpoynt.services import jobs
from taxpoynt.services.alerting import alert_once
from taxpoynt.services.jobs import Job
from taxpoynt.services.read_delivery import ReadDelivery
from taxpoynt.services.recheck_held import RecheckConnector, RecheckHeld
from taxpoynt.services.tend_connection import TendConnection

LONGEST_DELAY = 900
"""Seconds: SQS's limit, and where a named Retry-After is capped."""
MAX_TRIES = 400
"""Growing to 15 minutes: at least two days of full-jitter delays; then SQS's own receives and the dead-letter queue."""

ENOUGH = 10.0
"""Seconds a job needs as a rule. With less left it is sent again instead of being cut off in the middle."""


@dataclass(frozen=True, slots=True)
class RunSyncJob:
    """`jitter` gives a number in [0, 1)."""

    deliveries: ReadDelivery
    tending: TendConnection
    connections: ConnectionStore
    queue: JobQueue
    alerts: Alerts
    clock: Clock
    jitter: Callable[[], float]
    more: Mapping[str, Callable[[Job, Callable[[], float]], str]] = field(default_factory=dict)
    """Jobs of further use cases, by name."""

    def __call__(self, message: Mapping[str, Any], remaining: Callable[[], float]) -> str:
        """What became of it, in a word. What it raises comes back by SQS and ends in the dead-letter queue."""
        job = jobs.read(message)
        if remaining() < ENOUGH:
            return self._again(job, Busy("too little time left in this batch"))
        try:
            return self._run(job, remaining)
        except NeedsReauthorisation as error:  # events parked themselves, with their bytes
            self._needs_reauth(job, error)
            return f"stopped: {type(error).__name__}"
        except Retryable as error:
            if job.tries >= MAX_TRIES:
                raise
            return self._again(job, error)

    def _run(self, job: Job, remaining: Callable[[], float]) -> str:
        timed = {"webhook": self.deliveries.webhook, "fetch": self.deliveries.fetch, **self.more}
        if job.job in timed:
            return timed[job.job](job, remaining)
        tending = self.tending
        plain: dict[str, Callable[[Job], str]] = {
            "recheck": RecheckHeld(self.deliveries.sales, self.queue, self.clock),
            "recheck_connector": RecheckConnector(self.connections, self.queue),
            "poll": tending.poll,
            "watch": self.deliveries.watch.look,
            "subscribe": tending.subscribe,
            "keep_alive": tending.keep_alive,
            "disconnect": tending.disconnect,
        }
        if job.job not in plain:
            raise Rejected(f"no job is called {job.job[:40]!r}")
        return plain[job.job](job)

    def _again(self, job: Job, error: Retryable) -> str:
        """Full jitter, at least what the other side asked for; to the queue that fits the job."""
        growing = min(LONGEST_DELAY, 2 ** min(job.tries + 2, 10))
        delay = max(1, int(growing * self.jitter()), ceil(min(error.retry_after or 0, LONGEST_DELAY)))
        message = {**job.raw, "tries": job.tries + 1}
        if job.job == "disconnect" and self._ended(job):
            message["ended"] = True
        kind = self.tending.connector(job.connector).kind if job.job in ("webhook", "fetch") else "bulk"
        self.queue.send(kind, message, delay_seconds=delay)
        return f"again in {delay} s: {type(error).__name__}"

    def _ended(self, job: Job) -> bool:
        """Did an earlier try end the connection? Then finding it active again means that the merchant came back."""
        try:
            connection = self.connections.get_connection(job.merchant, job.connection)
        except NotFound:
            return False
        return connection.status is ConnectionStatus.DISCONNECTED

    def _needs_reauth(self, job: Job, why: NeedsReauthorisation) -> None:
        """The platform refuses our grant: the connection stops until the merchant authorises again.

        The alert says why: a grant withdrawn by the merchant and one whose last answer was lost want different people.
        """
        connection = self.connections.get_connection(job.merchant, job.connection)
        if connection.status is ConnectionStatus.ACTIVE:
            try:
                self.connections.save_connection(replace(connection, status=ConnectionStatus.NEEDS_REAUTH))
            except StoreConflict:
                return  # changed by somebody else, perhaps authorised again: the next job will see
        about = f"{job.merchant} {job.connector} {job.connection}"
        alert_once(self, self.alerts, f"reauth {about}", "a connection needs authorisation again", f"{about}: {why}")
