"""The life of a sale, as the API shows it afterwards."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.kit import Clock
from tests.sandbox.lightspeed_x import LightspeedXSandbox, sums
from tests.sandbox.lightspeed_x.returns import Desk
from tests.unit.sandbox.test_lightspeed_x.conftest import (
    AMINA,
    BOTH_TAXES,
    CHAIR,
    LAGOS,
    LEVY_RATE,
    NO_TAX,
    PAPER,
    PARKED,
    PEN,
    SEED,
    SERVICE,
    STORE,
    VAT_RATE,
    Client,
)


def stock(client: Client, product: str = CHAIR, outlet: str = LAGOS) -> Any:
    rows = client.data(f"products/{product}/inventory")
    return next(one["inventory_level"] for one in rows if one["outlet_id"] == outlet)


def paid(sale: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(one["name"], one["amount"]) for one in sale["payments"]]


def test_a_sale_on_its_own_is_closed_and_paid_in_cash(client: Client) -> None:
    sale = client.sell(lines=[{"product_id": CHAIR}, {"sku": "PE-001", "quantity": 3}])
    assert (sale["status"], sale["total_price"], sale["total_tax"]) == ("CLOSED", 75050.01, 5628.75)
    assert paid(sale) == [("Cash", 80678.76)]
    assert sale["invoice_number"] == "LA-102"
    assert [line["status"] for line in sale["line_items"]] == ["CONFIRMED", "CONFIRMED"]


def test_the_last_component_takes_the_rounding_rest(client: Client) -> None:
    sale = client.sell(lines=[{"product_id": PEN, "price_including_tax": "5", "tax_id": BOTH_TAXES}] * 3)
    by_rate = {one["id"]: Decimal(str(one["amount"])) for one in sale["taxes"]}
    for rate in (VAT_RATE, LEVY_RATE):
        parts = [
            Decimal(str(part["total_tax"]))
            for line in sale["line_items"]
            for part in line["tax_components"]
            if part["rate_id"] == rate
        ]
        assert parts[0] == parts[1] != parts[2]
        assert sum(parts) == by_rate[rate]
        assert by_rate[rate] == by_rate[rate].quantize(Decimal("0.01"))
    units = {line["tax"] for line in sale["line_items"]}
    assert len(units) == 1, "the lines' own tax stays what it is"
    assert (sale["total_price"], sale["total_tax"], paid(sale)) == (13.33, 1.67, [("Cash", 15)])


def test_discounts_are_in_the_price_already(client: Client) -> None:
    [line] = client.sell(lines=[{"product_id": CHAIR, "discount": "5000", "quantity": 2}])["line_items"]
    assert (line["price"], line["discount"], line["discount_total"], line["total_price"]) == (
        70000,
        5000,
        10000,
        140000,
    )


def test_a_discount_on_the_sale_is_minus_one_of_the_discount_product(client: Client) -> None:
    sale = client.sell(lines=[{"product_id": CHAIR}], discount={"amount": "5000"})
    line = sale["line_items"][1]
    assert line["product_id"] == STORE["discount_product_id"]
    assert (line["quantity"], line["price"], line["tax"], line["total_price"]) == (-1, 5000, 375, -5000)
    assert line["is_return"] is False
    assert (sale["total_price"], sale["total_tax"]) == (70000, 5250)


def test_surcharges_tips_and_fees_are_inside_the_total(client: Client) -> None:
    adjustments = [
        {"type": "SURCHARGE", "name": "Card fee", "value": "10", "tax_id": STORE["taxes"][0]["id"]},
        {"type": "TIP", "name": "Tip", "value": "500"},
    ]
    surcharge = {"rule": "1%", "amount": "10"}
    sale = client.sell(
        lines=[{"product_id": CHAIR, "surcharges": [{"value": "10"}]}],
        adjustments=adjustments,
        payments=[{"type": "Card", "surcharge": surcharge}],
    )
    assert (sale["total_price"], sale["total_tax"], paid(sale)) == (75510, 5625.75, [("Card", 81135.75)])
    assert [(one["type"], one["value"]) for one in sale["adjustments"]] == [("SURCHARGE", 10), ("TIP", 500)]
    assert sale["payments"][0]["surcharge"] == {"rule": "1%", "amount": 10}
    assert sale["line_items"][0]["surcharges"][0]["value"] == 10
    client.settings(adjustment_key="adjustment_type")
    assert client.data(f"sales/{sale['id']}")["adjustments"][0]["adjustment_type"] == "SURCHARGE"
    dated = client.data(f"/api/2026-07/sales/{sale['id']}")
    assert dated["totals"]["surcharge"] == "10.00000"
    assert dated["adjustments"][1] == {
        "adjustment_type": "TIP",
        "name": "Tip",
        "total": "500.00000",
        "tax_components": [],
    }


def test_charges_of_the_web_shop_are_beside_the_totals(client: Client) -> None:
    charge = {"name": "Gift wrapping", "total": "8.26", "total_tax": "1.74"}
    sale = client.sell(lines=[{"product_id": CHAIR}], ecom_charges=[charge], source="ECOMMERCE", source_id="w-1")
    assert (sale["total_price"], sale["source"], sale["source_id"]) == (75000, "ECOMMERCE", "w-1")
    assert sale["ecom_custom_charges"]["total_incl"] == 10
    assert client.data(f"/api/2026-07/sales/{sale['id']}")["ecom_custom_charges"][0]["total_incl"] == "10.00000"


def test_split_tenders(client: Client) -> None:
    sale = client.sell(lines=[{"product_id": CHAIR}], payments=[{"type": "Card", "amount": "50000"}, {}])
    assert paid(sale) == [("Card", 50000), ("Cash", 30625)]


@pytest.mark.parametrize(
    ("how", "shown"), [("payment", [("Cash", 17.9), ("Cash Rounding", 0.02)]), ("to_pay", [("Cash", 17.9)])]
)
def test_cash_rounding_in_either_way(client: Client, how: str, shown: list[tuple[str, float]]) -> None:
    client.settings(cash_rounding=how)
    sale = client.sell(lines=[{"product_id": PEN}], cash_rounding="0.05")
    assert sale["total_price"] + sale["total_tax"] == pytest.approx(17.92)
    assert paid(sale) == shown


def test_the_seeds_parked_sale_is_closed_by_one_call(client: Client, clock: Clock) -> None:
    clock.advance(7200)
    sale = client.control("PATCH", f"/sales/{PARKED}", {"status": "CLOSED"})
    assert (sale["total_price"], sale["total_tax"], paid(sale)) == (88953.49, 6671.51, [("Cash", 95625)])
    assert (sale["sale_date"], sale["created_at"]) == ("2026-07-15T14:00:00+00:00", "2026-07-15T12:00:00+00:00")
    assert sale["customer_id"] == AMINA
    client.control("PATCH", f"/sales/{PARKED}", {"note": "too late"}, status=400)


def test_goods_leave_when_the_status_says_so(client: Client) -> None:
    for status, left in (("SAVED", 40), ("LAYBY", 40), ("AWAITING_PICKUP", 40), ("ONACCOUNT", 39), ("CLOSED", 38)):
        client.sell(status=status, lines=[{"product_id": CHAIR}])
        assert stock(client) == left, status


def test_an_account_sale_closes_when_it_is_paid_up(client: Client) -> None:
    sale = client.sell(status="ONACCOUNT", customer_id=AMINA, lines=[{"product_id": CHAIR}])
    assert sale["payments"] == []
    first = client.act(sale, "pay", type="Bank transfer", amount="30000")
    assert (first["status"], first["version"] > sale["version"]) == ("ONACCOUNT", True)
    last = client.act(sale, "pay", type="Bank transfer")
    assert (last["status"], paid(last)) == ("ONACCOUNT_CLOSED", [("Bank transfer", 30000), ("Bank transfer", 50625)])
    assert stock(client) == 39, "the goods left before, and once"


def test_a_layby_is_handed_over_when_it_is_paid_up(client: Client) -> None:
    sale = client.sell(status="LAYBY", customer_id=AMINA, lines=[{"product_id": CHAIR}], payments=[{"amount": "10000"}])
    assert stock(client) == 40
    assert client.act(sale, "pay")["status"] == "LAYBY_CLOSED"
    assert stock(client) == 39


@pytest.mark.parametrize(
    ("status", "after", "kind"),
    [("AWAITING_DISPATCH", "DISPATCHED_CLOSED", "SHIPPED"), ("AWAITING_PICKUP", "PICKED_UP_CLOSED", "PICKED_UP")],
)
def test_a_sale_that_waits_is_fulfilled(client: Client, status: str, after: str, kind: str) -> None:
    sale = client.sell(status=status, lines=[{"product_id": CHAIR}])
    assert paid(sale) == [("Cash", 80625)]
    assert client.act(sale, "fulfil")["status"] == after
    [made] = client.data(f"sales/{sale['id']}/fulfillments")
    assert (made["status"], made["line_items"][0]["quantity"]) == (kind, 1)
    client.act(sale, "void")


def test_a_service_sale_is_paid_when_it_is_done(client: Client) -> None:
    sale = client.sell(status="SERVICE", lines=[{"product_id": SERVICE}])
    assert sale["payments"] == []
    done = client.act(sale, "fulfil")
    assert (done["status"], paid(done)) == ("SERVICE_CLOSED", [("Cash", 13438.04)])


def test_a_void_brings_the_goods_back_and_deletes_the_payments(client: Client) -> None:
    sale = client.sell(lines=[{"product_id": CHAIR}])
    gone = client.act(sale, "void")
    assert (gone["status"], gone["payments"], gone["line_items"][0]["status"]) == ("VOIDED", [], "VOIDED")
    assert stock(client) == 40
    client.control("POST", f"/sales/{sale['id']}/void", {}, status=400)
    client.control("POST", f"/sales/{PARKED}/void", {}, status=400)


def test_a_return_begins_saved_with_everything_and_closes_with_what_came_back(client: Client) -> None:
    sale = client.sell(customer_id=AMINA, lines=[{"product_id": CHAIR}, {"product_id": PAPER, "quantity": 3}])
    saved = client.act(sale, "return")
    assert (saved["status"], saved["return_for"], saved["payments"]) == ("SAVED", sale["id"], [])
    assert [line["quantity"] for line in saved["line_items"]] == [-1, -3]
    assert saved["invoice_number"] == sale["invoice_number"], "returns use the number again"
    assert saved["line_items"][0]["tax_components"][0]["total_tax"] == 5625, "positive while it is saved"
    assert (saved["total_price"], saved["taxes"]) == (-88953.49, [])
    closed = client.act(saved, "close", lines=[{"product_id": PAPER, "quantity": 1}])
    assert closed["id"] == saved["id"]
    assert [line["quantity"] for line in closed["line_items"]] == [0, -1]
    assert (closed["total_price"], closed["total_tax"], paid(closed)) == (-4651.16, -348.84, [("Cash", -5000)])
    assert all(line["is_return"] for line in closed["line_items"])
    assert closed["short_code"] != saved["short_code"]
    assert (stock(client), stock(client, PAPER)) == (39, 398)


def test_unreturned_lines_may_be_left_out(client: Client) -> None:
    sale = client.sell(lines=[{"product_id": CHAIR}, {"product_id": PAPER}])
    wish = {"close": True, "lines": [{"product_id": PAPER}], "drop_zero": True}
    assert [line["product_id"] for line in client.act(sale, "return", **wish)["line_items"]] == [PAPER]


def test_a_whole_return_mirrors_the_sale_and_links_both_ways(client: Client) -> None:
    sale = client.sell(
        lines=[{"product_id": CHAIR}, {"product_id": PAPER}], adjustments=[{"type": "TIP", "value": "50"}]
    )
    back = client.act(sale, "return", close=True)
    assert (back["total_price"], back["total_tax"]) == (-sale["total_price"], -sale["total_tax"])
    original = client.data(f"/api/2026-07/sales/{sale['id']}")
    assert original["return"] == {"is_return": False, "original_sale_id": None, "return_sale_ids": [back["id"]]}
    mirrored = client.data(f"/api/2026-07/sales/{back['id']}")["return"]
    assert mirrored == {"is_return": True, "original_sale_id": sale["id"], "return_sale_ids": []}
    assert original["_metadata"]["version"] > sale["version"]


def test_nobody_returns_more_than_was_sold(client: Client) -> None:
    sale = client.sell(lines=[{"product_id": PAPER, "quantity": 2}])
    client.act(sale, "return", close=True, lines=[{"product_id": PAPER, "quantity": 1}])
    before = client.control("GET", "/state")["retailers"][0]["sales"]
    again = {"close": True, "lines": [{"product_id": PAPER, "quantity": 2}]}
    client.control("POST", f"/sales/{sale['id']}/return", again, status=400)
    assert client.control("GET", "/state")["retailers"][0]["sales"] == before
    client.control("POST", f"/sales/{PARKED}/return", {}, status=400)


def test_an_exchange_is_one_sale_with_both_signs(client: Client) -> None:
    sale = client.sell(lines=[{"product_id": CHAIR}])
    swap = client.act(
        sale, "exchange", **{"return": [{"product_id": CHAIR}], "lines": [{"product_id": PAPER, "quantity": 20}]}
    )
    assert [(line["quantity"], line["is_return"]) for line in swap["line_items"]] == [(-1, True), (20, False)]
    assert (swap["return_for"], paid(swap)) == (sale["id"], [("Cash", 19375)])
    even = client.act(
        swap, "exchange", **{"return": [{"product_id": PAPER, "quantity": 1}], "lines": [{"product_id": PAPER}]}
    )
    assert (even["total_price"], paid(even)) == (0, [])


def test_the_return_action_of_both_families(client: Client) -> None:
    sale = client.sell(lines=[{"product_id": CHAIR}])
    path = f"/sales/{sale['id']}/actions/return"
    assert client.call("POST", f"/api/2.0{path}").status_code in {404, 405}
    old = client.call("PUT", f"/api/2.0{path}").json()["data"]
    assert (old["status"], old["line_items"][0]["quantity"]) == ("SAVED", -1)
    assert "state" not in old
    dated = client.call("POST", f"/api/2026-07{path}").json()["data"]
    assert (dated["status"], dated["state"]) == ("SAVED", "parked"), "in 2.0's shape, for all that"
    states = {one["id"]: one["status"] for one in client.data("sales")}
    assert states[old["id"]] == "VOIDED", "2026-07 voids other parked returns of the sale"
    assert client.call("POST", f"/api/2026-07/sales/{PARKED}/actions/return").status_code == 404
    assert client.with_token(scope="sales:read").call("POST", f"/api/2026-07{path}").status_code == 403


def test_a_gift_card_is_sold_without_tax_and_pays_like_money(client: Client) -> None:
    card = client.control("POST", "/gift_cards", {"number": "GC-7", "amount": "10000"})
    assert (card["total_price"], card["total_tax"]) == (10000, 0)
    [line] = card["line_items"]
    assert (line["product_id"], line["tax_id"]) == (STORE["gift_card_product_id"], NO_TAX)
    assert client.data(f"/api/2026-07/sales/{card['id']}")["line_items"][0]["gift_card_number"] == "GC-7"
    sale = client.sell(lines=[{"product_id": PAPER}], payments=[{"type": "Gift Card"}])
    assert (paid(sale), sale["payments"][0]["payment_type_id"]) == ([("Gift Card", 5000)], "118")


def test_the_customers_year_follows_but_not_the_walk_ins(client: Client) -> None:
    before = client.data(f"customers/{AMINA}")["version"]
    sale = client.sell(customer_id=AMINA, lines=[{"product_id": CHAIR}])
    after = client.data(f"customers/{AMINA}")
    assert (after["year_to_date"], after["version"] > before) == (80625, True)
    client.act(sale, "void")
    assert client.data(f"customers/{AMINA}")["year_to_date"] == 0


def test_registers_have_series_of_their_own(client: Client) -> None:
    numbers = [
        client.sell(outlet_id=outlet["id"], lines=[{"product_id": PEN}])["invoice_number"]
        for outlet in STORE["outlets"]
    ]
    assert numbers == ["LA-102", "AB-41"]


def test_a_sale_can_be_dated_back_and_the_clock_of_the_outlet_changed(client: Client) -> None:
    sale = client.sell(lines=[{"product_id": PEN}], sale_date="2026-07-14T23:30:00+01:00")
    assert sale["sale_date"] == "2026-07-14T22:30:00+00:00"
    client.control("PATCH", f"/outlets/{LAGOS}", {"time_zone": "Pacific/Auckland"})
    assert client.data(f"outlets/{LAGOS}")["time_zone"] == "Pacific/Auckland"


def test_many_alike(client: Client) -> None:
    made = client.control("POST", "/sales", {"count": 30, "lines": [{"product_id": PEN}]})["ids"]
    assert [one["id"] for one in client.data("sales", page_size=100)][-30:] == made


def test_a_sale_of_a_thousand_lines(client: Client) -> None:
    sale = client.sell(lines=[{"product_id": PEN}] * 1000)
    assert (len(sale["line_items"]), sale["total_price"], sale["total_tax"]) == (1000, 16670, 1250.25)


prices = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(9000), places=2)
lines = st.fixed_dictionaries(
    {
        "product_id": st.just(PEN),
        "price_including_tax": prices.map(str),
        "quantity": st.integers(1, 7),
        "tax_id": st.sampled_from([BOTH_TAXES, STORE["taxes"][0]["id"], NO_TAX]),
    }
)


@given(st.lists(lines, min_size=1, max_size=6))
@settings(max_examples=60)
def test_every_sale_agrees_in_header_components_and_payment(wanted: list[Any]) -> None:
    sandbox = LightspeedXSandbox(SEED)
    desk = Desk(sandbox.world, sandbox.world.retailer(), sandbox.clock.now())
    sale = desk.sell({"lines": wanted})
    net, tax = sums.totals(sale)
    assert net + tax == sums.paid(sale)
    spread = sum((part for parts in sums.components_with_rest(sale) for _key, part in parts), Decimal(0))
    assert spread == tax == sum(sums.taxes_by_rate(sale).values(), Decimal(0))
    back = desk.finish_return(desk.begin_return(sale), {})
    assert sums.totals(back) == (-net, -tax)
