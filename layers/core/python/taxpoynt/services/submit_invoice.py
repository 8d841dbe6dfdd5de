"""Validate and sign at NRS; in doubt look up first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import CircuitOpen, Retryable
from taxpoynt.ports import SaleRecord
from taxpoynt.services.put_off import QUICK
from taxpoynt.services.steps import Answer, in_state, state_answer
from taxpoynt.services.submission import Submission

LONGEST_WAIT = 900.0
"""Seconds a Retry-After is honoured for (security page, part 4)."""


@dataclass(frozen=True, slots=True)
class SubmitInvoice:
    """Step four."""

    submission: Submission

    def __call__(self, merchant: str, connector: str, sale_id: str) -> Answer:
        """Accepted, or the error that says why not (see Submission.drive).

        Where NRS, or an open circuit, says when to come back, the sale is put off until then and nothing is raised:
        the sweeper goes on, so a long outage costs no waiting execution a sale.
        """
        sales = self.submission.stores.sales
        record = sales.get(merchant, connector, sale_id)
        if not in_state(record, SaleState.RESERVED, SaleState.SUBMITTING, SaleState.UNKNOWN):
            return state_answer(record)
        try:
            record = self.submission.drive(record)
        except Retryable as error:
            if error.retry_after is None:
                raise
            record = self._put_off(sales.get(merchant, connector, sale_id), error, error.retry_after)
        return state_answer(record)

    def _put_off(self, record: SaleRecord, error: Retryable, seconds: float) -> SaleRecord:
        stores = self.submission.stores
        until = stores.clock.now() + timedelta(seconds=min(seconds, LONGEST_WAIT))
        if isinstance(error, CircuitOpen):  # nothing was asked or sent
            if record.put_offs > QUICK and record.next_action_at and record.next_action_at >= until:
                return record  # the sweeper, which started this, has put it off for longer
            record = replace(record, put_offs=record.put_offs + (record.put_offs < QUICK))
        later = replace(record, next_action_at=until)
        return stores.sales.change(later, action="put_off", detail={"why": type(error).__name__})
