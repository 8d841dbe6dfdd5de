"""From a source record to a claimed sale whose conversion is under way: the one path of webhooks, polls and sweeps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from taxpoynt.conversion.clock import lagos_date, legal_clock
from taxpoynt.domain.connection import Connection
from taxpoynt.domain.inputs import ConversionInputs
from taxpoynt.domain.keys import is_correction_id
from taxpoynt.domain.sale import RecordRef, Sale
from taxpoynt.domain.status import AT_NRS, EventOutcome, SaleState
from taxpoynt.errors import BadInput, NotFound, StoreConflict
from taxpoynt.ports import BlobStore, Clock, Connector, SaleRecord, SaleStore, WorkflowStarter
from taxpoynt.retention import first_kept
from taxpoynt.services.correct_sale import CorrectSale, Seen
from taxpoynt.services.families import OPEN, is_own
from taxpoynt.services.final_invoice import irn_stays
from taxpoynt.services.read_record import Look, ReadRecord
from taxpoynt.services.sale_files import put_inputs, put_sale
from taxpoynt.services.same_sale import Met, SameSale, union
from taxpoynt.services.steps import HELD, STARTING, codes_of
from taxpoynt.services.take_back import MIXED, TakeBack, in_flight
from taxpoynt.services.take_same import NEWER, TakeSame, replaced
from taxpoynt.services.taken import HELD_SALE, Taken

KEPT_YEARS = 7
_PLAIN_ID = re.compile(r"[A-Za-z0-9_.:=-]{1,128}")


__all__ = ["HELD_SALE", "TakeRecord", "Taken"]


@dataclass(frozen=True, slots=True)
class TakeRecord:
    """`read` looks at the record."""

    sales: SaleStore
    blobs: BlobStore
    starter: WorkflowStarter
    clock: Clock
    read: ReadRecord
    correct: CorrectSale
    event: str = ""
    """What made us look: stands in the entry of the claim."""

    def because_of(self, event_id: str) -> TakeRecord:
        """The same use case, for one event."""
        return replace(self, event=event_id)

    def __call__(self, connection: Connection, connector: Connector, ref: RecordRef) -> Taken:
        """Fetches, keeps, decides, claims, starts. May be repeated at any point: the claim decides."""
        if not _PLAIN_ID.fullmatch(ref.id) or not _PLAIN_ID.fullmatch(ref.resource) or is_correction_id(ref.id):
            raise BadInput("an id no platform of ours gives")  # it would become part of a path and of keys
        look = self.read(connection, connector, ref)
        ends = [self._taken(look), *self._parts(look)]
        parked = [end for end in ends if end.outcome is EventOutcome.PARKED]
        return replace((parked or ends)[0], news=any(end.news for end in ends))

    def _parts(self, look: Look) -> Iterator[Taken]:
        """What came back in an exchange is a document of its own; one that was made is looked at for ever after."""
        for part, there in look.parts:
            if there or self._known_sale(look.connection, part.id) is not None:
                yield self(look.connection, look.connector, part)

    def _taken(self, look: Look) -> Taken:
        if look.why_none is not None:
            return TakeBack(self.sales, self.read, self.correct, self._same.same, self.event)(look, look.why_none)
        sale, wanted = look.sale, _wanted(look)
        if sale is not None and lagos_date(sale.completed_at) < first_kept(lagos_date(look.asked_at), KEPT_YEARS):
            return Taken(EventOutcome.SKIPPED, "older than what we keep")
        if look.faults or sale is None:
            return self._unreadable(wanted, look)
        if sale.refers_to:
            self._original_first(look.connection, look.connector, sale)
        return self._claim(wanted, sale, look)

    def _original_first(self, connection: Connection, connector: Connector, sale: Sale) -> None:
        """A refund may arrive before its sale: that one is looked at first, if the refund says which record it is."""
        for ref in sale.depends_on:
            if ref.id in sale.refers_to and self._known_sale(connection, ref.id) is None:
                self(connection, connector, ref)

    def _known_sale(self, connection: Connection, sale_id: str) -> SaleRecord | None:
        try:
            return self.sales.get(connection.merchant, connection.connector, sale_id)
        except NotFound:
            return None

    def _claim(self, wanted: SaleRecord, sale: Sale, look: Look) -> Taken:
        sale_key = put_sale(self.blobs, wanted.merchant, sale)
        inputs = ConversionInputs(sale_key=sale_key, reading=look.reading)
        inputs_key = put_inputs(self.blobs, wanted.merchant, inputs)
        wanted = replace(wanted, sale_key=sale_key, inputs_key=inputs_key, next_action_at=self.clock.now() + STARTING)
        met = self._same.meet(wanted, sale, look)
        record, first = self._same.first(wanted, met)
        if not first:
            if _another_accounts(record, wanted):
                return MIXED
            if record.state in AT_NRS:
                return self._changed(record, Seen(wanted, sale, look.reading, look.asked_at))
            met = self._same.meet(wanted, sale, look, record)
            known = self._known(record, wanted, look.asked_at, met)
            if isinstance(known, Taken):
                return known
            record = known
        elif met is not None and met.verdict.word != "go":
            return self._same.told(record, met)
        if met is not None:
            self._same.same.put_out(record.merchant, met.verdict.beaten)
        self.starter.start_conversion(record.merchant, record.connector, record.sale_id, record.attempt)
        return Taken(EventOutcome.INVOICED, "conversion started", record.sale_id, news=first)

    @property
    def _same(self) -> TakeSame:
        return TakeSame(SameSale(self.sales, self.clock), self.event)

    def _changed(self, record: SaleRecord, seen: Seen) -> Taken:
        """NRS has it: the same again is nothing, unless corrections were made of what it said in between."""
        if (end := replaced(record, self._same.same)) is not None:
            return end
        family = self.sales.family(record.merchant, record.connector, record.sale_id)
        if record.sale_key == seen.wanted.sale_key and not any(is_own(one) for one in family):
            return Taken(EventOutcome.SKIPPED, "already invoiced", record.sale_id)
        return self.correct(record, seen)

    def _known(self, record: SaleRecord, wanted: SaleRecord, asked_at: datetime, met: Met | None) -> SaleRecord | Taken:
        """Somebody claimed this sale before: go on with the newest content, or say why not."""
        if met is not None and (end := self._same.again(record, wanted, met, asked_at)) is not None:
            return end
        same = record.sale_key == wanted.sale_key and not (met and met.writes("open"))
        if record.state not in (*OPEN, SaleState.WITHDRAWN):
            if same:
                return Taken(EventOutcome.SKIPPED, "already invoiced", record.sale_id)
            return in_flight(self.sales, record, self.event)
        if record.state in (SaleState.CLAIMED, SaleState.WAITING) and same:
            if record.version > 1 and record.next_action_at and record.next_action_at > self.clock.now():
                return Taken(EventOutcome.INVOICED, "conversion under way", record.sale_id)
            return record
        if not same and record.updated_at and record.updated_at > asked_at:
            raise StoreConflict(NEWER)
        resumed = self._resume(record, wanted, met)
        if met is not None and met.left:
            self._same.same.losers_back(resumed, left_only=True)
        return resumed

    def _resume(self, record: SaleRecord, wanted: SaleRecord, met: Met | None) -> SaleRecord:
        """The legal clock stays frozen, unless the record could not be read at its claim, or was taken back since.

        With an IRN that stays it stays in any case: the date is part of the IRN.
        """
        frozen = irn_stays(record) or (record.sale_key and record.state is not SaleState.WITHDRAWN)
        resumed = replace(
            record,
            state=SaleState.CLAIMED,
            clock=record.clock if frozen else wanted.clock,
            record_key=wanted.record_key,
            sale_key=wanted.sale_key,
            inputs_key=wanted.inputs_key,
            invoice_key=None,
            checked_key=None,
            document=wanted.document,
            corrects=wanted.corrects,
            depends_on=wanted.depends_on,
            attempt=record.attempt + 1,
            faults=(),
            identity=union(record.identity, met.identity) if met else record.identity,
            same_as=None,
            next_action_at=wanted.next_action_at,
        )
        writes = met.writes("open") if met else ()
        return self.sales.change(resumed, action="resumed", detail={"event": self.event}, same=writes)

    def _unreadable(self, wanted: SaleRecord, look: Look) -> Taken:
        """Not a sale yet: held, and looked at again when what it depends on changes."""
        now, faults = self.clock.now(), look.faults
        inputs = ConversionInputs(sale_key="", reading=look.reading)
        wanted = replace(wanted, inputs_key=put_inputs(self.blobs, wanted.merchant, inputs))
        record, first = self.sales.claim(
            replace(wanted, next_action_at=now + STARTING), action="claimed", detail={"event": self.event}
        )
        if not first and _another_accounts(record, wanted):
            return MIXED
        if record.state in AT_NRS:
            return self.correct(record, Seen(wanted, None, look.reading, look.asked_at, faults))
        if record.state not in (*OPEN, SaleState.WITHDRAWN):
            return in_flight(self.sales, record, self.event)
        if not first and record.updated_at and record.updated_at > look.asked_at:
            raise StoreConflict(NEWER)
        if record.state is SaleState.WITHDRAWN:  # won again, and cannot be read: taken up before it is held
            record = self.sales.change(replace(record, state=SaleState.CLAIMED), action="resumed")
        held = replace(
            record,
            state=SaleState.NEEDS_ATTENTION,
            record_key=wanted.record_key,
            inputs_key=wanted.inputs_key,
            depends_on=wanted.depends_on,
            faults=faults,
            next_action_at=now + HELD,
        )
        self.sales.change(held, action="held", detail={"codes": codes_of(faults), "event": self.event})
        return Taken(EventOutcome.PARKED, f"{HELD_SALE}: {codes_of(faults)}", record.sale_id, news=first)


def _another_accounts(record: SaleRecord, wanted: SaleRecord) -> bool:
    """Platforms count ids by account: the claim of another account's record must be left alone."""
    return bool(record.account_id) and record.account_id != wanted.account_id


def _wanted(look: Look) -> SaleRecord:
    """The claim of a sale. One that cannot be read at all goes under its record's id and today's legal clock."""
    sale, now = look.sale, look.asked_at
    return SaleRecord(
        merchant=look.connection.merchant,
        connector=look.connection.connector,
        sale_id=sale.sale_id if sale else look.ref.id,
        connection=look.connection.connection,
        account_id=look.connection.account_id,
        state=SaleState.CLAIMED,
        clock=legal_clock(sale.completed_at if sale else now, now=now),
        record_key=look.record_key or "",
        sale_key="",
        document=sale.document if sale else "invoice",
        corrects=sale.refers_to[0] if sale and sale.refers_to else None,
        depends_on=tuple(dict.fromkeys((look.ref, *(sale.depends_on if sale else ())))),
    )
