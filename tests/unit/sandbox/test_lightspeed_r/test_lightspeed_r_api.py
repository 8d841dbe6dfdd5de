"""Formats, pages, filters, relations, limits, refusals."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
import requests

from tests.sandbox.kit import Clock
from tests.unit.sandbox.test_lightspeed_r.conftest import ACCOUNT, NOON, Client, many


def walk(client: Client, path: str, **params: Any) -> list[list[Any]]:
    entity, pages = path.removesuffix(".json"), []
    answer = client.get(path, **params)
    while True:
        pages.append(many(answer.get(entity)))
        if not answer["@attributes"]["next"]:
            return pages
        answer = client.get(answer["@attributes"]["next"])


def parsed(answer: requests.Response) -> ET.Element:
    return ET.fromstring(answer.text)  # noqa: S314 - our own stand-in wrote it


def scalars(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [one for inner in value.values() for one in scalars(inner)]
    return [one for inner in value for one in scalars(inner)] if isinstance(value, list) else [value]


def test_xml_is_the_default_json_by_extension_and_accept_beats_both(client: Client) -> None:
    plain = client.raw("Shop")
    assert plain.headers["Content-Type"].startswith("application/xml")
    root = parsed(plain)
    assert (root.tag, root.attrib["next"]) == ("Shops", "")
    assert [shop.findtext("name") for shop in root] == ["Zuma Lagos", "Zuma Abuja"]
    assert client.raw("Shop.json").json()["Shop"][0]["name"] == "Zuma Lagos"
    assert client.raw("Shop", {"Accept": "application/json"}).json()["Shop"]
    assert client.raw("Shop.json", {"Accept": "application/xml"}).text.startswith("<?xml")
    assert parsed(client.raw("Shop/1")).tag == "Shop"
    assert "<httpCode>404</httpCode>" in client.raw("Shop/9").text


def test_every_scalar_is_a_string(client: Client) -> None:
    key = client.sell(lines=[{"itemID": 5, "unitQuantity": 3}])["saleID"]
    sale = client.get(f"Sale/{key}.json", load_relations=["SaleLines", "SaleLines.Item", "SalePayments", "Shop"])
    assert {type(one) for one in scalars(sale)} == {str}
    assert (sale["Sale"]["completed"], sale["Sale"]["customerID"]) == ("true", "0")


def test_decimals_have_no_trailing_zeros_and_times_an_offset(client: Client) -> None:
    assert client.get("TaxCategory/1.json")["TaxCategory"]["tax1Rate"] == "0.075"
    assert client.get("Item/1.json")["Item"]["Prices"]["ItemPrice"][0]["amount"] == "75000"
    assert client.get("Shop/1.json")["Shop"]["timeStamp"] == "2026-05-15T12:00:00+00:00"


def test_one_element_is_an_object_none_is_absent_or_an_empty_text(client: Client) -> None:
    contact = [
        client.get(f"Customer/{key}.json", load_relations=["Contact"])["Customer"]["Contact"] for key in (1, 2, 3)
    ]
    assert isinstance(contact[0]["Addresses"]["ContactAddress"], dict)
    assert isinstance(contact[1]["Addresses"]["ContactAddress"], list)
    assert (contact[2]["Addresses"], contact[2]["Emails"], contact[2]["Websites"]) == ("", "", "")
    assert isinstance(client.get("Sale.json")["Sale"], dict), "a list of one is an object too"
    assert "Sale" not in client.get("Sale.json", completed="true"), "a list of none leaves only the attributes"
    key = client.sell(completed=False)["saleID"]
    assert "SaleLines" not in client.sale(key)


def test_the_time_of_the_last_change_is_spelled_in_two_ways_and_that_of_fees_in_a_third(client: Client) -> None:
    assert "updatetime" in client.get("Sale.json")["Sale"]
    single = client.get("Sale/1.json")["Sale"]
    assert "updateTime" in single
    assert "updatetime" not in single
    fee = client.get("ItemFee/1.json")["ItemFee"]
    assert "timestamp" in fee
    assert fee["feeValue"] == "250.00"


def test_an_open_sale_has_no_complete_time(client: Client) -> None:
    assert "completeTime" not in client.get("Sale/1.json")["Sale"]


def test_the_account_is_found_by_the_token_and_alone_has_the_currency(client: Client) -> None:
    account = client.get("/API/V3/Account.json")["Account"]
    assert account["accountID"] == str(ACCOUNT)
    assert "currency" not in json.dumps(account).lower()
    single = client.get(f"/API/V3/Account/{ACCOUNT}.json")
    assert single["defaultCurrency"] == {"code": "NGN", "symbol": "₦"}
    assert client.refused(f"/API/V3/Account/{ACCOUNT + 1}/Shop.json")[0] == 403


def test_pages_are_followed_by_complete_urls_on_the_callers_own_origin(client: Client) -> None:
    first = client.get("Item.json", limit=2, load_relations=["ItemShops"])
    assert first["@attributes"]["previous"] == ""
    url = urlsplit(first["@attributes"]["next"])
    assert f"{url.scheme}://{url.netloc}" == client.url
    query = parse_qs(url.query)
    assert (query["sort"], query["limit"], query["load_relations"]) == (["itemID"], ["2"], ['["ItemShops"]'])
    assert query["after"] == ["WzJd"], "[2], as in the vendor's example"
    renamed = client.url.replace("127.0.0.1", "localhost")
    answer = Client(renamed, client.token).get("Item.json", limit=2)
    assert answer["@attributes"]["next"].startswith(renamed)


@pytest.mark.parametrize("sort", ["itemID", "-itemID", "timeStamp", "-timeStamp", "description", "-description"])
def test_pages_neither_skip_nor_double_in_any_order_and_lead_back(client: Client, sort: str) -> None:
    pages = walk(client, "Item.json", limit=2, sort=sort)
    assert [len(page) for page in pages] == [2, 2, 1]
    keys = [item["itemID"] for page in pages for item in page]
    assert sorted(keys) == ["1", "2", "3", "4", "5"]
    second = client.get(client.get("Item.json", limit=2, sort=sort)["@attributes"]["next"])
    back = client.get(second["@attributes"]["previous"])
    assert back["Item"] == pages[0]
    assert (bool(back["@attributes"]["next"]), back["@attributes"]["previous"]) == (True, "")


def test_equal_times_across_a_page_end_are_told_apart_by_the_key(client: Client) -> None:
    client.control("POST", "/sales", {"lines": [{"itemID": 5}], "count": 5})
    pages = walk(client, "Sale.json", limit=2, sort="timeStamp", completed="true")
    assert [sale["saleID"] for page in pages for sale in page] == ["2", "3", "4", "5", "6"]


def test_a_cursor_of_another_order_or_of_ones_own_making_is_refused(client: Client) -> None:
    after = parse_qs(urlsplit(client.get("Item.json", limit=2)["@attributes"]["next"]).query)["after"][0]
    for given in ({"after": after, "sort": "timeStamp"}, {"after": "2"}, {"after": after, "before": after}):
        assert client.refused("Item.json", **given)[0] == 400


def test_a_wrong_sort_field_is_an_error_that_lists_the_right_ones(client: Client) -> None:
    status, words = client.refused("Sale.json", sort="total")
    assert status == 400
    for field in ("saleID", "timeStamp", "completeTime", "updatetime"):
        assert field in words


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_a_page_holds_one_to_a_hundred(client: Client, limit: str) -> None:
    assert client.refused("Item.json", limit=limit)[0] == 400


def test_a_count_answers_only_the_count_and_refuses_paging(client: Client) -> None:
    assert client.get("Item.json", count=1) == {"@attributes": {"count": "5"}}
    assert client.get("Item.json", count=1, description="~,%paper%") == {"@attributes": {"count": "1"}}
    for paging in ({"limit": 10}, {"sort": "itemID"}, {"after": "WzJd"}):
        assert client.refused("Item.json", count=1, **paging)[0] == 400


@pytest.mark.parametrize("gone", ["offset", "orderby"])
def test_parameters_of_version_2_are_gone(client: Client, gone: str) -> None:
    assert client.refused("Item.json", **{gone: "1"})[0] == 400


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ({"itemID": "2"}, "2"),
        ({"itemID": "=,2"}, "2"),
        ({"itemID": ">,3"}, "45"),
        ({"itemID": ">=,3"}, "345"),
        ({"itemID": "<,3"}, "12"),
        ({"itemID": "<=,3"}, "123"),
        ({"itemID": "><,2,4"}, "234"),
        ({"itemID": "!=,2"}, "1345"),
        ({"itemID": "IN,[1,4]"}, "14"),
        ({"itemID": "IN,1,4"}, "14"),
        ({"description": "~,%paper%"}, "2"),
        ({"description": "~,office"}, "1"),
        ({"description": "!~,%r%"}, "35"),
        ({"tax": "true", "categoryID": "2"}, "24"),
        ({"or": "customSku=CH-100|customSku=PE-001"}, "15"),
        ({"itemType": "non_inventory"}, "3"),
    ],
)
def test_filters(client: Client, given: dict[str, str], keys: str) -> None:
    found = many(client.get("Item.json", **given).get("Item"))
    assert "".join(item["itemID"] for item in found) == keys


@pytest.mark.parametrize(
    "given",
    [
        {"colour": "red"},
        {"itemID": "x"},
        {"timeStamp": ">,yesterday"},
        {"timeStamp": ">=,2026-05-15T12:00:00"},
        {"tax": "yes"},
        {"itemID": "IN," + ",".join(map(str, range(101)))},
        {"itemID": "><,1"},
        {"archived": "maybe"},
        {"or": "itemID"},
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(client: Client, given: dict[str, str]) -> None:
    assert client.refused("Item.json", **given)[0] == 400


def test_a_plus_in_a_time_must_be_encoded(client: Client) -> None:
    base = f"{client.url}/API/V3/Account/{ACCOUNT}/Item.json?timeStamp=%3E%3D%2C2026-05-15T12:00:00"
    headers = {"Authorization": f"Bearer {client.token['access_token']}"}
    assert requests.get(base + "+00:00", headers=headers, timeout=5).status_code == 400
    assert requests.get(base + "%2B00:00", headers=headers, timeout=5).status_code == 200


def test_times_are_compared_across_offsets(client: Client, clock: Clock) -> None:
    clock.advance(1860)
    client.control("PATCH", "/items/2", {"price": "5000"})
    changed = client.get("Item.json", sort="timeStamp", timeStamp=">,2026-05-15T08:30:00-0400")["Item"]
    assert changed["itemID"] == "2"


def test_relations_can_be_searched_one_level_deep_when_loaded(client: Client) -> None:
    client.sell(lines=[{"itemID": 5}])
    found = client.get("Sale.json", load_relations=["SaleLines"], **{"SaleLines.itemID": "5"})
    assert found["Sale"]["saleID"] == "2"
    assert client.refused("Sale.json", **{"SaleLines.itemID": "5"})[0] == 400
    deep = {"SaleLines.Item.itemID": "5"}
    assert client.refused("Sale.json", load_relations=["SaleLines", "SaleLines.Item"], **deep)[0] == 400


def test_unknown_relations_and_lists_that_are_no_json_are_refused(client: Client) -> None:
    assert client.refused("Sale.json", load_relations=["Lines"])[0] == 400
    assert client.refused("Sale.json", load_relations="SaleLines")[0] == 400


def test_all_relations_are_for_discovery_and_leave_custom_fields_out(client: Client) -> None:
    everything = client.get("Customer/1.json", load_relations="all")["Customer"]
    assert everything["Contact"]["Addresses"]["ContactAddress"]["city"] == "Aba"
    assert "CustomFieldValues" not in everything
    named = client.get("Customer/1.json", load_relations=["CustomFieldValues"])["Customer"]
    values = {one["name"]: one["value"] for one in named["CustomFieldValues"]["CustomFieldValue"]}
    assert values == {"State code": "NG-AB", "LGA code": "NG-AB-ANO"}


def test_archived_records_are_hidden_unless_asked_for(client: Client) -> None:
    client.control("DELETE", "/items/2")
    shown = {
        mode: [one["itemID"] for one in many(client.get("Item.json", archived=mode)["Item"])]
        for mode in ("true", "only")
    }
    assert [one["itemID"] for one in client.get("Item.json")["Item"]] == ["1", "3", "4", "5"]
    assert shown == {"true": ["1", "2", "3", "4", "5"], "only": ["2"]}
    assert client.get("Item/2.json")["Item"]["archived"] == "true"


def test_stock_has_a_row_per_shop_and_one_of_all_and_moves_without_the_item(client: Client, clock: Clock) -> None:
    rows = client.get("Item/1.json", load_relations=["ItemShops"])["Item"]["ItemShops"]["ItemShop"]
    assert {row["shopID"]: row["qoh"] for row in rows} == {"1": "40", "2": "15", "0": "55"}
    clock.advance(60)
    client.sell(shopID=2, lines=[{"itemID": 1, "unitQuantity": 2}])
    moved = client.get("ItemShop.json", sort="timeStamp", timeStamp=">=,2026-05-15T12:01:00+00:00")["ItemShop"]
    assert {row["shopID"]: row["qoh"] for row in moved} == {"2": "13", "0": "53"}
    assert client.get("Item/1.json")["Item"]["timeStamp"] == "2026-05-15T12:00:00+00:00"
    of_item = client.get("ItemShop.json", itemID="1")["ItemShop"]
    assert [row["shopID"] for row in of_item] == ["1", "2", "0"]


@pytest.mark.parametrize(
    ("path", "params", "cost"),
    [
        ("Sale.json", {}, "1"),
        ("Sale.json", {"load_relations": ["Customer"]}, "1.2"),
        ("Sale.json", {"load_relations": ["SaleLines", "SaleLines.Item"]}, "1.6"),
        ("Sale/1.json", {"load_relations": ["Customer"]}, "1.1"),
        ("Sale/1.json", {"load_relations": ["SaleLines", "SaleLines.Item"]}, "1.4"),
        ("Item.json", {"count": 1}, "10"),
        ("Item.json", {"or": "itemID=1|itemID=2"}, "1"),
        ("Item.json", {"or": "itemID=1|description=x"}, "3"),
    ],
)
def test_what_a_request_costs(client: Client, path: str, params: dict[str, Any], cost: str) -> None:
    assert client.raw(path, **params).headers["X-LS-API-Request-Cost"] == cost


def test_every_answer_shows_the_state_of_both_limiters(client: Client) -> None:
    headers = client.raw("Sale.json", load_relations=["Customer"]).headers
    assert headers["X-LS-Acct-Id"] == str(ACCOUNT)
    assert headers["X-LS-OAuth-Client-Id"] == "25578"
    assert headers["x-ls-api-bucket-level"] == "1.2/110"
    assert headers["X-LS-API-Burst-Level"] == "1/24"
    assert headers["X-LS-API-Drip-Rate"] == "2"
    assert "X-LS-API-RateLimit-Type" not in headers


def test_the_allowance_grows_with_the_registers(client: Client) -> None:
    assert client.control("POST", "/limits", {"registers": 1}) == {"size": 90, "drip": 1.0, "burst": 20}
    assert client.control("POST", "/limits", {"registers": 5}) == {"size": 130, "drip": 3.0, "burst": 29}


def test_the_request_that_overflows_is_served_and_the_next_waits_for_the_leak(client: Client, clock: Clock) -> None:
    client.control("POST", "/limits", {"bucket_size": 20, "drip_rate": 1, "burst": 1000})
    levels = [client.raw("Item.json", count=1).headers["X-LS-API-Bucket-Level"] for _ in range(3)]
    assert levels == ["10/20", "20/20", "30/20"]
    blocked = client.raw("Item.json")
    assert blocked.status_code == 429
    assert blocked.headers["X-LS-API-RateLimit-Type"] == "api-leaky-bucket"
    assert blocked.headers["X-LS-API-Bucket-Level"] == "30/20", "a refused request costs nothing"
    assert blocked.headers["Retry-After"] == "10"
    assert set(blocked.json()) == {"httpCode", "httpMessage", "message", "errorClass"}
    clock.advance(10)
    assert client.raw("Item.json").status_code == 429, "at the size is not below it"
    clock.advance(0.5)
    assert client.raw("Item.json").headers["X-LS-API-Bucket-Level"] == "20.5/20"


def test_bursts_have_a_limiter_of_their_own_by_the_second(client: Client, clock: Clock) -> None:
    client.control("POST", "/limits", {"burst": 3})
    assert [client.raw("Shop.json").status_code for _ in range(4)] == [200, 200, 200, 429]
    blocked = client.raw("Shop.json")
    assert blocked.headers["X-LS-API-RateLimit-Type"] == "api-burst-limiter"
    assert blocked.headers["Retry-After"] == "1"
    clock.advance(1)
    assert client.raw("Shop.json").status_code == 200


def test_accounts_do_not_share_a_bucket(client: Client) -> None:
    client.control("POST", "/seed", {"accounts": [{"id": 7, "name": "Other", "employees": [{"employeeID": 1}]}]})
    other = Client(client.url, client.control("POST", "/tokens?account_id=7", {}))
    client.control("POST", "/limits", {"burst": 1})
    assert [client.raw("Shop.json").status_code for _ in range(2)] == [200, 429]
    assert other.raw("/API/V3/Account/7/Shop.json").status_code == 200


def test_gift_cards_are_looked_up_by_their_code_once_a_second(client: Client, clock: Clock) -> None:
    asked = {"giftCard": "true", "archived": "true", "code": "2312345678904"}
    masked = client.with_scope("employee:customers")
    assert masked.get("CreditAccount.json", **asked)["CreditAccount"]["code"] == "*" * 9 + "8904"
    assert client.refused("CreditAccount.json", **asked)[0] == 429
    clock.advance(1)
    assert client.refused("CreditAccount.json", giftCard="true", code="~,23%")[0] == 400
    seen = client.with_scope("employee:customers employee:customers_view_gift_card_numbers")
    assert seen.get("CreditAccount/2.json")["CreditAccount"]["code"] == "2312345678904"
    assert client.get("CreditAccount.json")["CreditAccount"]["creditAccountID"] == "1", "cards only when asked for"


def test_refusals_have_the_recorded_form(client: Client) -> None:
    answer = client.raw("Item/99.json")
    assert answer.status_code == 404
    assert answer.json() == {
        "httpCode": "404",
        "httpMessage": "Not Found",
        "message": "Item 99 not found",
        "errorClass": "Exception",
    }
    assert client.refused("Nothing.json")[0] == 404
    assert client.refused("/API/V3/Elsewhere.json")[0] == 404
    posted = requests.post(
        f"{client.url}/API/V3/Account/{ACCOUNT}/Sale.json",
        headers={"Authorization": f"Bearer {client.token['access_token']}"},
        timeout=5,
    )
    assert posted.status_code == 405


def test_there_are_no_webhooks(client: Client) -> None:
    assert client.refused("Webhook.json")[0] == 404


def test_faults_on_order_answer_in_the_platforms_words(client: Client) -> None:
    client.control("POST", "/faults", [{"kind": "rate_limit"}, {"kind": "expired_token"}])
    first, second = client.raw("Shop.json"), client.raw("Shop.json")
    assert (first.status_code, first.headers["X-LS-API-RateLimit-Type"]) == (429, "api-leaky-bucket")
    assert (second.status_code, second.json()["hint"]) == (401, "Access token could not be verified")


def test_polling_by_the_sorted_time_finds_only_what_is_new(client: Client, clock: Clock) -> None:
    clock.advance(300)
    client.sell(lines=[{"itemID": 5}])
    since = (NOON + timedelta(seconds=300)).isoformat()
    found = client.get("Sale.json", sort="timeStamp", timeStamp=f">=,{since}")["Sale"]
    assert found["saleID"] == "2"
