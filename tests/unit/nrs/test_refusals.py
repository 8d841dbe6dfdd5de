"""A refusal of NRS, said so that a merchant can act on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.nrs.paths import our_path
from taxpoynt.nrs.refusals import faults_of

P = "invoicerequest.invoice."


@pytest.mark.parametrize(
    ("details", "code", "path", "word"),
    [
        (
            P + "taxtotal[0].taxsubtotal[2].taxcategory.id must be a valid tax category, refer to the invoice resource "
            "apis",
            "NRS-101",
            "taxes[2].category",
            "tax category",
        ),
        (
            P + "taxpointdate must be a valid date value yyyy-mm-dd (e.g: 2024-04-29)",
            "NRS-102",
            "tax_point_date",
            "date",
        ),
        (
            P + "accountingsupplierparty.postaladdress.country must be a valid country code, refer to the invoice "
            "resource apis",
            "NRS-103",
            "seller.address.country",
            "country",
        ),
        (P + "accountingcustomerparty.tin must be at least in length or value 5", "NRS-104", "buyer.tin", "at least 5"),
        (
            P + "invoiceline[3].price.priceunit can not be more than in length or value 3",
            "NRS-105",
            "lines[3].unit",
            "at most 3",
        ),
        (
            P + "invoiceline[0].service_category is required when isic_code is provided",
            "NRS-106",
            "lines[0].classification.service_category",
            "isic_code",
        ),
        (P + "invoiceline[11].item.description is required", "NRS-107", "lines[11].description", "empty"),
        (P + "duedate must be after the issue date", "NRS-108", "due_date", "must be after"),
        ("invalid UUID length: 13", "NRS-112", "seller.business_id", "business id"),
        ("webhook url is not setup", "NRS-123", "", "exchange"),
    ],
)
def test_a_known_text_names_our_field_and_says_what_to_do(details: str, code: str, path: str, word: str) -> None:
    (fault,) = faults_of(details, "validation failed: we are unable to process your request")

    assert (fault.code, fault.path) == (code, path)
    assert word in fault.message
    assert fault.remedy


def test_the_public_message_is_read_when_there_are_no_details() -> None:
    (fault,) = faults_of("", "irn validation failed for this business, refer to the template and try again")

    assert (fault.code, fault.path) == ("NRS-111", "irn")


def test_an_unknown_text_is_repeated_in_one_bounded_line() -> None:
    (fault,) = faults_of("something\nnew\x00" + "x" * 5_000_000, "generic")

    assert fault.code == "NRS-199"
    assert "“something new xxx" in fault.message
    assert len(fault.message) < 300


@pytest.mark.parametrize("part", ["x", "x.", "x[0].", "_", "a.b "])
def test_a_text_made_to_be_searched_for_ever_is_read_at_once(part: str) -> None:
    """With every letter a possible beginning of a path, five thousand took seconds and a page of them hours."""
    (fault,) = faults_of(part * 2_000_000, part * 2_000_000)

    assert fault.code == "NRS-199"


def test_a_path_we_do_not_know_is_not_lost() -> None:
    (fault,) = faults_of(P + "newthing[1].field is required", "")

    assert fault.path == "newthing[1].field"


@given(st.text(max_size=1000), st.text(max_size=200))
def test_whatever_nrs_says_there_is_exactly_one_fault(details: str, public: str) -> None:
    (fault,) = faults_of(details, public)

    assert fault.code.startswith("NRS-")
    assert "\n" not in fault.message


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("invoicerequest.invoice.legalmonetarytotal.payableamount", "payable"),
        ("invoicerequest.invoice.taxtotal[0].taxamount", "tax_total"),
        ("invoice.billingreference[1].irn", "refers_to[1].irn"),
        ("InvoiceRequest.Invoice.InvoiceLine[0].ISIC_Code", "lines[0].classification.isic_code"),
    ],
)
def test_lower_case_paths_come_back_in_our_words(theirs: str, ours: str) -> None:
    assert our_path(theirs) == ours
