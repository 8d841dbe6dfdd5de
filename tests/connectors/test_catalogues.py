"""Every connector's catalogue against its sandbox over real HTTP: first load, what changed, what went, the check."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests

from taxpoynt.connector_kit.catalogue import TemplateCatalogue
from taxpoynt.connector_kit.client import PlatformClient
from taxpoynt.connector_kit.loader import load, template
from taxpoynt.domain.catalogue import CatalogueItem, Customer, Feed, Kind, StockLevel
from taxpoynt.domain.connection import Connection, ConnectionStatus, TokenSet
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.source import SourceBundle
from taxpoynt.services import jobs
from taxpoynt.services.known_records import CatalogueRecords
from taxpoynt.services.sync_catalogue import SyncCatalogue
from tests.fakes.catalogue import FakeCatalogueStore
from tests.fakes.outside import FakeQueue
from tests.fakes.stores import FakeConnectionStore
from tests.sandbox.kit import running

SEEDS = Path(__file__).parents[1] / "sandbox" / "seed"
MERCHANT, CONNECTION = "m_a", "c_a"
ACCOUNTS = {"pipedrive": "", "lightspeed_r": "7200001", "lightspeed_x": "0af7b240-abc5-11e9-fb5b-ad7e3c86513b"}


@dataclass
class Synced:
    """One connector, its sandbox, and a store in memory; `later` moves the time of both."""

    connector: str
    url: str
    store: FakeCatalogueStore = field(default_factory=FakeCatalogueStore)
    offset: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        self.spec, self.queue, self.connections = template(self.connector), FakeQueue(), FakeConnectionStore()
        self.reader = TemplateCatalogue(self.spec)
        self.generation = 0
        self.connections.save_connection(
            Connection(
                merchant=MERCHANT,
                connection=CONNECTION,
                connector=self.connector,
                status=ConnectionStatus.ACTIVE,
                account_id=ACCOUNTS[self.connector],
                api_base=self.url,
            )
        )
        self.sync = SyncCatalogue(
            self.connections, self.store, self.queue, self, lambda _: self.reader, lambda _: self.client
        )
        self.client = PlatformClient(
            self.spec, self.url, self, clock=self, endpoint=self.url, account_id=ACCOUNTS[self.connector]
        )

    # --- a clock and a source of tokens ---------------------------------------------------------------------------

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def current(self) -> TokenSet:
        if self.generation == 0:
            return self.refreshed(0)
        return self.tokens

    def refreshed(self, after_generation: int) -> TokenSet:
        answer = self.control("POST", "/tokens", {})
        self.generation = after_generation + 1
        until = self.now() + timedelta(hours=1)
        self.tokens = TokenSet(
            access_token=answer["access_token"], refresh_token=None, expires_at=until, generation=self.generation
        )
        return self.tokens

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/_control{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def later(self, **by: float) -> None:
        self.offset += timedelta(**by)
        self.control("POST", "/clock", {"advance_seconds": timedelta(**by).total_seconds()})

    def run(self) -> str:
        """The scheduler's job and all that come of it; its last word."""
        inbox = [jobs.make("sync", MERCHANT, CONNECTION, self.connector)]
        word = ""
        while inbox:
            word = self.sync(jobs.read(inbox.pop(0)), lambda: 60.0)
            inbox += self.queue.take()
        return word

    def rows(self, kind: Kind) -> dict[str, Any]:
        found = self.store.rows.get(Feed(merchant=MERCHANT, connection=CONNECTION, kind=kind), {})
        return {row.id: self.reader.terms(kind, row) for row in found.values() if not row.gone}


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[Synced]:
    name = request.param
    seed = json.loads((SEEDS / f"{name}.json").read_text("utf-8"))
    with running(import_module(f"tests.sandbox.{name}").SANDBOX(seed)) as url:
        yield Synced(name, url)


def only(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("shop", [name], indirect=True)


@only("lightspeed_x")
def test_x_series_items_customers_and_stock_follow_every_change(shop: Synced) -> None:
    assert shop.run() == "in step"
    items, customers, stock = shop.rows("items"), shop.rows("customers"), shop.rows("stock")
    chair = next(one for one in items.values() if one.sku == "CH-100")
    assert isinstance(chair, CatalogueItem)
    assert chair.classification is not None
    assert (chair.name, chair.classification.hsn_code) == ("Office chair, high back", "9403.30")
    level = next(one for one in stock.values() if one.item == chair.id)
    assert isinstance(level, StockLevel)
    company = next(one for one in customers.values() if one.kind == "organisation")
    assert isinstance(company, Customer)
    assert company.address is not None
    assert company.address.country == "NG"
    shop.control("PATCH", f"/products/{chair.id}", {"sku": "CH-101"})
    shop.control("DELETE", f"/customers/{company.id}")
    shop.control("PUT", f"/products/{chair.id}/stock", {"outlet_id": level.location, "level": "41"})
    shop.later(hours=2)
    writes = shop.store.writes
    assert shop.run() == "in step"
    assert shop.rows("items")[chair.id].sku == "CH-101"
    assert company.id not in shop.rows("customers")
    assert str(shop.rows("stock")[f"{chair.id}/{level.location}"].quantity) == "41"
    assert shop.store.writes - writes < 10, "only what changed"


@only("lightspeed_r")
def test_r_series_items_customers_and_stock_follow_every_change(shop: Synced) -> None:
    assert shop.run() == "in step"
    items, customers, stock = shop.rows("items"), shop.rows("customers"), shop.rows("stock")
    chair = next(one for one in items.values() if one.sku == "CH-100")
    assert chair.classification.hsn_code == "9403.30", "a custom field of that name"
    assert {one.location for one in stock.values()} == {"1", "2"}, "shop 0 is a total, not a shop"
    assert any(one.tin for one in customers.values())
    shop.control("PATCH", f"/items/{chair.id}", {"description": "Office chair, black"})
    shop.control("DELETE", f"/customers/{next(iter(customers))}")
    shop.control("PUT", f"/items/{chair.id}/stock", {"shopID": 1, "qoh": 41})
    shop.later(hours=2)
    assert shop.run() == "in step"
    assert shop.rows("items")[chair.id].name == "Office chair, black"
    gone = shop.rows("customers")[next(iter(customers))]
    assert gone.archived, "R-Series archives, and old sales still name the customer"
    assert str(shop.rows("stock")[f"{chair.id}/1"].quantity) == "41"


@only("pipedrive")
def test_pipedrive_products_and_organisations_are_kept_and_persons_are_not(shop: Synced) -> None:
    assert shop.run() == "in step"
    assert shop.reader.kinds == ("items", "companies")
    products, companies = shop.rows("items"), shop.rows("companies")
    assert products
    assert companies
    one, gone = list(companies)[:2]
    shop.control("PATCH", f"/organizations/{one}?silent=1", {"name": "Renamed Limited"})
    shop.control("DELETE", f"/organizations/{gone}?silent=1")
    shop.later(hours=7)
    assert shop.run() == "in step"
    assert shop.rows("companies")[one].name == "Renamed Limited"
    shop.later(days=2)
    assert shop.run() == "in step"
    assert gone not in shop.rows("companies"), "no change tells of a deletion: the check does"


@pytest.mark.parametrize("shop", sorted(ACCOUNTS), indirect=True)
def test_a_check_after_the_first_load_finds_nothing_to_mend(shop: Synced) -> None:
    shop.run()
    shop.later(days=8)
    shop.run()
    states = shop.store.states(MERCHANT, CONNECTION)
    assert set(states) == set(shop.reader.kinds)
    for kind, state in states.items():
        assert state.problem is None
        assert state.drift is not None, kind
        assert state.drift.found == 0, (kind, state.drift)


# --- what invoices get from it -----------------------------------------------------------------------------------

PARKED = "0af7b240-abf0-11e9-fb5b-0000000005a1"
RULES = {
    "version": 1,
    "rules": [
        {"target": "line.classification.hsn_code", "source": "product.product_codes[?type == 'HS'].code | [0]"},
        {"target": "buyer.tin", "source": "customer.custom_field_1"},
    ],
}
"""A merchant's own rules: they see a row of the catalogue as they see the platform's answer."""


def sold(shop: Synced) -> RecordRef:
    shop.control("PATCH", f"/sales/{PARKED}?silent=1", {"status": "CLOSED"})
    return RecordRef(resource="sale", id=PARKED)


def bundle_of(shop: Synced, ref: RecordRef) -> SourceBundle:
    known = CatalogueRecords(shop.store, shop, shop.connections.get_connection(MERCHANT, CONNECTION))
    return load(shop.connector).fetch(shop.client, ref, known)


def read_again(shop: Synced, bundle: SourceBundle) -> Any:
    """From what is kept, and nothing else."""
    kept = SourceBundle.from_bytes(bundle.to_bytes())
    return load(shop.connector).read(kept, account={"currency": "NGN"}, mapping=RULES)


def requested(shop: Synced) -> list[str]:
    return [one["path"] for one in shop.control("GET", "/log")["entries"] if not one["path"].startswith("/_control")]


@only("lightspeed_x")
def test_a_line_gets_its_code_from_the_synced_item_without_a_request(shop: Synced) -> None:
    shop.run()
    ref = sold(shop)
    shop.control("DELETE", "/log")
    bundle = bundle_of(shop, ref)
    assert not any("/products/" in path for path in requested(shop))
    labels = bundle.from_catalogue()
    assert len(labels) == 2
    assert all(re.fullmatch(r"catalogue items/\S+ revision \d{20} as of \S+", label) for label in labels)
    sale = read_again(shop, bundle).sale
    assert [(line.sku, line.classification.hsn_code) for line in sale.lines] == [
        ("CH-100", "9403.30"),
        ("PA-004", "4820.10"),
    ]


@only("lightspeed_x")
def test_a_copy_that_is_not_current_is_not_used_and_the_fetched_record_wins(shop: Synced) -> None:
    shop.run()
    ref = sold(shop)
    shop.later(minutes=40)
    bundle = bundle_of(shop, ref)
    assert bundle.from_catalogue() == []
    assert [line.sku for line in read_again(shop, bundle).sale.lines] == ["CH-100", "PA-004"]
