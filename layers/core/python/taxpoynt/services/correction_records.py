"""The stored side of corrections: which id each planned document gets, and what becomes of those nobody needs now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from taxpoynt.conversion.clock import legal_clock
from taxpoynt.conversion.corrections import Change, Document, Planned
from taxpoynt.domain.inputs import ConversionInputs, Difference, Reading
from taxpoynt.domain.keys import correction_id
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Fault, StoreConflict
from taxpoynt.ports import BlobStore, Clock, SaleRecord, SaleStore
from taxpoynt.services.answer_question import ANSWERED, is_question
from taxpoynt.services.families import OPEN, SENT
from taxpoynt.services.sale_files import inputs_of, put_inputs, put_sale
from taxpoynt.services.steps import HELD, STARTING, codes_of

LETTERS: dict[Document, str] = {"credit_note": "C", "debit_note": "D", "invoice": "R"}
_NAMES: dict[Document, str] = {"credit_note": "a credit note", "debit_note": "a debit note", "invoice": "a new invoice"}
_NUMBER = re.compile(r"(\d+)$")


def question(change: Change) -> Fault:
    """The change in the merchant's words, and what either answer does."""
    what = [_NAMES[one.document] + _over(one) for one in change.documents]
    remedy = f"Issue {' and '.join(what)}, or ignore the change: the invoice then stays as it is."
    return Fault(change.code, "", change.message, remedy)


def refunded(refunds: Sequence[SaleRecord]) -> str:
    """What refunds with records of their own gave back already: the change may say the same once more."""
    sent = [one for one in refunds if one.state in SENT]
    amount = sum((Decimal(one.total or 0) for one in sent), Decimal(0))
    done = f"refunds of {amount:,f} {sent[0].currency} are credited already" if sent else ""
    count = len(refunds) - len(sent)
    open_ones = f"{count} refund{'s are' if count > 1 else ' is'} still to be credited" if count else ""
    told = " and ".join(part for part in (done, open_ones) if part)
    return f"Of this sale {told}: if the change is no more than that, ignore it, or it is credited twice."


def _over(one: Planned) -> str:
    amount = sum((row.base + row.amount for row in one.sale.exact_taxes), Decimal(0))
    return f" over {amount:,f} {one.sale.currency}" if amount else ""


@dataclass(frozen=True, slots=True)
class Corrections:
    """The documents of one source record: `head`, the first one, and `own`, all of them."""

    sales: SaleStore
    blobs: BlobStore
    clock: Clock
    head: SaleRecord
    own: Sequence[SaleRecord]

    def write(
        self, change: Change, wanted: SaleRecord, reading: Reading | None, fault: Fault | None
    ) -> list[SaleRecord]:
        """Each planned document as a record, new or written over an open one; the other open ones are withdrawn."""
        places = self._places(change.documents)
        self.withdraw_open(keep=[sale_id for sale_id, _ in places])
        faults = (fault,) if fault else ()
        return [
            self._write(sale_id, known, planned, (wanted, reading), faults)
            for (sale_id, known), planned in zip(places, change.documents, strict=True)
        ]

    def withdraw_open(self, keep: Sequence[str] = ()) -> None:
        """Not sent, and no longer what the source says."""
        for one in self._open():
            if one.sale_id not in keep:
                gone = replace(one, state=SaleState.WITHDRAWN, faults=(), next_action_at=None)
                self.sales.change(gone, action="change_undone")

    def hold_unreadable(self, wanted: SaleRecord, reading: Reading | None, faults: tuple[Fault, ...]) -> SaleRecord:
        """The source cannot be read any more: held like any other, until it can and tells what changed."""
        sale_id, known = next(self._ids("credit_note"))
        record = self._record(sale_id, wanted, None, "", ConversionInputs(sale_key="", reading=reading))
        held = replace(record, state=SaleState.NEEDS_ATTENTION, faults=faults, next_action_at=self.clock.now() + HELD)
        return self._stored(held, known)

    def _open(self) -> list[SaleRecord]:
        return [one for one in self.own if one.state in OPEN and one.sale_id != self.head.sale_id]

    def _places(self, planned: Sequence[Planned]) -> list[tuple[str, SaleRecord | None]]:
        ids = {letter: self._ids(letter) for letter in LETTERS}
        return [next(ids[one.document]) for one in planned]

    def _ids(self, document: Document) -> Iterator[tuple[str, SaleRecord | None]]:
        """Open ones of this kind first, then numbers nobody ever had."""
        letter = LETTERS[document]
        start = f"{self.head.sale_id}:{letter}"
        numbers = [int(_NUMBER.findall(one.sale_id)[0]) for one in self.own if one.sale_id.startswith(start)]
        for one in self._open():
            if one.sale_id.startswith(start):
                yield one.sale_id, one
        number = max(numbers, default=0)
        while True:
            number += 1
            yield correction_id(self.head.sale_id, letter, number), None

    def _write(
        self,
        sale_id: str,
        known: SaleRecord | None,
        planned: Planned,
        source: tuple[SaleRecord, Reading | None],
        faults: tuple[Fault, ...],
    ) -> SaleRecord:
        sale = planned.sale.model_copy(update={"sale_id": sale_id})
        sale_key = put_sale(self.blobs, self.head.merchant, sale)
        earlier = tuple(one.sale_key for one in self.own if one.state in SENT and one.sale_id != self.head.sale_id)
        difference = Difference(
            original_sale_key=self.head.sale_key,
            changed_sale_key=source[0].sale_key or None,
            earlier_sale_keys=earlier,
        )
        inputs = ConversionInputs(sale_key=sale_key, reading=source[1], difference=difference)
        record = self._record(sale_id, source[0], planned, sale_key, inputs)
        if faults:
            held = self.clock.now() + HELD
            record = replace(record, state=SaleState.NEEDS_ATTENTION, faults=faults, next_action_at=held)
        if known is not None and known.sale_key == sale_key and not self._asked_anew(known, record):
            return self._unchanged(known, record)
        return self._stored(record, known)

    def _asked_anew(self, known: SaleRecord, seen: SaleRecord) -> bool:
        """Does the open question say something else now (a refund was credited since), or is there one at last?"""
        if not seen.faults or known.state is not SaleState.NEEDS_ATTENTION or known.faults == seen.faults:
            return False
        if is_question(known):
            return True
        history = self.sales.history(known.merchant, known.connector, known.sale_id)
        return not any(one.action == ANSWERED for one in history)

    def _unchanged(self, known: SaleRecord, seen: SaleRecord) -> SaleRecord:
        """A question stays a question and work goes on; what was held for another reason is tried again.

        With the source record as it was seen now: the one it was first made from may be kept no more.
        """
        if is_question(known) or known.state is not SaleState.NEEDS_ATTENTION:
            return known
        again = replace(
            known,
            state=SaleState.CLAIMED,
            record_key=seen.record_key,
            inputs_key=seen.inputs_key,
            faults=(),
            attempt=known.attempt + 1,
            invoice_key=None,
            checked_key=None,
            next_action_at=self.clock.now() + STARTING,
        )
        return self.sales.change(again, action="resumed", detail=self._changed_key(seen))

    def _record(
        self, sale_id: str, wanted: SaleRecord, planned: Planned | None, sale_key: str, inputs: ConversionInputs
    ) -> SaleRecord:
        """The claim of a correction: its legal clock is now, what a person supplied for the sale holds for it too."""
        now = self.clock.now()
        return SaleRecord(
            merchant=self.head.merchant,
            connector=self.head.connector,
            sale_id=sale_id,
            connection=wanted.connection,
            account_id=wanted.account_id,
            state=SaleState.CLAIMED,
            clock=legal_clock(now),
            record_key=wanted.record_key,
            sale_key=sale_key,
            inputs_key=put_inputs(self.blobs, self.head.merchant, inputs),
            document=planned.document if planned else "credit_note",
            kind=self.head.kind,
            corrects=(planned.against if planned else None) or self.head.sale_id,
            supplied_key=self.head.supplied_key,
            depends_on=wanted.depends_on,
            next_action_at=now + STARTING,
        )

    def _changed_key(self, record: SaleRecord) -> dict[str, str]:
        """The sale as the source showed it: no field of the record names it, so its entry does, for purge and pack."""
        difference = inputs_of(self.blobs, record).difference
        key = difference.changed_sale_key if difference else None
        return {"changed_sale_key": key} if key else {}

    def _stored(self, record: SaleRecord, known: SaleRecord | None) -> SaleRecord:
        detail = {"codes": codes_of(record.faults), **self._changed_key(record)}
        if known is None:
            stored, first = self.sales.claim(record, action="claimed", detail=detail)
            if not first and stored.sale_key != record.sale_key:
                raise StoreConflict("another look at this source was faster and saw something else: look again")
            return stored
        changed = replace(
            record,
            clock=known.clock,
            version=known.version,
            attempt=known.attempt + 1,
            number=known.number,
            irn=known.irn,
            tries=known.tries,
            in_doubt=known.in_doubt,
            nrs_identity=known.nrs_identity,
            created_at=known.created_at,
        )
        action = "held" if record.faults else "resumed"
        return self.sales.change(changed, action=action, detail=detail)
