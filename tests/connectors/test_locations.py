"""The shops of a platform's account over real HTTP: listed, opened, renamed, closed; and sales go by the choice."""

from __future__ import annotations

from typing import Any

import pytest

from taxpoynt.bootstrap.locations import lists_shops
from taxpoynt.connector_kit.deciding import locations_setting
from taxpoynt.connector_kit.loader import load, names
from taxpoynt.connector_kit.locations import read_locations
from taxpoynt.domain.locations import Location
from taxpoynt.domain.sale import RecordRef
from taxpoynt.services import jobs
from taxpoynt.services.list_locations import ListLocations
from tests.connectors.test_catalogues import CONNECTION, MERCHANT, Synced, only, requested, shop
from tests.fakes.locations import FakeLocationStore

__all__ = ["shop"]  # a fixture


class Listed:
    """The job `locations` of one connector against its sandbox."""

    def __init__(self, shop: Synced) -> None:
        self.shop, self.store = shop, FakeLocationStore()
        self.job = ListLocations(shop.connections, self.store, shop, lambda _: read_locations(shop.client, shop.spec))

    def run(self) -> dict[str, Location]:
        """By name, those that went included."""
        message = jobs.make("locations", MERCHANT, CONNECTION, self.shop.connector)
        assert self.job(jobs.read(message), lambda: 60.0).endswith("shops")
        found = self.store.get(MERCHANT, CONNECTION)
        assert found is not None
        assert found.problem == ""
        return {one.name: one for one in found.locations}


def decided(shop: Synced, sale: str, **settings: Any) -> tuple[str, str]:
    connector = load(shop.connector)
    bundle = connector.fetch(shop.client, RecordRef(resource="sale", id=sale))
    found = connector.trigger(bundle, settings=settings)
    return found.document, found.why


@only("lightspeed_r")
def test_r_series_shops_are_listed_page_by_page_and_an_archived_one_went(shop: Synced) -> None:
    listed = Listed(shop)
    first = listed.run()
    assert {one.id for one in first.values()} == {"1", "2"}
    assert {one.time_zone for one in first.values()} == {"Africa/Lagos"}
    about = {"timeZone": "Africa/Lagos", "taxCategoryID": 1}
    for number in range(105):
        shop.control("POST", "/shops", {**about, "name": f"Kiosk {number:03}"})
    shop.control("PATCH", "/shops/1", {"name": "Zuma Ikeja"})
    shop.control("PATCH", "/shops/2", {"archived": True})
    shop.control("DELETE", "/log")
    shop.later(minutes=5)
    later = listed.run()
    assert len([path for path in requested(shop) if path.endswith("/Shop.json")]) == 2, "100 a page"
    assert later["Zuma Ikeja"].id == "1"
    assert later["Kiosk 104"].first_seen is not None
    [gone] = [one for one in later.values() if one.id == "2"]
    assert gone.gone_at is not None


@only("lightspeed_x")
def test_x_series_outlets_are_listed_and_a_deleted_one_went(shop: Synced) -> None:
    listed = Listed(shop)
    first = listed.run()
    [lagos] = [one for one in first.values() if one.time_zone == "Africa/Lagos"][:1]
    shop.control("POST", "/outlets", {"name": "Lekki Pop-up", "time_zone": "Africa/Lagos", "currency": "NGN"})
    shop.later(days=1)
    later = listed.run()
    assert later["Lekki Pop-up"].first_seen is not None
    assert later["Lekki Pop-up"].currency == "NGN"
    assert later[lagos.name].first_seen is None
    shop.control("DELETE", f"/outlets/{later['Lekki Pop-up'].id}")
    shop.later(days=1)
    assert listed.run()["Lekki Pop-up"].gone_at is not None


@only("lightspeed_r")
def test_a_sale_of_a_shop_that_was_not_chosen_from_the_list_is_no_invoice(shop: Synced) -> None:
    ids = [one.id for one in Listed(shop).run().values()]
    shop.control("POST", "/sales/1/complete")
    setting = str(locations_setting(shop.spec))
    assert decided(shop, "1", **{setting: ["1"]})[0] == "invoice"
    assert decided(shop, "1", **{setting: [one for one in ids if one != "1"]}) == (
        "ignore",
        "shop 1 does not issue invoices here",
    )


@pytest.mark.parametrize("connector", names())
def test_where_a_merchant_may_choose_shops_they_are_listed(connector: str) -> None:
    spec = load(connector).template
    assert lists_shops(connector) == (locations_setting(spec) is not None)
