from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from taxpoynt.domain.ledger import Head, entry_hash
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import StoreConflict
from taxpoynt.services.seal_ledger import SealLedger, place
from taxpoynt.storage import outbox
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.ledger import DynamoLedger
from taxpoynt.storage.table import Table
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.outside import FakeBlobs
from tests.unit.storage.records import sale


@pytest.fixture
def ledger(kind: str, clock: FakeClock, sales: Any) -> Any:
    return FakeLedger(clock, sales.outbox) if kind == "fake" else DynamoLedger(client("dynamodb"), "invoices", clock)


@pytest.fixture
def blobs(kind: str) -> Any:
    if kind == "fake":
        return FakeBlobs()
    client("s3").create_bucket(Bucket="raw")
    return S3BlobStore(client("s3"), "raw")


def test_every_change_of_a_sale_waits_for_the_ledger_as_it_stands_in_its_history(sales: Any, ledger: Any) -> None:
    record, _ = sales.claim(sale(), action="claimed", detail={"event": "e-1"})
    sales.change(replace(record, state=SaleState.NEEDS_ATTENTION, invoice_key="m_a/invoices/i.json"), action="held")
    waiting = ledger.waiting("m_a", limit=10)
    assert [entry["hash"] for entry in waiting] == [one.hash for one in sales.history("m_a", "pipedrive", "8")]
    assert all(entry["hash"] == entry_hash(entry) for entry in waiting)
    first, second = waiting
    assert first["detail"]["event"] == "e-1"
    assert first["detail"]["record_key"] == record.record_key
    assert first["detail"]["sale_key"] == record.sale_key
    assert second["detail"] == {"invoice_key": "m_a/invoices/i.json"}, "only what this step made"


def test_entries_of_one_sale_come_in_their_order_though_a_clock_ran_behind(
    sales: Any, ledger: Any, clock: FakeClock
) -> None:
    record, _ = sales.claim(sale(), action="claimed")
    clock.move(seconds=-1)
    sales.change(replace(record, state=SaleState.NEEDS_ATTENTION), action="held")
    assert [entry["action"] for entry in ledger.waiting("m_a", limit=10)] == ["claimed", "held"]


def test_merchants_with_something_waiting_are_found_one_by_one(sales: Any, ledger: Any) -> None:
    for merchant in ("m_b", "m_a", "m_a1", "m_c"):
        for number in range(3):
            sales.claim(sale(str(number), merchant=merchant), action="claimed")
    ledger.note("m_d", "profile_changed", "profile", {"version": "2"}, "merchant")
    assert sorted(ledger.waiting_merchants(limit=10)) == ["m_a", "m_a1", "m_b", "m_c", "m_d"]
    assert len(ledger.waiting_merchants(limit=2)) == 2
    assert {entry["chain"].split("#")[1] for entry in ledger.waiting("m_a", limit=10)} == {"m_a"}


def test_a_note_is_an_entry_of_its_own(ledger: Any) -> None:
    ledger.note("m_a", "connection_confirmed", "c_1", {"connector": "pipedrive"}, "merchant")
    (entry,) = ledger.waiting("m_a", limit=10)
    told = {name: entry[name] for name in ("action", "subject", "detail", "by", "sequence")}
    assert told == {
        "action": "connection_confirmed",
        "subject": "c_1",
        "detail": {"connector": "pipedrive"},
        "by": "merchant",
        "sequence": 1,
    }


def test_what_stands_in_a_block_waits_no_longer(ledger: Any) -> None:
    for _ in range(30):
        ledger.note("m_a", "x", "y", {}, "system")
    waiting = ledger.waiting("m_a", limit=100)
    ledger.forget("m_a", waiting[:27])
    ledger.forget("m_a", waiting[:27])
    assert ledger.waiting("m_a", limit=100) == waiting[27:]


def test_the_head_only_goes_forward_by_one(ledger: Any) -> None:
    assert ledger.head("m_a") == Head(merchant="m_a")
    one = Head(merchant="m_a", number=1, hash="a" * 64, entries=3, settled=False)
    ledger.advance(one)
    assert ledger.head("m_a") == one
    for wrong in (one, replace(one, number=3)):
        with pytest.raises(StoreConflict):
            ledger.advance(wrong)
    ledger.settle(one)
    assert ledger.head("m_a") == replace(one, settled=True)
    ledger.advance(replace(one, number=2))
    with pytest.raises(StoreConflict):
        ledger.settle(one)


def test_an_entry_the_index_does_not_show_yet_is_never_overtaken(on_aws: None, clock: FakeClock) -> None:
    from taxpoynt.storage.sales import DynamoSaleStore

    sales, ledger = (
        DynamoSaleStore(client("dynamodb"), "invoices", clock),
        DynamoLedger(client("dynamodb"), "invoices", clock),
    )
    record, _ = sales.claim(sale(), action="claimed")
    for number in range(3):
        record = sales.change(replace(record, invoice_key=str(number)), action="converted")
    table = Table(client("dynamodb"), "invoices")
    for entry in ledger.waiting("m_a", limit=10)[:3]:  # the index lags: only the last one is in it
        item = {**outbox.item("m_a", entry), "due_pk": None, "due_sk": None}
        table.put(item)
    assert [entry["sequence"] for entry in ledger.waiting("m_a", limit=10)] == [1, 2, 3, 4]


def test_sealing_puts_every_entry_into_the_bucket_once(sales: Any, ledger: Any, blobs: Any, clock: FakeClock) -> None:
    seal = SealLedger(ledger, blobs, clock)
    record, _ = sales.claim(sale(), action="claimed")
    sales.change(replace(record, invoice_key="i"), action="converted")
    assert seal() == {"merchants": 1, "blocks": 1, "entries": 2, "beaten": 0}
    assert seal() == {"merchants": 0, "blocks": 0, "entries": 0, "beaten": 0}
    ledger.note("m_a", "x", "y", {}, "system")
    assert seal()["entries"] == 1
    assert b'"number":2' in blobs.get(place("m_a", 2))
    assert ledger.head("m_a").entries == 3


def test_only_the_first_of_two_blocks_of_one_number_is_kept(blobs: Any) -> None:
    assert blobs.put_new("m_a/ledger/00000001.json", b"first", content_type="application/json")
    assert not blobs.put_new("m_a/ledger/00000001.json", b"second", content_type="application/json")
    assert blobs.get("m_a/ledger/00000001.json") == b"first"
