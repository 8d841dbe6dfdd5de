"""What is past its period is found without a scan, oldest first, and goes as a whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import NotFound, StoreConflict
from taxpoynt.ports.retention import Act, SaleDay
from taxpoynt.storage.clients import client
from taxpoynt.storage.retention import DynamoRetentionStore
from tests.fakes.clock import START, FakeClock
from tests.fakes.retention import FakeRetentionStore
from tests.unit.storage.records import sale

ORDER = Act(merchant="m_a", who="Ada", why="court order 12/2026", at=START)


@pytest.fixture
def store(kind: str, sales: Any, clock: FakeClock) -> Any:
    if kind == "fake":
        return FakeRetentionStore(sales)
    return DynamoRetentionStore(client("dynamodb"), "connections", "invoices")


def reserved(sales: Any, sale_id: str, merchant: str, day: date) -> Any:
    claimed = sales.claim(sale(sale_id, merchant=merchant, day=day), action="claimed")[0]
    wanted = replace(claimed, state=SaleState.RESERVED, irn=f"PD{sale_id}-94ND90NR-20260302", number=f"PD{sale_id}")
    return sales.reserve(wanted, action="reserved")


def test_the_oldest_days_of_all_merchants_come_first_page_by_page(sales: Any, store: Any) -> None:
    for number, day in enumerate((date(2020, 5, 1), date(2018, 12, 31), date(2026, 1, 1), date(2019, 1, 1))):
        reserved(sales, str(number), "m_a" if number % 2 else "m_b", day)
    found, cursor = store.days_before(date(2026, 1, 1), limit=2, cursor=None)
    assert [(d.merchant, d.day.year) for d in found] == [("m_a", 2018), ("m_a", 2019)]
    rest, more = store.days_before(date(2026, 1, 1), limit=2, cursor=cursor)
    assert [(d.merchant, d.day.year) for d in rest] == [("m_b", 2020)]
    assert more is None


def test_a_sale_goes_with_its_history_and_reservations_and_no_other_with_it(sales: Any, store: Any) -> None:
    day = SaleDay(merchant="m_a", day=date(2018, 3, 1))
    gone, stays = reserved(sales, "1", "m_a", day.day), reserved(sales, "2", "m_a", day.day)
    reserved(sales, "1", "m_b", day.day)
    assert {s.sale_id for s in store.sales_of(day, limit=10)} == {"1", "2"}
    store.forget_sale(gone)
    store.forget_sale(gone)  # a run that was killed comes back
    assert [s.sale_id for s in store.sales_of(day, limit=10)] == ["2"]
    with pytest.raises(NotFound):
        sales.history("m_a", "pipedrive", "1")
    with pytest.raises(NotFound):
        sales.find_by_irn("m_a", gone.irn)
    assert sales.find_by_irn("m_a", stays.irn) == stays
    assert sales.history("m_b", "pipedrive", "1")


def test_a_sale_that_changed_meanwhile_is_left(sales: Any, store: Any) -> None:
    old = reserved(sales, "1", "m_a", date(2018, 3, 1))
    new = sales.change(replace(old, tries=1), action="sending")
    with pytest.raises(StoreConflict):
        store.forget_sale(old)
    assert sales.get("m_a", "pipedrive", "1") == new


def test_a_day_without_sales_is_forgotten(kind: str, sales: Any, store: Any) -> None:
    day = SaleDay(merchant="m_a", day=date(2018, 3, 1))
    store.forget_sale(reserved(sales, "1", "m_a", day.day))
    store.forget_day(day)
    assert store.days_before(date(2026, 1, 1), limit=9, cursor=None) == ([], None)


def test_holds_and_erasures_are_a_merchants_own(store: Any) -> None:
    store.put_hold(ORDER)
    store.ask_erasure(ORDER)
    assert (store.hold("m_a"), store.hold("m_b")) == (ORDER, None)
    assert (store.erasures(limit=9), store.erasure("m_b")) == ([ORDER], None)
    half = replace(ORDER, cursor="c1", erased=7, kept=3)
    store.ask_erasure(half)
    assert store.erasure("m_a") == half
    store.lift_hold("m_a")
    store.erased("m_a")
    assert (store.hold("m_a"), store.erasures(limit=9), store.erasure("m_a")) == (None, [], None)


def test_where_the_ledger_begins_is_remembered(store: Any) -> None:
    assert store.ledger_from("m_a") == 1
    store.set_ledger_from("m_a", 40)
    assert (store.ledger_from("m_a"), store.ledger_from("m_b")) == (40, 1)
