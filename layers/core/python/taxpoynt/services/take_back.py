"""A record that makes no document (any more): its sale is withdrawn, credited, or asked about."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taxpoynt.domain.status import AT_NRS, EventOutcome, SaleState
from taxpoynt.errors import Busy, NotFound, StoreConflict
from taxpoynt.ports import SaleRecord, SaleStore
from taxpoynt.services.correct_sale import CorrectSale, Seen
from taxpoynt.services.families import OPEN
from taxpoynt.services.jobs import source_of
from taxpoynt.services.read_record import Look, ReadRecord
from taxpoynt.services.same_sale import SameSale
from taxpoynt.services.steps import waits_for_operator
from taxpoynt.services.take_same import NEWER
from taxpoynt.services.taken import Taken

IN_FLIGHT = "this sale is being sent: looked at again when NRS has answered"
STUCK = "this sale waits for the operator: its changed source is looked at again by itself when NRS has it"
LOOK_AGAIN = 60.0
"""Seconds until a sale that changed while it was being sent is looked at again; the job is kept for days."""
MIXED = Taken(EventOutcome.PARKED, "a record of another account of this merchant has the same id")


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Part of TakeRecord."""

    sales: SaleStore
    read: ReadRecord
    correct: CorrectSale
    same: SameSale
    event: str

    def __call__(self, look: Look, why: str) -> Taken:
        """No invoice (any more): a sale that was claimed is withdrawn, one at NRS credited or asked about."""
        record = self._known(look)
        if record is None or source_of(record) != look.ref:
            return Taken(EventOutcome.SKIPPED, why)
        if record.state is SaleState.WITHDRAWN:
            return self._gone_already(record, why)
        if record.account_id not in ("", look.connection.account_id):
            return MIXED
        if record.state in AT_NRS:
            wanted = replace(record, record_key=look.record_key or record.record_key, sale_key="")
            reading = look.reading or self.read.reading_of(replace(look, record_key=wanted.record_key))
            unsure = look.record_key is None
            explicit = look.connector.kind == "pos" and not unsure
            seen = Seen(wanted, None, reading, look.asked_at, explicit=explicit, unsure=unsure)
            taken = self.correct(record, seen)
            self.same.losers_back(record)
            return taken
        if record.state not in OPEN:
            return in_flight(self.sales, record, self.event)
        if record.updated_at and record.updated_at > look.asked_at:
            raise StoreConflict(NEWER)
        gone = replace(record, state=SaleState.WITHDRAWN, faults=(), next_action_at=None)
        leaving = self.same.leaving(record)
        self.sales.change(gone, action="withdrawn", detail={"why": why[:200]}, same=leaving)
        self.same.losers_back(record)
        return Taken(EventOutcome.SKIPPED, why, record.sale_id)

    def _gone_already(self, record: SaleRecord, why: str) -> Taken:
        """Taken back for good: it waits for no other sale's end, and a run that died may have left some waiting."""
        if leaving := self.same.leaving(record):
            self.sales.change(
                replace(record, same_as=None), action="withdrawn", detail={"why": why[:200]}, same=leaving
            )
        self.same.losers_back(record)
        return Taken(EventOutcome.SKIPPED, why)

    def _known(self, look: Look) -> SaleRecord | None:
        try:
            return self.sales.get(look.connection.merchant, look.connection.connector, look.ref.id)
        except NotFound:
            return None


def in_flight(sales: SaleStore, record: SaleRecord, event: str) -> Taken:
    """Looked at again by its job, unless that would be given up: what waits for the operator may wait for weeks.

    Then the record notes that its source changed, and the sweeper looks at it once NRS has the invoice.
    """
    if not waits_for_operator(sales.history(record.merchant, record.connector, record.sale_id)):
        raise Busy(IN_FLIGHT, retry_after=LOOK_AGAIN)
    if not record.look_again:
        sales.change(replace(record, look_again=True), action="source_changed", detail={"event": event})
    return Taken(EventOutcome.PARKED, STUCK, record.sale_id)
