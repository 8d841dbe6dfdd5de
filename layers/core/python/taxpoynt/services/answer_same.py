"""A person's answer whether two sales are one, and what becomes of a sale whose winner is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from taxpoynt.conversion.clock import legal_clock
from taxpoynt.conversion.corrections import settled
from taxpoynt.conversion.standing import Issued, left
from taxpoynt.domain.identity import Member, SameKey
from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.errors import BadInput, Rejected, StoreConflict
from taxpoynt.ports import SaleRecord, WorkflowStarter
from taxpoynt.services.answer_question import ANSWERED, Choice, question_id
from taxpoynt.services.families import original_of
from taxpoynt.services.final_invoice import irn_stays
from taxpoynt.services.sale_files import invoice_of
from taxpoynt.services.same_sale import PERSON, SameSale, member_of
from taxpoynt.services.same_words import MAYBE, TAKEN_BACK, name_of
from taxpoynt.services.steps import STARTING, Stores

_WHO = 200
_WHY = 500


def is_same_question(record: SaleRecord) -> bool:
    """Does this sale wait for a person to say whether it is another platform's?"""
    codes = {one.code for one in record.faults}
    return record.state is SaleState.NEEDS_ATTENTION and bool(codes & {MAYBE, TAKEN_BACK})


@dataclass(frozen=True, slots=True)
class AnswerSame:
    """`issue`: it is a sale of its own, or takes the place of the one that is gone. `ignore`: it is not invoiced."""

    stores: Stores
    starter: WorkflowStarter

    def __call__(
        self, merchant: str, connector: str, sale_id: str, *, choice: Choice, seen: str, who: str, why: str
    ) -> SaleRecord:
        """The record afterwards; the same answer once more changes nothing.

        StoreConflict when the question is another one now; Rejected when it was answered the other way, and for taking
        the place of a sale whose invoice still stands at NRS.
        """
        record = self.stores.sales.get(merchant, connector, sale_id)
        if not is_same_question(record):
            return self._answered(record, choice, seen)
        if question_id(record) != seen:
            raise StoreConflict("the question is another one now: show it again")
        rival = self._same.find(merchant, record.same_as or "")
        if rival is None:
            raise StoreConflict("the other sale is not there any more: look at this one again")
        detail = {"choice": choice, "by": who.strip()[:_WHO], "why": why.strip()[:_WHY], "question": seen}
        asked_back = record.faults[0].code == TAKEN_BACK
        if choice == "ignore":
            return self._ended(record, rival, detail, asked_back=asked_back)
        if asked_back and self._stands(rival):
            raise Rejected(f"the invoice of {name_of(rival)} still stands at NRS: credit it first")
        return self._goes_on(record, rival, detail, asked_back=asked_back)

    @property
    def _same(self) -> SameSale:
        return SameSale(self.stores.sales, self.stores.clock)

    def _ended(self, record: SaleRecord, rival: SaleRecord, detail: dict[str, str], *, asked_back: bool) -> SaleRecord:
        """For ever when its winner is gone; else as long as the other sale stands."""
        to = PERSON if asked_back else name_of(rival)
        keys = self._keys(record, rival, lambda mine: replace(mine, state="lost", lost_to=to))
        ended = replace(record, state=SaleState.WITHDRAWN, faults=(), next_action_at=None)
        return self.stores.sales.change(ended, action=ANSWERED, detail=detail, same=keys)

    def _goes_on(
        self, record: SaleRecord, rival: SaleRecord, detail: dict[str, str], *, asked_back: bool
    ) -> SaleRecord:
        """Apart from the other for ever, or in its place, so that the other makes no document any more."""
        name, now = name_of(rival), self.stores.clock.now()
        if asked_back:
            keys = self._in_its_place(record, rival)
        else:
            keys = self._keys(record, rival, lambda mine: replace(mine, apart=(*mine.apart, name)))
        fresh = asked_back and not irn_stays(record)
        wanted = replace(
            record,
            state=SaleState.CLAIMED,
            clock=legal_clock(now) if fresh else record.clock,
            faults=(),
            same_as=None,
            attempt=record.attempt + 1,
            invoice_key=None,
            checked_key=None,
            next_action_at=now + STARTING,
        )
        wanted = self.stores.sales.change(wanted, action=ANSWERED, detail=detail, same=keys)
        self.starter.start_conversion(wanted.merchant, wanted.connector, wanted.sale_id, wanted.attempt)
        return wanted

    def _in_its_place(self, record: SaleRecord, rival: SaleRecord) -> list[SameKey]:
        """This one open again, the other at no key any more: it is never invoiced again beside this one."""
        mine = self._keys(record, rival, lambda mine: replace(mine, state="open", lost_to=None))
        both = {one.key: one for one in (*self._same.leaving(rival), *mine)}
        return [one.without(name_of(rival)) for one in both.values()]

    def _keys(self, record: SaleRecord, rival: SaleRecord, as_now: Callable[[Member], Member]) -> list[SameKey]:
        """The keys where the two meet, with this sale as it is now; where it is no member yet it becomes one."""
        found = []
        for key in self._same.read(record):
            mine = key.member(name_of(record))
            if key.member(name_of(rival)) is not None or mine is not None:
                found.append(key.with_member(as_now(mine or member_of(record, 0))))
        return found

    def _stands(self, rival: SaleRecord) -> bool:
        """Does NRS hold, or may it come to hold, a document of it that is not credited whole?"""
        if rival.state is SaleState.WITHDRAWN:
            return False
        if rival.state not in AT_NRS:
            return True
        sales, blobs = self.stores.sales, self.stores.blobs
        family = [rival, *sales.family(rival.merchant, rival.connector, original_of(rival))]
        at_nrs = [one for one in family if one.state in AT_NRS]
        issued = [
            Issued(one.sale_id, invoice_of(blobs, one), None if one.document == "invoice" else one.corrects)
            for one in at_nrs
        ]
        return any(not settled(left(one, issued)) for one in issued if not one.credit)

    def _answered(self, record: SaleRecord, choice: Choice, seen: str) -> SaleRecord:
        entries = self.stores.sales.history(record.merchant, record.connector, record.sale_id)
        answers = [one.detail for one in entries if one.action == ANSWERED and one.detail.get("question") == seen]
        if not answers:
            raise BadInput("this sale asks nothing")
        if answers[-1]["choice"] != choice:
            raise Rejected(f"this question was answered already: {answers[-1]['choice']}")
        return record
