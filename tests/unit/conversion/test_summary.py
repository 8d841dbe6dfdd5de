from __future__ import annotations

import json
from datetime import date

from taxpoynt.conversion.summary import no_document, summary
from taxpoynt.domain.party import Address, Merchant, MerchantDefaults, Party
from taxpoynt.domain.sale import Discount, Payment
from tests.unit.conversion.builders import GOODS, D, converted, line, sale

KEYS = [
    "document", "why", "currency", "number", "issue_date", "business_date", "buyer", "lines", "charges", "net_total",
    "taxes", "tax_total", "gross_total", "tip", "rounding", "payable", "payments", "balance_due", "refers_to", "faults",
]  # fmt: skip

UNDECIDED = Merchant(defaults=MerchantDefaults(classification=GOODS))


def test_a_deal_without_products_and_without_tax_shows_what_is_known() -> None:
    who = Party(
        name="Acme Corp", kind="organisation", address=Address(free_text="123 Main St, San Francisco, CA 94105")
    )
    deal = sale(
        line("1", "25000", description="Acme Corp - Enterprise License", from_total=True),
        currency="USD",
        buyer=who,
        business_date=date(2026, 5, 16),
    )
    shown = summary(deal, *converted(deal, UNDECIDED))

    assert list(shown) == KEYS
    assert (shown["document"], shown["currency"], shown["business_date"]) == ("invoice", "USD", "2026-05-16")
    assert shown["buyer"] == {
        "anonymous": False,
        "name": "Acme Corp",
        "tin": None,
        "email": None,
        "address": {"free_text": "123 Main St, San Francisco, CA 94105"},
    }
    assert shown["lines"] == [
        {
            "description": "Acme Corp - Enterprise License",
            "quantity": "1",
            "unit_price_net": "25000.00",
            "line_discount": "0.00",
            "line_net": "25000.00",
            "tax": None,
            "tax_rate_percent": None,
        }
    ]
    assert (shown["net_total"], shown["tax_total"], shown["gross_total"], shown["taxes"]) == (
        "25000.00",
        None,
        None,
        [],
    )
    assert {fault["code"] for fault in shown["faults"]} >= {"TAX-002", "BUYER-002", "BUYER-009"}
    assert all(fault["path"] and fault["remedy"] for fault in shown["faults"])
    json.dumps(shown)


def test_amounts_are_text_with_the_currencys_digits_and_prices_with_what_they_need() -> None:
    one = line("3", "10", price_basis="inclusive", name="Cup")
    till = sale(
        one,
        buyer=None,
        discounts=(Discount(amount=D(1), reason="Loyalty"),),
        payments=(Payment(method="CASH", amount=D(30)),),
        tip=D("1"),
    )
    shown = summary(till, *converted(till, number="PD8"), why="paid")

    assert (shown["number"], shown["why"], shown["buyer"]["anonymous"], shown["tip"]) == ("PD8", "paid", True, "1.00")
    assert shown["lines"][0]["unit_price_net"] == "9.3033"
    assert (shown["gross_total"], shown["payable"], shown["balance_due"]) == ("29.00", "29.00", "0.00")
    assert shown["charges"] == [{"name": "Loyalty", "charge": False, "percent": None, "amount": "0.93"}]
    assert shown["taxes"] == [{"name": "STANDARD_VAT", "rate_percent": "7.5", "base": "26.98", "amount": "2.02"}]
    assert shown["payments"] == [{"method": "CASH", "amount": "30.00"}]


def test_yen_have_no_decimals_and_dinars_three() -> None:
    for currency, total in (("JPY", "100"), ("BHD", "100.000")):
        one = sale(line(rate="0"), currency=currency)
        assert summary(one, *converted(one))["gross_total"] == total


def test_the_net_of_a_price_with_an_unknown_tax_is_unknown() -> None:
    one = sale(line(price_basis="inclusive"))
    assert summary(one, *converted(one, UNDECIDED))["net_total"] is None


def test_no_document_has_the_same_shape() -> None:
    shown = no_document("none_until_completed", "the deal is open")
    assert sorted(shown) == sorted(KEYS)
    assert (shown["document"], shown["why"], shown["lines"], shown["net_total"]) == (
        "none_until_completed", "the deal is open", [], None,
    )  # fmt: skip
