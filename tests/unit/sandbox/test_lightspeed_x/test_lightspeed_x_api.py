"""Versions, collections, single records, search, both families, the old one."""

from typing import Any

import pytest

from tests.sandbox.kit import Clock
from tests.unit.sandbox.test_lightspeed_x.conftest import (
    ABUJA,
    AMINA,
    CHAIR,
    LAGOS,
    PAPER,
    PARKED,
    PEN,
    WALKIN,
    Client,
)


def feed(client: Client, path: str, after: int = 0, size: int = 2, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = client.get(path, after=after, page_size=size, **more)
        if not page["data"]:
            assert page["version"] == {"min": None, "max": None}
            return found
        assert len(page["data"]) <= size
        found += page["data"]
        after = page["version"]["max"]


@pytest.mark.parametrize(
    "path", ["products", "inventory", "customers", "taxes", "outlets", "registers", "payment_types", "users"]
)
def test_every_collection_is_paged_by_version_until_it_is_empty(client: Client, path: str) -> None:
    found = feed(client, path)
    versions = [one["version"] for one in found]
    assert versions == sorted(set(versions))
    assert len(found) == client.control("GET", "/state")["retailers"][0]["records"][path]


def test_one_counter_gives_every_change_of_the_store_a_higher_version(client: Client) -> None:
    before = max(one["version"] for path in ("products", "customers", "sales") for one in client.data(path))
    first = client.control("PATCH", f"/products/{PAPER}", {"name": "A4 paper"})["version"]
    second = client.control("PATCH", f"/customers/{AMINA}", {"note": "VIP"})["version"]
    third = client.sell(lines=[{"product_id": PEN}])["version"]
    assert before < first < second < third
    assert [one["id"] for one in feed(client, "products", after=before)] == [PAPER], "the feed shows the change alone"


def test_deleted_records_show_only_when_asked_for(client: Client) -> None:
    before = client.get("products")["version"]["max"]
    client.control("DELETE", f"/products/{PEN}")
    assert PEN not in {one["id"] for one in client.data("products")}
    assert client.data("products", after=before) == []
    [gone] = client.data("products", after=before, deleted="true")
    assert (gone["id"], gone["deleted_at"]) == (PEN, "2026-07-15T12:00:00+00:00")


def test_before_ends_a_page_and_nonsense_is_refused(client: Client) -> None:
    everything = client.data("products")
    middle = everything[2]["version"]
    assert [one["version"] for one in client.data("products", before=middle)] == [
        one["version"] for one in everything[:3]
    ]
    assert client.call("GET", "/api/2.0/products?after=x").status_code == 400


def test_a_misspelled_parameter_is_ignored_and_the_log_says_so(client: Client) -> None:
    assert len(client.data("products", pagesize=1)) > 1
    assert "ignored the parameters pagesize" in client.log()[-1]["verdict"]


def test_single_records(client: Client) -> None:
    assert client.data(f"products/{CHAIR}")["name"] == "Office chair, high back"
    assert client.data(f"customers/{AMINA}")["custom_field_1"] == "34567890-0001"
    assert client.data(f"outlets/{LAGOS}")["time_zone"] == "Africa/Lagos"
    missing = client.call("GET", "/api/2.0/products/none")
    assert (missing.status_code, set(missing.json())) == (404, {"error", "message"})


def test_the_store_has_a_currency_and_a_discount_product(client: Client) -> None:
    store = client.data("retailer")
    assert store["currency"] == {"code": "NGN", "symbol": "₦"}
    assert client.data(f"products/{store['discount_product_id']}")["name"] == "Discount"
    assert {one["currency"] for one in client.data("outlets")} == {"NGN"}


def test_a_shelf_price_with_tax_is_an_awkward_net_one(client: Client) -> None:
    paper = client.data(f"products/{PAPER}")
    assert (paper["price_including_tax"], paper["price_excluding_tax"]) == (5000, 4651.16279)


def test_a_product_is_found_by_its_sku_whatever_else_is_asked(client: Client) -> None:
    assert [one["id"] for one in client.data("products", sku="CH-100", after=10**15)] == [CHAIR]
    assert client.get("products", sku="none") == {"data": [], "version": {"min": None, "max": None}}


def test_stock_is_kept_for_each_outlet_and_moves_without_the_product(client: Client) -> None:
    product = client.data(f"products/{CHAIR}")["version"]
    before = client.get("inventory")["version"]["max"]
    client.sell(outlet_id=ABUJA, lines=[{"product_id": CHAIR, "quantity": 2}])
    [row] = client.data("inventory", after=before)
    assert (row["outlet_id"], row["inventory_level"], row["current_amount"]) == (ABUJA, 13, 13)
    assert {one["outlet_id"]: one["inventory_level"] for one in client.data(f"products/{CHAIR}/inventory")} == {
        LAGOS: 40,
        ABUJA: 13,
    }
    assert client.data(f"products/{CHAIR}")["version"] == product
    client.control("PUT", f"/products/{CHAIR}/stock", {"outlet_id": LAGOS, "level": -1})
    assert client.data("inventory", after=row["version"])[0]["inventory_level"] == -1


@pytest.mark.parametrize(
    "status", ["SAVED", "ONACCOUNT", "LAYBY", "AWAITING_DISPATCH", "AWAITING_PICKUP", "SERVICE", "VOIDED"]
)
def test_version_2_shows_single_sales_only_when_closed_in_one_of_three_ways(client: Client, status: str) -> None:
    sale = client.sell(status="CLOSED" if status == "VOIDED" else status, lines=[{"product_id": PEN}])
    if status == "VOIDED":
        client.act(sale, "void")
    assert client.call("GET", f"/api/2.0/sales/{sale['id']}").status_code == 404
    assert client.data(f"/api/2026-07/sales/{sale['id']}")["id"] == sale["id"]
    assert sale["id"] in {one["id"] for one in client.data("sales")}, "the list has them all"


@pytest.mark.parametrize("status", ["CLOSED", "ONACCOUNT_CLOSED", "LAYBY_CLOSED"])
def test_version_2_shows_these_three(client: Client, status: str) -> None:
    sale = client.sell(status=status, lines=[{"product_id": PEN}])
    assert client.data(f"sales/{sale['id']}")["status"] == status


def test_the_dated_family_has_states_and_another_schema(client: Client) -> None:
    sale = client.sell(customer_id=AMINA, lines=[{"product_id": PAPER, "quantity": 3}])
    dated = client.data(f"/api/2026-07/sales/{sale['id']}")
    assert dated["state"] == "closed"
    assert "status" not in dated
    assert dated["source"]["outlet_id"] == LAGOS
    [line] = dated["line_items"]
    assert line["product"] == {"id": PAPER}
    assert line["pricing"]["price"] == "4651.16279"
    assert line["_metadata"]["tax_components"][0]["total_tax"] == "1046.51000"
    assert (dated["totals"]["price"], dated["totals"]["price_incl_tax"]) == ("13953.49000", "15000.00000")
    assert dated["_metadata"]["version"] == sale["version"]
    client.settings(dated_numbers="number")
    again = client.data(f"/api/2026-07/sales/{sale['id']}")
    assert (again["totals"]["price_incl_tax"], again["line_items"][0]["quantity"]) == (15000, 3)


@pytest.mark.parametrize(
    ("status", "state", "attributes"),
    [
        ("SAVED", "parked", []),
        ("ONACCOUNT", "pending", ["onaccount"]),
        ("LAYBY", "pending", ["layby"]),
        ("AWAITING_DISPATCH", "pending", ["dispatch"]),
        ("ONACCOUNT_CLOSED", "closed", ["onaccount"]),
        ("CLOSED", "closed", []),
    ],
)
def test_states_of_statuses(client: Client, status: str, state: str, attributes: list[str]) -> None:
    sale = client.sell(status=status, lines=[{"product_id": PEN}])
    dated = client.data(f"/api/2026-07/sales/{sale['id']}")
    assert (dated["state"], dated["attributes"]) == (state, attributes)


def test_a_retired_version_is_answered_silently_and_a_future_one_not_at_all(client: Client) -> None:
    assert client.call("GET", "/api/2024-01/sales").status_code == 200
    assert "2024-01 is retired" in client.log()[-1]["verdict"]
    assert client.data("/api/2026-04/sales")[0]["state"] == "parked"
    for version in ("2026-10", "3.0", "2026-02"):
        assert client.call("GET", f"/api/{version}/sales").status_code == 404, version


def test_amounts_of_version_2_are_numbers(client: Client) -> None:
    sale = client.sell(lines=[{"product_id": PAPER}])
    line = client.data(f"sales/{sale['id']}")["line_items"][0]
    assert (line["price"], line["unit_price"], line["total_price"]) == (4651.16279, 4651.16279, 4651.16279)
    assert (line["tax"], line["total_tax"], line["quantity"]) == (348.83721, 348.83721, 1)


def test_search_by_what_sales_hold(client: Client, clock: Clock) -> None:
    early = client.sell(customer_id=AMINA, lines=[{"product_id": PEN}])
    clock.advance(3600)
    late = client.sell(outlet_id=ABUJA, lines=[{"product_id": PEN}])
    search = "/api/2.0/search"

    def found(**params: Any) -> list[str]:
        return [one["id"] for one in client.data(search, type="sales", **params)]

    assert found(customer_id=AMINA, status=["CLOSED", "ONACCOUNT"]) == [early["id"]]
    assert found(date_from="2026-07-15T12:30:00Z") == [late["id"]]
    assert found(date_to="2026-07-15T12:30:00Z", status="CLOSED") == [early["id"]]
    assert found(outlet_id=ABUJA) == [late["id"]]
    assert found(invoice_number=early["invoice_number"]) == [early["id"]]
    assert found(order_by="sale_date", order_direction="desc", page_size=1) == [late["id"]]
    assert found(status="CLOSED", offset=1) == [late["id"]]
    assert [one["id"] for one in client.data(search, type="products", sku="CH-100")] == [CHAIR]
    assert [one["id"] for one in client.data(search, type="customers", customer_code="WALKIN")] == [WALKIN]
    assert client.call("GET", search, params={"type": "taxes"}).status_code == 400


def test_version_0_9_pages_by_number_mixes_types_and_may_spell_out_null(client: Client) -> None:
    client.sell(lines=[{"product_id": PAPER}], old=True)
    answer = client.get("/api/register_sales", page=1, page_size=1)
    assert answer["pagination"] == {"results": 2, "page": 1, "page_size": 1, "pages": 2}
    old = client.get("/api/0.9/register_sales", page=2, page_size=1)["register_sales"][0]
    assert old["customer_id"] == "null"
    line = old["register_sale_products"][0]
    assert (line["price"], line["tax"], line["quantity"]) == (4651.16279, "348.83721", "1")
    assert (old["register_sale_payments"][0]["amount"], old["register_sale_payments"][0]["currency"]) == ("5000", "NGN")
    assert old["sale_date"] == "2026-07-15T13:00:00+01:00"
    assert client.get(f"/api/register_sales/{PARKED}")["register_sales"][0]["customer_id"] == AMINA


def test_digit_runs_that_look_like_a_card_are_masked(client: Client) -> None:
    client.control("PATCH", f"/customers/{AMINA}", {"custom_field_4": "ID 1234567890123", "note": "12345678-0001"})
    seen = client.data(f"customers/{AMINA}")
    assert (seen["custom_field_4"], seen["note"]) == ("ID *********0123", "12345678-0001")


def test_the_walk_in_customer_is_a_record(client: Client) -> None:
    assert client.sell(lines=[{"product_id": PEN}])["customer_id"] == WALKIN
    walk_in = client.data(f"customers/{WALKIN}")
    assert (walk_in["customer_code"], walk_in["first_name"]) == ("WALKIN", None)


def test_another_store_sees_nothing_of_this_one(client: Client) -> None:
    other = {"name": "Other", "domain_prefix": "other", "users": [{"display_name": "Someone"}]}
    client.control("POST", "/seed", {"retailers": [other]})
    stranger = Client(client.url, client.control("POST", "/tokens?domain_prefix=other", {}))
    assert stranger.token["domain_prefix"] == "other"
    assert stranger.data("products") == []
    assert stranger.call("GET", f"/api/2.0/products/{CHAIR}").status_code == 404
