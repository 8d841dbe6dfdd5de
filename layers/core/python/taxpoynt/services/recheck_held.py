"""Everything on hold is looked at again, because a merchant's data or the operator's rules changed; however many."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from taxpoynt.domain.connection import ConnectionStatus
from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.errors import StoreConflict
from taxpoynt.ports import Clock, ConnectionStore, JobQueue, SaleRecord, SaleStore
from taxpoynt.services import jobs
from taxpoynt.services.jobs import Job

AT_ONCE = 100
"""Sales of one job; the next page is a job of its own, so that no time limit ends it."""


MERCHANTS = 25
"""Merchants of one job about a connector; the next page is a job of its own."""
EVERY = "every"


def recheck_job(
    merchant: str, cursor: str | None = None, *, connection: str = EVERY, connector: str = EVERY
) -> dict[str, Any]:
    """The job that looks at a page of held sales, of every connection or of one."""
    more = {"cursor": cursor} if cursor else {}
    return jobs.make("recheck", merchant, connection, connector, **more)


def recheck_connector_job(connector: str, cursor: str | None = None) -> dict[str, Any]:
    """The job that sends `recheck` for every active connection of a connector, a page of merchants."""
    more = {"cursor": cursor} if cursor else {}
    return jobs.make("recheck_connector", EVERY, EVERY, connector, **more)


@dataclass(frozen=True, slots=True)
class RecheckConnector:
    """One page. A page that is done twice (its job came again) costs further looks and nothing else."""

    connections: ConnectionStore
    queue: JobQueue

    def __call__(self, job: Job) -> str:
        """How many, in a word for the log."""
        cursor, sent = job.raw.get("cursor"), 0
        merchants, more = self.connections.list_merchants(limit=MERCHANTS, cursor=str(cursor) if cursor else None)
        for one in merchants:
            for link in self.connections.list_connections(one.merchant):
                if link.connector == job.connector and link.status is ConnectionStatus.ACTIVE:
                    about = {"connection": link.connection, "connector": link.connector}
                    self.queue.send("bulk", recheck_job(link.merchant, **about))
                    sent += 1
        if more:
            self.queue.send("bulk", recheck_connector_job(job.connector, more))
        return f"{sent} connections are looked at again" + (", and more" if more else "")


@dataclass(frozen=True, slots=True)
class RecheckHeld:
    """One page."""

    sales: SaleStore
    queue: JobQueue
    clock: Clock

    def __call__(self, job: Job) -> str:
        """How many, in a word for the log."""
        cursor = job.raw.get("cursor")
        held, more = self.sales.list_sales(
            job.merchant, limit=AT_ONCE, cursor=str(cursor) if cursor else None, state=SaleState.NEEDS_ATTENTION
        )
        held = [one for one in held if job.connection in (EVERY, one.connection)]
        for record in held:
            self._again(record)
        if more:
            about = {"connection": job.connection, "connector": job.connector}
            self.queue.send("bulk", recheck_job(job.merchant, more, **about))
        return f"{len(held)} held sales are looked at again"

    def _again(self, record: SaleRecord) -> None:
        if record.state not in AT_NRS:
            event_id = f"merchant_change:{record.sale_id}:{uuid.uuid4()}"
            self.queue.send("bulk", jobs.fetch(record, event_id=event_id, reason="merchant_change"))
            return
        try:  # accepted, but without its stamp: the sweeper drives it on within its minute
            self.sales.change(replace(record, next_action_at=self.clock.now()), action="due_again")
        except StoreConflict:
            return  # somebody is at work on it
