from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from taxpoynt.domain.keys import sale_key
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import BadInput, ContentConflict, Fault, NotFound, Rejected, StoreConflict
from taxpoynt.ports import SaleRecord
from taxpoynt.storage import history
from tests.fakes.clock import FakeClock
from tests.unit.storage.records import sale

ORGANISATION = RecordRef(resource="organization", id="77")
FAULT = Fault("BUYER-002", "buyer.tin", "The buyer has no TIN.", "Enter it.")


def claimed(sales: Any, record: SaleRecord) -> SaleRecord:
    stored: SaleRecord = sales.claim(record, action="claimed")[0]
    return stored


def held(sales: Any, record: SaleRecord) -> SaleRecord:
    stored: SaleRecord = sales.change(replace(record, state=SaleState.NEEDS_ATTENTION, faults=(FAULT,)), action="held")
    return stored


def test_the_first_claim_wins_and_others_get_what_is_stored(sales: Any) -> None:
    first, won = sales.claim(sale(), action="claimed")
    second, won_again = sales.claim(sale(sale_key="m_a/sales/other.json"), action="claimed")
    assert (won, won_again) == (True, False)
    assert second == first
    assert first.version == 1


def test_a_record_comes_back_as_it_was_stored(sales: Any, clock: FakeClock) -> None:
    stored = claimed(sales, sale(faults=(FAULT,), documents={"pdf": "m_a/documents/x.pdf"}, total="10.50", tries=3))
    assert sales.get("m_a", "pipedrive", "8") == stored
    assert (stored.created_at, stored.updated_at) == (clock.now(), clock.now())


def test_an_unknown_sale_and_somebody_elses_look_the_same(sales: Any) -> None:
    claimed(sales, sale())
    for merchant, number in (("m_a", "9"), ("m_b", "8")):
        with pytest.raises(NotFound, match="no such sale"):
            sales.get(merchant, "pipedrive", number)
        with pytest.raises(NotFound):
            sales.history(merchant, "pipedrive", number)
        with pytest.raises(NotFound):
            sales.change(sale(number, merchant=merchant, version=1), action="x")


def test_a_key_with_an_empty_part_is_refused(sales: Any) -> None:
    with pytest.raises(BadInput):
        sales.claim(sale(""), action="claimed")


def test_a_change_over_an_older_version_is_a_conflict_and_changes_nothing(sales: Any) -> None:
    first = claimed(sales, sale())
    sales.change(replace(first, invoice_key="a"), action="converted")
    with pytest.raises(StoreConflict):
        sales.change(replace(first, invoice_key="b"), action="converted")
    assert sales.get("m_a", "pipedrive", "8").invoice_key == "a"
    assert len(sales.history("m_a", "pipedrive", "8")) == 2


def test_a_state_that_may_not_follow_is_refused(sales: Any) -> None:
    first = claimed(sales, sale())
    with pytest.raises(Rejected, match="claimed"):
        sales.change(replace(first, state=SaleState.ACCEPTED), action="accepted")


def test_the_history_is_an_unbroken_chain_and_tells_every_step(sales: Any) -> None:
    record = held(sales, claimed(sales, sale()))
    sales.change(replace(record, state=SaleState.CLAIMED), action="resumed", detail={"why": "changed"})
    entries = sales.history("m_a", "pipedrive", "8")
    assert [entry.action for entry in entries] == ["claimed", "held", "resumed"]
    assert [entry.before for entry in entries] == [None, SaleState.CLAIMED, SaleState.NEEDS_ATTENTION]
    chain = sale_key("m_a", "pipedrive", "8")
    assert history.unbroken(chain, entries)
    for forged in (
        [*entries[:-1], replace(entries[-1], action="completed")],
        entries[1:],
        [entries[0], entries[2]],
        [],
    ):
        assert not history.unbroken(chain, forged)
    assert not history.unbroken(sale_key("m_a", "pipedrive", "9"), entries)


def test_an_irn_and_a_number_belong_to_one_sale(sales: Any) -> None:
    first = replace(claimed(sales, sale()), state=SaleState.RESERVED, number="PD8", irn="PD8-94ND90NR-20260302")
    second = claimed(sales, sale("9"))
    stored = sales.reserve(first, action="reserved")
    assert sales.find_by_irn("m_a", "PD8-94ND90NR-20260302") == stored
    for stolen in ({"irn": stored.irn, "number": "PD9"}, {"irn": "PD9-94ND90NR-20260302", "number": "PD8"}):
        with pytest.raises(ContentConflict):
            sales.reserve(replace(second, state=SaleState.RESERVED, **stolen), action="reserved")
    assert sales.get("m_a", "pipedrive", "9") == second
    with pytest.raises(NotFound):
        sales.find_by_irn("m_a", "PD9-94ND90NR-20260302")
    with pytest.raises(NotFound):
        sales.find_by_irn("m_b", "PD8-94ND90NR-20260302")


def test_the_same_sale_may_reserve_its_irn_again(sales: Any) -> None:
    first = replace(claimed(sales, sale()), state=SaleState.RESERVED, number="PD8", irn="PD8-94ND90NR-20260302")
    stored = sales.reserve(first, action="reserved")
    again = sales.reserve(replace(stored, body_key="new"), action="reserved")
    assert again.body_key == "new"
    with pytest.raises(StoreConflict):
        sales.reserve(stored, action="reserved")
    with pytest.raises(Rejected, match="nothing to reserve"):
        sales.reserve(replace(again, irn=None), action="reserved")


def test_held_sales_are_found_by_what_they_depend_on_until_they_go_on(sales: Any) -> None:
    record = held(sales, claimed(sales, sale()))
    claimed(sales, sale("9"))
    assert sales.held_by("m_a", "pipedrive", ORGANISATION) == ["8"]
    assert sales.held_by("m_b", "pipedrive", ORGANISATION) == []
    assert sales.held_by("m_a", "pipedrive", RecordRef(resource="organization", id="78")) == []
    sales.change(replace(record, state=SaleState.CLAIMED), action="resumed")
    assert sales.held_by("m_a", "pipedrive", ORGANISATION) == []


def test_what_is_due_comes_with_the_oldest_legal_due_time_first(sales: Any, clock: FakeClock) -> None:
    claimed(sales, sale("1", day=date(2026, 3, 2), next_action_at=clock.now() - timedelta(hours=2)))
    claimed(sales, sale("2", day=date(2026, 3, 1), next_action_at=clock.now() - timedelta(seconds=1)))
    claimed(sales, sale("3", day=date(2026, 2, 1), next_action_at=clock.now() + timedelta(seconds=1)))
    claimed(sales, sale("4", day=date(2026, 1, 1), next_action_at=None))
    assert [one.sale_id for one in sales.due(clock.now(), limit=10)] == ["2", "1"]
    assert [one.sale_id for one in sales.due(clock.now(), limit=1)] == ["2"]
    clock.move(seconds=2)
    assert [one.sale_id for one in sales.due(clock.now(), limit=10)] == ["3", "2", "1"]


def test_a_completed_sale_is_never_due(sales: Any, clock: FakeClock) -> None:
    record = claimed(sales, sale(next_action_at=clock.now()))
    for state in (SaleState.RESERVED, SaleState.SUBMITTING, SaleState.ACCEPTED, SaleState.COMPLETED):
        assert sales.due(clock.now(), limit=9)
        record = sales.change(replace(record, state=state), action="on")
    assert sales.due(clock.now(), limit=9) == []


def pages(sales: Any, merchant: str, limit: int, state: SaleState | None = None) -> list[list[str]]:
    found, cursor = [], None
    while True:
        page, cursor = sales.list_sales(merchant, limit=limit, cursor=cursor, state=state)
        found.append([one.sale_id for one in page])
        if cursor is None:
            return found


def test_lists_give_the_newest_day_first_and_every_sale_once(sales: Any) -> None:
    for number, day in enumerate((date(2025, 12, 31), date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 2))):
        claimed(sales, sale(str(number), day=day))
    claimed(sales, sale("8", merchant="m_b"))
    for limit in (1, 2, 3, 4, 50):
        listed = pages(sales, "m_a", limit)
        assert [one for page in listed for one in page] == ["3", "2", "1", "0"]
        assert all(len(page) <= limit for page in listed)
    assert pages(sales, "m_c", 10) == [[]]


def test_lists_can_be_narrowed_to_a_state(sales: Any) -> None:
    for number in range(5):
        record = claimed(sales, sale(str(number), day=date(2026, 3, 1 + number)))
        if number % 2:
            held(sales, record)
    attention = pages(sales, "m_a", 1, SaleState.NEEDS_ATTENTION)
    assert [one for page in attention for one in page] == ["3", "1"]
    assert [one for page in pages(sales, "m_a", 2, SaleState.CLAIMED) for one in page] == ["4", "2", "0"]


def test_a_cursor_that_is_not_ours_is_bad_input(on_aws: None, clock: FakeClock) -> None:
    from taxpoynt.storage.clients import client
    from taxpoynt.storage.sales import DynamoSaleStore

    sales = DynamoSaleStore(client("dynamodb"), "invoices", clock)
    for cursor in ("@@", "bm90IGpzb24=", "WzFd"):
        with pytest.raises(BadInput):
            sales.list_sales("m_a", limit=5, cursor=cursor)
