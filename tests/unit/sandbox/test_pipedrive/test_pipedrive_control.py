"""Edits by control, seeds, and what they refuse."""

from decimal import Decimal
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.kit import SeedError
from tests.sandbox.pipedrive import PipedriveSandbox
from tests.sandbox.pipedrive.totals import deal_value, line_sum
from tests.unit.sandbox.test_pipedrive.conftest import APP, COMPANY, SEED, Client


def line(price: Any, quantity: Any, discount: Any = 0, kind: str = "percentage", **more: Any) -> dict[str, Any]:
    made = {"item_price": price, "quantity": quantity, "discount": discount, "discount_type": kind, "is_enabled": True}
    made |= {"tax": 7.5, "tax_method": "exclusive", "billing_frequency": "one-time"} | more
    return made | {"sum": float(line_sum(made))}


@pytest.mark.parametrize(
    ("given_line", "expected"),
    [
        (line(22, 5, 0.2), "109.78"),
        (line(300, 5, 5), "1425.00"),
        (line(62500, 2, 20), "100000.00"),
        (line("1250.55", 12, 250, "amount"), "14756.60"),
        (line("0.1", 3), "0.30"),
    ],
    ids=["0.2 means 0.2 %", "vendor's sample per period", "20 %", "amount per line", "no binary fractions"],
)
def test_the_sum_of_a_line(given_line: dict[str, Any], expected: str) -> None:
    assert line_sum(given_line) == Decimal(expected)


def test_an_amount_per_unit_is_the_other_reading() -> None:
    assert line_sum(line(100, 3, 10, "amount"), amount_per_unit=True) == 270
    assert line_sum(line(100, 3, 10, "amount")) == 290


def test_disabled_lines_and_recurring_lines_and_discounts() -> None:
    lines = [line(100, 1), line(50, 1, is_enabled=False), line(200, 1, billing_frequency="monthly", tax_method="none")]
    assert deal_value(lines, []) == Decimal("307.50")
    assert deal_value(lines, [], with_tax=False) == Decimal("300.00")
    assert deal_value(lines, [{"type": "percentage", "amount": 10}]) == Decimal("296.75")
    assert deal_value(lines, [{"type": "amount", "amount": 500}]) == Decimal("200.00")


@given(st.lists(st.tuples(st.integers(1, 10**7), st.integers(1, 50), st.integers(0, 100)), min_size=1, max_size=20))
def test_a_discount_of_nothing_changes_nothing_and_one_of_all_leaves_nothing(parts: list[tuple[int, int, int]]) -> None:
    lines = [line(price / 100, quantity, discount, tax_method="inclusive") for price, quantity, discount in parts]
    plain = deal_value(lines, [])
    assert plain == sum((Decimal(str(one["sum"])) for one in lines), Decimal(0))
    assert deal_value(lines, [{"type": "percentage", "amount": 0}]) == plain
    assert deal_value(lines, [{"type": "percentage", "amount": 100}]) == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("PATCH", "/deals/999", {"status": "won"}, "there is no deal 999"),
        ("PATCH", "/deals/101", {"status": "victory"}, '"status" must be one of'),
        ("PATCH", "/deals/101", {"state": "won"}, "cannot set state"),
        ("PATCH", "/deals/101", {"update_time": "now"}, "cannot set update_time"),
        ("PATCH", "/deals/101", {"org_id": 77}, "there is no organization 77"),
        ("PATCH", "/deals/101", {"custom_fields": {"tin": "1"}}, "no deal field tin"),
        ("PATCH", "/deals/101?company_id=5", {"title": "x"}, "no company 5"),
        ("PATCH", "/deals/101?user_id=5", {"title": "x"}, "no user 5"),
        ("PATCH", "/organizations/1", {"address": {"town": "Aba"}}, "unknown part: town"),
        ("POST", "/deals", {"id": 101}, "there is a deal 101 already"),
        ("POST", "/deals", {"colour": "red"}, "unknown key: colour"),
        ("POST", "/deals", {"title": "x", "status": "victory"}, '"status" must be one of'),
        ("POST", "/deals", {"title": "x", "products": [{"product_id": 1}, {"product_id": 99}]}, "needs the product_id"),
        ("POST", "/persons", {"copy_of": 1}, "only deals"),
        ("POST", "/parrots", {}, "no such control call"),
        ("POST", "/organizations/4/merge", {}, '"into"'),
        ("POST", "/deals/101/products", {"name": "x"}, "needs the product_id"),
        ("POST", "/deals/101/products", {"product_id": 1, "tax_method": "vat"}, "tax_method must be one of"),
        ("POST", "/deals/101/products", {"product_id": 1, "billing_frequency": "weekly"}, "weekly billing needs"),
        ("PATCH", "/deals/101/products/1", {"quantity": 2}, "has no product line 1"),
        ("PUT", "/deals/101/products", {"products": {}}, "must be a list of objects"),
        ("PUT", "/deals/101/discounts", {"discounts": [{"type": "gift"}]}, "needs"),
        ("POST", "/uninstall", {"company": 1}, "unknown key: company"),
    ],
)
def test_a_wrong_edit_is_refused_with_its_reason_and_changes_nothing(
    client: Client, method: str, path: str, body: Any, words: str
) -> None:
    before = client.control("GET", "/state")
    answer = requests.request(method, f"{client.url}/_control{path}", json=body, timeout=5)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert client.control("GET", "/state") == before


def test_lines_can_be_added_replaced_and_removed(client: Client) -> None:
    deal = client.control("POST", "/deals/104/products", {"product_id": 3, "quantity": 2, "item_price": 1000})
    assert deal["value"] == 2150
    deal = client.control("DELETE", f"/deals/104/products/{deal['products'][0]['id']}")
    assert deal["products"] == []
    deal = client.control("PUT", "/deals/104/products", {"products": [{"product_id": 1}, {"product_id": 2}]})
    assert [one["item_price"] for one in deal["products"]] == [62500, 10000]
    deal = client.control("PUT", "/deals/104/discounts", {"discounts": [{"type": "percentage", "amount": 50}]})
    assert deal["value"] == 38968.75


def test_recurring_lines_and_instalments_exclude_each_other(client: Client) -> None:
    client.control(
        "POST", "/deals", {"title": "In parts", "products": [{"product_id": 3}], "installments": [{"amount": 1}]}
    )
    recurring = {"product_id": 3, "billing_frequency": "monthly"}
    wrong = {"title": "Both", "products": [recurring], "installments": [{"amount": 1}]}
    answer = requests.post(f"{client.url}/_control/deals", json=wrong, timeout=5)
    assert "instalments need one-time products" in answer.json()["error"]
    many = {"title": "Many", "products": [recurring] * 21}
    answer = requests.post(f"{client.url}/_control/deals", json=many, timeout=5)
    assert "at most 20 recurring" in answer.json()["error"]


def test_a_second_company_can_be_seeded_and_has_its_own_records(client: Client) -> None:
    other = {
        "id": 8,
        "name": "Tarkwa Bay Studios",
        "domain": "tarkwa",
        "currency": "USD",
        "users": [{"id": 1, "name": "Ini"}],
    }
    client.control("POST", "/seed", {"companies": [other | {"deals": [{"id": 1, "title": "Film", "value": 9}]}]})
    token = client.control("POST", "/tokens", {"company_id": 8})
    theirs = Client(client.url, token)
    assert theirs.data("/api/v2/deals/1")["currency"] == "USD"
    assert theirs.get("/api/v2/deals/101").status_code == 404
    assert theirs.data("/api/v2/deals/1")["custom_fields"] is None  # a company without custom fields on deals
    params = {"client_id": APP["client_id"], "redirect_uri": APP["redirect_uri"]}
    page = requests.get(f"{client.url}/oauth/authorize", params=params, timeout=5).text
    assert "Tarkwa Bay Studios" in page
    assert "Zuma Office Systems Limited" in page


def test_a_reset_forgets_tokens_edits_and_subscriptions(client: Client) -> None:
    client.control("PATCH", "/deals/101", {"status": "won"})
    client.control("POST", "/reset")
    assert client.get("/api/v1/users/me").status_code == 401
    assert client.control("GET", "/deals/101")["status"] == "open"


@pytest.mark.parametrize(
    ("seed", "words"),
    [
        ({"company": []}, "unknown key: company"),
        ({"app": {"id": "x"}}, "app: unknown key: id"),
        ({"companies": [{"id": 1, "name": "x", "domain": "x", "colour": 1}]}, "company 1: unknown key: colour"),
        ({"companies": [{"id": 1, "name": "x", "domain": "x", "deals": [{"id": 1}]}]}, "users first"),
        ({"companies": [{"id": COMPANY, "deals": [{"id": 1, "org_id": 99}]}]}, "no organization 99"),
        ({"companies": [{"id": COMPANY, "fields": {"deal": [{"field_code": "po"}]}}]}, "40 hex digits"),
    ],
)
def test_a_wrong_seed_says_where(seed: dict[str, Any], words: str) -> None:
    sandbox = PipedriveSandbox(SEED)
    with pytest.raises(SeedError, match=words):
        sandbox.load(seed)
