"""Where sales of several platforms meet: written with the sale's own change, over what was read, or not at all."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from taxpoynt.domain.identity import Member, SameKey
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import NotFound, StoreConflict
from taxpoynt.storage.clients import client
from taxpoynt.storage.retention import DynamoRetentionStore
from tests.fakes.clock import FakeClock
from tests.fakes.retention import FakeRetentionStore
from tests.fakes.stores import FakeSaleStore
from tests.unit.storage.records import sale

KEY = SameKey(key="Sabc", sure=True)
DAY = date(2026, 3, 2)


def member(sale_id: str = "8", **more: Any) -> Member:
    return Member(**{"connector": "pipedrive", "sale_id": sale_id, "rank": 1, "day": DAY, **more})


def read(sales: Any, merchant: str = "m_a") -> SameKey:
    (found,) = sales.same_keys(merchant, [KEY])
    return SameKey(**{name: getattr(found, name) for name in ("key", "sure", "days", "members", "version")})


def test_a_key_that_nobody_came_to_is_empty(sales: Any) -> None:
    assert sales.same_keys("m_a", [KEY, SameKey(key="Mx", sure=False, days=2)]) == [
        KEY,
        SameKey(key="Mx", sure=False, days=2),
    ]
    assert sales.same_keys("m_a", []) == []


def test_members_come_back_as_they_were_written_with_the_claim_and_each_change(sales: Any) -> None:
    mine = member(apart=("square/77",))
    stored, first = sales.claim(sale(identity=("Sabc",)), action="claimed", same=[KEY.with_member(mine)])
    assert first
    assert (read(sales).members, read(sales).version) == ((mine,), 1)
    assert sales.get("m_a", "pipedrive", "8").identity == ("Sabc",)
    lost = replace(mine, state="lost", lost_to="square/77")
    ended = replace(stored, state=SaleState.WITHDRAWN, same_as="square/77")
    sales.change(ended, action="same_sale", same=[read(sales).with_member(lost)])
    assert (read(sales).members, read(sales).version) == ((lost,), 2)
    assert sales.get("m_a", "pipedrive", "8").same_as == "square/77"
    assert read(sales, "m_b") == KEY, "another merchant's key of the same name is another key"


def test_who_read_before_somebody_else_wrote_changes_neither_sale_nor_key(sales: Any) -> None:
    before = read(sales)
    sales.claim(sale("1"), action="claimed", same=[before.with_member(member("1"))])
    with pytest.raises(StoreConflict):
        sales.claim(sale("2"), action="claimed", same=[before.with_member(member("2"))])
    with pytest.raises(NotFound):
        sales.get("m_a", "pipedrive", "2")
    second, _ = sales.claim(sale("2"), action="claimed")
    wanted = replace(second, state=SaleState.RESERVED, irn="I-1-1", number="I2")
    with pytest.raises(StoreConflict):
        sales.reserve(wanted, action="reserved", same=[before.with_member(member("2"))])
    with pytest.raises(NotFound):
        sales.find_by_irn("m_a", "I-1-1")
    assert [one.sale_id for one in read(sales).members] == ["1"]
    both = read(sales).with_member(member("2", state="sealed"))
    assert sales.reserve(wanted, action="reserved", same=[both]).state is SaleState.RESERVED
    assert [(one.sale_id, one.state) for one in read(sales).members] == [("1", "open"), ("2", "sealed")]


def test_of_many_who_reserve_at_one_key_at_once_one_does(clock: FakeClock) -> None:
    sales, won = FakeSaleStore(clock), []
    claimed = [sales.claim(sale(str(number)), action="claimed")[0] for number in range(16)]
    seen = read(sales)

    def reserve(record: Any) -> None:
        wanted = replace(record, state=SaleState.RESERVED, irn=f"I-{record.sale_id}", number=f"N{record.sale_id}")
        same = [seen.with_member(member(record.sale_id, state="sealed"))]
        try:
            won.append(sales.reserve(wanted, action="reserved", same=same))
        except StoreConflict:
            return

    threads = [threading.Thread(target=reserve, args=(record,)) for record in claimed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_a_key_keeps_its_newest_members_only(sales: Any) -> None:
    days = [member(str(number), day=date(2020 + number // 300, 1 + number % 12, 1)) for number in range(300)]
    many = replace(KEY, members=tuple(replace(one) for one in days))
    sales.claim(sale(), action="claimed", same=[many])
    kept = read(sales).members
    assert len(kept) == 200
    assert min(one.day for one in kept) >= sorted(one.day for one in days)[100]


def test_a_sale_that_is_forgotten_leaves_its_keys_and_an_empty_key_goes(
    kind: str, sales: Any, clock: FakeClock
) -> None:
    for number in ("1", "2"):
        same = [read(sales).with_member(member(number))]
        sales.claim(sale(number, identity=("Sabc", "Mnever")), action="claimed", same=same)
    store: Any = FakeRetentionStore(sales)
    if kind == "moto":
        store = DynamoRetentionStore(client("dynamodb"), "connections", "invoices")
    first = sales.get("m_a", "pipedrive", "1")
    for _ in range(2):
        store.forget_sale(first)
    assert [one.sale_id for one in read(sales).members] == ["2"]
    store.forget_sale(sales.get("m_a", "pipedrive", "2"))
    assert read(sales).members == ()
