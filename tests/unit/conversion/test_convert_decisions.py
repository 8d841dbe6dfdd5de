"""What the converter decides beside the sums, and how it says so."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxpoynt.conversion.nrs_shape import nrs_shape
from taxpoynt.conversion.parties import e164
from taxpoynt.conversion.rules import check
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.party import Address, Classification, Merchant, MerchantDefaults, Party
from taxpoynt.domain.sale import Charge, Discount, Payment, StatedTax
from taxpoynt.errors import Fault
from tests.unit.conversion.builders import (
    BUYER,
    GOODS,
    LISTS,
    MERCHANT,
    SERVICE,
    D,
    codes,
    converted,
    defaults,
    line,
    sale,
)


def places(faults: list[Fault]) -> list[tuple[str, str]]:
    return [(fault.code, fault.path) for fault in faults]


def traced(invoice: Invoice, rule: str) -> list[str]:
    return [entry.detail for entry in invoice.trace if entry.rule == rule]


# --- lines ----------------------------------------------------------------------------------------------------------


def test_a_line_of_quantity_zero_is_left_out_and_the_trace_says_so() -> None:
    invoice, faults = converted(sale(line("0", path="products[0]"), line("2")))
    assert [one.quantity for one in invoice.lines] == [2]
    assert (traced(invoice, "line-skipped"), faults) == (["quantity 0"], [])


def test_a_sale_whose_lines_are_all_zero_is_refused() -> None:
    _, faults = converted(sale(line("0")))
    assert places(faults) == [("LINE-001", "lines")]


@pytest.mark.parametrize(("quantity", "price"), [("-1", "10"), ("1", "-10")])
def test_a_negative_line_asks_for_a_credit_note(quantity: str, price: str) -> None:
    _, faults = converted(sale(line(quantity, price), line("5", "10")))
    assert ("LINE-008", "lines[0]") in places(faults)


def test_decimal_quantities_are_kept() -> None:
    invoice, faults = converted(sale(line("1.375", "80")))
    assert (invoice.lines[0].quantity, invoice.lines[0].net, faults) == (D("1.375"), D("110.00"), [])


def test_several_line_discounts_are_all_taken_from_the_lines_gross() -> None:
    two = (Discount(percent=D(10)), Discount(amount=D("5.50")))
    invoice, faults = converted(sale(line("4", "25", discounts=two)))
    assert (invoice.lines[0].discount, invoice.lines[0].net) == (D("15.50"), D("84.50"))
    assert invoice.lines[0].discount_percent == 0
    assert faults == []
    assert traced(invoice, "line-discount") == ["10 %, 5.50 of 100.00 is 15.50"]


def test_a_percentage_is_in_percent_units() -> None:
    invoice, _ = converted(sale(line("5", "22", percent="0.2")))
    assert invoice.lines[0].net == D("109.78")


@pytest.mark.parametrize("fields", [{"percent": "101"}, {"percent": "-1"}, {"off": "-5"}, {"off": "100.01"}])
def test_an_impossible_discount_is_refused(fields: dict[str, str]) -> None:
    _, faults = converted(sale(line(**fields), line("10")))
    assert ("LINE-021", "lines[0].discount") in places(faults)


def test_a_platforms_own_line_sum_may_differ_by_a_kobo_but_not_by_two() -> None:
    assert converted(sale(line("3", "3.333", stated_total=D("9.999"))))[1] == []
    _, faults = converted(sale(line("3", "10"), line("3", "10", stated_total=D("29.98"))))
    assert places(faults) == [("LINE-020", "lines[1]")]


@pytest.mark.parametrize(
    ("price", "stated", "found"),
    [
        ("3.3334", "3.333", set()),
        ("3.3334", "3.334", set()),
        ("3.3334", "3.336", {"LINE-020"}),  # sub-cent, but the third decimal counts in dinars
        ("3.3334", "3.33", set()),  # a platform that knows cents only
        ("3.3334", "3.34", {"LINE-020"}),
    ],
)
def test_a_dinar_sum_agrees_to_its_third_decimal_unless_the_platform_counts_in_cents(
    price: str, stated: str, found: set[str]
) -> None:
    one = sale(line("1", price, stated_total=D(stated)), currency="BHD")
    assert codes(converted(one)[1]) == found
    whole = sale(line("1", price), currency="BHD", stated_total=D(stated), stated_total_basis="net")
    assert codes(converted(whole)[1]) == ({"SUM-006"} if found else set())


def test_a_discount_gives_way_to_the_sources_own_line_total_by_one_rounding_and_no_more() -> None:
    def amounts(stated: str) -> tuple[D, D, set[str]]:
        one = line("1.25", "0.50", discounts=(Discount(percent=D(50)),), stated_total=D(stated))
        invoice, faults = converted(sale(one))
        return invoice.lines[0].discount, invoice.lines[0].net, codes(faults)

    assert amounts("0.31") == (D("0.32"), D("0.31"), set())  # 0.625 → 0.63, less 0.3125 → 0.32 each rounded
    assert amounts("0.32") == (D("0.31"), D("0.32"), set())
    assert amounts("0.29") == (D("0.32"), D("0.31"), {"LINE-020"})
    assert amounts("1E+900000") == (D("0.32"), D("0.31"), {"LINE-020"})


def test_a_foreign_tax_is_told_once_and_not_again_by_the_sums_it_spoils() -> None:
    _, faults = converted(sale(line("1", "10", rate="20"), line("1", "10", rate="7.5")))
    assert codes(faults) == {"TAX-003"}


def test_absurd_numbers_are_faults_and_not_crashes() -> None:
    _, faults = converted(
        sale(
            line("1E+30"),
            line("1", "1E-300", path="products[1]"),
            line(),
            payments=(Payment(method="x", amount=D("1E+99")),),
        )
    )
    assert places(faults) == [("NUM-004", "products[0]"), ("NUM-004", "products[1]"), ("NUM-004", "payments[0].amount")]


# --- tax ------------------------------------------------------------------------------------------------------------


def bare() -> Merchant:
    return MERCHANT.model_copy(update={"defaults": MerchantDefaults(classification=GOODS)})


def test_without_any_word_on_tax_the_tax_is_unknown_and_so_are_the_totals() -> None:
    invoice, faults = converted(sale(line(), line(rate="7.5")), bare())
    assert places(faults) == [("TAX-002", "lines[0].tax_category")]
    assert (invoice.net_total, invoice.tax_total, invoice.gross_total, invoice.payable) == (
        D("200.00"),
        None,
        None,
        None,
    )
    assert [one.tax for one in invoice.lines] == [None, D("7.50")]


@pytest.mark.parametrize(
    ("tax", "category", "amount"),
    [
        (StatedTax(rate_percent=D("7.5")), "STANDARD_VAT", "7.50"),
        (StatedTax(rate_percent=D("7.50"), name="VAT"), "STANDARD_VAT", "7.50"),
        (StatedTax(rate_percent=D(0)), "ZERO_VAT", "0.00"),
        (StatedTax(category="EXEMPTED"), "EXEMPTED", "0.00"),
        (StatedTax(category="EXEMPTED", rate_percent=D(0)), "EXEMPTED", "0.00"),
        (StatedTax(amount=D("7.50")), "STANDARD_VAT", "7.50"),
        (StatedTax(amount=D(0)), "ZERO_VAT", "0.00"),
    ],
)
def test_what_the_source_says_of_tax_wins(tax: StatedTax, category: str, amount: str) -> None:
    invoice, faults = converted(sale(line(taxes=(tax,))))
    assert (invoice.lines[0].tax_category, str(invoice.tax_total), faults) == (category, amount, [])


def test_a_rate_of_zero_means_what_the_merchant_chose() -> None:
    invoice, _ = converted(sale(line(rate="0")), defaults(zero_rate_category="EXEMPTED"))
    assert invoice.taxes[0].category == "EXEMPTED"


def test_a_foreign_rate_is_a_fault_but_the_amounts_are_still_shown() -> None:
    invoice, faults = converted(sale(line(rate="20")))
    assert places(faults) == [("TAX-003", "lines[0].tax_category")]
    assert (invoice.tax_total, invoice.gross_total) == (D("20.00"), D("120.00"))


def test_the_old_rate_of_five_percent_is_no_longer_law() -> None:
    assert codes(converted(sale(line(rate="5")))[1]) == {"TAX-003"}


def test_a_category_with_another_rate_than_the_law_is_a_fault() -> None:
    _, faults = converted(sale(line(taxes=(StatedTax(category="STANDARD_VAT", rate_percent=D(5)),))))
    assert places(faults) == [("TAX-005", "taxes[0].rate_percent")]


def test_a_category_nrs_does_not_have_is_a_fault() -> None:
    assert codes(converted(sale(line(taxes=(StatedTax(category="VAT", rate_percent=D("7.5")),))))[1]) == {"TAX-003"}
    assert codes(converted(sale(line(taxes=(StatedTax(category="VAT"),))))[1]) == {"TAX-002"}


def test_an_amount_of_tax_that_fits_no_rate_is_unknown() -> None:
    assert codes(converted(sale(line(taxes=(StatedTax(amount=D("9.99")),))))[1]) == {"TAX-002"}


def test_several_taxes_that_nigerian_law_does_not_know_are_told_and_shown() -> None:
    state, city = StatedTax(name="State", rate_percent=D(5)), StatedTax(name="City", rate_percent=D(4))
    invoice, faults = converted(sale(line(taxes=(state, city))))
    assert codes(faults) == {"TAX-003"}
    assert invoice.tax_total == D("9.00")
    _, faults = converted(sale(line(taxes=(state, StatedTax(name="City", amount=D(4))))))
    assert codes(faults) == {"TAX-002"}


def test_a_zero_tax_beside_a_real_one_does_not_count() -> None:
    taxes = (StatedTax(rate_percent=D(0)), StatedTax(rate_percent=D("7.5")))
    assert converted(sale(line(taxes=taxes)))[0].taxes[0].category == "STANDARD_VAT"


@pytest.mark.parametrize("rate", ["-100", "-7.5", "101", "1E+9000"])
def test_what_cannot_be_a_rate_is_an_unknown_tax(rate: str) -> None:
    assert codes(converted(sale(line(rate=rate, price_basis="inclusive")))[1]) == {"TAX-002"}


# --- prices that contain tax ----------------------------------------------------------------------------------------


def test_a_gross_no_tax_fits_leaves_a_kobo_as_a_named_document_charge() -> None:
    invoice, faults = converted(sale(line("1", "0.07", price_basis="inclusive")))
    assert faults == []
    assert (invoice.gross_total, invoice.tax_total, invoice.lines_total) == (D("0.07"), D("0.00"), D("0.06"))
    assert [(one.charge, one.amount, one.reason) for one in invoice.charges] == [
        (True, D("0.01"), "Rounding of prices that include VAT")
    ]
    assert len(traced(invoice, "inclusive-residual")) == 1
    assert [(tax.category, tax.base) for tax in invoice.taxes] == [("STANDARD_VAT", D("0.06")), ("ZERO_VAT", D("0.01"))]


def test_the_kobo_joins_a_zero_rated_group_that_is_there() -> None:
    kobo, book = line("1", "0.07", price_basis="inclusive"), line("1", "5", rate="0", price_basis="inclusive")
    invoice, faults = converted(sale(kobo, book))
    assert faults == []
    assert [(tax.category, tax.base) for tax in invoice.taxes] == [("STANDARD_VAT", D("0.06")), ("ZERO_VAT", D("5.01"))]


def test_prices_with_and_without_tax_may_stand_on_one_document() -> None:
    invoice, faults = converted(
        sale(line("2", "2150", price_basis="inclusive"), line("1", "1000", price_basis="exclusive"))
    )
    assert faults == []
    assert (invoice.net_total, invoice.tax_total, invoice.gross_total) == (D("5000.00"), D("375.00"), D("5375.00"))


def test_a_discount_on_a_price_with_tax_is_taken_with_its_tax() -> None:
    invoice, faults = converted(sale(line("2", "107.50", percent="10", price_basis="inclusive")))
    assert faults == []
    one = invoice.lines[0]
    assert (one.unit_price_net, one.discount_percent, one.discount, one.net) == (D(100), D(10), D("20.00"), D("180.00"))


def test_a_price_that_contains_an_unknown_tax_is_a_fault() -> None:
    invoice, faults = converted(sale(line(price_basis="inclusive")), bare())
    assert codes(faults) == {"TAX-002"}
    assert invoice.tax_total is None


# --- discounts and charges on the document ---------------------------------------------------------------------------


def test_a_document_discount_is_spread_over_the_tax_groups() -> None:
    invoice, faults = converted(sale(line("1", "90"), line("1", "10", rate="0"), discounts=(Discount(percent=D(10)),)))
    assert faults == []
    assert [(one.charge, one.amount, one.percent) for one in invoice.charges] == [(False, D("10.00"), D(10))]
    assert [(tax.base, tax.amount) for tax in invoice.taxes] == [(D("81.00"), D("6.08")), (D("9.00"), D("0.00"))]


def test_the_vendors_sample_deal_gives_81() -> None:
    pencil = line("1", "90", rate="0", price_basis="inclusive", stated_total=D(90))
    deal = sale(pencil, currency="USD", discounts=(Discount(percent=D(10), reason="10%"),), stated_total=D(81))
    invoice, faults = converted(deal)
    assert faults == []
    assert (invoice.net_total, invoice.tax_total, invoice.gross_total) == (D("81.00"), D("0.00"), D("81.00"))


def test_charges_and_discounts_keep_their_own_amounts() -> None:
    extras = {"discounts": (Discount(amount=D(20)),), "charges": (Charge(amount=D(15), reason="Delivery"),)}
    invoice, faults = converted(sale(line("2", "100"), **extras))
    assert faults == []
    assert [(one.charge, one.amount, one.reason) for one in invoice.charges] == [
        (False, D("20.00"), None),
        (True, D("15.00"), "Delivery"),
    ]
    assert (invoice.lines_total, invoice.net_total, invoice.tax_total) == (D("200.00"), D("195.00"), D("14.63"))


def test_a_document_discount_above_the_lines_is_refused() -> None:
    assert "SUM-007" in codes(converted(sale(line(), discounts=(Discount(amount=D("100.01")),)))[1])
    assert "SUM-007" in codes(converted(sale(line(), discounts=(Discount(percent=D("-3")),)))[1])
    assert "NUM-004" in codes(converted(sale(line(), discounts=(Discount(amount=D("1E+40")),)))[1])


# --- the platform's own total ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("basis", "total", "found"),
    [
        (None, "215.00", set()),
        (None, "200.00", {"SUM-006"}),
        ("net", "200.00", set()),
        ("net", "200.02", {"SUM-006"}),
        ("gross", "215.00", set()),
        ("gross", "214.98", {"SUM-006"}),
    ],
)
def test_our_total_is_held_against_the_platforms(basis: str | None, total: str, found: set[str]) -> None:
    one = sale(line("2", "107.50", price_basis="inclusive"), stated_total=D(total), stated_total_basis=basis)
    assert codes(converted(one)[1]) == found


def test_a_gross_total_is_not_compared_while_a_tax_is_unknown() -> None:
    invoice, faults = converted(sale(line(), stated_total=D(1), stated_total_basis="gross"), bare())
    assert codes(faults) == {"TAX-002"}
    assert len(traced(invoice, "stated-total")) == 1


def test_a_wild_total_of_the_platform_is_a_fault_and_not_a_crash() -> None:
    assert codes(converted(sale(line(), stated_total=D("1E+900000")))[1]) == {"SUM-006"}


# --- classification -------------------------------------------------------------------------------------------------


TABLE = {
    "42": Classification(hsn_code="420211", product_category="By product id"),
    "SKU7": Classification(hsn_code="4202.12", product_category="By SKU"),
    "Thing": Classification(hsn_code="4202.19", product_category="By name"),
}


@pytest.mark.parametrize(
    ("fields", "category"),
    [
        ({"product_id": "42", "sku": "SKU7", "classification": GOODS}, GOODS.product_category),
        ({"product_id": "42", "sku": "SKU7"}, "By product id"),
        ({"product_id": "43", "sku": "SKU7"}, "By SKU"),
        ({}, "By name"),
        ({"description": "Other"}, GOODS.product_category),
    ],
)
def test_the_closest_word_on_a_product_classifies_it(fields: dict[str, Any], category: str) -> None:
    invoice, faults = converted(sale(line(**fields)), defaults(classifications=TABLE))
    assert faults == []
    assert invoice.lines[0].classification is not None
    assert invoice.lines[0].classification.product_category == category


def test_a_deal_without_products_has_its_own_default() -> None:
    merchant = defaults(deal_line_classification=SERVICE)
    invoice, faults = converted(sale(line(from_total=True), line()), merchant)
    assert faults == []
    assert [bool(one.classification and one.classification.isic_code) for one in invoice.lines] == [True, False]
    assert nrs_shape(invoice)["invoice_line"][0]["service_category"].startswith("Computer consultancy")


def test_an_unclassified_line_is_a_fault() -> None:
    _, faults = converted(sale(line()), defaults(classification=None))
    assert places(faults) == [("CLASS-001", "lines[0]")]


def test_six_digits_are_put_in_nrs_form_and_four_are_refused() -> None:
    six, four = Classification(hsn_code="847130"), Classification(hsn_code="2523", product_category="Cement")
    assert converted(sale(line(classification=six)))[0].lines[0].classification == GOODS
    _, faults = converted(sale(line(classification=four)))
    assert places(faults) == [("CLASS-003", "lines[0].classification.hsn_code")]


# --- who buys -------------------------------------------------------------------------------------------------------


def buyer(**changes: object) -> Party:
    return BUYER.model_copy(update=changes)


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        (None, "B2C"),
        (Party(name="Ada Obi", kind="person"), "B2C"),
        (buyer(kind="person"), "B2B"),
        (buyer(kind=None), "B2B"),
        (buyer(kind="organisation"), "B2B"),
        (buyer(kind="government"), "B2G"),
    ],
)
def test_the_kind_of_invoice_follows_from_the_buyer(who: Party | None, kind: str) -> None:
    invoice, faults = converted(sale(line(), buyer=who))
    assert (invoice.kind, faults) == (kind, [])


def test_an_organisation_without_tax_number_is_held() -> None:
    invoice, faults = converted(sale(line(), buyer=buyer(tin=None)))
    assert (invoice.kind, places(faults)) == ("B2B", [("BUYER-002", "buyer.tin")])


def test_or_it_is_a_consumer_when_the_merchant_says_so() -> None:
    invoice, faults = converted(sale(line(), buyer=buyer(tin=None)), defaults(buyer_without_tin="b2c"))
    assert (invoice.kind, faults) == ("B2C", [])
    assert "accounting_customer_party" not in nrs_shape(invoice)


def test_everything_a_business_invoice_lacks_is_said_at_once() -> None:
    _, faults = converted(sale(line(), buyer=Party(name="Acme", kind="organisation")), Merchant())
    assert codes(faults) == {
        "SELLER-001", "SELLER-020", "DOC-002", "BUYER-002", "BUYER-006", "BUYER-009", "TAX-002", "CLASS-001",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("08011110001", "NG", "+2348011110001"),
        ("0801 111-0001", None, "+2348011110001"),
        ("2348011110001", "NG", "+2348011110001"),
        ("00254 722 000000", "KE", "+254722000000"),
        ("+1 (415) 555-1234", "US", "+14155551234"),
        ("08011110001", "KE", None),
        ("12345", "US", None),
        ("call me", None, None),
        ("+123", None, None),
    ],
)
def test_telephone_numbers_get_their_country_code_or_are_left_out(
    text: str, country: str | None, number: str | None
) -> None:
    assert e164(text, country) == number


def test_a_telephone_that_cannot_be_read_is_left_out_with_a_trace() -> None:
    invoice, faults = converted(sale(line(), buyer=buyer(telephone="ext. 5")))
    assert (invoice.buyer and invoice.buyer.telephone, faults) == (None, [])
    assert len(traced(invoice, "telephone-left-out")) == 1


@pytest.mark.parametrize("country", ["NG", "ng", "NGA", "nigeria", " Nigeria "])
def test_a_country_is_understood_by_name_and_code(country: str) -> None:
    assert BUYER.address
    invoice, faults = converted(
        sale(line(), buyer=buyer(address=BUYER.address.model_copy(update={"country": country})))
    )
    assert (invoice.buyer and invoice.buyer.address and invoice.buyer.address.country, faults) == ("NG", [])


def test_an_unknown_country_stays_for_the_rules() -> None:
    assert BUYER.address
    _, faults = converted(sale(line(), buyer=buyer(address=BUYER.address.model_copy(update={"country": "Wakanda"}))))
    assert places(faults) == [("BUYER-013", "buyer.address.country")]


def test_a_state_is_understood_by_its_name() -> None:
    assert BUYER.address
    named = BUYER.address.model_copy(update={"state": None, "region": "Abia State"})
    invoice, faults = converted(sale(line(), buyer=buyer(address=named)))
    assert (invoice.buyer and invoice.buyer.address and invoice.buyer.address.state, faults) == ("NG-AB", [])


def test_an_address_in_one_piece_is_not_taken_apart() -> None:
    _, faults = converted(sale(line(), buyer=buyer(address=Address(free_text="123 Main St, San Francisco"))))
    assert places(faults) == [("BUYER-009", "buyer.address")]


def test_a_short_business_description_is_left_out() -> None:
    invoice, faults = converted(sale(line(), buyer=buyer(business_description="IT")))
    assert (invoice.buyer and invoice.buyer.business_description, faults) == (None, [])


def test_long_names_are_shortened_or_refused_as_the_merchant_chose() -> None:
    long = sale(line(name="x" * 101), buyer=buyer(name="y" * 101))
    invoice, faults = converted(long)
    assert (len(invoice.lines[0].name), faults, len(traced(invoice, "name-shortened"))) == (100, [], 2)
    assert codes(converted(long, defaults(long_names="reject"))[1]) == {"BUYER-005", "LINE-004"}


def test_a_tax_number_loses_the_blanks_and_dashes_of_word_processors() -> None:
    invoice, faults = converted(sale(line(), buyer=buyer(tin=" 34567890\u20130001 ")))
    assert (invoice.buyer and invoice.buyer.tin, faults) == ("34567890-0001", [])


# --- words, dates, payments -----------------------------------------------------------------------------------------


def test_missing_words_stand_in_for_each_other() -> None:
    named = line(name="Widget", description=" ")
    described = line(description="A blue\n widget", product_id="77")
    invoice, faults = converted(sale(named, described))
    assert faults == []
    assert [(one.name, one.description, one.sku) for one in invoice.lines] == [
        ("Widget", "Widget", "LINE-1"),
        ("A blue widget", "A blue\n widget", "77"),
    ]


@pytest.mark.parametrize(("unit", "kept"), [("HUR", "HUR"), ("kgm", "KGM"), ("pieces", "EA"), (None, "EA")])
def test_a_unit_is_a_code_or_the_merchants_default(unit: str | None, kept: str) -> None:
    assert converted(sale(line(unit=unit)))[0].lines[0].unit == kept


def test_a_unit_code_nrs_does_not_have_is_a_fault() -> None:
    assert places(converted(sale(line(unit="ZZZ")))[1]) == [("LINE-011", "lines[0].unit")]


def test_a_business_has_the_merchants_terms_and_a_consumer_pays_at_once() -> None:
    merchant = defaults(payment_terms_days=30)
    assert converted(sale(line()), merchant)[0].due_date == date(2026, 10, 15)
    assert converted(sale(line(), buyer=None), merchant)[0].due_date == date(2026, 9, 15)


@pytest.mark.parametrize(
    ("paid", "status", "balance"),
    [
        ((), "PENDING", "107.50"),
        (("50",), "PARTIAL", "57.50"),
        (("50", "57.50"), "PAID", "0.00"),
        (("120",), "PAID", "0.00"),
    ],
)
def test_tenders_decide_the_payment_status(paid: tuple[str, ...], status: str, balance: str) -> None:
    tenders = tuple(Payment(method="CASH", amount=D(amount), means_code="10") for amount in paid)
    invoice, _ = converted(sale(line(), payments=tenders, tip=D(2)))
    assert (invoice.payment_status, str(invoice.balance_due), invoice.tip) == (status, balance, D("2.00"))


def test_a_means_of_payment_nrs_does_not_list_is_left_out() -> None:
    card = Payment(method="CARD", amount=D(1), means_code="97")
    invoice, faults = converted(sale(line(), payments=(card,)))
    assert (invoice.payments[0].means_code, faults) == (None, [])
    assert "payment_means" not in nrs_shape(invoice)


def test_a_long_note_is_shortened() -> None:
    invoice, _ = converted(sale(line(), note="n" * 300))
    assert invoice.note is not None
    assert (len(invoice.note), len(traced(invoice, "text-shortened"))) == (255, 1)


def test_the_time_may_be_text_or_a_time() -> None:
    assert converted(sale(line()))[0].issue_time == time(10, 42, 31)


def test_number_and_irn_are_checked_only_when_they_exist() -> None:
    assert converted(sale(line()))[1] == []
    assert converted(sale(line()), number="PD8", irn="PD8-94ND90NR-20260915")[1] == []
    assert places(converted(sale(line()), irn="PD8-AAAAAAAA-20260915")[1]) == [("IRN-005", "irn")]
    assert places(converted(sale(line()), irn="PD-8-94ND90NR-20260915")[1]) == [("IRN-001", "irn")]


def test_an_issue_date_in_the_future_is_found_when_today_is_known() -> None:
    invoice, _ = converted(sale(line()))
    assert codes(check(invoice, LISTS, today=date(2026, 9, 14))) == {"DATE-002"}


def test_an_unknown_currency_is_a_fault() -> None:
    assert places(converted(sale(line(), currency="ngr"))[1]) == [("DOC-007", "currency")]


def test_two_hundred_lines_make_one_invoice() -> None:
    many = [line(str(i + 1), "19.99", path=f"products[{i}]", percent="2.5", name=f"Thing {i}") for i in range(200)]
    invoice, faults = converted(sale(*many))
    assert (len(invoice.lines), faults) == (200, [])
    assert len({one.sku for one in invoice.lines}) == 200


TEXT = st.text(max_size=120)
NUMBER = st.decimals(allow_nan=False, allow_infinity=False)


@settings(max_examples=200)
@given(TEXT, TEXT, NUMBER, NUMBER, NUMBER, st.sampled_from(["exclusive", "inclusive", "unstated"]), TEXT)
def test_whatever_a_platform_sends_the_converter_answers_with_faults(
    name: str, text: str, quantity: Decimal, price: Decimal, odd: Decimal, basis: str, currency: str
) -> None:
    one = line(
        name=name,
        description=text,
        price_basis=basis,
        discounts=(Discount(amount=odd),),
        taxes=(StatedTax(rate_percent=odd),),
        unit=text,
        stated_total=odd,
    ).model_copy(update={"quantity": quantity, "unit_price": price})
    who = Party(name=name, tin=text, email=text, telephone=text, address=Address(street=text, country=name, state=text))
    whole = sale(
        one, line(), currency=currency, buyer=who, tip=odd, stated_total=odd, discounts=(Discount(percent=odd),)
    )
    invoice, faults = converted(whole)
    assert Invoice.model_validate(invoice.model_dump()) == invoice
    assert all(fault.message.isprintable() for fault in faults)
