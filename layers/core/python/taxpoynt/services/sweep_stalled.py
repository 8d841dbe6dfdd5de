"""Nothing stays in a non-final state without a next action; oldest legal due time first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.errors import StoreConflict
from taxpoynt.ports import Clock, JobQueue, SaleRecord, SaleStore, WorkflowStarter
from taxpoynt.services import jobs
from taxpoynt.services.put_off import QUICK, rest
from taxpoynt.services.steps import HELD, OPERATOR, UNDER_WAY

PER_READ = 200
MOST_READS = 10
_PAUSES = {SaleState.NEEDS_ATTENTION: HELD, SaleState.WAITING: OPERATOR}
"""What waits for its invoice is woken by it: looking every few minutes would only fill its history."""
NO_BREACH = 24 * 60
"""Minutes to breach while nothing is open: the whole window."""


@dataclass(frozen=True, slots=True)
class SweepStalled:
    """Writes the next time before it starts anything, so two sweeps, or a sweep and a machine, never drive one sale.

    enough: has this run worked long enough? The rest waits for the next one.
    """

    sales: SaleStore
    queue: JobQueue
    starter: WorkflowStarter
    clock: Clock
    enough: Callable[[], bool] = lambda: False

    def __call__(self) -> Mapping[str, int]:
        """Drives what is due and counts.

        due, driven; minutes_to_breach of the law's 24 hours (negative: over); late: sales past 20 of them;
        late_targets: the same of B2B and B2G, which have no legal hour.
        """
        due, driven = self._drain()
        now = self.clock.now()
        watch = self.sales.legal_watch(now)
        left = int((watch.earliest - now).total_seconds() // 60) if watch.earliest else NO_BREACH
        figures = {"minutes_to_breach": left, "late": watch.late, "late_targets": watch.late_targets}
        return {"due": due, "driven": driven, **figures}

    def _drain(self) -> tuple[int, int]:
        """A long backlog in several reads, each the most urgent of what is left."""
        seen = driven = 0
        for _ in range(MOST_READS):
            due = self.sales.due(self.clock.now(), limit=PER_READ)
            seen += len(due)
            for record in due:
                if self.enough():
                    return seen, driven
                driven += self._drive(record)
            if len(due) < PER_READ:
                break
        return seen, driven

    def _look(self, record: SaleRecord) -> bool:
        """NRS has a sale whose source changed while it waited for the operator; due again at once for its own sake.

        The job goes first: a run killed between sends it twice, and never not.
        """
        event_id = f"sweep:{record.sale_id}:{record.attempt}"
        self.queue.send("bulk", jobs.fetch(record, event_id=event_id, reason="sweep"))
        seen = replace(record, look_again=False, next_action_at=self.clock.now())
        try:
            self.sales.change(seen, action="looked_again")
        except StoreConflict:
            return False
        return True

    def _drive(self, record: SaleRecord) -> bool:
        if record.look_again and record.state in AT_NRS:
            return self._look(record)
        now, put_offs = self.clock.now(), record.put_offs
        pause = _PAUSES.get(record.state, UNDER_WAY)
        if record.state is SaleState.RESERVED and put_offs >= QUICK:
            pause, put_offs = rest(record, now), put_offs + 1
        later = replace(record, attempt=record.attempt + 1, put_offs=put_offs, next_action_at=now + pause)
        try:
            record = self.sales.change(later, action="swept")
        except StoreConflict:
            return False
        self._start(record)
        return True

    def _start(self, record: SaleRecord) -> None:
        ids = (record.merchant, record.connector, record.sale_id)
        if record.state is SaleState.NEEDS_ATTENTION:
            event_id = f"sweep:{record.sale_id}:{record.attempt}"
            self.queue.send("bulk", jobs.fetch(record, event_id=event_id, reason="sweep"))
        elif record.state in (SaleState.SUBMITTING, SaleState.UNKNOWN):
            self.starter.start_recovery(*ids, record.attempt)
        elif record.state in AT_NRS - {SaleState.ACCEPTED}:
            self.starter.start_delivery(*ids, str(record.attempt))
        else:
            self.starter.start_conversion(*ids, record.attempt)
