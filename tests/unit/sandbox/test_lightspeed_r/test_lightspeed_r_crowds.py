"""Big accounts: hundreds of thousands of records, made when asked for."""

import tracemalloc
from typing import Any

import pytest

from tests.sandbox.kit import Clock
from tests.sandbox.lightspeed_r import LightspeedRSandbox
from tests.unit.sandbox.test_lightspeed_r.conftest import SEED, Client, many

MANY, PEOPLE = 200_000, 50_000


@pytest.fixture(name="big")
def _big(client: Client) -> Client:
    made = client.control("POST", "/bulk", {"items": MANY, "customers": PEOPLE})
    assert made == {"Item": MANY + 5, "ItemShop": 3 * (MANY + 5), "Customer": PEOPLE + 4}
    client.control("POST", "/limits", {"bucket_size": 10**6, "burst": 10**6})
    return client


def some_pages(client: Client, entity: str, **params: Any) -> list[Any]:
    answer, found = client.get(f"{entity}.json", **params), []
    for _ in range(5):
        found += many(answer[entity])
        answer = client.get(answer["@attributes"]["next"])
    return found


@pytest.mark.parametrize(
    ("entity", "key"), [("Item", "itemID"), ("ItemShop", "itemShopID"), ("Customer", "customerID")]
)
@pytest.mark.parametrize("sort", ["", "-", "timeStamp", "-timeStamp"])
def test_pages_of_a_crowd_are_whole_and_in_order(big: Client, entity: str, key: str, sort: str) -> None:
    found = some_pages(big, entity, sort=sort if "time" in sort else sort + key)
    order = [(one["timeStamp"] if "time" in sort else "", int(one[key])) for one in found]
    assert order == sorted(set(order), reverse=sort.startswith("-"))
    assert len(found) == 500


def test_a_page_in_the_middle_is_found_without_a_walk(big: Client) -> None:
    middle = big.get(f"Item/{MANY // 2}.json")["Item"]
    found = big.get("Item.json", sort="timeStamp", timeStamp=f">=,{middle['timeStamp']}", limit=3)["Item"]
    assert {one["timeStamp"] for one in found} == {middle["timeStamp"]}, "three to a second"
    assert middle["itemID"] in {one["itemID"] for one in found}
    [row] = [row for row in big.get("ItemShop.json", itemID=middle["itemID"])["ItemShop"] if row["shopID"] == "0"]
    nested = big.get(f"Item/{middle['itemID']}.json", load_relations=["ItemShops"])["Item"]["ItemShops"]["ItemShop"]
    assert nested[0] == row
    assert int(row["qoh"]) == sum(int(one["qoh"]) for one in nested[1:])


def test_changes_archives_and_stock_movements_are_found_by_time_and_nothing_else_is(big: Client, clock: Clock) -> None:
    clock.advance(600)
    since = f">=,{clock.now().isoformat()}"
    wanted = {"items": 130, "customers": 20, "stock": 40, "archived_items": 10, "archived_customers": 5}
    done = big.control("POST", "/bulk/changes", wanted)
    assert {name: len(keys) for name, keys in done.items()} == wanted
    first = big.get("Item.json", sort="timeStamp", timeStamp=since, archived="true")
    second = big.get(first["@attributes"]["next"])
    found = {int(one["itemID"]): one for one in [*first["Item"], *second["Item"]]}
    assert set(found) == {*done["items"], *done["archived_items"]}
    assert all(found[key]["archived"] == "true" for key in done["archived_items"])
    assert all(found[key]["description"].endswith("(changed)") for key in done["items"])
    rows = big.get("ItemShop.json", sort="timeStamp", timeStamp=since)["ItemShop"]
    assert {int(row["itemID"]) for row in rows} == set(done["stock"])
    assert len(rows) == 80, "the shop's row and that of all shops"
    shown = big.get("Customer.json", sort="timeStamp", timeStamp=since)["Customer"]
    assert {int(one["customerID"]) for one in shown} == set(done["customers"]), "archived ones are hidden"
    assert big.get("Item.json", count=1)["@attributes"]["count"] == str(MANY + 5 - 10)


def test_a_crowd_has_businesses_with_a_tin_and_people_with_none_one_or_two_addresses(big: Client) -> None:
    shown = big.get("Customer.json", load_relations=["Contact"], customerID=">=,5", limit=30)["Customer"]
    assert sum(bool(one["vatNumber"]) for one in shown) == 3
    kinds = {type(one["Contact"]["Addresses"] and one["Contact"]["Addresses"]["ContactAddress"]) for one in shown}
    assert kinds == {str, dict, list}


def test_a_crowds_item_can_be_sold(big: Client) -> None:
    before = {row["shopID"]: int(row["qoh"]) for row in big.get("ItemShop.json", itemID="1000")["ItemShop"]}
    big.sell(lines=[{"itemID": 1000}])
    after = {row["shopID"]: int(row["qoh"]) for row in big.get("ItemShop.json", itemID="1000")["ItemShop"]}
    assert after == before | {"1": before["1"] - 1, "0": before["0"] - 1}


def test_the_size_of_a_crowd_costs_no_memory() -> None:
    tracemalloc.start()
    try:
        sandbox = LightspeedRSandbox(SEED)
        before = tracemalloc.get_traced_memory()[0]
        sandbox.load({"accounts": [{"id": 7200001, "name": "x", "bulk": {"items": 10**6, "customers": 10**6}}]})
        items = sandbox.world.account().tables["Item"]
        assert len(items) == 10**6 + 5
        next(iter(items.walk("timeStamp", descending=True)))
        assert tracemalloc.get_traced_memory()[0] - before < 100_000
    finally:
        tracemalloc.stop()
