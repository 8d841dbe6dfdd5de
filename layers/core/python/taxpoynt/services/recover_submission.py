"""One attempt to settle an unknown outcome; the state machine waits between attempts and never gives up silently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Retryable
from taxpoynt.ports import SaleRecord
from taxpoynt.services.steps import UNDER_WAY, Answer, in_state
from taxpoynt.services.submission import Submission

FIRST_WAIT = 30
LONGEST_WAIT = 3600
MAX_TRIES = 72
"""About an hour of growing waits, then hourly: some 65 hours at least, more than the 48 h an outage may last (P8)."""


@dataclass(frozen=True, slots=True)
class RecoverSubmission:
    """`jitter` gives a number in [0, 1)."""

    submission: Submission
    jitter: Callable[[], float]

    def __call__(self, merchant: str, connector: str, sale_id: str) -> Answer:
        """`settled`, and else how long to wait and whether a person must now look (`gave_up`); raises refusals."""
        sales = self.submission.stores.sales
        record = sales.get(merchant, connector, sale_id)
        if not in_state(record, SaleState.RESERVED, SaleState.SUBMITTING, SaleState.UNKNOWN):
            return _answer(settled=True)
        try:
            self.submission.drive(record)
        except Retryable as error:
            return self._wait(sales.get(merchant, connector, sale_id), error)
        return _answer(settled=True)

    def _wait(self, record: SaleRecord, error: Retryable) -> Answer:
        """Notes the try and leaves the sale to this machine until after the wait."""
        seconds = self._seconds(record.tries, error.retry_after)
        stores = self.submission.stores
        until = stores.clock.now() + timedelta(seconds=seconds) + UNDER_WAY
        if in_state(record, SaleState.SUBMITTING, SaleState.UNKNOWN):
            tried = replace(record, tries=record.tries + 1, next_action_at=until)
            stores.sales.change(tried, action="not_settled", detail={"why": type(error).__name__})
        return _answer(settled=False, wait_seconds=seconds, gave_up=record.tries >= MAX_TRIES)

    def _seconds(self, tries: int, retry_after: float | None) -> int:
        """Between half and all of 30 s, 60 s, … one hour; never less than the other side asked for."""
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries, 10))
        return max(int(longest * (0.5 + self.jitter() / 2)), int(min(retry_after or 0, LONGEST_WAIT)))


def _answer(*, settled: bool, wait_seconds: int = 0, gave_up: bool = False) -> Answer:
    return {"settled": settled, "wait_seconds": wait_seconds, "gave_up": gave_up}
