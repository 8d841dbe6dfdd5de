"""The recorded and published answers, asked for again: same keys, and the same sums from the same lines."""

from copy import deepcopy
from typing import Any

import pytest

from tests.sandbox.lightspeed_r.values import words
from tests.unit.sandbox.test_lightspeed_r.conftest import ACCOUNT, SEED, TREE, Client, many, sample

# what API V3 answers today and the recordings of 2015 do not have
NEWER_SALE = {"createTime", "updateTime", "updatetime", "completeTime", "tipEnabled", "calcTips", "tipEmployeeID"}
NEWER_LINE = {"lineType", "taxCategoryID", "itemFeeID"}
NEWER_ITEM = {"serialized", "publishToEcom"}
NEWER_PAYMENT = {"tipAmount", "paymentID", "remoteReference"}
# calcFIFOCost is left out: the stand-in knows one cost of an item
SUMS = words(
    "total totalDue displayableTotal displayableSubtotal balance change taxTotal calcTotal calcSubtotal calcDiscount "
    "calcTaxable calcNonTaxable calcTax1 calcTax2 calcPayments calcAvgCost tax1Rate tax2Rate completed"
)
LINE_SUMS = words(
    "unitQuantity unitPrice normalUnitPrice discountPercent calcLineDiscount calcTransactionDiscount calcTotal "
    "calcSubtotal calcTax1 calcTax2 tax tax1Rate tax2Rate displayableSubtotal"
)


def differing(answer: dict[str, Any], expected: dict[str, Any], newer: set[str]) -> set[str]:
    return (set(answer) ^ set(expected)) - newer


def made_again(client: Client, expected: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A sale with the sample's lines and payments, in a shop with its taxes."""
    seed = deepcopy(SEED["accounts"][0])
    rates = {"tax1Rate": expected["tax1Rate"], "tax2Rate": expected["tax2Rate"]}
    taxes = [{"taxCategoryID": 50, "tax1Name": "Sales Tax", **rates}]
    items = [
        {"itemID": 1000 + int(line["itemID"]), "description": "Sample", "price": "1", "cost": line["avgCost"]}
        for line in many(expected["SaleLines"]["SaleLine"])
    ]
    client.control("POST", "/reset", {"seed": SEED | {"accounts": [seed | {"sales": []}]}})
    client.control(
        "POST", "/seed", {"accounts": [{"id": ACCOUNT, "name": seed["name"], "taxes": taxes, "items": items}]}
    )
    client.token = client.control("POST", "/tokens", {})
    wishes = [
        {
            "itemID": 1000 + int(line["itemID"]) if line["itemID"] != "0" else 0,
            "taxClassID": 1,
            "note": line.get("Note", {}).get("note", ""),
            **{key: line[key] for key in ("unitQuantity", "unitPrice", "normalUnitPrice", "discountPercent")},
            "tax": line["tax"] == "true",
        }
        for line in many(expected["SaleLines"]["SaleLine"])
    ]
    sale = client.sell(taxCategoryID=50, lines=wishes, **more)
    return client.sale(sale["saleID"], [*TREE, "TaxCategory"])


@pytest.mark.parametrize("name", ["sale_277_completed", "sale_22_half_cent.live", "sale_2_large_quantity.live"])
def test_a_completed_sale(client: Client, name: str) -> None:
    expected = sample(name)["Sale"]
    answer = made_again(client, expected)
    loaded = {"Customer", "Shop", "TaxClassTotals"}
    assert differing(answer, expected, NEWER_SALE | loaded) == set()
    assert {key: answer[key] for key in SUMS} == {key: expected[key] for key in SUMS}
    for line, original in zip(
        many(answer["SaleLines"]["SaleLine"]), many(expected["SaleLines"]["SaleLine"]), strict=True
    ):
        assert differing(line, original, NEWER_LINE | {"Item", "TaxClass"}) == set()
        assert {key: line[key] for key in LINE_SUMS} == {key: original[key] for key in LINE_SUMS}
    [payment], [paid] = many(answer["SalePayments"]["SalePayment"]), many(expected["SalePayments"]["SalePayment"])
    assert differing(payment, paid, NEWER_PAYMENT) == set()
    assert payment["PaymentType"] == paid["PaymentType"]
    assert payment["amount"] == paid["amount"]


def test_the_totals_by_tax_class_of_the_recording(client: Client) -> None:
    expected = sample("sale_22_half_cent.live")["Sale"]
    answer = made_again(client, expected)
    assert answer["TaxClassTotals"] == expected["TaxClassTotals"]
    item, recorded = answer["SaleLines"]["SaleLine"]["Item"], expected["SaleLines"]["SaleLine"]["Item"]
    assert differing(item, recorded, NEWER_ITEM) == set()
    assert set(item["Prices"]["ItemPrice"][0]) == set(recorded["Prices"]["ItemPrice"][0])


def test_a_split_cash_sale_with_change_and_lines_without_items(client: Client) -> None:
    expected = sample("sale_66_split_cash_change.live")["Sale"]
    # the recording's costs of lines without an item came from the integration that made them
    answer = made_again(client, expected, payments=[{"amount": "19.99"}, {"tendered": "59.97"}])
    sums = [key for key in SUMS if "Cost" not in key]
    assert {key: answer[key] for key in sums} == {key: expected[key] for key in sums}
    notes = [line.get("Note", {}).get("note") for line in many(answer["SaleLines"]["SaleLine"])]
    assert notes == ["SKU-6", None, "SKU-6"]
    assert set(answer["SaleLines"]["SaleLine"][0]["Note"]) == set(expected["SaleLines"]["SaleLine"][0]["Note"])
    assert [one["amount"] for one in answer["SalePayments"]["SalePayment"]] == ["19.99", "39.98"]


def test_a_full_refund_whose_parents_nobody_finds(client: Client) -> None:
    expected = sample("sale_282_full_refund")["Sale"]
    original = made_again(client, sample("sale_277_completed")["Sale"])
    back = client.control("POST", f"/sales/{original['saleID']}/refund", {"unresolvable_parents": True})
    answer = client.sale(back["saleID"], ["SaleLines", "SalePayments", "SalePayments.PaymentType"])
    assert differing(answer, expected, set()) == set()
    assert {key: answer[key] for key in SUMS} == {key: expected[key] for key in SUMS}
    for line, recorded in zip(answer["SaleLines"]["SaleLine"], expected["SaleLines"]["SaleLine"], strict=True):
        assert differing(line, recorded, NEWER_LINE) == set()
        assert {key: line[key] for key in LINE_SUMS} == {key: recorded[key] for key in LINE_SUMS}


def test_a_list_with_sales_in_every_state(client: Client) -> None:
    expected = {sale["saleID"]: sale for sale in sample("sale_list_mixed_states.live")["Sale"]}
    client.control("POST", "/reset", {"seed": SEED | {"accounts": [SEED["accounts"][0] | {"sales": []}]}})
    client.token = client.control("POST", "/tokens", {})
    misc = {"unitQuantity": 3, "unitPrice": "19.99", "note": "SKU-2", "tax": False}
    made = {
        "3": client.sell(completed=False),
        "28": client.sell(completed=False, lines=[misc], payments=[{"amount": "79.96"}]),
        "55": client.sell(completed=False, payments=[{"amount": "39.98"}]),
    }
    answers = {sale["saleID"]: sale for sale in client.get("Sale.json", load_relations=TREE)["Sale"]}
    for recorded, mine in made.items():
        answer = answers[mine["saleID"]]
        assert differing(answer, expected[recorded], NEWER_SALE | {"TaxCategory"}) == set()
        for key in ("completed", "total", "calcPayments", "balance"):
            assert answer[key] == expected[recorded][key], (recorded, key)


def test_lines_with_a_discount_and_with_a_price_rule(client: Client) -> None:
    expected = sample("salelines_sale5_discount")["SaleLine"]
    client.control("PATCH", "/taxes/2", {"tax1Rate": "0.05", "tax2Rate": "0.09975"})
    first = {"itemID": 1, "unitQuantity": 2, "unitPrice": "45", "discountPercent": "0.5", "discountID": 1}
    second = {"itemID": 2, "unitPrice": "10", "normalUnitPrice": "23"}
    sale = client.sell(taxCategoryID=2, lines=[first, second])
    relations = ["TaxClass", "Discount", "TaxCategory"]
    answer = client.get("SaleLine.json", saleID=sale["saleID"], load_relations=relations)
    assert answer["@attributes"] == {"next": "", "previous": ""}
    never = {"lineType", "SalesAccounts", "ItemFee"}  # the page's sample links both lines to a fee and a gift card
    for line, recorded in zip(answer["SaleLine"], expected, strict=True):
        assert differing(line, recorded, never) == set()
        assert {key: line[key] for key in LINE_SUMS} == {key: recorded[key] for key in LINE_SUMS}
    assert set(answer["SaleLine"][0]["Discount"]) == set(expected[0]["Discount"])
    assert sale["total"] == "63.24"


def test_a_customer(client: Client) -> None:
    expected = sample("customer_doc")
    answer = client.get("Customer/3.json")
    assert set(answer["Customer"]) == set(expected["Customer"])
    assert answer["@attributes"] == expected["@attributes"]


def test_a_customer_inside_a_sale_shows_three_keys_more(client: Client) -> None:
    expected = sample("sale_277_completed")["Sale"]
    key = client.sell(customerID=3, lines=[{"itemID": 5}])["saleID"]
    answer = client.sale(key, ["Customer", "Shop", "TaxCategory", "TaxCategory.TaxCategoryClasses"])
    assert set(answer["Customer"]) == set(expected["Customer"])
    assert set(answer["Shop"]) == set(expected["Shop"])
    assert set(answer["TaxCategory"]) == set(expected["TaxCategory"])
    one, recorded = (sale["TaxCategory"]["TaxCategoryClasses"]["TaxCategoryClass"] for sale in (answer, expected))
    assert set(one) == set(recorded[0])


def test_the_account(client: Client) -> None:
    expected = sample("account_single")
    answer = client.get(f"/API/V3/Account/{ACCOUNT}.json")
    assert set(answer) == set(expected)
    assert set(answer["defaultCurrency"]) == set(expected["defaultCurrency"])
    [currency] = many(answer["purchasingCurrencies"]["purchasingCurrency"])
    assert set(currency) == set(expected["purchasingCurrencies"]["purchasingCurrency"][0])
