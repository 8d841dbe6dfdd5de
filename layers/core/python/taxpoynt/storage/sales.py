"""The durable state of every sale, in the invoices table (docs/decisions/0003).

One partition per sale: nothing is shared between two sales, so nothing is hot. Every change is one transaction:
the state item over the version that was read, its history entry, and what else must hold with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from taxpoynt.domain.identity import SameKey
from taxpoynt.domain.keys import key, root_of, sale_key
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import SaleState, may_follow
from taxpoynt.errors import ContentConflict, NotFound, Rejected, StoreConflict
from taxpoynt.ports import Clock, Credit, HistoryEntry, LegalWatch, SaleRecord
from taxpoynt.storage import families, history, outbox, same_keys
from taxpoynt.storage.items import up_to
from taxpoynt.storage.legal_index import legal_watch
from taxpoynt.storage.sale_items import (
    DUE_SHARDS,
    STATE,
    due_pk,
    held_items,
    is_held,
    pk_of,
    record_of,
    state_item,
    watch_pk,
)
from taxpoynt.storage.sale_lists import SaleLists
from taxpoynt.storage.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RESERVATION = "RESERVATION"


class DynamoSaleStore:
    """ports.SaleStore."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, clock: Clock) -> None:
        self._table = Table(dynamodb, table)
        self._clock = clock
        self._lists = SaleLists(self._table)
        self.list_sales = self._lists.list_sales

    def claim(
        self,
        record: SaleRecord,
        *,
        action: str,
        detail: Mapping[str, str] | None = None,
        same: Sequence[SameKey] = (),
    ) -> tuple[SaleRecord, bool]:
        """Creates the state item; exactly one caller ever gets True. Claims never expire."""
        now = self._clock.now()
        new = replace(record, version=1, created_at=now, updated_at=now)
        first = history.entry(
            pk_of(new),
            sequence=1,
            at=now,
            before=None,
            after=new.state,
            action=action,
            detail={"attempt": str(new.attempt), **history.produced(None, new), **(detail or {})},
            previous_hash=history.FIRST,
        )
        item = state_item(new, history_hash=first.hash)  # refuses an id that is no key, before anything is written
        self._lists.mark_day(new)
        puts = [self._table.put_request(item, only_if="attribute_not_exists(pk)"), *self._entry_puts(new, first)]
        if (member := families.member(new)) is not None:
            puts.append(self._table.put_request(member))
        if is_held(new):
            puts += [self._table.put_request(one) for one in held_items(new)]
        puts += same_keys.puts(self._table, new.merchant, same)
        try:
            self._table.transact(puts=puts)
        except StoreConflict:
            existing = self._read(record.merchant, record.connector, record.sale_id)
            if existing is None:  # a conflict with another transaction that did not come through
                raise
            return record_of(existing), False
        return new, True

    def get(self, merchant: str, connector: str, sale_id: str) -> SaleRecord:
        """The sale as it is now; NotFound otherwise."""
        item = self._read(merchant, connector, sale_id)
        if item is None:
            raise NotFound("no such sale")
        return record_of(item)

    def same_keys(self, merchant: str, keys: Sequence[SameKey]) -> list[SameKey]:
        """One read of all of them."""
        return same_keys.read(self._table, merchant, keys)

    def change(
        self,
        record: SaleRecord,
        *,
        action: str,
        detail: Mapping[str, str] | None = None,
        same: Sequence[SameKey] = (),
    ) -> SaleRecord:
        """One step of the life of a sale."""
        return self._write(record, action, detail or {}, same_keys.puts(self._table, record.merchant, same))

    def reserve(
        self, record: SaleRecord, *, action: str, credit: Credit | None = None, same: Sequence[SameKey] = ()
    ) -> SaleRecord:
        """The step that takes IRN, number and credit; ContentConflict when another sale holds one of the first two."""
        if not record.irn or not record.number:
            raise Rejected("nothing to reserve")
        keys = [key("M", record.merchant, "IRN", record.irn), key("M", record.merchant, "NUMBER", record.number)]
        us, free = pk_of(record), "attribute_not_exists(pk) OR holder = :us"
        reservations = [{"pk": pk, "sk": RESERVATION, "holder": us} for pk in keys]
        puts = [self._table.put_request(one, only_if=free, us=us) for one in reservations]
        if credit is not None:
            puts.append(families.taken(self._table, record, credit))
        puts += same_keys.puts(self._table, record.merchant, same)
        try:
            return self._write(record, action, {"irn": record.irn, "number": record.number}, puts)
        except StoreConflict:
            for taken in self._table.get_many([(pk, RESERVATION) for pk in keys]):
                if taken["holder"] != us:
                    raise ContentConflict("another sale holds this IRN or number") from None
            raise

    def family(self, merchant: str, connector: str, sale_id: str) -> list[SaleRecord]:
        """The other documents of the source record, as they were made."""
        condition = "pk = :pk AND begins_with(sk, :prefix)"
        pk = sale_key(merchant, connector, root_of(sale_id))
        found = self._table.query_all(condition, pk=pk, prefix=families.FAMILY)
        keys = [(sale_key(merchant, connector, str(item["sale_id"])), STATE) for item in found]
        records = [record_of(item) for item in self._table.get_many(keys)]
        return sorted(records, key=families.by_age)

    def find_by_irn(self, merchant: str, irn: str) -> SaleRecord:
        """The sale an IRN was reserved for; NotFound otherwise."""
        reservation = self._table.get(key("M", merchant, "IRN", irn), RESERVATION)
        item = self._table.get(reservation["holder"], STATE) if reservation else None
        if item is None:
            raise NotFound("no such IRN")
        return record_of(item)

    def held_by(self, merchant: str, connector: str, ref: RecordRef) -> list[str]:
        """Sales that need attention and depend on `ref`; a watch that outlived its sale's trouble is passed over."""
        pk = watch_pk(merchant, connector, ref)
        ids = [str(item["sale_id"]) for item in self._table.query_all("pk = :pk", pk=pk)]
        items = self._table.get_many([(sale_key(merchant, connector, one), STATE) for one in ids])
        held = [record_of(item) for item in items if item["sale_state"] == SaleState.NEEDS_ATTENTION.value]
        return [record.sale_id for record in held if ref in record.depends_on]

    def due(self, now: datetime, *, limit: int) -> list[SaleRecord]:
        """What is due, oldest legal due time first. Reads one page (1 MB, some 4,000 keys) of each shard at most."""
        keys: list[tuple[str, str]] = []
        for number in range(DUE_SHARDS):
            page, _ = self._table.query(
                "due_pk = :pk AND due_sk <= :now", index="by_due", pk=due_pk(number), now=up_to(now)
            )
            keys += [(str(item["legal_due_at"]), str(item["pk"])) for item in page]
        items = self._table.get_many([(pk, STATE) for _, pk in sorted(keys)[:limit]])
        records = [record_of(item) for item in items]
        return [one for one in records if one.next_action_at and one.next_action_at <= now]

    def legal_watch(self, now: datetime) -> LegalWatch:
        """How what NRS does not hold yet stands to the law."""
        return legal_watch(self._table, now)

    def history(self, merchant: str, connector: str, sale_id: str) -> list[HistoryEntry]:
        """Every entry, oldest first; NotFound for an unknown sale."""
        condition = "pk = :pk AND begins_with(sk, :prefix)"
        pk = sale_key(merchant, connector, sale_id)
        entries = [history.entry_from(item) for item in self._table.query_all(condition, pk=pk, prefix="HISTORY#")]
        if not entries:
            raise NotFound("no such sale")
        return entries

    def _read(self, merchant: str, connector: str, sale_id: str) -> dict[str, Any] | None:
        return self._table.get(sale_key(merchant, connector, sale_id), STATE)

    def _write(
        self, record: SaleRecord, action: str, detail: Mapping[str, str], more: Sequence[dict[str, Any]]
    ) -> SaleRecord:
        before = self._read(record.merchant, record.connector, record.sale_id)
        if before is None:
            raise NotFound("no such sale")
        if before["version"] != record.version:
            raise StoreConflict("this sale was changed meanwhile")
        was = SaleState(before["sale_state"])
        if not may_follow(was, record.state):
            raise Rejected(f"a sale does not go from {was.value} to {record.state.value}")
        new = replace(record, version=record.version + 1, updated_at=self._clock.now())
        added = history.entry(
            pk_of(new),
            sequence=new.version,
            at=new.updated_at or self._clock.now(),
            before=was,
            after=new.state,
            action=action,
            detail={**history.produced(record_of(before), new), **detail},
            previous_hash=before["history_hash"],
        )
        over = self._table.put_request(
            state_item(new, history_hash=added.hash), only_if="version = :was", was=record.version
        )
        puts, deletes = self._held(record_of(before), new)
        puts += self._places(record_of(before), new)
        puts += families.given_back(self._table, record_of(before), new)
        self._table.transact(puts=[over, *self._entry_puts(new, added), *more, *puts], deletes=deletes)
        return new

    def _places(self, was: SaleRecord, new: SaleRecord) -> list[dict[str, Any]]:
        """Where lists, purge and relatives find it: a day or an original may be known only after the claim."""
        if new.clock.issue_date != was.clock.issue_date:
            self._lists.mark_day(new)
        member = families.member(new)
        return [self._table.put_request(member)] if member and member != families.member(was) else []

    def _entry_puts(self, record: SaleRecord, one: HistoryEntry) -> list[dict[str, Any]]:
        """The entry in the sale's own history, and the same on its way into the merchant's ledger."""
        item = {"pk": pk_of(record), "sk": f"HISTORY#{one.sequence:06}", **history.entry_fields(one)}
        waiting = outbox.item(record.merchant, history.ledger_entry(pk_of(record), one))
        return [self._table.put_request(item, only_if="attribute_not_exists(pk)"), self._table.put_request(waiting)]

    def _held(self, was: SaleRecord, new: SaleRecord) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What goes with entering or leaving needs_attention: the place in the held list, and the watches."""
        if is_held(new):
            return [self._table.put_request(item) for item in held_items(new)], []
        if is_held(was):
            return [], [self._table.delete_request(item["pk"], item["sk"]) for item in held_items(was)]
        return [], []
