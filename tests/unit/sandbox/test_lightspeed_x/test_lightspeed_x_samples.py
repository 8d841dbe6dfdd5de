"""The captures and the vendor's examples, asked for again: same keys, and the same sums from the same lines."""

import json
from copy import deepcopy
from typing import Any

import pytest

from tests.unit.sandbox.receiver import Receiver
from tests.unit.sandbox.test_lightspeed_x.conftest import (
    AMINA,
    CHAIR,
    PAPER,
    PEN,
    SEED,
    Client,
    payloads,
    sample,
)

PRICES = {CHAIR: "269.90", PAPER: "198.90", PEN: "69.90"}


def shape(value: Any) -> Any:
    """Keys all the way down; of a list, those of its elements together."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        shapes = [shape(one) for one in value]
        return [shapes[0]] if shapes and all(one == shapes[0] for one in shapes) else shapes
    return "?"


def kinds(value: dict[str, Any]) -> dict[str, str]:
    return {key: type(one).__name__ for key, one in value.items()}


def priced(client: Client) -> None:
    """The seed's products at the captures' prices, and a customer without a company."""
    for key, price in PRICES.items():
        client.control("PATCH", f"/products/{key}", {"price": price})


def captured(name: str) -> Any:
    return json.loads(sample(name)["payload"])


def last_payload(client: Client, receiver: Receiver, **wish: str) -> dict[str, Any]:
    client.settle()
    return [one for one in payloads(receiver) if wish.items() <= one.items()][-1]


def test_a_walk_in_sale(client: Client, receiver: Receiver) -> None:
    priced(client)
    expected = captured("webhook_sale_walkin_closed")
    client.subscribe(receiver.url)
    client.sell(lines=[{"product_id": CHAIR}, {"product_id": PAPER}], payments=[{"type": "Card"}])
    answer = last_payload(client, receiver)
    assert shape(answer) == shape(expected)
    assert kinds(answer) == kinds(expected)
    assert kinds(answer["customer"]) == kinds(expected["customer"])
    assert list(answer) == list(expected), "sorted by name, as captured"
    for key in ("total_price", "total_tax", "total_payment", "total_to_pay"):
        assert answer["totals"][key] == expected["totals"][key]
    assert answer["taxes"][0]["tax"] == expected["taxes"][0]["tax"]
    for line, recorded in zip(answer["register_sale_products"], expected["register_sale_products"], strict=True):
        for key in ("price", "price_total", "tax", "tax_total", "quantity", "price_set", "is_return"):
            assert line[key] == recorded[key]
    assert answer["register_sale_payments"][0]["amount"] == expected["register_sale_payments"][0]["amount"]
    assert answer["customer"]["customer_code"] == "WALKIN"


def test_a_return_that_is_first_saved_and_then_closed_with_less(client: Client, receiver: Receiver) -> None:
    priced(client)
    lines = [{"product_id": CHAIR}, {"product_id": PAPER, "quantity": 2}, {"product_id": PEN, "quantity": 3}]
    sale = client.sell(customer_id=AMINA, lines=lines, payments=[{"type": "Card"}])
    client.subscribe(receiver.url)
    back = client.act(sale, "return")
    saved, expected = last_payload(client, receiver, id=back["id"]), captured("webhook_return_1_saved")
    assert shape(saved) == shape(expected)
    assert saved["totals"] == expected["totals"]
    assert saved["taxes"][0]["tax"] == expected["taxes"][0]["tax"] == 65.805
    wanted = [{"product_id": PAPER, "quantity": 1}, {"product_id": PEN, "quantity": 1}]
    client.act(back, "close", lines=wanted, payments=[{"type": "Card"}])
    closed, expected = last_payload(client, receiver, id=back["id"]), captured("webhook_return_2_closed")
    assert shape(closed) == shape(expected)
    assert closed["totals"] == expected["totals"]
    assert closed["taxes"][0]["tax"] == expected["taxes"][0]["tax"]
    assert closed["id"] == saved["id"]
    for line, recorded in zip(closed["register_sale_products"], expected["register_sale_products"], strict=True):
        for key in ("quantity", "price", "price_total", "tax_total", "price_set", "is_return"):
            assert line[key] == recorded[key]
    assert closed["register_sale_payments"][0]["amount"] == -288.96


def test_a_sale_of_version_2(client: Client) -> None:
    expected = sample("api20_sales_page_1036")
    gst = {"name": "GST", "rate": "0.15", "id": "b1d192bc-f019-11e3-a0f5-b8ca3a64f8f4"}
    client.control("POST", "/seed", {"retailers": [{"domain_prefix": "zumahome", "name": "x", "taxes": [gst]}]})
    lines = [{"product_id": CHAIR, "price": price, "tax_id": gst["id"]} for price in ("200", "0")]
    client.sell(lines=lines)
    answer = client.get("sales", after=client.get("sales")["data"][0]["version"])
    assert shape(answer) == shape(expected)
    [sale], [recorded] = answer["data"], expected["data"]
    for key in ("total_price", "total_tax", "status"):
        assert sale[key] == recorded[key]
    assert [one["amount"] for one in sale["taxes"]] == [one["amount"] for one in recorded["taxes"]]
    assert [kinds(line) for line in sale["line_items"]] == [kinds(line) for line in recorded["line_items"]]


def test_a_sale_of_version_0_9(client: Client) -> None:
    expected = sample("api09_register_sale_cash")
    gst = {"name": "GST", "rate": "0.15", "id": "02dcd191-ae2b-11e6-f485-a54b9896a941"}
    client.control("POST", "/seed", {"retailers": [{"domain_prefix": "zumahome", "name": "x", "taxes": [gst]}]})
    sale = client.sell(lines=[{"product_id": CHAIR, "price_including_tax": "5", "tax_id": gst["id"]}])
    [answer] = client.get(f"/api/register_sales/{sale['id']}")["register_sales"]
    assert shape(answer) == shape(expected)
    for key in ("total_price", "total_tax", "status", "customer_id"):
        assert answer[key] == expected[key]
    [line], [recorded] = answer["register_sale_products"], expected["register_sale_products"]
    assert {key: line[key] for key in ("price", "tax", "quantity", "status")} == {
        key: recorded[key] for key in ("price", "tax", "quantity", "status")
    }
    assert answer["register_sale_payments"][0]["amount"] == expected["register_sale_payments"][0]["amount"]


@pytest.mark.parametrize("path", ["outlets", "taxes"])
def test_lookups(client: Client, path: str) -> None:
    expected, answer = sample(f"api20_{path}"), client.get(path)
    assert set(answer) >= set(expected), "the example of taxes leaves the versions out"
    assert set(answer["version"]) == {"min", "max"}
    for one in answer["data"]:
        assert kinds(one) == kinds(expected["data"][0])
    if path == "taxes":
        assert set(answer["data"][0]["rates"][0]) == set(expected["data"][0]["rates"][0])


def test_payment_types_have_a_config_or_none(client: Client) -> None:
    expected = sample("api20_payment_types")["data"]
    kind = {"name": "Links", "type_id": 3, "config": {"url": "https://pay.example"}}
    seed = deepcopy(SEED["retailers"][0])
    client.control(
        "POST", "/seed", {"retailers": [{"domain_prefix": seed["domain_prefix"], "name": "x", "payment_types": [kind]}]}
    )
    answer = client.data("payment_types")
    assert kinds(answer[0]) == kinds(expected[0])
    assert kinds(answer[-1]) == kinds(expected[1])


def test_a_product_and_its_stock(client: Client) -> None:
    expected, answer = sample("api20_product")["data"], client.data(f"products/{CHAIR}")
    assert set(answer) == set(expected)
    assert set(answer["type"]) == set(expected["type"])
    assert set(answer["product_codes"][0]) == set(expected["product_codes"][0])
    rows = sample("api20_product_inventory")["data"]
    assert {frozenset(one) for one in client.data(f"products/{CHAIR}/inventory")} == {frozenset(rows[0])}
