"""One sale as a person sees it who has to clear it: what is wrong, where to mend it, what to supply, what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from taxpoynt.conversion.suppliable import asked_for, index_of
from taxpoynt.domain.inputs import Reading
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.sale import RecordRef, Sale
from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.domain.supplied import SuppliedValue
from taxpoynt.errors import BadInput, Fault, FaultsFound, NotFound, Rejected
from taxpoynt.ports import Connector, HistoryEntry, SaleRecord, SourceField
from taxpoynt.services.answer_question import AnswerQuestion, Choice, is_question, question_id
from taxpoynt.services.answer_same import AnswerSame, is_same_question
from taxpoynt.services.families import original_of
from taxpoynt.services.jobs import source_of
from taxpoynt.services.sale_files import inputs_of, invoice_of, sale_of, supplied_of
from taxpoynt.services.steps import Stores
from taxpoynt.services.supply_value import SupplyValue, of_conversion

PAGE = 100
MOST_HELD = 500
"""As many as a page can show and a request can read; the page says when there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultShown:
    """A fault, where it is mended in the platform, and the paths a person may supply for it instead."""

    fault: Fault
    where: SourceField | None
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSales:
    """What waits for the merchant, the most urgent first. `more`: there are others beyond these."""

    records: list[SaleRecord]
    more: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleShown:
    """`sale` and `invoice` are None while there is none; `question` names an open question about a change."""

    record: SaleRecord
    faults: tuple[FaultShown, ...]
    sale: Sale | None
    invoice: Invoice | None
    supplied: tuple[SuppliedValue, ...]
    history: list[HistoryEntry]
    family: list[SaleRecord]
    question: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class AttendSale:
    """For the merchant's pages, the console and the API alike; ids of other merchants are NotFound."""

    stores: Stores
    connector: Callable[[str], Connector]
    supplying: SupplyValue
    answering: AnswerQuestion

    def held(self, merchant: str) -> HeldSales:
        """Every held sale, earliest due time first."""
        found: list[SaleRecord] = []
        cursor: str | None = None
        while len(found) < MOST_HELD:
            page, cursor = self.stores.sales.list_sales(
                merchant, limit=PAGE, cursor=cursor, state=SaleState.NEEDS_ATTENTION
            )
            found += page
            if cursor is None:
                break
        found.sort(key=lambda record: (record.clock.due_at, record.sale_id))
        return HeldSales(records=found, more=cursor is not None, now=self.stores.clock.now())

    def show(self, merchant: str, connector: str, sale_id: str) -> SaleShown:
        """Everything about one sale."""
        sales, blobs = self.stores.sales, self.stores.blobs
        record = sales.get(merchant, connector, sale_id)
        sale = sale_of(blobs, record) if record.sale_key else None
        return SaleShown(
            record=record,
            faults=self._faults(record, sale),
            sale=sale,
            invoice=invoice_of(blobs, record) if record.invoice_key else None,
            supplied=supplied_of(blobs, record).values,
            history=sales.history(merchant, connector, sale_id),
            family=[one for one in self._family(record) if one.sale_id != sale_id],
            question=question_id(record) if is_question(record) or is_same_question(record) else None,
            now=self.stores.clock.now(),
        )

    def record(self, merchant: str, connector: str, sale_id: str) -> SaleRecord:
        """The record alone."""
        return self.stores.sales.get(merchant, connector, sale_id)

    def faults_of(self, record: SaleRecord) -> tuple[FaultShown, ...]:
        """The faults of a record as it was listed."""
        return self._faults(record, sale_of(self.stores.blobs, record) if record.sale_key else None)

    def _faults(self, record: SaleRecord, sale: Sale | None) -> tuple[FaultShown, ...]:
        """The faults of a record with where and what to supply."""
        reading = inputs_of(self.stores.blobs, record).reading
        platform = self.connector(record.connector)
        shown = []
        for fault in record.faults:
            refs = _refs(record, sale, fault.path)
            helps = sale is not None and record.state not in AT_NRS and of_conversion(fault)
            asks = asked_for(fault.path, fault.code) if helps else ()
            where = _where(platform, fault.path, refs, reading)
            shown.append(FaultShown(fault=fault, where=where, asks=asks))
        return tuple(shown)

    def supply(
        self, merchant: str, connector: str, sale_id: str, values: Mapping[str, str], *, who: str, why: str, by: str
    ) -> SaleRecord:
        """See SupplyValue."""
        record = self.stores.sales.get(merchant, connector, sale_id)
        if is_question(record) or is_same_question(record):
            raise Rejected("this is a question: answer it instead")
        return self.supplying(merchant, connector, sale_id, values, who=who, why=why, by=by)

    def answer(
        self, merchant: str, connector: str, sale_id: str, *, choice: str, seen: str, who: str, why: str
    ) -> SaleRecord:
        """`issue` or `ignore`; BadInput for another choice, or without who and why. See AnswerQuestion."""
        known: dict[str, Choice] = {"issue": "issue", "ignore": "ignore"}
        if choice not in known:
            raise BadInput("choose one of the two answers")
        for name, text in (("your name", who), ("the reason", why)):
            if not text.strip() or not text.isprintable():
                raise BadInput(f"give {name}")
        record = self.stores.sales.get(merchant, connector, sale_id)
        about_same = any(fault.code.startswith("SAME-") for fault in record.faults) or bool(record.identity)
        answering = AnswerSame(self.stores, self.answering.starter) if about_same else self.answering
        return answering(merchant, connector, sale_id, choice=known[choice], seen=seen, who=who, why=why)

    def document(self, merchant: str, connector: str, sale_id: str, kind: str) -> bytes:
        """A rendered document (`pdf`, `receipt`, `ubl`, `qr`, `stamp`); Rejected until it exists."""
        key = self.stores.sales.get(merchant, connector, sale_id).documents.get(kind)
        if key is None:
            raise Rejected("this document is not ready yet")
        return self.stores.blobs.get(key)

    def family(self, merchant: str, connector: str, sale_id: str) -> list[SaleRecord]:
        """The sale a document belongs to and everything made from or against it, oldest first."""
        return self._family(self.stores.sales.get(merchant, connector, sale_id))

    def _family(self, record: SaleRecord) -> list[SaleRecord]:
        merchant, connector, original = record.merchant, record.connector, original_of(record)
        made = self.stores.sales.family(merchant, connector, original)
        try:
            return [self.stores.sales.get(merchant, connector, original), *made]
        except NotFound:
            return made  # a refund may come before the sale it refunds


def _refs(record: SaleRecord, sale: Sale | None, path: str) -> Sequence[RecordRef]:
    """The records behind a sale; its own first, and for a line also the line's product."""
    refs = dict.fromkeys((source_of(record), *record.depends_on, *(sale.depends_on if sale else ())))
    number = path.removeprefix("lines[").partition("]")[0]
    if sale and path.startswith("lines[") and number.isdecimal():
        index = index_of(sale, int(number[:4]))
        product = sale.lines[index].product_id if index is not None else None
        if product:
            refs[RecordRef(resource="product", id=product)] = None
    return tuple(refs)


def _where(platform: Connector, path: str, refs: Sequence[RecordRef], reading: Reading | None) -> SourceField | None:
    """By the rules that the record was read with."""
    if reading is None:
        return platform.locate(path, refs, account={}, mapping={})
    account, operator = reading.account, reading.operator_mapping
    try:
        return platform.locate(path, refs, account=account, mapping=reading.mapping, operator=operator)
    except FaultsFound:
        return platform.locate(path, refs, account=account, mapping={})  # rules that are none lead nowhere
