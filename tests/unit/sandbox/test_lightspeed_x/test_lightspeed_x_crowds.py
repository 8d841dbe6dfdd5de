"""Big stores: hundreds of thousands of records, made when asked for."""

import tracemalloc
from typing import Any

import pytest

from tests.sandbox.lightspeed_x import LightspeedXSandbox
from tests.unit.sandbox.test_lightspeed_x.conftest import LAGOS, SEED, Client

MANY, PEOPLE = 200_000, 50_000


@pytest.fixture(name="big")
def _big(client: Client) -> Client:
    made = client.control("POST", "/bulk", {"products": MANY, "customers": PEOPLE})
    assert {name: made[name] for name in ("products", "customers")} == {"products": MANY + 7, "customers": PEOPLE + 4}
    assert made["inventory"] == 2 * (MANY + 4)
    client.control("POST", "/limits", {"requests": 10**6})
    return client


@pytest.mark.parametrize("path", ["products", "inventory", "customers"])
def test_pages_of_a_crowd_are_whole_and_in_order_from_any_version(big: Client, path: str) -> None:
    first = big.get(path, page_size=1000)
    later = big.get(path, after=first["version"]["max"] + 20_000, page_size=1000)
    for page in (first, later):
        versions = [one["version"] for one in page["data"]]
        assert versions == sorted(set(versions))
        assert (len(versions), page["version"]) == (1000, {"min": versions[0], "max": versions[-1]})
    assert later["data"][1]["version"] - later["data"][0]["version"] == 1


def test_a_whole_walk_meets_everyone_once(client: Client) -> None:
    client.control("POST", "/bulk", {"customers": 2500})
    after, seen = 0, []
    while page := client.get("customers", after=after, page_size=1000):
        if not page["data"]:
            break
        seen += [one["id"] for one in page["data"]]
        after = page["version"]["max"]
    assert len(seen) == len(set(seen)) == 2504


def test_changes_and_deletions_are_the_next_pages_and_nothing_else_is(big: Client) -> None:
    after = {
        path: big.control("GET", "/state")["retailers"][0]["version"] for path in ("products", "inventory", "customers")
    }
    wanted = {"products": 120, "customers": 30, "stock": 50, "deleted_products": 10, "deleted_customers": 5}
    done = big.control("POST", "/bulk/changes", wanted)
    assert {name: len(keys) for name, keys in done.items()} == wanted

    def feed(path: str) -> dict[str, Any]:
        page = big.get(path, after=after[path], page_size=1000, deleted="true")
        return {one["id"]: one for one in page["data"]}

    products, customers, stock = feed("products"), feed("customers"), feed("inventory")
    assert set(products) == {*done["products"], *done["deleted_products"]}
    assert all(products[key]["deleted_at"] for key in done["deleted_products"])
    assert set(customers) == {*done["customers"], *done["deleted_customers"]}
    assert {one["product_id"] for one in stock.values()} == set(done["stock"])


def test_a_crowds_product_is_found_by_id_and_sku_has_stock_and_can_be_sold(big: Client) -> None:
    product = big.data("products", after=big.get("products")["version"]["max"] + 5000, page_size=1)[0]
    assert big.data(f"products/{product['id']}") == product
    assert big.data("products", sku=product["sku"]) == [product]
    assert big.data("/api/2.0/search", type="products", sku=product["sku"]) == [product]
    rows = {one["outlet_id"]: one["inventory_level"] for one in big.data(f"products/{product['id']}/inventory")}
    big.sell(outlet_id=LAGOS, lines=[{"product_id": product["id"]}])
    after = {one["outlet_id"]: one["inventory_level"] for one in big.data(f"products/{product['id']}/inventory")}
    assert after == rows | {LAGOS: rows[LAGOS] - 1}


def test_every_tenth_customer_is_a_business_with_a_tin(big: Client) -> None:
    page = big.data("customers", after=big.get("customers")["version"]["max"], page_size=100)
    assert sum("custom_field_1" in one for one in page) == 10


def test_the_size_of_a_crowd_costs_no_memory() -> None:
    tracemalloc.start()
    try:
        sandbox = LightspeedXSandbox(SEED)
        before = tracemalloc.get_traced_memory()[0]
        bulk = {"products": 10**6, "customers": 10**6}
        sandbox.load({"retailers": [{"domain_prefix": "zumahome", "name": "x", "bulk": bulk}]})
        products = sandbox.world.retailer().tables["products"]
        assert len(products) == 10**6 + 7
        next(iter(products.walk("version", descending=True)))
        assert tracemalloc.get_traced_memory()[0] - before < 100_000
    finally:
        tracemalloc.stop()
