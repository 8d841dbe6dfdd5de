"""A person's answer to the question what a change after acceptance means: issue the documents, or ignore it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

from taxpoynt.conversion.clock import legal_clock
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import BadInput, Rejected, StoreConflict
from taxpoynt.ports import SaleRecord, WorkflowStarter
from taxpoynt.services.families import original_of
from taxpoynt.services.final_invoice import irn_stays
from taxpoynt.services.steps import STARTING, Stores

Choice = Literal["issue", "ignore"]

ANSWERED = "answered"
QUESTION = "CHANGE-"
_WHO = 200
_WHY = 500


def is_question(record: SaleRecord) -> bool:
    """Does this correction wait for an answer?"""
    return record.state is SaleState.NEEDS_ATTENTION and any(one.code.startswith(QUESTION) for one in record.faults)


def question_id(record: SaleRecord) -> str:
    """Names the question as it stands: another one when the source changes again, the same for all its documents."""
    words = "\n".join(f"{one.code} {one.message}" for one in record.faults)
    return hashlib.sha256(f"{original_of(record)}\n{words}".encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """`issue` starts the conversion; `ignore` withdraws the documents, and the same change is not asked again."""

    stores: Stores
    starter: WorkflowStarter

    def __call__(
        self, merchant: str, connector: str, sale_id: str, *, choice: Choice, seen: str, who: str, why: str
    ) -> SaleRecord:
        """The record afterwards. All open questions of one source record are one question and get the same answer.

        seen: question_id as it was shown. StoreConflict when it is another one now; Rejected when it was answered the
        other way; BadInput without a reason and for a sale that asks nothing; NotFound for an unknown one.
        """
        if choice not in ("issue", "ignore") or not who.strip() or not why.strip():
            raise BadInput("an answer is issue or ignore, with who and why")
        record = self.stores.sales.get(merchant, connector, sale_id)
        detail = {"choice": choice, "by": who.strip()[:_WHO], "why": why.strip()[:_WHY], "question": seen}
        if not is_question(record):
            return self._answered(record, choice, seen)
        if question_id(record) != seen:
            raise StoreConflict("the question is another one now: show it again")
        family = self.stores.sales.family(merchant, connector, original_of(record))
        for one in family:  # a first try may have come to an end between two of them
            if self._choice(one, seen) not in (None, choice):
                raise Rejected("this question was answered the other way already")
        for one in family:
            if one.sale_id != sale_id and one.faults == record.faults and is_question(one):
                self._answer(one, choice, detail)
        return self._answer(record, choice, detail)

    def _answer(self, record: SaleRecord, choice: Choice, detail: dict[str, str]) -> SaleRecord:
        now = self.stores.clock.now()
        if choice == "ignore":
            ignored = replace(record, state=SaleState.WITHDRAWN, faults=(), next_action_at=None)
            return self.stores.sales.change(ignored, action=ANSWERED, detail=detail)
        wanted = replace(
            record,
            state=SaleState.CLAIMED,
            clock=record.clock if irn_stays(record) else legal_clock(now),
            faults=(),
            attempt=record.attempt + 1,
            next_action_at=now + STARTING,
        )
        wanted = self.stores.sales.change(wanted, action=ANSWERED, detail=detail)
        self.starter.start_conversion(wanted.merchant, wanted.connector, wanted.sale_id, wanted.attempt)
        return wanted

    def _answered(self, record: SaleRecord, choice: Choice, seen: str) -> SaleRecord:
        """The same answer once more changes nothing; it may have come twice, or its first answer got lost."""
        answered = self._choice(record, seen)
        if answered is None:
            raise BadInput("this sale asks nothing")
        if answered != choice:
            raise Rejected(f"this question was answered already: {answered}")
        return record

    def _choice(self, record: SaleRecord, seen: str) -> str | None:
        """The last answer to this question about this document."""
        entries = self.stores.sales.history(record.merchant, record.connector, record.sale_id)
        answers = [one.detail for one in entries if one.action == ANSWERED and one.detail.get("question") == seen]
        return answers[-1]["choice"] if answers else None
