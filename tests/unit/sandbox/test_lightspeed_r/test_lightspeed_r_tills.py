"""What happens at the till, as the API shows it afterwards."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.kit import Clock
from tests.sandbox.lightspeed_r import LightspeedRSandbox
from tests.sandbox.lightspeed_r.tills import Till
from tests.unit.sandbox.test_lightspeed_r.conftest import SEED, Client, many

VAT_AND_LEVY = 2  # tax category of the seed: 7.5 % and 5 %, the second without a name
INCLUSIVE = 3
MONEY = ("calcSubtotal", "calcDiscount", "calcTax1", "calcTax2", "total", "taxTotal", "calcPayments", "balance")


def lines(sale: dict[str, Any]) -> list[dict[str, Any]]:
    return many(sale.get("SaleLines", {}).get("SaleLine"))


def payments(sale: dict[str, Any]) -> list[dict[str, Any]]:
    return many(sale.get("SalePayments", {}).get("SalePayment"))


def money(sale: dict[str, Any], *names: str) -> tuple[str, ...]:
    return tuple(sale[name] for name in names or MONEY)


def added(values: Iterable[str]) -> Decimal:
    return sum((Decimal(value) for value in values), Decimal(0))


def test_a_sale_on_its_own_is_paid_in_cash_and_complete(client: Client) -> None:
    sale = client.sell(lines=[{"itemID": 1}, {"itemID": 2, "unitQuantity": 3}])
    assert money(sale) == ("88500", "0", "6637.5", "0", "95137.5", "6637.5", "95137.5", "0")
    assert (sale["completed"], sale["ticketNumber"]) == ("true", "220000000002")
    assert sale["SalePayments"]["SalePayment"]["PaymentType"]["type"] == "cash"


def test_the_seed_has_an_open_sale_that_one_call_completes(client: Client, clock: Clock) -> None:
    clock.advance(60)
    done = client.control("POST", "/sales/1/complete")
    assert (done["total"], done["completeTime"]) == ("95137.5", "2026-05-15T12:01:00+00:00")
    client.control("POST", "/sales/1/complete", status=400)


def test_lines_keep_their_tax_unrounded_and_the_header_rounds_each_slot(client: Client) -> None:
    wish = {"unitPrice": "9.99", "note": "one"}
    sale = client.sell(taxCategoryID=VAT_AND_LEVY, lines=[wish, wish])
    assert [line["calcTax1"] for line in lines(sale)] == ["0.74925", "0.74925"]
    assert money(sale, "calcTax1", "calcTax2", "taxTotal") == ("1.5", "1", "2.5")


def test_the_order_of_rounding_shows_where_slots_meet(client: Client) -> None:
    client.control("PATCH", "/taxes/2", {"tax1Rate": "0.125", "tax2Rate": "0.115"})
    sale = client.sell(taxCategoryID=VAT_AND_LEVY, lines=[{"unitPrice": "1", "note": "x"}])
    assert money(sale, "calcTax1", "calcTax2", "taxTotal") == ("0.13", "0.12", "0.25"), "not round(0.24)"


def test_half_a_kobo_rounds_up(client: Client) -> None:
    assert money(client.sell(lines=[{"unitPrice": "4.20", "note": "x"}]), "calcTax1") == ("0.32",)


def test_a_rate_of_zero_on_a_line_can_mean_that_the_sales_rate_is_charged(client: Client) -> None:
    [line] = lines(client.sell(lines=[{"itemID": 2, "show_rates": False}]))
    assert (line["tax1Rate"], line["calcTax1"]) == ("0", "337.5")


def test_an_untaxed_line_can_show_a_rate(client: Client) -> None:
    sale = client.sell(lines=[{"itemID": 2, "tax": False}])
    [line] = lines(sale)
    assert (line["tax"], line["tax1Rate"], line["calcTax1"]) == ("false", "0.075", "0")
    assert money(sale, "calcTaxable", "calcNonTaxable") == ("0", "4500")


def test_a_tax_class_has_rates_of_its_own(client: Client) -> None:
    sale = client.sell(lines=[{"itemID": 4}, {"itemID": 2}])
    assert [line["calcTax1"] for line in lines(sale)] == ["0", "337.5"]
    category = client.get("TaxCategory/1.json", load_relations=["TaxCategoryClasses"])["TaxCategory"]
    assert category["TaxCategoryClasses"]["TaxCategoryClass"]["tax1Rate"] == "0"


def test_discounts_are_a_fraction_or_an_amount_of_the_line(client: Client) -> None:
    wishes = [{"itemID": 2, "unitQuantity": 2, "discountPercent": "0.5"}, {"itemID": 2, "discountAmount": "500"}]
    sale = client.sell(lines=wishes)
    assert [line["calcLineDiscount"] for line in lines(sale)] == ["4500", "500"]
    assert money(sale) == ("13500", "5000", "637.5", "0", "9137.5", "637.5", "9137.5", "0")
    client.control("POST", "/sales", {"lines": [wishes[0] | wishes[1]]}, status=400)


@pytest.mark.parametrize("discount", [{"percent": "0.1"}, {"amount": "8850"}])
def test_a_discount_on_the_sale_is_shared_by_its_lines(client: Client, discount: dict[str, str]) -> None:
    sale = client.sell(lines=[{"itemID": 1}, {"itemID": 2, "unitQuantity": 3}], discount=discount)
    assert [line["calcTransactionDiscount"] for line in lines(sale)] == ["7500", "1350"]
    assert money(sale, "calcDiscount", "calcTax1", "total") == ("8850", "5973.75", "85623.75")


def test_a_price_rule_lowers_the_price_and_is_no_discount(client: Client) -> None:
    [line] = lines(client.sell(lines=[{"itemID": 2, "unitPrice": "4000", "normalUnitPrice": "4500"}]))
    assert (line["unitPrice"], line["normalUnitPrice"], line["calcLineDiscount"]) == ("4000", "4500", "0")


def test_a_line_without_an_item_has_its_text_in_a_note(client: Client) -> None:
    [line] = lines(client.sell(lines=[{"unitPrice": "100", "note": "Gift wrap"}]))
    assert (line["itemID"], line["Note"]["note"]) == ("0", "Gift wrap")


def test_a_rebate_is_a_negative_price(client: Client) -> None:
    sale = client.sell(lines=[{"itemID": 2}, {"unitPrice": "-100", "note": "Rebate", "tax": False}])
    assert money(sale, "calcSubtotal", "total") == ("4400", "4737.5")


def test_an_item_fee_is_a_line_that_points_at_its_item_in_the_same_sale(client: Client) -> None:
    key = client.sell(lines=[{"itemID": 1, "unitQuantity": 2, "fees": [1]}])["saleID"]
    item, fee = lines(client.sale(key, ["SaleLines", "SaleLines.ItemFee"]))
    assert (fee["lineType"], fee["parentSaleLineID"]) == ("item_fee", item["saleLineID"])
    assert (fee["calcSubtotal"], fee["calcTax1"], fee["ItemFee"]["name"]) == ("500", "0", "Recycling fee")


def test_split_tenders_and_change_handed_back(client: Client) -> None:
    sale = client.sell(
        lines=[{"itemID": 2}], payments=[{"type": "credit card", "amount": "4000"}, {"tendered": "1000"}]
    )
    assert [payment["amount"] for payment in payments(sale)] == ["4000", "837.5"]
    assert money(sale, "change", "balance") == ("162.5", "0")


def test_an_amount_includes_the_tip(client: Client) -> None:
    sale = client.sell(lines=[{"itemID": 2}], payments=[{"amount": "5000", "tipAmount": "162.50"}])
    assert (payments(sale)[0]["amount"], payments(sale)[0]["tipAmount"]) == ("5000", "162.5")
    assert money(sale, "calcTips", "calcPayments", "total") == ("162.5", "5000", "4837.5")


def test_archived_payments_and_payments_of_nothing_stay_on_the_sale(client: Client) -> None:
    wishes = [{"type": "credit card", "amount": "4837.50", "archived": True}, {"amount": "0"}, {}]
    sale = client.sell(lines=[{"itemID": 2}], payments=wishes)
    assert [(one["amount"], one["archived"]) for one in payments(sale)] == [
        ("4837.5", "true"),
        ("0", "false"),
        ("4837.5", "false"),
    ]
    gone = client.control("DELETE", f"/sales/{sale['saleID']}/payments/{payments(sale)[2]['salePaymentID']}")
    assert money(gone, "calcPayments", "balance") == ("0", "4837.5")


def test_payments_must_settle_a_sale_before_it_is_complete_and_a_wrong_call_leaves_no_trace(client: Client) -> None:
    before = client.control("GET", "/state")
    client.control("POST", "/sales", {"lines": [{"itemID": 2}], "payments": [{"amount": "1"}]}, status=400)
    assert client.control("GET", "/state") == before


def test_open_sales_may_carry_payments_larger_than_their_total_or_no_lines_at_all(client: Client) -> None:
    key = client.sell(completed=False, payments=[{"amount": "39.98"}])["saleID"]
    sale = client.sale(key)
    assert money(sale, "completed", "calcPayments", "balance") == ("false", "39.98", "-39.98")
    assert lines(sale) == []


def test_a_sale_can_come_to_nothing(client: Client) -> None:
    sale = client.sell(lines=[{"itemID": 2, "discountPercent": "1"}])
    assert money(sale, "completed", "total", "calcPayments") == ("true", "0", "0")
    assert payments(sale) == []


def test_a_sale_of_a_thousand_lines(client: Client) -> None:
    key = client.sell(lines=[{"itemID": 5}] * 1000)["saleID"]
    sale = client.sale(key)
    assert len(lines(sale)) == 1000
    assert added(line["calcTax1"] for line in lines(sale)) == Decimal("1250.25")
    assert money(sale, "calcSubtotal", "calcTax1", "total") == ("16670", "1250.25", "17920.25")


def test_a_whole_refund_is_a_sale_of_its_own_with_everything_negative(client: Client) -> None:
    sale = client.sell(customerID=1, lines=[{"itemID": 1}, {"itemID": 2, "unitQuantity": 3, "discountPercent": "0.1"}])
    back = client.control("POST", f"/sales/{sale['saleID']}/refund")
    assert back["saleID"] != sale["saleID"]
    for name in MONEY[:-1]:
        assert Decimal(back[name]) == -Decimal(sale[name]), name
    assert [line["unitQuantity"] for line in lines(back)] == ["-1", "-3"]
    assert [line["parentSaleLineID"] for line in lines(back)] == [line["saleLineID"] for line in lines(sale)]
    assert payments(back)[0]["amount"] == f"-{sale['total']}"
    assert back["customerID"] == "1"
    assert not any(sale["saleID"] == back[key] for key in back if key.endswith("ID")), "the header names no original"


def test_a_partial_refund_takes_some_lines_and_never_more_than_was_sold(client: Client) -> None:
    sale = client.sell(lines=[{"itemID": 1}, {"itemID": 2, "unitQuantity": 3, "discountAmount": "300"}])
    line = lines(sale)[1]["saleLineID"]
    path = f"/sales/{sale['saleID']}/refund"
    back = client.control("POST", path, {"lines": [{"saleLineID": line, "unitQuantity": 1}]})
    assert [one["unitQuantity"] for one in lines(back)] == ["-1"]
    assert money(back, "calcSubtotal", "calcDiscount", "calcTax1", "total") == ("-4500", "-100", "-330", "-4730")
    client.control("POST", path, {"lines": [{"saleLineID": line, "unitQuantity": 3}]}, status=400)
    rest = client.control("POST", path)
    assert [one["unitQuantity"] for one in lines(rest)] == ["-1", "-2"]


def test_a_refund_may_point_at_lines_that_nobody_has(client: Client) -> None:
    sale = client.sell(lines=[{"itemID": 2}])
    back = client.control("POST", f"/sales/{sale['saleID']}/refund", {"unresolvable_parents": True})
    assert client.refused(f"SaleLine/{lines(back)[0]['parentSaleLineID']}.json")[0] == 404


def test_a_refunded_fee_has_a_line_type_of_its_own(client: Client) -> None:
    sale = client.sell(lines=[{"itemID": 1, "fees": [1]}])
    back = client.control("POST", f"/sales/{sale['saleID']}/refund")
    assert [line["lineType"] for line in lines(back)] == ["", "item_fee_refund"]


def test_an_exchange_mixes_both_signs_and_is_paid_by_the_difference(client: Client) -> None:
    sale = client.sell(lines=[{"itemID": 1}])
    wish = {"return": [{"saleLineID": lines(sale)[0]["saleLineID"]}], "lines": [{"itemID": 2, "unitQuantity": 20}]}
    swap = client.control("POST", f"/sales/{sale['saleID']}/exchange", wish)
    assert [line["unitQuantity"] for line in lines(swap)] == ["-1", "20"]
    assert money(swap, "total", "calcPayments") == ("16125", "16125")


def test_an_even_exchange_moves_no_money(client: Client) -> None:
    sale = client.sell(lines=[{"itemID": 2}])
    wish = {"return": [{"saleLineID": lines(sale)[0]["saleLineID"]}], "lines": [{"itemID": 2}]}
    swap = client.control("POST", f"/sales/{sale['saleID']}/exchange", wish)
    assert (swap["total"], payments(swap)) == ("0", [])


def test_a_void_comes_later_is_recorded_and_does_not_move_the_legacy_time(client: Client, clock: Clock) -> None:
    sale = client.sell(shopID=2, lines=[{"itemID": 1}])
    clock.advance(600)
    client.control("POST", f"/sales/{sale['saleID']}/void", {"reason": "wrong customer"})
    seen = client.get("Sale.json", sort="-updatetime", limit=1)["Sale"]
    assert (seen["saleID"], seen["voided"], seen["completed"]) == (sale["saleID"], "true", "true")
    assert (seen["timeStamp"], seen["updatetime"]) == ("2026-05-15T12:00:00+00:00", "2026-05-15T12:10:00+00:00")
    record = client.get("SaleVoid.json", sort="-saleVoidID")["SaleVoid"]
    assert (record["saleID"], record["reason"], record["shopID"]) == (sale["saleID"], "wrong customer", "2")
    rows = client.get("ItemShop.json", itemID="1")["ItemShop"]
    assert {row["shopID"]: row["qoh"] for row in rows} == {"1": "40", "2": "15", "0": "55"}
    client.control("POST", f"/sales/{sale['saleID']}/void", status=400)


def test_a_poll_by_the_legacy_time_does_not_see_the_void_unless_it_is_seeded_to(client: Client, clock: Clock) -> None:
    for follows in (False, True):
        client.settings(timestamp_follows_changes=follows)
        sale = client.sell(lines=[{"itemID": 2}])
        clock.advance(600)
        since = clock.now().isoformat()
        client.control("POST", f"/sales/{sale['saleID']}/void")
        found = many(client.get("Sale.json", sort="timeStamp", timeStamp=f">=,{since}").get("Sale"))
        assert bool(found) is follows
    assert client.refused("Sale.json", updatetime=">,2026-01-01T00:00:00+00:00")[0] == 400
    client.settings(updatetime_filters=True)
    assert client.raw("Sale.json", updatetime=">,2026-01-01T00:00:00+00:00").status_code == 200


def test_a_sale_can_be_completed_back_in_time_and_its_legacy_time_with_it(client: Client, clock: Clock) -> None:
    clock.advance(7200)
    sale = client.sell(lines=[{"itemID": 2}], completeTime="2026-05-15T12:30:00+00:00")
    assert money(sale, "timeStamp", "completeTime") == ("2026-05-15T12:30:00+00:00", "2026-05-15T12:30:00+00:00")
    assert sale["updatetime"] == "2026-05-15T14:00:00+00:00"
    future = {"lines": [{"itemID": 2}], "completeTime": "2026-05-15T15:00:00+00:00"}
    client.control("POST", "/sales", future, status=400)


def test_only_open_sales_are_archived_by_delete(client: Client) -> None:
    assert client.control("DELETE", "/sales/1")["archived"] == "true"
    sale = client.sell(lines=[{"itemID": 2}])
    client.control("DELETE", f"/sales/{sale['saleID']}", status=400)
    assert client.control("DELETE", f"/sales/{sale['saleID']}", {"force": True})["archived"] == "true"
    assert "Sale" not in client.get("Sale.json")


def test_loading_a_gift_card_is_no_revenue(client: Client) -> None:
    sale = client.sell(load={"creditAccountID": 2, "amount": "100"})
    assert money(sale, "total", "taxTotal", "totalDue", "displayableTotal", "balance") == ("0", "0", "100", "100", "0")
    assert [(one["amount"], one["PaymentType"]["type"]) for one in payments(sale)] == [
        ("-100", "gift card"),
        ("100", "cash"),
    ]
    [line] = lines(sale)
    assert (line["unitPrice"], line["Note"]["note"]) == ("0", "Gift Card Purchase 2312345678904")
    assert client.get("CreditAccount/2.json")["CreditAccount"]["balance"] == "-100"
    deep = client.sale(
        sale["saleID"], ["SaleLines", "SaleLines.SaleAccounts", "SalePayments", "SalePayments.SaleAccounts"]
    )
    assert lines(deep)[0]["SalesAccounts"]["SaleAccount"]["creditAccountID"] == "2", "with an s too many, as recorded"
    assert payments(deep)[0]["SaleAccounts"]["SaleAccount"]["saleLineID"] == line["saleLineID"]


def test_a_gift_card_pays_like_money(client: Client) -> None:
    client.sell(load={"creditAccountID": 2, "amount": "5000"})
    sale = client.sell(lines=[{"itemID": 2}], payments=[{"type": "gift card", "creditAccountID": 2}])
    assert money(sale, "total", "totalDue", "displayableTotal", "balance") == ("4837.5", "0", "4837.5", "0")
    assert client.get("CreditAccount/2.json")["CreditAccount"]["balance"] == "-162.5"


def test_a_deposit_and_a_draw_on_a_customers_account(client: Client) -> None:
    deposit = client.sell(customerID=1, deposit={"creditAccountID": 1, "amount": "10000"})
    assert (money(deposit, "total", "totalDue"), lines(deposit)) == (("0", "10000"), [])
    client.sell(customerID=1, lines=[{"itemID": 2}], payments=[{"type": "credit account", "creditAccountID": 1}])
    assert client.get("CreditAccount/1.json")["CreditAccount"]["balance"] == "-5162.5"


def test_which_sign_a_deposit_has_can_be_seeded_either_way(client: Client) -> None:
    client.settings(negative_balance_is_deposit=False)
    client.sell(customerID=1, deposit={"creditAccountID": 1, "amount": "10000"})
    assert client.get("CreditAccount/1.json")["CreditAccount"]["balance"] == "10000"


def test_store_credit_is_given_by_a_negative_line_and_a_negative_payment(client: Client) -> None:
    sale = client.sell(
        customerID=1,
        lines=[{"unitPrice": "-100", "note": "Store Credit", "tax": False}],
        payments=[{"type": "credit account", "creditAccountID": 1}],
    )
    assert money(sale, "total", "calcPayments") == ("-100", "-100")


@pytest.mark.parametrize(("kind", "flag"), [("layaway", "isLayaway"), ("special_order", "isSpecialOrder")])
def test_a_reservation_is_a_line_of_the_customer_until_a_sale_takes_it(client: Client, kind: str, flag: str) -> None:
    wish = {"customerID": 1, "itemID": 1, "unitQuantity": 2, "kind": kind}
    key = client.control("POST", "/reservations", wish)["saleLineID"]
    line = client.get("SaleLine.json", saleID="0")["SaleLine"]
    assert (line["saleID"], line["customerID"], line[flag]) == ("0", "1", "true")
    client.control("POST", "/sales", {"customerID": 2, "reservations": [int(key)]}, status=400)
    sale = client.sell(customerID=1, reservations=[int(key)])
    assert (lines(sale)[0]["saleLineID"], lines(sale)[0]["saleID"]) == (key, sale["saleID"])
    assert (sale["total"], "SaleLine" in client.get("SaleLine.json", saleID="0")) == ("161250", False)


def test_how_inclusive_prices_are_shown_can_be_seeded_either_way(client: Client) -> None:
    gross = client.sell(taxCategoryID=INCLUSIVE, lines=[{"unitPrice": "1075", "note": "x"}])
    assert money(gross, "isTaxInclusive", "calcSubtotal", "calcTax1", "total") == ("true", "1075", "75", "1075")
    client.settings(inclusive_subtotal="net")
    net = client.sell(taxCategoryID=INCLUSIVE, lines=[{"unitPrice": "1075", "note": "x"}])
    assert money(net, "isTaxInclusive", "calcSubtotal", "calcTax1", "total") == ("true", "1000", "75", "1075")


def test_shops_have_zones_of_their_own(client: Client) -> None:
    client.control("PATCH", "/shops/2", {"timeZone": "US/Pacific"})
    assert [shop["timeZone"] for shop in client.get("Shop.json")["Shop"]] == ["Africa/Lagos", "US/Pacific"]


def test_an_anonymised_customer_keeps_a_number_and_custom_fields(client: Client) -> None:
    client.sell(customerID=1, lines=[{"itemID": 2}])
    client.control("POST", "/customers/1/anonymise")
    key = client.get("Sale.json", customerID="1", completed="true")["Sale"]["saleID"]
    seen = client.sale(key, ["Customer", "Customer.Contact", "Customer.CustomFieldValues"])["Customer"]
    assert (seen["firstName"], seen["lastName"], seen["vatNumber"], seen["archived"]) == ("Customer", "[1]", "", "true")
    assert (seen["Contact"]["Addresses"], seen["Contact"]["Emails"]) == ("", "")
    assert len(seen["CustomFieldValues"]["CustomFieldValue"]) == 2


def test_the_back_office_changes_customers_items_and_stock(client: Client, clock: Clock) -> None:
    clock.advance(60)
    made = client.control(
        "POST", "/customers", {"firstName": "New", "emails": [{"address": "n@x.example", "useType": "Primary"}]}
    )
    client.control("PATCH", f"/customers/{made['customerID']}", {"vatNumber": "56789012-0001", "addresses": []})
    seen = client.get(f"Customer/{made['customerID']}.json", load_relations=["Contact"])["Customer"]
    assert (seen["vatNumber"], seen["Contact"]["Emails"]["ContactEmail"]["address"]) == ("56789012-0001", "n@x.example")
    client.control("PUT", "/items/2/stock", {"shopID": 1, "qoh": -3})
    rows = {row["shopID"]: row for row in client.get("ItemShop.json", itemID="2")["ItemShop"]}
    assert (rows["1"]["qoh"], rows["1"]["sellable"], rows["0"]["qoh"]) == ("-3", "0", "247")
    assert client.control("DELETE", "/items/2")["archived"] == "true"
    assert {row["qoh"] for row in client.get("ItemShop.json", itemID="2")["ItemShop"]} == {"0"}


def test_a_gift_card_code_has_eight_to_thirty_two_digits(client: Client) -> None:
    client.control("POST", "/gift_cards", {"code": "1234567"}, status=400)
    assert client.control("POST", "/gift_cards", {"code": "12345678"})["giftCard"] == "true"


prices = st.decimals(min_value=Decimal(-50), max_value=Decimal(5000), places=2)
wishes = st.fixed_dictionaries(
    {
        "unitPrice": prices.map(str),
        "unitQuantity": st.integers(1, 9),
        "note": st.just("x"),
        "tax": st.booleans(),
        "discountPercent": st.sampled_from(["0", "0.1", "0.333"]),
    }
)


@given(st.lists(wishes, min_size=1, max_size=6), st.sampled_from([{}, {"percent": "0.07"}, {"amount": "3.33"}]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_sale_adds_up_by_slots_and_its_whole_refund_mirrors_it(
    wanted: list[Any], discount: dict[str, str]
) -> None:
    sandbox = LightspeedRSandbox(SEED)
    account = sandbox.world.account()

    till = Till(account, sandbox.world.settings, sandbox.clock.now().replace(microsecond=0))
    sale = till.sell({"taxCategoryID": VAT_AND_LEVY, "lines": wanted, "discount": discount})
    own = account.lines(sale["saleID"])
    cents = Decimal("0.01")
    for slot in ("calcTax1", "calcTax2"):
        exact = sum((line[slot] for line in own), Decimal(0))
        assert sale[slot] == exact.quantize(cents, "ROUND_HALF_UP")
    assert sale["total"] == sale["calcSubtotal"] - sale["calcDiscount"] + sale["calcTax1"] + sale["calcTax2"]
    assert sale["balance"] == 0
    back = till.refund(sale, {})
    assert (back["total"], back["calcTax1"]) == (-sale["total"], -sale["calcTax1"])
