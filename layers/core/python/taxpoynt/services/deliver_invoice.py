"""After acceptance: the document reaches its buyer, and NRS hears of payments. One attempt; the machine waits between.

Acts while something is open and else at most says that nothing is due, so it may be started as often as anybody likes:
by the conversion, by a notice of NRS, by the sweeper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from taxpoynt.domain.source import read_json
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Retryable
from taxpoynt.ports import NrsDesk, SaleRecord
from taxpoynt.services.exchange import FAILED, FAILED_PAUSE, OPEN, Exchange
from taxpoynt.services.payments import Payments
from taxpoynt.services.sale_files import body_of
from taxpoynt.services.steps import UNDER_WAY, Answer, Stores, in_state

FIRST_WAIT = 20
LONGEST_WAIT = 6 * 3600
LAST_TURN = 45
"""Turns of one machine: growing to six hours in half a day, then three to six hours each: a week or more in all."""


@dataclass(frozen=True, slots=True)
class DeliverInvoice:
    """`jitter` gives a number in [0, 1)."""

    stores: Stores
    nrs: NrsDesk
    jitter: Callable[[], float]

    def __call__(self, merchant: str, connector: str, sale_id: str, run: int = 0, turn: int = 0) -> Answer:
        """`settled`, else how long to wait and whether a person must look (`gave_up`); `run`, `turn` for the next call.

        run 0 takes the sale over; a machine that comes back to a sale somebody else drives by now answers settled.
        """
        record = self.stores.sales.get(merchant, connector, sale_id)
        if record.look_again or (run and record.attempt != run):
            return _answer(settled=True)  # the sweeper looks at its changed source first, and then starts this
        if not _open(record):
            return self._rest(record) if in_state(record, SaleState.COMPLETED) else _answer(settled=True)
        if not run:
            record = self._take_over(record)
        faults = record.faults
        try:
            record = self._attempt(record)
        except Retryable as error:
            record = self.stores.sales.get(merchant, connector, sale_id)
            return self._wait(record, turn, error.retry_after or 0.0)
        if record.delivery == FAILED and record.state is SaleState.DELIVERING:
            return self._tell(record)
        if record.faults and record.faults != faults:
            return self._tell(record)
        return self._wait(record, turn, 0.0) if _waits(record) else self._rest(record)

    def _attempt(self, record: SaleRecord) -> SaleRecord:
        sent = read_json(body_of(self.stores.blobs, record))
        nrs = self.nrs(record.merchant, record.nrs_identity)  # where it was registered
        if record.delivery in OPEN:
            record = Exchange(self.stores, nrs, sent).advance(record)
        return Payments(self.stores, nrs, sent).tell(record)

    def _take_over(self, record: SaleRecord) -> SaleRecord:
        mine = replace(record, attempt=record.attempt + 1, next_action_at=self.stores.clock.now() + UNDER_WAY)
        return self.stores.sales.change(mine, action="following")

    def _wait(self, record: SaleRecord, turn: int, asked: float) -> Answer:
        """Leaves the sale to this machine until after the wait; after the last turn the delivery is told as it is."""
        if turn >= LAST_TURN:
            return self._give_up(record)
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(turn, 11))
        seconds = max(int(longest * (0.5 + self.jitter() / 2)), int(min(asked, LONGEST_WAIT)))
        until = self.stores.clock.now() + timedelta(seconds=seconds) + UNDER_WAY
        record = self.stores.sales.change(replace(record, next_action_at=until), action="followed")
        return _answer(settled=False, wait_seconds=seconds, run=record.attempt, turn=turn + 1)

    def _give_up(self, record: SaleRecord) -> Answer:
        """The exchange stays as NRS told it last; a payment NRS does not know is never dropped: a person is told."""
        detail = {"delivery": str(record.delivery), "payment": str(record.payment_wanted)}
        owed = record.payment_wanted is not None or record.payment_in_doubt
        tomorrow = self.stores.clock.now() + FAILED_PAUSE if owed else None
        done = replace(record, state=SaleState.COMPLETED, next_action_at=tomorrow)
        self.stores.sales.change(done, action="delivery_given_up", detail=detail)
        return _answer(settled=not owed, gave_up=owed, run=record.attempt)

    def _tell(self, record: SaleRecord) -> Answer:
        """A person is told; what failed on its way to the buyer is tried again tomorrow."""
        tomorrow = self.stores.clock.now() + FAILED_PAUSE if _waits(record) else None
        self.stores.sales.change(replace(record, next_action_at=tomorrow), action="operator_told")
        return _answer(settled=False, gave_up=True, run=record.attempt)

    def _rest(self, record: SaleRecord) -> Answer:
        if record.next_action_at is not None:
            self.stores.sales.change(replace(record, next_action_at=None), action="settled")
        return _answer(settled=True)


def _open(record: SaleRecord) -> bool:
    """Is there something to deliver or to tell?"""
    if not in_state(record, SaleState.DELIVERING, SaleState.COMPLETED):
        return False
    return record.delivery in OPEN or record.payment_wanted is not None or record.payment_in_doubt


def _waits(record: SaleRecord) -> bool:
    """Open, and not given up."""
    return _open(record) and not (record.state is SaleState.COMPLETED and record.delivery == FAILED)


def _answer(*, settled: bool, wait_seconds: int = 0, gave_up: bool = False, run: int = 0, turn: int = 0) -> Answer:
    return {"settled": settled, "wait_seconds": wait_seconds, "gave_up": gave_up, "run": run, "turn": turn}
