"""The bad-input cases of the reference's section 16 as NRS would see them, and their kin."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.sandbox.nrs.check_invoice import check_invoice
from tests.sandbox.nrs.json_body import parse_object
from tests.sandbox.nrs.problems import Problem
from tests.unit.sandbox.test_nrs.helping import BUSINESS, GONE, Caller, changed, document, text_of

IRN_REFUSED = "irn validation failed for this business, refer to the template and try again"
DATE = "must be a valid date value yyyy-mm-dd (e.g: 2024-04-29)"
LISTED = "refer to the invoice resource apis"
LINE = "invoicerequest.invoice.invoiceline[0]"
BUYER = "accountingcustomerparty"
SUBTOTAL = "taxtotal[0].taxsubtotal[0]"
ADDRESS = "accounting_customer_party.postal_address"

CASES: list[tuple[str, Any, str]] = [
    # header
    ("invoice_type_code", "380", "billingreference is required when invoicetypecode is 380"),
    ("invoice_type_code", "384", "billingreference is required when invoicetypecode is 384"),
    ("invoice_type_code", "382", f"invoicetypecode must be a valid invoice type code, {LISTED}"),
    ("invoice_type_code", 381, "invoicetypecode must be a string"),
    ("invoice_kind", GONE, "invoicekind is required"),
    ("invoice_kind", "b2b", "invoicekind must be one of B2B B2C B2G G2B"),
    ("payment_status", "PARTIALLY_PAID", "paymentstatus must be one of PENDING PAID REJECTED PARTIAL"),
    ("document_currency_code", "NGR", f"documentcurrencycode must be a valid currency code, {LISTED}"),
    ("tax_currency_code", GONE, "taxcurrencycode is required"),
    ("note", 7, "note must be a string"),
    # IRN
    ("irn", "INV-001-94ND90NR-20260915", IRN_REFUSED),
    ("irn", "INV001-94ND90N-20260915", IRN_REFUSED),
    ("irn", "inv001-94ND90NR-20260915", IRN_REFUSED),
    ("irn", "INV001-94ND90NX-20260915", IRN_REFUSED),
    ("irn", "INV001-94ND90NR-20260914", IRN_REFUSED),
    ("irn", "INV001-94ND90NR-20260231", IRN_REFUSED),
    ("irn", f"{'A' * 33}-94ND90NR-20260915", "irn can not be more than in length or value 50"),
    ("irn", GONE, "irn is required"),
    # business
    ("business_id", "not-a-uuid-xy", "invalid UUID length: 13"),
    ("business_id", "3f1c2a64-5b1e-4d0a-9c77-2a8f5d6e9b1z", "invalid UUID format"),
    ("business_id", "00000000-5b1e-4d0a-9c77-2a8f5d6e9b10", "business does not belong to this api key"),
    # dates
    ("issue_date", "15/09/2026", f"issuedate {DATE}"),
    ("issue_date", "2026-02-31", f"issuedate {DATE}"),
    ("tax_point_date", "yesterday", f"taxpointdate {DATE}"),
    ("tax_point_date", GONE, "taxpointdate is required"),
    ("issue_time", "10:42", "issuetime must be a valid time value hh:mm:ss"),
    ("due_date", "2026-09-14", "duedate can not be before issuedate"),
    (
        "invoice_delivery_period",
        {"start_date": "2026-09-15", "end_date": "2026-09-01"},
        "invoicedeliveryperiod.enddate can not be before startdate",
    ),
    ("billing_reference", [{"irn": "X", "issue_date": "2026-01-01"}], "billingreference[0].irn must be a valid irn"),
    # parties
    ("accounting_supplier_party", GONE, "accountingsupplierparty is required"),
    ("accounting_customer_party", GONE, f"{BUYER} is required when invoicekind is B2B"),
    ("accounting_supplier_party.email", GONE, "accountingsupplierparty.email is required"),
    ("accounting_supplier_party.email", "billing at zuma", "email must be a valid email address"),
    ("accounting_customer_party.tin", "1234", f"{BUYER}.tin must be at least in length or value 5"),
    ("accounting_customer_party.tin", "12345678", f"{BUYER}.tin must be a valid tin"),
    ("accounting_customer_party.tin", GONE, f"{BUYER}.tin is required"),
    ("accounting_customer_party.telephone", "08011110001", "telephone must begin with + and the country code"),
    (
        "accounting_customer_party.business_description",
        "IT",
        "businessdescription must be at least in length or value 5",
    ),
    ("accounting_customer_party.party_name", "K" * 101, "partyname can not be more than in length or value 100"),
    ("accounting_customer_party.party_name", "K", "partyname must be at least in length or value 2"),
    ("accounting_customer_party.id", "0d7b3c55-6f1e-4c2a-8a90-b1c2d3e4f506", f"{BUYER}.id must be a valid party"),
    ("accounting_supplier_party.postal_address.country", "Nigeria", f"must be a valid country code, {LISTED}"),
    (f"{ADDRESS}.state", "Lagos", f"state must be a valid state code, {LISTED}"),
    (f"{ADDRESS}.state", GONE, "postaladdress.state is required"),
    (f"{ADDRESS}.lga", "NG-LA-IKE", "lga must belong to state"),
    (f"{ADDRESS}.lga", "NG-AB-XXX", f"lga must be a valid lga code, {LISTED}"),
    (f"{ADDRESS}.postal_zone", GONE, "postalzone is required"),
    (f"{ADDRESS}.street_name", "", "streetname is required"),
    (ADDRESS, "8 Example Road", "postaladdress must be an object"),
    # payment
    ("payment_means.0.payment_means_code", 30, "paymentmeanscode must be a string"),
    ("payment_means.0.payment_means_code", "99", f"must be a valid payment means code, {LISTED}"),
    ("payment_means", {"payment_means_code": "30"}, "paymentmeans must be an array"),
    # lines
    ("invoice_line", [], "invoiceline is required"),
    ("invoice_line.0.isic_code", "6202", f"{LINE} must have exactly one of hsn_code"),
    ("invoice_line.0.product_category", GONE, f"{LINE}.product_category is required when hsn_code is provided"),
    ("invoice_line.1.service_category", GONE, "[1].service_category is required when isic_code is provided"),
    ("invoice_line.0.hsn_code", "847130", f"hsncode must be a valid hs code, {LISTED}"),
    ("invoice_line.0.hsn_code", "2523", f"hsncode must be a valid hs code, {LISTED}"),
    ("invoice_line.1.isic_code", "111", f"isiccode must be a valid service code, {LISTED}"),
    ("invoice_line.0.item.description", "  ", f"{LINE}.item.description is required"),
    ("invoice_line.0.item.sellers_item_identification", GONE, "item.sellersitemidentification is required"),
    ("invoice_line.0.price.price_unit", "NGN per 1", f"{LINE}.price.priceunit can not be more than in length"),
    ("invoice_line.0.price.price_unit", "ZZZ", f"priceunit must be a valid quantity code, {LISTED}"),
    ("invoice_line.0.invoiced_quantity", -2, "invoicedquantity must be at least in length or value 0"),
    ("invoice_line.0.invoiced_quantity", 0, "invoicedquantity must be greater than 0"),
    ("invoice_line.0.price.price_amount", -1, "priceamount must be at least in length or value 0"),
    ("invoice_line.0.price.base_quantity", 0, "basequantity must be greater than 0"),
    ("invoice_line.0.fee_amount", GONE, "feeamount is required"),
    ("invoice_line.0.discount_rate", "20", "discountrate must be a number"),
    # tax and totals
    ("tax_total", GONE, "taxtotal is required"),
    ("tax_total.0.tax_subtotal.0.tax_category.id", "VAT", f"{SUBTOTAL}.taxcategory.id must be a valid tax category"),
    ("tax_total.0.tax_subtotal.0.tax_category.id", "EXEMPT_VAT", f"must be a valid tax category, {LISTED}"),
    ("tax_total.0.tax_subtotal.0.tax_category.percent", 0.075, "percent must be 7.5 for STANDARD_VAT"),
    ("tax_total.0.tax_subtotal.0.tax_category.percent", GONE, "percent is required"),
    ("tax_total.0.tax_subtotal.0.tax_category.percent", True, "percent must be a number"),
    ("tax_total.0.tax_amount", 11250.01, "taxtotal[0].taxamount must be 11250.00"),
    ("tax_total.0.tax_subtotal.0.tax_amount", 11250.01, f"{SUBTOTAL}.taxamount must be 11250.00"),
    ("tax_total.0.tax_subtotal.0.taxable_amount", 150000.005, "taxableamount can not have more than 2 decimals"),
    ("legal_monetary_total.payable_amount", "161250.00", "payableamount must be a number"),
    ("legal_monetary_total.payable_amount", 161000, "legalmonetarytotal.payableamount must be 161250.00"),
    ("legal_monetary_total.line_extension_amount", 150001, "lineextensionamount must be 150000.00"),
    ("legal_monetary_total.tax_exclusive_amount", GONE, "taxexclusiveamount is required"),
    ("invoice_line.0.line_extension_amount", 100000.02, f"{LINE}.lineextensionamount must be 100000.00"),
    ("invoice_line.0.discount_amount", 24000, f"{LINE}.discountamount must be 25000.00"),
]


@pytest.mark.parametrize(("path", "value", "text"), CASES, ids=[f"{case[0]}={case[1]!s:.24}" for case in CASES])
def test_a_bad_document_is_refused_with_the_right_words(nrs: Caller, path: str, value: Any, text: str) -> None:
    body = changed(document(), path, value)
    validated, signed = nrs.validate(body), nrs.sign(body)
    assert (validated.status_code, signed.status_code) == (400, 400)
    assert text in text_of(validated)
    assert text_of(validated) == text_of(signed)
    assert nrs.control("/invoices")["invoices"] == []


WEIRD: list[Any] = [None, "", "x", "NG", 0, -1, 0.1, True, [], {}, [None], [[]], [{}], 10**14, 10**400, "é" * 300]


def _paths(value: Any, before: str = "") -> Iterator[str]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield f"{before}{key}"
        yield from _paths(item, f"{before}{key}.")


def test_nothing_in_any_place_makes_it_stumble(nrs: Caller) -> None:
    world = nrs.sandbox.world
    rules = world.rules(next(iter(world.keys.values())))
    passed = set()
    for path in _paths(document()):
        for value in (*WEIRD, GONE):
            raw = json.dumps(changed(document(), path, value)).encode()
            with suppress(Problem):
                check_invoice(parse_object(raw), rules)
                passed.add(path)
    # what may be anything or nothing: free texts and what the law leaves open
    assert passed >= {"note", "buyer_reference", "payment_terms_note", "payment_means"}
    assert not passed & {"irn", "business_id", "issue_date", "tax_total", "invoice_line", "legal_monetary_total"}


def test_numbers_at_the_edge_of_reason_are_compared_not_tripped_over(nrs: Caller) -> None:
    line = document()["invoice_line"][0] | {"invoiced_quantity": 99999999999999}
    line["price"] = {"price_amount": 99999999999999, "base_quantity": 0.000000000001, "price_unit": "EA"}
    raw = json.dumps(changed(document(), "invoice_line.0", line)).replace("1e-12", "0.000000000001").encode()
    assert "invoiceline[0].discountamount must be" in text_of(nrs.validate(raw))


def test_only_the_first_problem_is_named(nrs: Caller) -> None:
    body = changed(changed(document(), "invoice_kind", "b2b"), "tax_total.0.tax_amount", "x")
    assert "invoicekind" in text_of(nrs.validate(body))
    assert "taxamount" not in nrs.validate(body).text


def test_the_public_message_is_the_general_sentence(nrs: Caller) -> None:
    error = nrs.validate(changed(document(), "invoice_kind", "b2b")).json()["error"]
    assert error["public_message"] == (
        "validation failed: we are unable to process your request. also confirm this is not a duplicate request"
    )
    assert error["details"].startswith("invoicerequest.invoice.")


def test_lines_without_classification_are_refused(nrs: Caller) -> None:
    body = changed(changed(document(), "invoice_line.0.hsn_code", GONE), "invoice_line.0.product_category", "")
    assert "must have exactly one of" in text_of(nrs.validate(body))


def test_a_rate_below_the_standard_is_refused_even_if_the_sums_agree(nrs: Caller) -> None:
    body = changed(document(), "tax_total.0.tax_subtotal.0", {
        "taxable_amount": 150000, "tax_amount": 7500, "tax_category": {"id": "STANDARD_VAT", "percent": 5},
    })  # fmt: skip
    body["tax_total"][0]["tax_amount"] = 7500
    body["legal_monetary_total"] |= {"tax_inclusive_amount": 157500, "payable_amount": 157500}
    assert "percent must be 7.5" in text_of(nrs.validate(body))


def test_a_taxed_base_that_is_not_the_net_total_is_refused(nrs: Caller) -> None:
    body = changed(document(), "tax_total.0.tax_subtotal.0", {
        "taxable_amount": 100000, "tax_amount": 7500, "tax_category": {"id": "STANDARD_VAT", "percent": 7.5},
    })  # fmt: skip
    body["tax_total"][0]["tax_amount"] = 7500
    body["legal_monetary_total"] |= {"tax_inclusive_amount": 157500, "payable_amount": 157500}
    assert "taxable amounts must add up to 150000.00" in text_of(nrs.validate(body))


def test_amounts_are_whole_in_their_currencys_own_unit(nrs: Caller) -> None:
    yen = changed(document(), "document_currency_code", "JPY")
    assert nrs.validate(yen).status_code == 200
    yen["tax_total"][0]["tax_subtotal"][0]["taxable_amount"] = 150000.5
    assert "can not have more than 0 decimals" in text_of(nrs.validate(yen))
    dinar = changed(document(), "document_currency_code", "KWD")
    dinar["invoice_line"][0]["line_extension_amount"] = 100000.0005
    assert "can not have more than 3 decimals" in text_of(nrs.validate(dinar))


def test_only_a_nigerian_party_must_have_a_nigerian_tin(nrs: Caller) -> None:
    body = changed(document(), "accounting_customer_party.tin", "12-3456789")
    assert "must be a valid tin" in text_of(nrs.validate(body))
    address = body["accounting_customer_party"]["postal_address"]
    address["country"] = "US"
    for name in ("state", "lga"):
        del address[name]
    assert nrs.validate(body).status_code == 200


def test_an_invoice_of_tomorrow_is_refused_until_lagos_gets_there(nrs: Caller) -> None:
    body = changed(changed(document(), "irn", "T1-94ND90NR-20260922"), "issue_date", "2026-09-22")
    assert "issuedate can not be in the future" in text_of(nrs.validate(body))
    nrs.control("/clock", {"advance_seconds": 14 * 3600})  # 23:00 UTC on the 21st: midnight in Lagos
    assert nrs.validate(body).status_code == 200


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{", b'{"a": NaN}', b"\xff", b'"text"', json.dumps(document()).encode().replace(b"7.5", b"75e-1")],
    ids=["empty", "array", "cut", "NaN", "not UTF-8", "text", "exponent"],
)
def test_what_is_not_one_plain_json_object_is_refused(nrs: Caller, raw: bytes) -> None:
    assert text_of(nrs.validate(raw)).startswith("invalid request body")


def test_an_irn_that_does_not_fit_the_template_is_named_by_the_irn_check(nrs: Caller) -> None:
    for number, irn in (("A", "A-94ND90NX-20260915"), ("B", "A-94ND90NR-20260915"), ("A-1", "A-1-94ND90NR-20260915")):
        body = {"business_id": BUSINESS, "invoice_reference": number, "irn": irn}
        assert text_of(nrs.call("POST", "/api/v1/invoice/irn/validate", body)) == IRN_REFUSED


def test_unknown_keys_pass_in_silence_and_stand_in_the_control_log(nrs: Caller) -> None:
    body = changed(document(), "integrator_service_id", "94ND90NR")
    body["invoice_line"][1]["item"]["descripton"] = "misspelt"
    assert nrs.sign(body).status_code == 201
    expected = ["integrator_service_id", "invoice_line[1].item.descripton"]
    seen = nrs.control("/invoices")
    assert seen["ignored_keys"] == expected
    assert seen["invoices"][0]["ignored_keys"] == expected
    assert (
        "ignored_keys: integrator_service_id" in nrs.control("/log?path=/api/v1/invoice/sign")["entries"][0]["verdict"]
    )


def test_the_old_misspelling_of_discounts_is_no_discount(nrs: Caller) -> None:
    body = changed(changed(document(), "invoice_line.0.discount_rate", GONE), "invoice_line.0.dicount_rate", 20)
    assert "discountrate is required" in text_of(nrs.validate(body))


def test_a_code_taken_off_the_list_is_refused_from_then_on(nrs: Caller) -> None:
    nrs.control("/lists", {"list": "payment-means", "remove": ["30"]})
    assert "must be a valid payment means code" in text_of(nrs.validate(document()))
    nrs.control("/lists", {"list": "payment-means", "add": [{"code": "30", "value": "Credit Transfer"}]})
    assert nrs.validate(document()).status_code == 200
