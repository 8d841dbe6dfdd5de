"""What was sold before the connection, fetched from each sandbox over real HTTP, and rules tried on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from taxpoynt.bootstrap.look_backs import look_back_jobs
from taxpoynt.connector_kit.loader import load
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.source import SourceBundle
from taxpoynt.nrs.resources import code_lists
from taxpoynt.services import jobs
from taxpoynt.services.known_records import CatalogueRecords
from taxpoynt.services.look_back import LookBacks
from taxpoynt.services.what_if import chosen_by, what_if
from taxpoynt.services.what_if_sides import Circumstances
from tests.connectors.test_catalogues import CONNECTION, MERCHANT, Synced, only, shop
from tests.fakes.look_backs import FakeLookBackStore
from tests.fakes.outside import FakeBlobs
from tests.fakes.stores import FakeSaleStore

__all__ = ["shop"]

SELLER = Merchant.model_validate(
    {"name": "Demo", "defaults": {"classification": {"isic_code": "4711", "service_category": "Retail"}}}
)
CHAIR = "0af7b240-abf0-11e9-fb5b-000000000d01"


class Looking:
    """The job over a sandbox's client. `done` after as many slices as it takes; its pauses pass at once."""

    def __init__(self, shop: Synced) -> None:
        self.shop, self.store, self.blobs = shop, FakeLookBackStore(), FakeBlobs()
        self.desk = LookBacks(shop.connections, self.store, shop.queue, shop, lambda _: "")
        known = partial(CatalogueRecords, shop.store, shop)
        stores = (self.store, shop.connections, FakeSaleStore(shop), self.blobs, shop.queue)
        self.run = look_back_jobs(*stores, shop, lambda _: shop.client, known)["look_back"]

    def done(self, records: int) -> Any:
        self.desk.ask(MERCHANT, CONNECTION, records)
        while sent := self.shop.queue.sent:
            self.shop.queue.sent = []
            for _, message, delay in sent:
                if delay:
                    self.shop.later(seconds=delay)
                self.run(jobs.read(message), lambda: 60.0)
        return self.desk.shown(MERCHANT, CONNECTION)

    @property
    def bundles(self) -> list[tuple[str, SourceBundle]]:
        """As they were kept, one after the other."""
        read = [SourceBundle.from_bytes(data) for data in self.blobs.blobs.values()]
        return [(one.resource_id, one) for one in read]

    def outcomes(self, document: Mapping[str, Any], account: Mapping[str, Any]) -> Mapping[str, int]:
        """What a rule document would make of what was kept."""
        about = Circumstances(lists=code_lists(), account=account)
        made = what_if(
            load(self.shop.connector),
            self.bundles,
            SELLER,
            chosen_by({}),
            chosen_by(document),
            about,
        )
        return {name: count for name, count in made.counts.items() if count}


def sold_r(shop: Synced, **ago: float) -> str:
    at = (shop.now() - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    wish = {"shopID": 1, "registerID": 1, "employeeID": 1, "completeTime": at, "lines": [{"itemID": 1}]}
    return str(shop.control("POST", "/sales", wish)["saleID"])


@only("lightspeed_r")
def test_a_shop_that_lists_by_time_is_gone_back_through_by_days(shop: Synced) -> None:
    ages: list[dict[str, float]] = [{"days": 12}, {"days": 6}, {"hours": 30}, {"hours": 5}, {"minutes": 20}]
    sales = [sold_r(shop, **ago) for ago in ages]
    looking = Looking(shop)
    seen = looking.done(3)
    assert (seen.state, seen.there) == ("done", 3)
    assert [name for name, _ in looking.bundles] == sales[:1:-1], "the latest three, the newest first"
    every = looking.done(5)
    assert every.there == 5
    assert [name for name, _ in looking.bundles] == sales[::-1]
    assert timedelta(days=11) < shop.now() - every.reached < timedelta(days=14)
    account = {"default_currency": "NGN", "timezone_name": "Africa/Lagos"}
    assert looking.outcomes({"settings": {"shops": ["2"]}}, account) == {"vanishes": 5}, "all were sold in shop 1"


@only("lightspeed_x")
def test_a_shop_that_lists_by_version_is_gone_back_through_from_the_highest(shop: Synced) -> None:
    sales = [shop.control("POST", "/sales", {"lines": [{"product_id": CHAIR}]})["id"] for _ in range(4)]
    connection = shop.connections.get_connection(MERCHANT, CONNECTION)
    cursor, more = load(shop.connector).changed(shop.client, None, shop.now()).cursor, True
    while more:
        page = load(shop.connector).changed(shop.client, cursor, shop.now())
        cursor, more = page.cursor, page.more
    shop.connections.save_connection(replace(connection, cursor=cursor))
    looking = Looking(shop)
    seen = looking.done(3)
    assert (seen.state, seen.there) == ("done", 3)
    assert [name for name, _ in looking.bundles] == sales[:0:-1]
    assert shop.connections.get_connection(MERCHANT, CONNECTION).cursor == cursor


@only("pipedrive")
def test_won_deals_are_fetched_with_all_that_their_invoices_need(shop: Synced) -> None:
    shop.control("PATCH", "/deals/101?silent=1", {"status": "won"})
    shop.later(days=20)
    shop.control("PATCH", "/deals/103?silent=1", {"status": "won"})
    shop.later(minutes=5)
    looking = Looking(shop)
    seen = looking.done(10)
    assert (seen.state, seen.there, seen.left_out) == ("done", 2, 0)
    assert [name for name, _ in looking.bundles] == ["103", "101"]
    assert "deal_products" in looking.bundles[0][1].answers
