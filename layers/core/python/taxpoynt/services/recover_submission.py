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
MAX_TRIES = 120
"""Half an hour to an hour each after the first few: 56 hours at the very least, more than an outage may last (P8)."""


@dataclass(frozen=True, slots=True)
class RecoverSubmission:
    """`jitter` gives a number in [0, 1)."""

    submission: Submission
    jitter: Callable[[], float]

    def __call__(self, merchant: str, connector: str, sale_id: str, run: int = 0) -> Answer:
        """`settled`, and else how long to wait and whether a person must now look (`gave_up`); raises refusals.

        run: what the call before answered, 0 for the first call of a machine, which takes the sale over: a machine
        that comes back to a sale somebody else drives by now answers settled and ends.
        """
        sales = self.submission.stores.sales
        record = sales.get(merchant, connector, sale_id)
        if not in_state(record, SaleState.RESERVED, SaleState.SUBMITTING, SaleState.UNKNOWN):
            return _answer(settled=True)
        if run and record.attempt != run:
            return _answer(settled=True)
        if not run:
            record = self._take_over(record)
        tries = record.tries
        try:
            self.submission.drive(record)
        except Retryable as error:
            return self._wait(sales.get(merchant, connector, sale_id), tries, error)
        return _answer(settled=True)

    def _take_over(self, record: SaleRecord) -> SaleRecord:
        stores = self.submission.stores
        mine = replace(record, attempt=record.attempt + 1, next_action_at=stores.clock.now() + UNDER_WAY)
        return stores.sales.change(mine, action="recovering")

    def _wait(self, record: SaleRecord, tries: int, error: Retryable) -> Answer:
        """Notes the try and leaves the sale to this machine until after the wait, whatever state it is in."""
        seconds = self._seconds(record.tries, error.retry_after)
        stores = self.submission.stores
        if in_state(record, SaleState.RESERVED, SaleState.SUBMITTING, SaleState.UNKNOWN):
            until = stores.clock.now() + timedelta(seconds=seconds) + UNDER_WAY
            tried = replace(record, tries=max(record.tries, tries + 1), next_action_at=until)
            record = stores.sales.change(tried, action="not_settled", detail={"why": type(error).__name__})
        gave_up = record.tries >= MAX_TRIES
        return _answer(settled=False, wait_seconds=seconds, gave_up=gave_up, run=record.attempt)

    def _seconds(self, tries: int, retry_after: float | None) -> int:
        """Between half and all of 30 s, 60 s, … one hour; never less than the other side asked for."""
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries, 10))
        return max(int(longest * (0.5 + self.jitter() / 2)), int(min(retry_after or 0, LONGEST_WAIT)))


def _answer(*, settled: bool, wait_seconds: int = 0, gave_up: bool = False, run: int = 0) -> Answer:
    return {"settled": settled, "wait_seconds": wait_seconds, "gave_up": gave_up, "run": run}
