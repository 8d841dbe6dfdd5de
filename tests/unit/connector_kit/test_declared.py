"""Whole sales from a template alone: an invented till whose folder would hold no Python."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxpoynt.connector_kit.connector import SaleReading
from taxpoynt.connector_kit.declared import sale, view
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_sale import SaleShape
from taxpoynt.conversion.clock import legal_clock
from taxpoynt.conversion.convert import convert
from taxpoynt.domain.money import round_money
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import Charge, Discount, Payment, RecordRef, Sale, StatedTax
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput
from taxpoynt.mapping.engine import Layer
from taxpoynt.mapping.rules import read
from taxpoynt.nrs.payload import body
from taxpoynt.nrs.resources import code_lists
from tests.unit.connector_kit.kasuwa import CUSTOMER, VAT, blocks, bundle, item, order, reading, template

D = Decimal
SELLER = Merchant.model_validate(
    {
        "business_id": "6f2c2f4e-4b6b-4b0f-9c8e-1b2a3c4d5e6f",
        "service_id": "94ND90NR",
        "tin": "87654321-0001",
        "name": "Demo Traders Ltd",
        "email": "accounts@demo.example",
        "telephone": "+2348012345678",
        "address": {"street": "1 Broad Street", "city": "Lagos", "postal_code": "101221", "lga": "NG-LA-IKE",
                    "state": "NG-LA", "country": "NG"},
        "defaults": {"classification": {"isic_code": "4711", "service_category": "Retail"}},
    }
)  # fmt: skip


def made(*lines: dict[str, Any], **more: Any) -> Sale:
    """The sale of an order, which must be without fault."""
    return sound(reading(bundle(order={"order": order(*lines, **more)})))


def sound(found: SaleReading) -> Sale:
    assert found.faults == ()
    assert found.sale is not None
    return found.sale


def codes(found: SaleReading) -> list[tuple[str, str]]:
    return [(fault.code, fault.path) for fault in found.faults]


# --- whole chains ---------------------------------------------------------------------------------------------------


def nrs_body(found: Sale) -> dict[str, Any]:
    clock = legal_clock(found.completed_at)
    invoice, faults = convert(
        found, SELLER, issue_date=clock.issue_date, issue_time=clock.issue_time, number="KS17",
        irn="KS17-94ND90NR-20260528", lists=code_lists(),
    )  # fmt: skip
    assert faults == []
    whole: dict[str, Any] = read_json(body(invoice))
    return whole


def test_an_order_with_prices_that_contain_vat_becomes_an_nrs_body() -> None:
    tender = {"by": "cash", "amount": "3000", "back": "850", "at": "2026-05-28 21:26:40"}
    found = made(item(), total="2150.00", tenders=[tender])
    assert (found.sale_id, found.number, found.currency) == ("o-17", "A-17", "NGN")
    assert found.completed_at == datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)
    whole = nrs_body(found)
    assert whole["legal_monetary_total"] == {
        "line_extension_amount": D("2000.00"),
        "tax_exclusive_amount": D("2000.00"),
        "tax_inclusive_amount": D("2150.00"),
        "payable_amount": D("2150.00"),
    }
    assert whole["tax_total"][0]["tax_amount"] == D("150.00")
    assert whole["invoice_line"][0]["item"]["name"] == "Ofada rice"
    assert (whole["payment_status"], whole["payment_means"][0]["payment_means_code"]) == ("PAID", "10")


def refund(**changes: Any) -> dict[str, Any]:
    lines = [item(count="-1", deposit={"amount": "-20", "label": "Crate", "vat": [{"code": "ZERO_VAT"}]})]
    back = [{"by": "cash", "amount": "-1095", "at": "2026-05-28 21:26:40"}]
    return order(*lines, id="r-1", state="done", order_id="o-17", total="-1095", tenders=back, **changes)


def test_a_refund_is_a_credit_note_in_positive_amounts_that_names_its_order() -> None:
    answers = {"refund": {"refund": refund()}, "order": {"order": order(item())}}
    found = sound(reading(bundle("refund", "r-1", **answers)))
    assert (found.document, found.sale_id, found.refers_to) == ("credit_note", "r-1", ("o-17",))
    line = found.lines[0]
    assert (line.quantity, line.unit_price, line.fees[0].amount) == (D(1), D(1075), D(20))
    assert (found.payments[0].amount, found.stated_total) == (D(1095), D(1095))
    assert found.depends_on == (RecordRef(resource="refund", id="r-1"), RecordRef(resource="order", id="o-17"))


def test_the_other_sign_of_a_refund_stands_in_its_explanation() -> None:
    answers = {"refund": {"refund": refund()}, "order": {"order": order(item())}}
    found = reading(bundle("refund", "r-1", **answers))
    by_path = {one.path: one for one in found.explained}
    quantity, price = by_path["lines[0].quantity"], by_path["lines[0].unit_price"]
    assert (quantity.source_value, quantity.transforms, quantity.result) == ("-1", ("decimal", "negate"), "1")
    assert price.transforms == ("minor_units",)


def test_an_order_is_never_turned_however_its_amounts_are_written() -> None:
    assert made(item(count="-1")).lines[0].quantity == -1


def _by_amounts() -> Template:
    """The till as it would be if it stated no price of one."""
    whole = blocks()["mapping"]
    return template(mapping={**whole, "rules": [one for one in whole["rules"] if one["target"] != "line.unit_price"]})


AMOUNTS = _by_amounts()

# --- parts ----------------------------------------------------------------------------------------------------------


def test_everything_a_sale_can_hold_is_read() -> None:
    tenders = [
        {"by": "card", "amount": "2000", "at": "2026-05-28T20:26:40Z", "tip": "50.5"},
        {"by": "cash", "amount": 700, "back": "0.00", "tip": 20},
        {"by": "voucher", "amount": "0.00"},
    ]
    found = made(
        item(off=[{"label": "Staff", "percent": "10"}, {"label": "Scratched", "minor": 500}, {"minor": 0}]),
        item(product=72, count=1, deposit=[{"amount": "20", "label": "Crate", "vat": {"code": "ZERO_VAT"}}]),
        vouchers=[{"amount": "100", "label": "Voucher"}],
        delivery={"amount": "500", "vat": VAT},
        tenders=tenders,
    )
    assert found.lines[0].discounts == (
        Discount(percent=D(10), reason="Staff"),
        Discount(amount=D(5), reason="Scratched"),
    )
    assert found.lines[1].fees == (Charge(amount=D(20), reason="Crate", taxes=(StatedTax(category="ZERO_VAT"),)),)
    assert found.discounts == (Discount(amount=D(100), reason="Voucher"),)
    assert found.charges == (
        Charge(amount=D(500), kind="delivery", taxes=(StatedTax(name="VAT", rate_percent=D("7.5")),)),
    )
    assert found.payments == (
        Payment(method="card", amount=D(2000), means_code="48", paid_at=datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)),
        Payment(method="cash", amount=D(700), means_code="10"),
    )
    assert found.tip == D("70.5")


def test_records_are_looked_up_by_id_whether_it_is_text_or_number() -> None:
    found = made(item(product="72"), shop="3")
    assert (found.lines[0].description, found.lines[0].sku, found.lines[0].unit) == ("Palm oil", "PO-1", "LTR")
    assert (found.currency, found.location) == ("NGN", "3")
    abroad = made(item(), shop=2, closed=1780000000000)
    assert (abroad.currency, abroad.business_date) == ("KES", date(2026, 5, 28))


def test_the_day_is_that_of_the_shop() -> None:
    late = int(datetime(2026, 5, 28, 23, 30, tzinfo=UTC).timestamp() * 1000)
    assert made(item(), closed=late).business_date == date(2026, 5, 29)


def test_what_the_merchant_chose_is_seen_by_rules() -> None:
    given = bundle(order={"order": order(item())})
    assert sound(reading(given)).lines[0].price_basis == "inclusive"
    assert sound(reading(given, settings={"shelf_prices": "exclusive"})).lines[0].price_basis == "exclusive"


def test_lines_that_do_not_count_are_left_out_and_the_rest_keep_their_place() -> None:
    found = reading(bundle(order={"order": order(item(void=True), item(count="0.000"), item(product=72))}))
    assert [line.path for line in sound(found).lines] == ["bill.items[2]"]
    assert {one.path for one in found.explained if one.path.endswith(".quantity")} == {"lines[0].quantity"}


def test_one_object_where_several_are_a_list_is_a_list_of_one() -> None:
    found = sound(reading(bundle(order={"order": {**order(), "items": item(vat=VAT[0])}})))
    assert found.lines[0].taxes == (StatedTax(name="VAT", rate_percent=D("7.5")),)


def test_a_merchants_rule_wins_and_the_explanation_says_whose_it_is() -> None:
    rule = {"target": "line.description", "source": "[product.name, product.code]", "transforms": [{"concat": " / "}]}
    found = reading(bundle(order={"order": order(item())}), rule)
    assert sound(found).lines[0].description == "Ofada rice / OFR-5"
    told = {(one.path, one.layer, one.version, one.rule) for one in found.explained}
    assert ("lines[0].description", "merchant", "7", 0) in told
    assert ("lines[0].sku", "template", "t", 19) in told


@given(st.decimals(1, 10**7, places=2), st.decimals(-1000, 1000, places=3).filter(bool))
def test_a_line_that_states_only_its_amount_comes_to_that_amount_again(amount: Decimal, quantity: Decimal) -> None:
    rules = [{"target": "line.amount", "source": "line.sum"}]
    given_order = order(item(count=str(quantity), sum=str(amount)))
    found = sound(reading(bundle(order={"order": given_order}), *rules, made=AMOUNTS))
    line = found.lines[0]
    assert round_money(line.unit_price * line.quantity, "KWD") == amount
    assert line.quantity == quantity


def test_a_price_beside_an_amount_is_the_price_and_an_amount_for_nothing_has_none() -> None:
    rules = {"target": "line.amount", "source": "line.sum"}
    both = reading(bundle(order={"order": order(item(sum="99"))}), rules)
    assert sound(both).lines[0].unit_price == 1075
    kept = {**blocks()["sale"], "lines": {**blocks()["sale"]["lines"], "zero_quantity": "keep"}}
    spec = AMOUNTS.model_copy(update={"sale": SaleShape.model_validate(kept)})
    nothing = reading(bundle(order={"order": order(item(count=0, sum="99"))}), rules, made=spec)
    assert codes(nothing) == [("MAP-026", "lines[0].amount")]
    wrong = reading(bundle(order={"order": order(item(sum="free"))}), rules, made=AMOUNTS)
    assert codes(wrong) == [("MAP-013", "lines[0].amount")]


def test_an_item_is_looked_up_by_its_place_too() -> None:
    lines = {**blocks()["sale"]["lines"], "lookups": {"product": {"among": "products", "at": "line.place"}}}
    spec = template(sale={**blocks()["sale"], "lines": lines})
    for place, name in ((1, "Palm oil"), ("0", "Ofada rice"), (2, "?"), (None, "?"), (-1, "?"), ("x", "?")):
        found = reading(bundle(order={"order": order(item(place=place, text="?"))}), made=spec)
        assert sound(found).lines[0].description == name, place


# --- buyers ---------------------------------------------------------------------------------------------------------


def test_a_buyer_is_read_of_the_customer() -> None:
    given = bundle(order={"order": order(item(), customer_id="c1")}, customer={"customer": CUSTOMER})
    buyer = sound(reading(given)).buyer
    assert buyer is not None
    assert (buyer.name, buyer.tin, buyer.kind) == ("Bello Foods Ltd", "12345678-0001", "organisation")
    assert buyer.address is not None
    assert (buyer.address.city, buyer.address.country) == ("Kano", "NG")


@pytest.mark.parametrize("customer", [None, {"walk_in": True, "first": "Walk", "last": "In"}, {"id": "c9"}])
def test_a_consumer_nobody_knows_is_no_buyer(customer: dict[str, Any] | None) -> None:
    answers: dict[str, Any] = {"customer": {"customer": customer}} if customer else {}
    assert sound(reading(bundle(order={"order": order(item())}, **answers))).buyer is None


def test_where_somebody_must_be_invoiced_nobody_is_a_fault() -> None:
    crm = template(sale={**blocks()["sale"], "buyer": {"required": True}})
    assert codes(reading(bundle(order={"order": order(item())}), made=crm)) == [("MAP-023", "buyer")]


# --- nothing is invented --------------------------------------------------------------------------------------------


def test_what_no_sale_is_without_is_a_fault_each() -> None:
    bare = {"state": "paid", "items": [{"text": "?"}, {"count": "1", "price": 100}]}
    found = reading(bundle(order={"order": {"id": None, **bare}}, shops={"shops": []}))
    assert found.sale is None
    assert codes(found) == [
        ("MAP-010", "sale_id"),
        ("MAP-020", "currency"),
        ("MAP-020", "completed_at"),
        ("MAP-020", "lines[0].quantity"),
        ("MAP-020", "lines[0].unit_price"),
        ("MAP-016", "lines[1].unit_price"),
        ("MAP-020", "lines[1].description"),
    ]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"count": "two"}, ("MAP-016", "lines[0].quantity")),
        ({"count": [1]}, ("MAP-016", "lines[0].quantity")),
        ({"price": "10.5"}, ("MAP-016", "lines[0].unit_price")),
        ({"vat": [{}]}, ("MAP-024", "lines[0].taxes[0]")),
        ({"vat": [{"rate": "7,5"}]}, ("MAP-016", "lines[0].taxes[0].rate_percent")),
        ({"off": [{"label": "Staff"}]}, ("MAP-024", "lines[0].discounts[0]")),
        ({"off": "10"}, ("MAP-021", "lines[0].discounts")),
        ({"product": 99, "text": None}, ("MAP-020", "lines[0].description")),
        ({"deposit": {"label": "Crate"}}, ("MAP-024", "lines[0].fees[0]")),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_place(changes: dict[str, Any], fault: tuple[str, str]) -> None:
    found = reading(bundle(order={"order": order(item(**changes))}))
    assert fault in codes(found)
    assert all(one.message and one.remedy for one in found.faults)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"closed": "yesterday"}, ("MAP-016", "completed_at")),
        ({"tenders": [{"by": "cash"}]}, ("MAP-020", "payments[0].amount")),
        ({"tenders": [{"amount": 5}]}, ("MAP-020", "payments[0].method")),
        ({"tenders": [{"by": "cash", "amount": 1, "at": "noon"}]}, ("MAP-016", "payments[0].paid_at")),
        ({"tenders": [{"by": "cash", "amount": 1, "tip": "?"}]}, ("MAP-016", "tip")),
        ({"total": "free"}, ("MAP-016", "stated_total")),
        ({"shop": 4}, ("MAP-020", "currency")),
    ],
)
def test_what_the_document_says_and_nobody_can_read_is_a_fault(changes: dict[str, Any], fault: tuple[str, str]) -> None:
    assert fault in codes(reading(bundle(order={"order": order(item(), **changes)})))


def test_a_currency_is_three_capital_letters_and_a_word_is_one_of_those_there_are() -> None:
    given = bundle(order={"order": order(item())})
    assert (
        codes(reading(given, {"target": "currency", "source": "'Naira'"}))
        == [
            ("MAP-015", "currency"),
            ("MAP-020", "currency"),
        ][:1]
    )
    assert codes(reading(given, {"target": "price_basis", "source": "'gross'"})) == [("MAP-012", "price_basis")]
    assert codes(reading(given, {"target": "zone", "source": "'Mars/Base'"})) == [("MAP-014", "zone")]
    assert codes(reading(given, {"target": "completed_at", "source": "'2026-05-28T20:00:00'"})) == [
        ("MAP-014", "completed_at")
    ]


def test_an_unreadable_value_is_not_replaced_by_what_another_rule_says() -> None:
    found = reading(
        bundle(order={"order": order(item())}),
        {"target": "line.quantity", "source": "product.name", "transforms": ["decimal"]},
    )
    assert codes(found) == [("MAP-016", "lines[0].quantity")]
    assert [one.layer for one in found.explained if one.path == "lines[0].quantity"] == ["merchant"]


def test_one_category_for_several_taxes_is_a_fault() -> None:
    rule = {"target": "line.tax_category", "source": "'STANDARD_VAT'"}
    given = bundle(order={"order": order(item(), item(vat=[*VAT, {"label": "Levy", "rate": "0.01"}]))})
    found = reading(given, rule)
    assert codes(found) == [("MAP-025", "lines[1].tax_category")]
    assert found.sale is not None
    assert found.sale.lines[0].taxes == (StatedTax(category="STANDARD_VAT", rate_percent=D("7.5")),)


def test_more_items_than_any_sale_has_are_refused() -> None:
    found = reading(bundle(order={"order": order(*[item()] * 3000)}))
    assert ("MAP-022", "lines[2000].taxes") in codes(found)


def test_only_web_addresses_become_links() -> None:
    given = bundle(order={"order": order(item())})
    assert sound(reading(given)).source_url == "https://kasuwa.example/o/o-17"
    script = {"target": "source_url", "source": "'javascript:alert(1)'"}
    assert sound(reading(given, script)).source_url is None


# --- views ----------------------------------------------------------------------------------------------------------

RECORD = order(item())


@pytest.mark.parametrize(
    "answer",
    [
        RECORD,
        {"order": RECORD},
        [RECORD],
        {"order": [RECORD]},
        [{"order": RECORD}],
        {"request": "GET /v1/orders/o-17", "status": 200, "headers": {}, "body": {"order": RECORD}},
    ],
    ids=["bare", "envelope", "list", "list in an envelope", "list of envelopes", "recording"],
)
def test_a_record_comes_bare_or_in_any_envelope(answer: Any) -> None:
    assert view(template(), bundle(order=answer), {})["order"] == RECORD


def test_an_empty_envelope_holds_no_record() -> None:
    seen = view(template(), bundle(order={"order": None}, shops={"shops": []}), {})
    assert (seen["order"], seen["shops"], seen["customer"]) == (None, [], None)
    with pytest.raises(BadInput, match="no order"):
        sale(template(), seen, (Layer("template", template().mapping),))


def test_a_record_may_have_a_field_named_like_its_envelope() -> None:
    odd = {**RECORD, "order": "first of the day"}
    assert view(template(), bundle(order=odd), {})["order"] == odd


def test_several_records_where_one_was_expected_are_refused() -> None:
    with pytest.raises(BadInput, match="2 of order"):
        view(template(), bundle(order=[RECORD, RECORD]), {})


def test_pages_and_repeated_answers_make_one_list() -> None:
    pages = ({"shops": [{"id": 1}]}, {"shops": [{"id": 2}]})
    seen = view(template(), bundle(order=RECORD, shops=pages), {})
    assert [shop["id"] for shop in seen["shops"]] == [1, 2]
    assert [product["id"] for product in seen["products"]] == [71, 72]


def test_the_account_is_known_from_its_facts_else_from_its_answer() -> None:
    answer = {"success": True, "data": {"company_id": 5, "company_name": "Ours", "timezone_name": "Africa/Lagos"}}
    for told in (answer, answer["data"], {"me": answer}):
        seen = view(template(), bundle(order=RECORD, account=told), {"company_name": "Stored"})
        assert (seen["account"]["company_name"], seen["account"]["timezone_name"]) == ("Stored", "Africa/Lagos")


# --- any record -----------------------------------------------------------------------------------------------------

_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.text(max_size=12), st.just("1.5"))
_KEYS = st.sampled_from(
    re.findall(
        "[a-z_]+",
        """id no state shop closed total items count price vat off product text rate label percent minor amount by back
        at tip tenders vouchers delivery deposit code void customer_id""",
    )
)
_ANY = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=6), max_leaves=30
)


@settings(max_examples=200)
@given(st.dictionaries(_KEYS, _ANY, min_size=1, max_size=10), _ANY)
def test_any_record_is_a_sale_or_coded_faults(record: dict[str, Any], customer: Any) -> None:
    try:
        found = reading(bundle(order={"order": {"id": 1, **record}}, customer={"customer": customer}))
    except BadInput:
        return
    assert found.sale is not None or found.faults
    assert all(fault.code.startswith("MAP-") for fault in found.faults)


def test_a_template_without_the_block_has_no_sale_of_its_own() -> None:
    spec = template(sale=None)
    with pytest.raises(BadInput, match="no sale block"):
        sale(spec, {}, (Layer("merchant", read({})),))
