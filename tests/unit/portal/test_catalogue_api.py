"""Items, stock, customers and companies through the API: each row with its time, filters, cursors, progress, drift."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taxpoynt.domain.catalogue import Feed, Row
from taxpoynt.domain.catalogue_sync import Drift, SyncState, Walk
from taxpoynt.portal import catalogue_routes
from taxpoynt.portal.api import build
from taxpoynt.portal.connect import ConnectPages
from tests.fakes.catalogue import FakeCatalogueStore
from tests.unit.storage.records import connection

from .catalogue_desk import catalogue_desk
from .conftest import PUBLIC, Portal
from .test_api import Client
from .test_connect import authorise

T0 = datetime(2026, 5, 15, 9, 0, tzinfo=UTC)


class Shop:
    """One merchant's connection with some rows; `get` asks the API for a path below the connection."""

    def __init__(self, portal: Portal) -> None:
        self.store = FakeCatalogueStore()
        self.merchant = portal.merchant("Zuma")
        portal.store.save_connection(connection("c_z", merchant=self.merchant))
        desk = catalogue_desk(portal.store, self.store)
        self.api = Client(build(portal.api, portal.desk, PUBLIC, lambda app: catalogue_routes.add(app, desk)))

    def feed(self, kind: Any) -> Feed:
        return Feed(merchant=self.merchant, connection="c_z", kind=kind)

    def put(self, kind: Any, row_id: str, at: datetime = T0, **record: Any) -> None:
        more = {name: record.pop(name) for name in ("gone", "archived", "sku", "location") if name in record}
        told = json.dumps(record).encode() if record else b""
        self.store.put(self.feed(kind), [Row(id=row_id, revision=f"{1:020}", as_of=at, record=told, **more)])

    def get(self, path: str, **query: str) -> tuple[int, Any]:
        return self.api("GET", f"/v1/merchants/{self.merchant}/connections/c_z/{path}", query=query)

    def ids(self, path: str, **query: str) -> list[str]:
        return [one["id"] for one in self.get(path, **query)[1]["items"]]


@pytest.fixture
def shop(portal: Portal) -> Shop:
    return Shop(portal)


def test_an_item_is_told_in_our_terms_with_its_time(shop: Shop) -> None:
    shop.put("items", "17", name="Palm oil 5 l", hs="1511.90", sku="PO-5", location="shop-1")
    status, page = shop.get("items")
    assert status == 200
    [item] = page["items"]
    assert page["next_cursor"] is None
    assert (item["id"], item["sku"], item["name"], item["location"]) == ("17", "PO-5", "Palm oil 5 l", "shop-1")
    assert item["classification"]["hsn_code"] == "1511.90"
    assert item["as_of"] == item["changed_at"] == "2026-05-15T09:00:00Z"


def test_what_did_not_change_is_as_of_the_last_look(shop: Shop) -> None:
    shop.put("items", "17", name="Palm oil")
    looked = T0 + timedelta(hours=5)
    shop.store.save_state(shop.feed("items"), SyncState(loaded_at=T0, current_at=looked))
    [item] = shop.get("items")[1]["items"]
    assert (item["as_of"], item["changed_at"]) == ("2026-05-15T14:00:00Z", "2026-05-15T09:00:00Z")


def test_lists_go_page_by_page_and_are_filtered(shop: Shop) -> None:
    for number in range(5):
        shop.put(
            "items",
            f"p{number}",
            T0 + timedelta(hours=number),
            name="n",
            sku=f"S{number % 2}",
            location=f"l{number % 2}",
        )
    shop.put("items", "p9", T0 + timedelta(hours=9), gone=True)
    found, cursor = [], None
    while True:
        _, page = shop.get("items", limit="2", **({"cursor": cursor} if cursor else {}))
        found += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == ["p0", "p1", "p2", "p3", "p4"]
    assert shop.ids("items", location="l1") == ["p1", "p3"]
    assert shop.ids("items", sku="S0") == ["p0", "p2", "p4"]
    assert shop.ids("items", id="p3") == ["p3"]
    assert shop.ids("items", id="p9") == []
    assert shop.ids("items", updated_since="2026-05-15T12:00:00Z") == ["p3", "p4"]
    assert shop.ids("items", updated_since="2026-05-15T12:00:00Z", deleted="true") == ["p3", "p4", "p9"]


def test_a_deleted_row_says_so_and_tells_nothing_else(shop: Shop) -> None:
    shop.put("customers", "c1", gone=True)
    [row] = shop.get("customers", deleted="true")[1]["items"]
    assert row["deleted"] is True
    assert row["name"] is row["tin"] is row["address"] is None


def test_stock_is_told_by_shop_and_by_item_with_exact_quantities(shop: Shop) -> None:
    shop.put("stock", "17/a", product="17", outlet="a", level="-2.500", location="a")
    shop.put("stock", "17/b", product="17", outlet="b", level="3", location="b")
    shop.put("stock", "170/a", product="170", outlet="a", level="1e2", location="a")
    status, page = shop.get("stock", item="17")
    assert status == 200
    told = [(one["item"], one["location"], one["quantity"]) for one in page["items"]]
    assert told == [("17", "a", "-2.500"), ("17", "b", "3")]
    assert shop.ids("stock", location="a") == ["17/a", "170/a"]


def test_customers_and_companies_have_their_own_lists(shop: Shop) -> None:
    shop.put("customers", "c1", name="Ada", vat="12345678-0001", city="Lagos")
    shop.put("companies", "o1", name="Zuma Ltd")
    [ada] = shop.get("customers")[1]["items"]
    assert (ada["name"], ada["tin"], ada["kind"], ada["address"]["city"]) == ("Ada", "12345678-0001", "person", "Lagos")
    assert shop.ids("companies") == ["o1"]


def test_progress_problem_and_drift_can_be_read(shop: Shop) -> None:
    walk = Walk(purpose="load", started_at=T0, rows=1200, pages=12, expected=200_000, unreadable=1)
    shop.store.save_state(shop.feed("items"), SyncState(whole=walk))
    drift = Drift(at=T0, by="whole", there=9, here=8, missing=1, examples=("c1",))
    shop.store.save_state(shop.feed("customers"), SyncState(loaded_at=T0, current_at=T0, rows=9, drift=drift))
    shop.store.save_state(shop.feed("companies"), SyncState(problem="403: no right to read companies"))
    status, page = shop.get("sync")
    assert status == 200
    told = {one["kind"]: one for one in page["items"]}
    assert list(told) == ["items", "customers", "companies", "stock"]
    assert (told["items"]["phase"], told["items"]["rows"], told["items"]["expected"]) == ("loading", 1200, 200_000)
    assert told["items"]["walk"]["pages"] == 12
    assert (told["customers"]["phase"], told["customers"]["rows"]) == ("following", 9)
    assert told["customers"]["drift"]["found"] == 1
    assert told["customers"]["drift"]["examples"] == ["c1"]
    assert told["companies"]["problem"] == "403: no right to read companies"
    assert told["stock"]["phase"] == "waiting"


def test_a_foreign_connection_a_bad_cursor_and_a_wild_limit_are_problems(shop: Shop, portal: Portal) -> None:
    other = portal.merchant("Other", "two")
    shop.put("items", "17", name="Palm oil")
    for path in ("items", "stock", "customers", "companies", "sync"):
        status, problem = shop.api("GET", f"/v1/merchants/{other}/connections/c_z/{path}")
        assert (status, problem["title"], shop.api.kind) == (404, "Not found", "application/problem+json")
    assert shop.get("items", limit="5000")[0] == 422
    assert shop.get("items", updated_since="yesterday")[0] == 422


def test_the_merchants_page_shows_how_far_the_first_load_has_come(portal: Portal) -> None:
    merchant = portal.merchant()
    browser = portal.signed_in(merchant)
    browser.submit(authorise(browser))
    (link,) = portal.store.list_connections(merchant)
    store = FakeCatalogueStore()
    feed = Feed(merchant=merchant, connection=link.connection, kind="items")
    walk = Walk(purpose="load", started_at=T0, rows=12_400, pages=124, expected=200_000)
    store.save_state(feed, SyncState(whole=walk))
    told = SyncState(loaded_at=T0, current_at=T0, rows=50_000)
    store.save_state(replace(feed, kind="customers"), told)
    store.save_state(replace(feed, kind="companies"), SyncState(problem="403: no right to read them"))
    pages = browser._pages["/connect"]
    assert isinstance(pages, ConnectPages)
    browser._pages["/connect"] = replace(pages, progress=catalogue_desk(portal.store, store).progress_of)
    body = str(browser.get("/connect").body)
    assert "Items: reading, 12,400 of 200,000 so far" in body
    assert "Customers: 50,000, as of 15 May 2026, 10:00" in body
    assert "Companies: cannot be read: 403: no right to read them" in body
    assert "Stock levels: waiting to be read" in body
