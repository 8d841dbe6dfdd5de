"""Validate and sign at NRS; in doubt look up first."""

from __future__ import annotations

from dataclasses import dataclass

from taxpoynt.domain.status import SaleState
from taxpoynt.services.steps import Answer, in_state, state_answer
from taxpoynt.services.submission import Submission


@dataclass(frozen=True, slots=True)
class SubmitInvoice:
    """Step four."""

    submission: Submission

    def __call__(self, merchant: str, connector: str, sale_id: str) -> Answer:
        """Accepted, or the error that says why not (see Submission.drive)."""
        record = self.submission.stores.sales.get(merchant, connector, sale_id)
        if in_state(record, SaleState.RESERVED, SaleState.SUBMITTING, SaleState.UNKNOWN):
            record = self.submission.drive(record)
        return state_answer(record)
