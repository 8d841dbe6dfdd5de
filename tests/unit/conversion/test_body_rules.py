"""Section 16 of the reference, case by case, over bodies made by anyone."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxpoynt.conversion.body_rules import check_body
from taxpoynt.errors import Fault
from tests.unit.conversion.builders import LISTS, D, body, codes

TODAY = date(2026, 9, 15)
GONE = object()

SELLER, BUYER = "accounting_supplier_party", "accounting_customer_party"


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """The reference's B2B body with one value changed; GONE removes it."""
    whole = body("b2b_discount")
    holder: Any = whole
    for step in path[:-1]:
        holder = holder[step]
    if to is GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = to
    return whole


def check(whole: Any) -> list[Fault]:
    return check_body(whole, LISTS, today=TODAY)


CASES: list[tuple[int, tuple[Any, ...], Any, str]] = [
    (1, ("invoice_type_code",), "380", "REF-001"),
    (2, ("invoice_type_code",), "382", "DOC-004"),
    (2, ("invoice_type_code",), 381, "DOC-003"),
    (3, ("invoice_kind",), GONE, "DOC-005"),
    (3, ("invoice_kind",), "b2b", "DOC-005"),
    (4, ("irn",), "INV-001-94ND90NR-20260915", "IRN-001"),
    (5, ("irn",), "INV001-94ND90N-20260915", "IRN-006"),
    (5, ("irn",), "inv001-94nd90nr-20260915", "IRN-006"),
    (6, ("irn",), "INV001-94ND90NR-20260914", "IRN-003"),
    (7, ("irn",), "INV001-94ND90NR-20260231", "IRN-002"),
    (8, ("irn",), "A" * 40 + "-94ND90NR-20260915", "IRN-004"),
    (12, ("business_id",), "not-a-uuid-13", "DOC-002"),
    (14, ("tax_point_date",), "soon", "DATE-006"),
    (15, ("issue_time",), "10:42", "DATE-003"),
    (16, ("due_date",), "2026-09-14", "DATE-005"),
    (17, (BUYER, "postal_address", "country"), "Nigeria", "BUYER-013"),
    (17, (SELLER, "postal_address", "country"), "NGA", "SELLER-013"),
    (18, (BUYER, "postal_address", "state"), "Lagos", "BUYER-014"),
    (18, (BUYER, "postal_address", "lga"), "NG-LA-IKE", "BUYER-015"),
    (19, (BUYER, "tin"), "1234", "BUYER-003"),
    (20, (BUYER, "tin"), GONE, "BUYER-002"),
    (20, (BUYER,), GONE, "BUYER-001"),
    (22, (SELLER, "email"), GONE, "SELLER-006"),
    (22, (SELLER, "email"), "billing at zuma", "SELLER-006"),
    (23, (BUYER, "telephone"), "08011110001", "BUYER-007"),
    (24, (BUYER, "business_description"), "IT", "BUYER-008"),
    (25, ("invoice_line", 0, "item", "description"), " ", "LINE-005"),
    (26, ("invoice_line", 0, "price", "price_unit"), "NGN per 1", "LINE-010"),
    (27, ("invoice_line", 0, "price", "price_unit"), "ZZZ", "LINE-011"),
    (28, ("invoice_line", 0, "isic_code"), "6202", "CLASS-002"),
    (30, ("invoice_line", 1, "service_category"), GONE, "CLASS-008"),
    (31, ("invoice_line", 0, "hsn_code"), "847130", "CLASS-003"),
    (31, ("invoice_line", 0, "hsn_code"), "2523", "CLASS-003"),
    (32, ("invoice_line", 1, "isic_code"), "111", "CLASS-006"),
    (33, ("tax_total", 0, "tax_subtotal", 0, "tax_category", "id"), "EXEMPT_VAT", "TAX-004"),
    (34, ("tax_total", 0, "tax_subtotal", 0, "tax_category", "percent"), D("0.075"), "TAX-005"),
    (34, ("tax_total", 0, "tax_subtotal", 0, "tax_category", "percent"), 5, "TAX-005"),
    (35, ("tax_total", 0, "tax_amount"), D("11250.01"), "TAX-007"),
    (36, ("invoice_line", 0, "line_extension_amount"), D("100000.02"), "LINE-012"),
    (37, ("legal_monetary_total", "payable_amount"), D("161249.99"), "SUM-005"),
    (38, ("legal_monetary_total", "line_extension_amount"), "150000.00", "NUM-001"),
    (39, ("invoice_line", 0, "invoiced_quantity"), -2, "LINE-008"),
    (39, ("invoice_line", 0, "price", "price_amount"), D("-1"), "LINE-008"),
    (40, ("invoice_line", 0, "invoiced_quantity"), 0, "LINE-007"),
    (42, ("invoice_line",), [], "LINE-001"),
    (43, ("document_currency_code",), "NGR", "DOC-007"),
    (44, ("tax_currency_code",), GONE, "DOC-008"),
    (45, ("payment_means", 0, "payment_means_code"), "99", "PAY-001"),
    (46, ("payment_status",), "PARTIALLY_PAID", "DOC-006"),
    (62, (BUYER, "party_name"), "x" * 101, "BUYER-005"),
    (62, ("invoice_line", 0, "item", "name"), "x" * 101, "LINE-004"),
]


@pytest.mark.parametrize(("case", "path", "value", "code"), CASES)
def test_the_bad_input_of_the_reference_is_found(case: int, path: tuple[Any, ...], value: Any, code: str) -> None:
    assert code in codes(check(changed(*path, to=value))), f"case {case}"


@pytest.mark.parametrize("day", ["15/09/2026", "2026-02-31", None, 20260915])
def test_an_unreadable_issue_date_is_found(day: object) -> None:
    assert "DATE-001" in codes(check(changed("issue_date", to=day)))


def test_an_issue_date_in_the_future_is_found() -> None:
    whole = body("b2b_discount") | {"issue_date": "2026-09-16", "irn": "HUB1-94ND90NR-20260916"}
    assert codes(check(whole)) == {"DATE-002"}


def test_a_line_without_classification_is_found() -> None:
    whole = body("b2b_discount")
    del whole["invoice_line"][0]["hsn_code"], whole["invoice_line"][0]["product_category"]
    assert [(fault.code, fault.path) for fault in check(whole)] == [("CLASS-001", "invoice_line[0]")]


def test_blank_codes_of_the_other_pair_do_no_harm() -> None:
    whole = body("b2b_discount")
    whole["invoice_line"][0] |= {"isic_code": "", "service_category": ""}
    assert check(whole) == []


def test_a_consumer_sale_needs_no_buyer() -> None:
    assert check(body("b2c_inclusive")) == []


def test_a_quantity_of_one_and_a_half_is_valid_and_not_truncated() -> None:
    whole = body("b2b_discount")
    whole["invoice_line"][1] |= {"invoiced_quantity": D("1.5"), "line_extension_amount": D(15000)}
    assert codes(check(whole)) == {"SUM-002"}


@pytest.mark.parametrize("name", ["Ọláolúwa & Sons", "O'Brien Nig. Ltd", "Ƙanƙara Gwamnati"])
def test_names_keep_their_signs(name: str) -> None:
    assert check(changed(BUYER, "party_name", to=name)) == []


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("legal_monetary_total", "tax_exclusive_amount"), D("149999.99"), "SUM-003"),
        (("legal_monetary_total", "tax_inclusive_amount"), D("161250.01"), "SUM-004"),
        (("legal_monetary_total", "line_extension_amount"), D("1"), "SUM-002"),
        (("legal_monetary_total",), GONE, "SUM-001"),
        (("tax_total", 0, "tax_subtotal", 0, "taxable_amount"), D("150001"), "TAX-006"),
        (("tax_total", 0, "tax_subtotal", 0, "taxable_amount"), D("150000.01"), "TAX-008"),
        (("tax_total",), [], "TAX-001"),
        (("tax_total", 0, "tax_subtotal"), [], "TAX-001"),
        (("invoice_line", 0, "discount_amount"), D("20000"), "LINE-013"),
        (("invoice_line", 0, "discount_rate"), GONE, "NUM-002"),
        (("invoice_line", 0, "fee_amount"), D("-1"), "NUM-003"),
        (("invoice_line", 0, "price", "base_quantity"), 0, "LINE-009"),
        (("invoice_line", 0, "price"), "5", "NUM-002"),
        (("invoice_line", 0, "item"), None, "LINE-003"),
        (("invoice_line", 0, "item", "sellers_item_identification"), "", "LINE-006"),
        (("invoice_line", 0), "a line", "LINE-002"),
        (("invoice_line", 0, "invoiced_quantity"), D("1E+400"), "NUM-004"),
        (("invoice_line", 0, "invoiced_quantity"), 10**500, "NUM-004"),
        (("invoice_line", 0, "invoiced_quantity"), float("nan"), "NUM-001"),
        (("invoice_line", 0, "invoiced_quantity"), True, "NUM-001"),
        (("invoice_line", 0, "line_extension_amount"), D("100000.001"), "NUM-005"),
        (("invoice_line", 1, "isic_code"), "9999", "CLASS-007"),
        (("invoice_line", 0, "product_category"), GONE, "CLASS-005"),
        ((SELLER,), "Zuma", "SELLER-001"),
        ((BUYER,), "Kainji", "BUYER-001"),
        ((BUYER, "postal_address"), GONE, "BUYER-009"),
        ((BUYER, "postal_address", "street_name"), "", "BUYER-010"),
        ((BUYER, "postal_address", "city_name"), GONE, "BUYER-011"),
        ((BUYER, "postal_address", "postal_zone"), GONE, "BUYER-012"),
        ((BUYER, "postal_address", "state"), GONE, "BUYER-014"),
        ((BUYER, "postal_address", "lga"), GONE, "BUYER-015"),
        ((BUYER, "postal_address", "country"), "KE", "BUYER-016"),
        ((BUYER, "party_name"), "K", "BUYER-004"),
        ((BUYER, "tin"), 3456, "BUYER-003"),
        (("payment_means",), {}, "PAY-002"),
        (("payment_means", 0), "10", "PAY-002"),
        (("allowance_charge",), {}, "CHARGE-001"),
        (("allowance_charge",), [{"amount": 1}], "CHARGE-001"),
        (("allowance_charge",), [{"charge_indicator": True, "amount": 1}], "SUM-003"),
        (("actual_delivery_date",), "tomorrow", "DATE-007"),
        (("invoice_delivery_period",), {"start_date": "2026-09-15", "end_date": "2026-09-14"}, "DATE-008"),
        (("due_date",), GONE, "DATE-004"),
        (("note",), 5, "DOC-009"),
        (("billing_reference",), [{"irn": "x"}], "REF-002"),
        (("billing_reference",), {"irn": "x"}, "REF-002"),
    ],
)
def test_other_wrong_values_are_found(path: tuple[Any, ...], value: Any, code: str) -> None:
    assert code in codes(check(changed(*path, to=value)))


def test_withholding_tax_in_the_tax_total_is_found() -> None:
    whole = body("b2b_discount")
    row = {"taxable_amount": D(150000), "tax_amount": D(7500), "tax_category": {"id": "WITHHOLDING_TAX", "percent": 5}}
    whole["tax_total"][0]["tax_subtotal"].append(row)
    assert {"TAX-012"} <= codes(check(whole))


def test_a_sale_without_any_word_on_vat_is_found() -> None:
    whole = body("b2c_inclusive")
    for row in whole["tax_total"][0]["tax_subtotal"]:
        row["tax_category"] = {"id": "STAMP_DUTY", "percent": row["tax_category"]["percent"]}
    assert codes(check(whole)) - {"CLASS-004"} == {"TAX-013"}


def test_several_rows_of_one_rate_pass_as_long_as_they_add_up() -> None:
    whole = body("b2b_discount")
    whole["tax_total"][0]["tax_subtotal"] = [
        {"taxable_amount": D(net), "tax_amount": D(tax), "tax_category": {"id": "STANDARD_VAT", "percent": D("7.5")}}
        for net, tax in ((100000, 7500), (50000, 3750))
    ]
    assert check(whole) == []


def test_an_exempt_row_has_percent_0() -> None:
    whole = changed("tax_total", 0, "tax_subtotal", 0, "tax_category", to={"id": "EXEMPTED", "percent": D("7.5")})
    assert codes(check(whole)) == {"TAX-005"}


def test_a_credit_note_with_a_negative_amount_is_found() -> None:
    whole = body("credit_note")
    whole["legal_monetary_total"]["payable_amount"] = D(-53750)
    assert {"NUM-003", "SUM-005"} == {fault.code for fault in check_body(whole, LISTS, today=TODAY.replace(day=30))}


def test_a_foreign_business_goes_without_state_and_may_have_its_own_tax_number() -> None:
    whole = body("b2b_discount")
    whole[BUYER]["tin"] = "P051234567X"
    whole[BUYER]["postal_address"] = {
        "street_name": "1 Moi Avenue",
        "city_name": "Nairobi",
        "postal_zone": "00100",
        "country": "KE",
    }
    assert check(whole) == []


def test_state_and_area_are_not_asked_for_when_the_merchant_says_so() -> None:
    whole = body("b2b_discount")
    del whole[BUYER]["postal_address"]["state"], whole[BUYER]["postal_address"]["lga"]
    assert check_body(whole, LISTS, today=TODAY, require_state_lga=False) == []


def test_all_faults_come_at_once() -> None:
    whole = changed(BUYER, "tin", to="1234")
    whole |= {"issue_time": "10:42", "document_currency_code": "NGR"}
    del whole["invoice_line"][0]["item"]["description"]
    assert codes(check(whole)) == {"BUYER-003", "DATE-003", "DOC-007", "LINE-005"}


def test_binary_fractions_of_other_programs_are_read_by_their_shortest_form() -> None:
    whole = changed("invoice_line", 0, "line_extension_amount", to=100000.0)
    whole["tax_total"][0]["tax_subtotal"][0]["tax_category"]["percent"] = 7.5
    assert check(whole) == []


def test_messages_show_no_tax_number_name_or_address() -> None:
    secret = "Secret-Canary"
    whole = changed(BUYER, "tin", to=secret)
    whole[BUYER] |= {
        "party_name": secret * 20,
        "email": secret,
        "telephone": secret,
        "postal_address": {"country": secret},
    }
    assert secret not in str(check(whole))


@pytest.mark.parametrize("whole", [None, [], "invoice", 5, True])
def test_what_is_no_object_is_no_invoice(whole: object) -> None:
    assert codes(check(whole)) == {"DOC-001"}


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.decimals(), st.just(10**400)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
)


def _paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here] * bool(here) + [path for key, one in inside for path in _paths(one, (*here, key))]


@given(JSON)
def test_no_json_value_makes_the_rules_raise(whole: Any) -> None:
    assert check(whole)


@settings(max_examples=400)
@given(st.sampled_from(_paths(body("b2b_discount"))), JSON)
def test_no_value_anywhere_in_a_good_body_makes_the_rules_raise(path: tuple[Any, ...], value: Any) -> None:
    whole = changed(*path, to=copy.deepcopy(value))
    faults = check(whole)
    assert all(fault.message and fault.remedy and "{" not in fault.message for fault in faults)
    assert "".join(fault.message for fault in faults).isprintable()


def test_removing_any_required_value_is_noticed() -> None:
    optional = {"note", "buyer_reference", "payment_means", "payment_terms_note", "telephone", "payment_status"}
    optional |= {"business_description", "payment_due_date"}
    for path in _paths(body("b2b_discount")):
        if not optional & set(path):
            assert check(changed(*path, to=GONE)), path


def test_the_cases_cover_what_one_document_can_show() -> None:
    numbers = {case for case, *_ in CASES}
    elsewhere = {13, 21, 29, 41, 61}  # tested above by name
    of_one_document = set(range(1, 9)) | set(range(12, 47)) | {61, 62}
    assert numbers | elsewhere >= of_one_document
