"""What other rules would make of records: what appears, vanishes, changes or is refused, to the kobo."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxpoynt.connector_kit.classed import hides
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import FaultsFound
from taxpoynt.nrs.resources import code_lists
from taxpoynt.services.what_changed import changes
from taxpoynt.services.what_if import CurrencyTotal, WhatIf, chosen_by, what_if
from taxpoynt.services.what_if_shown import shown
from taxpoynt.services.what_if_sides import Circumstances
from tests.unit.connector_kit.kasuwa import CUSTOMER, blocks, bundle, connector, item, order, template

SELLER = Merchant.model_validate(
    {"name": "Demo", "defaults": {"classification": {"isic_code": "4711", "service_category": "Retail"}}}
)
TWO_PERCENT = {"target": "discount.amount", "source": "'43'", "when": "bill.vouchers"}
Rule = dict[str, Any]


def compared(*bundles: SourceBundle, old: Any = (), new: Any = (), personal: Any = None) -> WhatIf:
    """`old` and `new`: rules, or whole documents."""
    made = template(data={"personal": personal}) if personal is not None else template()
    before, after = (chosen_by(one if isinstance(one, dict) else {"rules": list(one)}) for one in (old, new))
    about = Circumstances(lists=code_lists(), hides=hides(made))
    named = [(f"record {number}", one) for number, one in enumerate(bundles, 1)]
    return what_if(connector(made), named, SELLER, before, after, about)


def sold(*lines: dict[str, Any], customer: Any = None, **more: Any) -> SourceBundle:
    answers: dict[str, Any] = {"customer": {"customer": customer}} if customer else {}
    return bundle(order={"order": order(*(lines or (item(),)), **more)}, **answers)


def outcomes(made: WhatIf) -> list[str]:
    return [one.outcome for one in made.records]


# --- outcomes -------------------------------------------------------------------------------------------------------


def test_the_same_rules_change_nothing() -> None:
    rules = [{"target": "note", "source": "bill.no"}]
    made = compared(sold(), sold(item(count=3)), old=rules, new=rules)
    assert outcomes(made) == ["unchanged", "unchanged"]
    assert made.counts == {"appears": 0, "vanishes": 0, "changes": 0, "refused": 0, "unchanged": 2}
    assert made.totals == {"NGN": CurrencyTotal(before=Decimal(5375), after=Decimal(5375), kobo=0)}


def test_a_changed_field_is_told_with_both_values_and_the_kobo() -> None:
    made = compared(sold(vouchers=[{"amount": "100"}]), new=[TWO_PERCENT])
    (one,) = made.records
    assert (one.outcome, one.before, one.after, one.kobo) == ("changes", Decimal("2050.00"), Decimal("2107.00"), 5700)
    told = {change.field: (change.before, change.after, change.kobo) for change in one.changes}
    assert told["gross_total"] == ("2050.00", "2107.00", Decimal(5700))
    assert told["taxes[0].amount"][2] == Decimal(398)
    assert made.totals["NGN"].kobo == 5700


def test_a_text_that_changes_has_no_kobo() -> None:
    (one,) = compared(sold(), new=[{"target": "line.sku", "source": "line.product"}]).records
    assert [(change.field, change.before, change.after, change.kobo) for change in one.changes] == [
        ("lines[0].sku", "OFR-5", "71", None)
    ]
    assert one.kobo == 0


def test_a_price_may_change_by_parts_of_a_kobo() -> None:
    (one,) = compared(sold(), new=[{"target": "line.unit_price", "source": "'1075.0025'"}]).records
    told = {change.field: (change.before, change.after, change.kobo) for change in one.changes}
    assert told["lines[0].unit_price_net"] == ("1000.00", "1000.005", Decimal("0.5"))
    assert (told["gross_total"][2], one.kobo) == (Decimal(1), 1)


def test_a_record_that_could_not_be_read_appears_when_rules_can() -> None:
    shop = sold(shop=4)
    rules = [{"target": "currency", "source": "'NGN'"}, {"target": "line.unit_price", "source": "'1075'"}]
    made = compared(shop, new=rules)
    (one,) = made.records
    assert (one.outcome, one.before, one.after, one.kobo) == ("appears", None, Decimal("2150.00"), 215000)
    assert outcomes(compared(shop, old=rules, new=rules)) == ["unchanged"]


def test_a_record_that_new_rules_cannot_read_is_refused_with_the_fault() -> None:
    made = compared(sold(), sold(shop=4), new=[{"target": "line.quantity", "source": "product.name"}])
    first, second = made.records
    assert (first.outcome, first.is_new, first.kobo) == ("refused", True, -215000)
    assert [(fault.code, fault.path) for fault in first.faults] == [("MAP-013", "lines[0].quantity")]
    assert (second.outcome, second.is_new) == ("refused", False)
    assert made.counts["refused"] == 2


def test_what_the_conversion_refuses_counts_too() -> None:
    rules = [{"target": "line.tax.rate_percent", "source": "'9'"}]
    (one,) = compared(sold(), new=rules).records
    assert one.outcome == "refused"
    assert any(fault.code.startswith("TAX") for fault in one.faults)


def test_an_invoice_vanishes_when_a_setting_leaves_it_out() -> None:
    state = [{"values": ["paid"], "when": "settings.shelf_prices == 'inclusive'", "makes": "invoice"}]
    triggers = [{"record": "order", "field": "state", "cases": state}, *blocks()["triggers"][1:]]
    spec = connector(template(triggers=triggers))
    before, after = chosen_by({}), chosen_by({"settings": {"shelf_prices": "exclusive"}})
    made = what_if(spec, [("a", sold())], SELLER, before, after, Circumstances(lists=code_lists()))
    (one,) = made.records
    assert (one.outcome, one.document, one.after, one.kobo) == ("vanishes", "none", None, -215000)
    assert one.why == "the order is paid"


def test_decisions_of_the_document_count_as_in_the_pipeline() -> None:
    tax = [{"by": "sku", "values": ["OFR-5"], "tax_category": "ZERO_VAT", "reason": "Basic food"}]
    (one,) = compared(
        sold(item(vat=[])), old={"tax": [{**tax[0], "tax_category": "STANDARD_VAT"}]}, new={"tax": tax}
    ).records
    assert one.outcome == "changes"
    assert {change.field for change in one.changes} >= {"lines[0].tax_category", "tax_total"}


def test_a_credit_note_counts_below_zero_and_is_not_refused_for_want_of_its_invoice() -> None:
    refund = order(item(count="-1"), id="r-1", state="done", order_id="o-17")
    given_refund = bundle("refund", "r-1", refund={"refund": refund}, order={"order": order(item())})
    made = compared(given_refund, sold())
    assert [(one.document, one.after) for one in made.records] == [
        ("credit_note", Decimal("-1075.00")),
        ("invoice", 2150),
    ]
    assert made.totals["NGN"].after == 1075


def test_records_of_several_currencies_are_summed_apart() -> None:
    made = compared(sold(), sold(shop=2, closed=1780000000000))
    assert {currency: total.after for currency, total in made.totals.items()} == {"NGN": 2150, "KES": 2150}


def test_a_currency_that_changes_has_no_difference_in_kobo() -> None:
    (one,) = compared(sold(), new=[{"target": "currency", "source": "'KES'"}]).records
    assert one.outcome == "changes"
    assert one.kobo is None
    assert all(change.kobo is None for change in one.changes)


def test_an_unreadable_file_is_a_refused_record_and_the_others_go_on() -> None:
    broken = SourceBundle("kasuwa", "order", "1", {"order": bundle(order=[order(), order()]).answers["order"]})
    made = compared(broken, sold())
    assert outcomes(made) == ["refused", "unchanged"]
    assert made.records[0].faults[0].code == "INPUT-001"


def test_unusable_rules_are_faults_at_once() -> None:
    with pytest.raises(FaultsFound):
        compared(sold(), new=[{"target": "no_such", "source": "x"}])


# --- what may be shown ----------------------------------------------------------------------------------------------

CANARY = "Canary Osagie"
NEW_BUYER = [{"target": "buyer.name", "source": "customer.company"}, {"target": "note", "source": "customer.memo"}]
OLD_BUYER = [{"target": "buyer.name", "source": "customer.trade_name"}, {"target": "note", "source": "bill.no"}]


def buyer_changes(personal: Any) -> str:
    who = {**CUSTOMER, "company": CANARY, "trade_name": f"{CANARY} & Sons", "memo": f"call {CANARY}", "street": "1 A"}
    street = {"target": "buyer.address.street", "source": "customer.street"}
    more = [
        {"target": "buyer.address.postal_code", "source": "'700001'"},
        {"target": "buyer.address.state", "source": "'NG-KN'"},
        {"target": "buyer.address.lga", "source": "'NG-KN-KNM'"},
        street,
    ]
    made = compared(
        sold(customer=who, customer_id="c1"), old=[*OLD_BUYER, *more], new=[*NEW_BUYER, *more], personal=personal
    )
    assert {change.field for change in made.records[0].changes} >= {"buyer.name", "note"}, shown(made)
    return str(shown(made))


def test_personal_fields_are_hidden_also_where_a_rule_takes_them_elsewhere() -> None:
    told = buyer_changes({"customer": ["company", "trade_name", "memo"]})
    assert CANARY not in told
    assert "'from': '[personal]', 'to': '[personal]'" in told


def test_a_field_inside_a_classed_one_and_one_that_holds_it_are_hidden_too() -> None:
    assert CANARY not in buyer_changes({"customer": ["*"]})
    whole = [{"target": "note", "source": "to_string(customer)"}]
    made = compared(sold(customer={**CUSTOMER, "first": CANARY}), new=whole, personal={"customer": ["first"]})
    assert CANARY not in str(shown(made))


def test_what_no_class_hides_is_shown() -> None:
    assert CANARY in buyer_changes({"customer": ["mail"]})


def test_classes_are_followed_through_lookups_and_lists() -> None:
    rule = [{"target": "line.description", "source": "line.engraving"}]
    engraved = sold(item(engraving=CANARY))
    assert CANARY not in str(shown(compared(engraved, new=rule, personal={"order": ["items[].engraving"]})))
    assert CANARY in str(shown(compared(engraved, new=rule, personal={"order": ["no"]})))


# --- any two invoices -----------------------------------------------------------------------------------------------

_AMOUNTS = st.integers(1, 10**7)


@settings(max_examples=60)
@given(_AMOUNTS, _AMOUNTS, st.integers(1, 50), st.integers(1, 50))
def test_the_kobo_of_a_record_are_the_difference_of_its_totals(old: int, new: int, first: int, second: int) -> None:
    lines = [item(price=1000, count=str(first)), item(product=72, price=1000, count=str(second))]
    before = [{"target": "line.unit_price", "source": f"'{Decimal(old) / 100}'"}]
    after = [{"target": "line.unit_price", "source": f"'{Decimal(new) / 100}'"}]
    made = compared(sold(*lines), old=before, new=after)
    (one,) = made.records
    assert one.before is not None
    assert one.after is not None
    assert one.kobo == int((one.after - one.before) * 100) == made.totals["NGN"].kobo
    assert (one.outcome == "unchanged") == (old == new) == (not one.changes)


def test_nothing_differs_from_nothing() -> None:
    assert changes(None, None) == ()
