"""Nothing stays in a non-final state without a next action; oldest legal due time first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import StoreConflict
from taxpoynt.ports import Clock, JobQueue, SaleRecord, SaleStore, WorkflowStarter
from taxpoynt.services import jobs
from taxpoynt.services.steps import HELD, UNDER_WAY

PER_RUN = 200
"""Sales a run: about 20 ms each, so a run ends well inside its minute; the rest waits for the next one."""


@dataclass(frozen=True, slots=True)
class SweepStalled:
    """Writes the next time before it starts anything, so two sweeps never drive one sale."""

    sales: SaleStore
    queue: JobQueue
    starter: WorkflowStarter
    clock: Clock

    def __call__(self) -> Mapping[str, int]:
        """How many were due and how many were driven on."""
        due = self.sales.due(self.clock.now(), limit=PER_RUN)
        return {"due": len(due), "driven": sum(self._drive(record) for record in due)}

    def _drive(self, record: SaleRecord) -> bool:
        pause = HELD if record.state is SaleState.NEEDS_ATTENTION else UNDER_WAY
        later = replace(record, attempt=record.attempt + 1, next_action_at=self.clock.now() + pause)
        try:
            record = self.sales.change(later, action="swept")
        except StoreConflict:
            return False
        if record.state is SaleState.NEEDS_ATTENTION:
            event_id = f"sweep:{record.sale_id}:{record.attempt}"
            self.queue.send("bulk", jobs.fetch(record, event_id=event_id, reason="sweep"))
        elif record.state in (SaleState.SUBMITTING, SaleState.UNKNOWN):
            self.starter.start_recovery(record.merchant, record.connector, record.sale_id, record.attempt)
        else:
            self.starter.start_conversion(record.merchant, record.connector, record.sale_id, record.attempt)
        return True
