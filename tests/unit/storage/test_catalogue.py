"""Rows, states and turns of the catalogue: the fake and DynamoDB keep the same promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taxpoynt.domain.catalogue import KINDS, Feed, Row
from taxpoynt.domain.catalogue_sync import SyncState
from taxpoynt.errors import BadInput, Retryable, StoreConflict
from taxpoynt.ports.catalogue import Turn, Wish
from taxpoynt.retention import RULES
from taxpoynt.storage import table as tables
from taxpoynt.storage.catalogue import DynamoCatalogueStore, life_of
from taxpoynt.storage.clients import client
from taxpoynt.storage.seen_ids import SeenIds
from tests.fakes.catalogue import FakeCatalogueStore
from tests.fakes.clock import START, FakeClock
from tests.unit.storage.aws import aws

ITEMS = Feed(merchant="m_a", connection="c_a", kind="items")
OTHERS = replace(ITEMS, merchant="m_b")
TURN = Turn(merchant="m_a", connection="c_a", chain="one", step=0)


def dynamo(clock: FakeClock) -> DynamoCatalogueStore:
    return DynamoCatalogueStore(client("dynamodb"), "catalogue", clock, life_of(RULES))


@pytest.fixture
def catalogue(kind: str, clock: FakeClock) -> Any:
    return FakeCatalogueStore() if kind == "fake" else dynamo(clock)


@pytest.fixture
def real(clock: FakeClock) -> Iterator[DynamoCatalogueStore]:
    with aws():
        yield dynamo(clock)


def row(number: int, version: int = 1, name: str = "name", **more: Any) -> Row:
    made = {
        "id": f"p{number:03}",
        "revision": f"{version:020}" if version else "",
        "as_of": START + timedelta(seconds=version),
        "record": f'{{"name":"{name}"}}'.encode(),
        "sku": f"SKU {number}",
    }
    return Row(**{**made, **more})


def test_rows_come_back_as_they_were_told(catalogue: Any) -> None:
    told = [row(1), row(2, location="shop-1", archived=True), row(3, record=b"", gone=True, sku=None)]
    stored = catalogue.put(ITEMS, told)
    assert (stored.new, stored.written) == ([one.id for one in told], 3)
    assert catalogue.get_many(ITEMS, ["p003", "p001", "p002", "p009"]) == [told[2], told[0], told[1]]
    assert catalogue.get_many(OTHERS, ["p001"]) == []


def test_unchanged_rows_are_not_written_again_and_older_ones_never(catalogue: Any) -> None:
    catalogue.put(ITEMS, [row(1, 5), row(2, 5)])
    again = catalogue.put(ITEMS, [row(1, 5), row(2, 6, "newer"), row(3, 1)])
    assert (again.new, again.changed, again.same, again.older) == (["p003"], ["p002"], 1, 0)
    late = catalogue.put(ITEMS, [row(2, 5, "late"), row(2, 4, "later still")])
    assert (late.written, late.older) == (0, 1)
    assert catalogue.get_many(ITEMS, ["p002"]) == [row(2, 6, "newer")]


def test_one_id_twice_on_a_page_counts_as_the_newer_of_both(catalogue: Any) -> None:
    catalogue.put(ITEMS, [row(1, 3, "new"), row(1, 2, "old")])
    assert catalogue.get_many(ITEMS, ["p001"]) == [row(1, 3, "new")]


def test_without_revisions_the_time_of_asking_decides(catalogue: Any) -> None:
    first = replace(row(1), revision="")
    catalogue.put(ITEMS, [first])
    later = replace(first, record=b'{"name":"b"}', as_of=first.as_of + timedelta(seconds=9))
    assert catalogue.put(ITEMS, [later]).changed == ["p001"]
    assert catalogue.put(ITEMS, [first]).older == 1
    assert catalogue.get_many(ITEMS, ["p001"]) == [later]


ROWS = st.lists(st.builds(row, st.integers(0, 3), st.integers(0, 6), st.sampled_from("ab")), min_size=1, max_size=30)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages=st.lists(ROWS, max_size=6))
def test_fake_and_dynamodb_agree_on_every_order_of_pages(pages: list[list[Row]]) -> None:
    clock = FakeClock()
    with aws():
        real, fake = dynamo(clock), FakeCatalogueStore()
        for page in pages:
            assert real.put(ITEMS, page).written <= fake.put(ITEMS, page).written
        ids = [f"p{number:03}" for number in range(4)]
        assert real.get_many(ITEMS, ids) == fake.get_many(ITEMS, ids)


def test_a_row_written_between_our_read_and_our_write_is_not_put_back(real: DynamoCatalogueStore) -> None:
    """The worker believed dead: it read the old row, and writes after somebody else wrote a newer one."""
    real.put(ITEMS, [row(1, 1)])
    zombie = dynamo(FakeClock())
    read = zombie._table.get_many

    def slow(*args: Any, **kwargs: Any) -> Any:
        found = read(*args, **kwargs)
        real.put(ITEMS, [row(1, 9, "newest")])
        return found

    zombie._table.get_many = slow  # type: ignore[method-assign]
    assert zombie.put(ITEMS, [row(1, 5, "zombie")]).older == 1
    assert real.get_many(ITEMS, ["p001"]) == [row(1, 9, "newest")]


def test_what_dynamodb_leaves_unprocessed_is_sent_again_and_given_up_after_a_while(
    real: DynamoCatalogueStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    dynamodb = real._table._dynamodb
    write, left = dynamodb.batch_write_item, {"times": 2}

    def throttled(**request: Any) -> Any:
        [(name, wanted)] = request["RequestItems"].items()
        if left["times"]:
            left["times"] -= 1
            write(RequestItems={name: wanted[:3]})
            return {"UnprocessedItems": {name: wanted[3:]}}
        return write(**request)

    monkeypatch.setattr(dynamodb, "batch_write_item", throttled)
    real.put(ITEMS, [row(number) for number in range(60)])
    assert real.count(ITEMS) == 60
    left["times"] = 100
    with pytest.raises(Retryable):
        real.put(ITEMS, [row(number) for number in range(100, 160)])


def test_pages_of_a_list_are_in_order_and_filters_keep_what_fits(catalogue: Any) -> None:
    told = [row(number, number + 1, location=f"shop-{number % 2}") for number in range(7)]
    catalogue.put(ITEMS, [*told, row(7, 8, record=b"", gone=True, sku=None), row(8, 9, archived=True)])

    def every(wish: Wish) -> list[str]:
        found, cursor = [], None
        while True:
            page, cursor = catalogue.page(ITEMS, wish, limit=2, cursor=cursor)
            found += [one.id for one in page]
            if cursor is None:
                return found

    assert every(Wish()) == [*[one.id for one in told], "p008"]
    assert every(Wish(location="shop-1")) == ["p001", "p003", "p005"]
    assert every(Wish(since=START + timedelta(seconds=6), archived=False)) == ["p005", "p006"]
    assert "p007" in every(Wish(gone=True))
    assert every(Wish(sku="SKU 3")) == ["p003"]
    assert every(Wish(sku="SKU")) == []
    assert [one.id for one in catalogue.rows_after(ITEMS, "p005", limit=9)] == ["p006", "p008"]
    assert catalogue.rows_after(ITEMS, "p008", limit=9) == []
    assert catalogue.count(ITEMS) == 8


def test_stock_of_an_item_is_found_by_the_item(catalogue: Any) -> None:
    stock = replace(ITEMS, kind="stock")
    catalogue.put(stock, [row(0, id=name, sku=None) for name in ("1/a", "1/b", "11/a", "2/a")])
    page, _ = catalogue.page(stock, Wish(item="1"), limit=9, cursor=None)
    assert [one.id for one in page] == ["1/a", "1/b"]


def test_a_cursor_of_somebody_else_reads_no_other_partition(real: DynamoCatalogueStore) -> None:
    real.put(OTHERS, [row(1)])
    for cursor in ("bm90IG91cnM=", "eyJhZnRlciI6IHsicGsiOiAieCJ9fQ=="):
        try:
            assert real.page(ITEMS, Wish(), limit=5, cursor=cursor) == ([], None)
        except BadInput:
            continue


def test_a_state_is_saved_over_the_version_it_was_read_at(catalogue: Any) -> None:
    first = catalogue.save_state(ITEMS, SyncState(rows=1))
    assert catalogue.states("m_a", "c_a") == {"items": first}
    second = catalogue.save_state(ITEMS, first.model_copy(update={"rows": 2}))
    assert second.version == 2
    for stale in (first, SyncState()):
        with pytest.raises(StoreConflict):
            catalogue.save_state(ITEMS, stale)
    assert catalogue.states("m_b", "c_a") == {}


def test_one_chain_has_the_turn_and_each_of_its_steps_once(catalogue: Any, clock: FakeClock) -> None:
    now, later = clock.now(), clock.now() + timedelta(minutes=1)
    assert catalogue.take_turn(TURN, now=now, until=later)
    assert not catalogue.take_turn(TURN, now=now, until=later), "the same message twice"
    assert not catalogue.take_turn(replace(TURN, chain="two", step=7), now=now, until=later)
    assert catalogue.take_turn(replace(TURN, merchant="m_b", chain="two"), now=now, until=later)
    assert catalogue.take_turn(replace(TURN, step=1), now=now, until=later)
    catalogue.keep_turn(TURN, until=now)
    assert not catalogue.take_turn(replace(TURN, chain="two"), now=now, until=later), "an old step keeps nothing"
    catalogue.keep_turn(replace(TURN, step=1), until=later + timedelta(minutes=5))
    assert not catalogue.take_turn(replace(TURN, chain="two"), now=later, until=later)
    assert catalogue.take_turn(replace(TURN, chain="two"), now=later + timedelta(minutes=6), until=later)
    catalogue.end_turn(TURN)
    catalogue.end_turn(replace(TURN, chain="two"))
    assert catalogue.take_turn(replace(TURN, chain="three"), now=now, until=later)


def test_what_a_walk_has_shown_is_remembered_by_page(catalogue: Any) -> None:
    catalogue.note_seen(ITEMS, "w1", 0, ["a", "b"])
    catalogue.note_seen(ITEMS, "w1", 1, ["c"])
    catalogue.note_seen(ITEMS, "w1", 1, ["c", "d"])
    catalogue.note_seen(ITEMS, "w2", 0, ["z"])
    seen = catalogue.seen(ITEMS, "w1")
    assert len(seen) == 4
    assert all(one in seen for one in "abcd")
    assert "z" not in seen


@given(st.lists(st.lists(st.text("abcdef0123", min_size=1, max_size=4), max_size=8), max_size=6))
def test_seen_ids_are_a_set_whatever_the_pages(pages: list[list[str]]) -> None:
    joined = SeenIds.joined(SeenIds.of(page).to_bytes() for page in pages)
    every = {one for page in pages for one in page}
    assert len(joined) == len(every)
    assert all(one in joined for one in every)
    assert "never" not in joined


def test_forgetting_a_connection_takes_everything_of_it_and_nothing_of_others(catalogue: Any) -> None:
    for feed in (ITEMS, replace(ITEMS, kind="customers"), OTHERS):
        catalogue.put(feed, [row(number) for number in range(7)])
        catalogue.save_state(feed, SyncState())
        catalogue.note_seen(feed, "w", 0, ["a"])
    for _ in range(20):
        if not catalogue.forget_all("m_a", "c_a", limit=5):
            break
    assert catalogue.states("m_a", "c_a") == {}
    assert catalogue.page(ITEMS, Wish(gone=True), limit=9, cursor=None) == ([], None)
    assert catalogue.count(OTHERS) == 7
    assert catalogue.forget(OTHERS, "p001")
    assert not catalogue.forget(OTHERS, "p001")


@pytest.mark.parametrize(
    ("kind_of_rows", "days"), [("customers", 30), ("companies", 30), ("items", 180), ("stock", 180)]
)
def test_rows_leave_by_themselves_unless_the_platform_tells_them_again(
    real: DynamoCatalogueStore, clock: FakeClock, kind_of_rows: Any, days: int
) -> None:
    feed = replace(ITEMS, kind=kind_of_rows)

    def ends() -> float:
        item = real._table.get(f"M#m_a#C#c_a#{kind_of_rows.upper()}", "p001")
        assert item is not None
        return float((item["ttl"] - START.timestamp()) / 86_400)

    real.put(feed, [row(1)])
    assert ends() == days
    clock.move(days=days / 2)
    real.put(feed, [row(1)])
    assert ends() == days, "there is time enough: a write is saved"
    clock.move(days=days / 4)
    assert real.put(feed, [row(1)]).written == 0
    assert ends() == days * 1.75, "shown again near its end: kept on"


def test_a_page_of_writes_is_four_calls_and_a_page_of_nothing_new_is_one(
    real: DynamoCatalogueStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    dynamodb = real._table._dynamodb
    for name in ("batch_get_item", "batch_write_item", "put_item"):
        original = getattr(dynamodb, name)

        def counted(_name: str = name, _original: Any = original, **request: Any) -> Any:
            calls.append(_name)
            return _original(**request)

        monkeypatch.setattr(dynamodb, name, counted)
    page = [row(number) for number in range(tables.BATCH)]
    real.put(ITEMS, page)
    assert calls == ["batch_get_item", *["batch_write_item"] * 4]
    calls.clear()
    real.put(ITEMS, page)
    assert calls == ["batch_get_item"]


def test_every_key_begins_with_the_tenant(real: DynamoCatalogueStore, clock: FakeClock) -> None:
    for kind in KINDS:
        feed = replace(ITEMS, kind=kind)
        real.put(feed, [row(1)])
        real.save_state(feed, SyncState())
        real.note_seen(feed, "w", 0, ["a"])
    real.take_turn(TURN, now=clock.now(), until=clock.now())
    found = client("dynamodb").scan(TableName="catalogue")["Items"]
    assert len(found) == 3 * len(KINDS) + 1
    for item in found:
        for name in ("pk", "sku_pk"):
            assert name not in item or item[name]["S"].startswith("M#m_a#C#c_a#")
