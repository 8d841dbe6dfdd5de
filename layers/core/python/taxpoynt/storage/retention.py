"""Holds and erasures in the connections table; days and sales past their period in the invoices table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from taxpoynt.domain.keys import SEPARATOR, key
from taxpoynt.ports import SaleRecord
from taxpoynt.ports.retention import Act, SaleDay
from taxpoynt.storage import cursors, same_keys
from taxpoynt.storage.sale_items import DAYS, STATE, day_pk, days_pk, pk_of, record_of
from taxpoynt.storage.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HOLD, ERASURES, LEDGER_FROM = "HOLD", "ERASURES", "LEDGER_FROM"


class DynamoRetentionStore:
    """ports.RetentionStore. No query here reads more than a page, and nothing is scanned."""

    def __init__(self, dynamodb: DynamoDBClient, connections: str, invoices: str) -> None:
        self._connections = Table(dynamodb, connections)
        self._invoices = Table(dynamodb, invoices)

    def hold(self, merchant: str) -> Act | None:
        """A consistent read: a hold counts from the moment it was ordered."""
        return _act(self._connections.get(key("M", merchant), HOLD))

    def put_hold(self, hold: Act) -> None:
        """Writes or replaces it."""
        self._connections.put({"pk": key("M", hold.merchant), "sk": HOLD, **_fields(hold)})

    def lift_hold(self, merchant: str) -> None:
        """Deletes it, there or not."""
        self._connections.delete(key("M", merchant), HOLD)

    def ask_erasure(self, erasure: Act) -> None:
        """The one partition of all erasures: they are rare."""
        self._connections.put({"pk": ERASURES, "sk": erasure.merchant, **_fields(erasure)})

    def erasure(self, merchant: str) -> Act | None:
        """The one that is not done yet."""
        return _act(self._connections.get(ERASURES, merchant))

    def erasures(self, *, limit: int) -> list[Act]:
        """The first `limit` that are not done."""
        items, _ = self._connections.query("pk = :pk", pk=ERASURES, limit=limit)
        return [act for item in items if (act := _act(item))]

    def erased(self, merchant: str) -> None:
        """It is done."""
        self._connections.delete(ERASURES, merchant)

    def days_before(self, day: date, *, limit: int, cursor: str | None) -> tuple[list[SaleDay], str | None]:
        """One page of the index."""
        start = cursors.start_in(cursors.read(cursor), "due_pk", DAYS) if cursor else None
        items, more = self._invoices.query(
            "due_pk = :pk AND due_sk < :day", index="by_due", pk=DAYS, day=day.isoformat(), limit=limit, start=start
        )
        days = [
            SaleDay(merchant=str(item["pk"]).split(SEPARATOR)[1], day=date.fromisoformat(item["sk"])) for item in items
        ]
        return days, cursors.write({"start": more}) if more else None

    def sales_of(self, day: SaleDay, *, limit: int) -> list[SaleRecord]:
        """Those that are still there: the index may lag behind a deletion."""
        page, _ = self._invoices.query("day_pk = :pk", index="by_day", pk=day_pk(day.merchant, day.day), limit=limit)
        items = self._invoices.get_many([(item["pk"], STATE) for item in page])
        return [record_of(item) for item in items]

    def forget_sale(self, record: SaleRecord) -> None:
        """History and reservations first: while the state item is there, the next run finds the rest."""
        pk = pk_of(record)
        for item in list(self._invoices.query_all("pk = :pk", pk=pk)):
            if item["sk"] != STATE:
                self._invoices.delete(pk, item["sk"])
        for kind, value in (("IRN", record.irn), ("NUMBER", record.number)):
            if value:
                free = "attribute_not_exists(pk) OR holder = :us"
                self._invoices.delete(key("M", record.merchant, kind, value), "RESERVATION", only_if=free, us=pk)
        same_keys.forget(self._invoices, record.merchant, record.identity, f"{record.connector}/{record.sale_id}")
        self._invoices.delete(pk, STATE, only_if="attribute_not_exists(pk) OR version = :was", was=record.version)

    def forget_day(self, day: SaleDay) -> None:
        """Its marker."""
        self._invoices.delete(days_pk(day.merchant), day.day.isoformat())

    def ledger_from(self, merchant: str) -> int:
        """Beside the holds, so that it outlives every sale."""
        item = self._connections.get(key("M", merchant), LEDGER_FROM)
        return int(item["number"]) if item else 1

    def set_ledger_from(self, merchant: str, number: int) -> None:
        """Where the next purge goes on."""
        self._connections.put({"pk": key("M", merchant), "sk": LEDGER_FROM, "number": number})


def _fields(act: Act) -> dict[str, Any]:
    return asdict(act)


def _act(item: Mapping[str, Any] | None) -> Act | None:
    if item is None:
        return None
    return Act(
        merchant=item["merchant"],
        who=item["who"],
        why=item["why"],
        at=datetime.fromisoformat(item["at"]),
        cursor=item.get("cursor"),
        erased=int(item.get("erased", 0)),
        kept=int(item.get("kept", 0)),
    )
