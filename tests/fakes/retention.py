"""Holds, erasures and what is past its period, in memory."""

from __future__ import annotations

from datetime import date

from taxpoynt.domain.keys import key, sale_key
from taxpoynt.errors import StoreConflict
from taxpoynt.ports import SaleRecord
from taxpoynt.ports.retention import Act, SaleDay
from tests.fakes.stores import FakeSaleStore


class FakeRetentionStore:
    """Over a FakeSaleStore, whose sales stand for the day markers."""

    def __init__(self, sales: FakeSaleStore) -> None:
        self.sales = sales
        self.holds: dict[str, Act] = {}
        self.asked: dict[str, Act] = {}
        self.from_block: dict[str, int] = {}

    def hold(self, merchant: str) -> Act | None:
        return self.holds.get(merchant)

    def put_hold(self, hold: Act) -> None:
        self.holds[hold.merchant] = hold

    def lift_hold(self, merchant: str) -> None:
        self.holds.pop(merchant, None)

    def ask_erasure(self, erasure: Act) -> None:
        self.asked[erasure.merchant] = erasure

    def erasure(self, merchant: str) -> Act | None:
        return self.asked.get(merchant)

    def erasures(self, *, limit: int) -> list[Act]:
        return [self.asked[merchant] for merchant in sorted(self.asked)][:limit]

    def erased(self, merchant: str) -> None:
        self.asked.pop(merchant, None)

    def days_before(self, day: date, *, limit: int, cursor: str | None) -> tuple[list[SaleDay], str | None]:
        days = sorted({(one.clock.issue_date, one.merchant) for one in self.sales.sales.values()})
        due = [SaleDay(merchant=merchant, day=each) for each, merchant in days if each < day]
        begin = int(cursor or 0)
        return due[begin : begin + limit], str(begin + limit) if begin + limit < len(due) else None

    def sales_of(self, day: SaleDay, *, limit: int) -> list[SaleRecord]:
        mine = [s for s in self.sales.sales.values() if (s.merchant, s.clock.issue_date) == (day.merchant, day.day)]
        return mine[:limit]

    def forget_sale(self, record: SaleRecord) -> None:
        pk = sale_key(record.merchant, record.connector, record.sale_id)
        if pk in self.sales.sales and self.sales.sales[pk].version != record.version:
            raise StoreConflict("changed meanwhile")
        self.sales.entries.pop(pk, None)
        for kind, value in (("IRN", record.irn), ("N", record.number)):
            if value:
                self.sales.reserved.pop(key("M", record.merchant, kind, value), None)
        for one in record.identity:
            members, version = self.sales.met.pop((record.merchant, one), ((), 0))
            left = tuple(each for each in members if each.name != f"{record.connector}/{record.sale_id}")
            if left:
                self.sales.met[record.merchant, one] = (left, version + 1)
        self.sales.sales.pop(pk, None)

    def forget_day(self, day: SaleDay) -> None:
        """The fake's days are its sales."""

    def ledger_from(self, merchant: str) -> int:
        return self.from_block.get(merchant, 1)

    def set_ledger_from(self, merchant: str, number: int) -> None:
        self.from_block[merchant] = number
