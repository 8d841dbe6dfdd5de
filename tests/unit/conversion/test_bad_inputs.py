"""Section 16 of the reference as a table: each case that a body alone can show has a code of its own.

Every body is a sample of section 15 that differs in exactly the respect of its case, its sums following it, so that
nothing else may be found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from taxpoynt.conversion.body_rules import check_body
from taxpoynt.nrs.resources import code_lists
from tests.unit.conversion.builders import body

TODAY = date(2026, 9, 30)
ROOT = Path(__file__).parents[3]
LISTS = code_lists()
SELLER, BUYER = "accounting_supplier_party", "accounting_customer_party"
Body = dict[str, Any]
Change = Callable[[Body], object]


@dataclass(frozen=True)
class Case:
    number: int
    says: str
    code: str
    change: Change
    sample: str = "b2b_discount"


def put(*path: Any) -> Change:
    """`put("a", 0, "b", value)`: sets one value."""
    *steps, key, value = path

    def change(whole: Any) -> None:
        for step in steps:
            whole = whole[step]
        whole[key] = value

    return change


def drop(*path: Any) -> Change:
    *steps, key = path

    def change(whole: Any) -> None:
        for step in steps:
            whole = whole[step]
        del whole[key]

    return change


def both(*changes: Change) -> Change:
    return lambda whole: [change(whole) for change in changes]


def unclassified(whole: Body) -> None:
    del whole["invoice_line"][0]["hsn_code"], whole["invoice_line"][0]["product_category"]


def without_lines(whole: Body) -> None:
    whole["invoice_line"] = []
    _whole_is(whole, Decimal(0))


def with_quantity(amount: Decimal) -> Change:
    """Line 1's quantity, its discount and the totals following it."""

    def change(whole: Body) -> None:
        line = whole["invoice_line"][0]
        gross = amount * line["price"]["price_amount"]
        discount = abs(gross) * line["discount_rate"] / 100
        net = abs(gross) - discount
        line |= {"invoiced_quantity": amount, "discount_amount": discount, "line_extension_amount": net}
        _whole_is(whole, net + whole["invoice_line"][1]["line_extension_amount"])

    return change


def _whole_is(whole: Body, net: Decimal) -> None:
    tax = (net * Decimal("0.075")).quantize(Decimal("0.01"))
    whole["tax_total"][0]["tax_amount"] = tax
    whole["tax_total"][0]["tax_subtotal"][0] |= {"taxable_amount": net, "tax_amount": tax}
    totals = whole["legal_monetary_total"]
    totals |= {"line_extension_amount": net, "tax_exclusive_amount": net}
    totals |= {"tax_inclusive_amount": net + tax, "payable_amount": net + tax}


def five_percent(whole: Body) -> None:
    """STANDARD_VAT at 5 %, the sums following it: only the rate is wrong."""
    net = whole["legal_monetary_total"]["tax_exclusive_amount"]
    tax = net * Decimal("0.05")
    whole["tax_total"][0] |= {"tax_amount": tax}
    whole["tax_total"][0]["tax_subtotal"][0] |= {"tax_amount": tax}
    whole["tax_total"][0]["tax_subtotal"][0]["tax_category"]["percent"] = 5
    whole["legal_monetary_total"] |= {"tax_inclusive_amount": net + tax, "payable_amount": net + tax}


ONE = ("invoice_line", 0)
CATEGORY = ("tax_total", 0, "tax_subtotal", 0, "tax_category")

CASES = [
    Case(1, "credit note without reference", "REF-001", put("invoice_type_code", "380")),
    Case(2, "type 382", "DOC-004", put("invoice_type_code", "382")),
    Case(2, "type as a number", "DOC-003", put("invoice_type_code", 381)),
    Case(3, "kind missing", "DOC-005", drop("invoice_kind")),
    Case(3, "kind in small letters", "DOC-005", put("invoice_kind", "b2b")),
    Case(4, "hyphen in the number", "IRN-001", put("irn", "INV-001-94ND90NR-20260915")),
    Case(5, "service id of seven", "IRN-006", put("irn", "INV001-94ND90N-20260915")),
    Case(5, "IRN in small letters", "IRN-006", put("irn", "inv001-94nd90nr-20260915")),
    Case(6, "IRN of another day", "IRN-003", put("irn", "INV001-94ND90NR-20260914")),
    Case(7, "IRN of no day", "IRN-002", put("irn", "INV001-94ND90NR-20260231")),
    Case(8, "IRN too long", "IRN-004", put("irn", "A" * 40 + "-94ND90NR-20260915")),
    Case(12, "business id no UUID", "DOC-002", put("business_id", "hubspot-tenant")),
    Case(13, "issue date written otherwise", "DATE-001", put("issue_date", "15/09/2026")),
    Case(
        13,
        "issue date in the future",
        "DATE-002",
        both(
            put("issue_date", "2026-10-01"),
            put("irn", "INV001-94ND90NR-20261001"),
        ),
    ),
    Case(14, "tax point no date", "DATE-006", put("tax_point_date", "soon")),
    Case(15, "time without seconds", "DATE-003", put("issue_time", "10:42")),
    Case(16, "due before issue", "DATE-005", put("due_date", "2026-09-14")),
    Case(17, "country in words", "BUYER-013", put(BUYER, "postal_address", "country", "Nigeria")),
    Case(17, "country in words, seller", "SELLER-013", put(SELLER, "postal_address", "country", "Nigeria")),
    Case(18, "state in words", "BUYER-014", put(BUYER, "postal_address", "state", "Lagos")),
    Case(18, "area of another state", "BUYER-015", put(BUYER, "postal_address", "lga", "NG-LA-IKE")),
    Case(19, "buyer's TIN 1234", "BUYER-003", put(BUYER, "tin", "1234")),
    Case(20, "buyer without TIN", "BUYER-002", drop(BUYER, "tin")),
    Case(22, "seller's e-mail missing", "SELLER-006", drop(SELLER, "email")),
    Case(22, "seller's e-mail malformed", "SELLER-006", put(SELLER, "email", "billing at zuma")),
    Case(23, "national telephone number", "SELLER-007", put(SELLER, "telephone", "08011110001")),
    Case(23, "national telephone number, buyer", "BUYER-007", put(BUYER, "telephone", "08011110001")),
    Case(24, "description under five", "SELLER-008", put(SELLER, "business_description", "IT")),
    Case(24, "description under five, buyer", "BUYER-008", put(BUYER, "business_description", "IT")),
    Case(25, "item without description", "LINE-005", put(*ONE, "item", "description", " ")),
    Case(26, "unit in words", "LINE-010", put(*ONE, "price", "price_unit", "NGN per 1")),
    Case(27, "unit not in the list", "LINE-011", put(*ONE, "price", "price_unit", "ZZZ")),
    Case(
        28,
        "goods and service at once",
        "CLASS-002",
        both(put(*ONE, "isic_code", "6202"), put(*ONE, "service_category", "Computer consultancy")),
    ),
    Case(29, "neither goods nor service", "CLASS-001", unclassified),
    Case(30, "service without its category", "CLASS-008", drop("invoice_line", 1, "service_category")),
    Case(31, "HS code without point", "CLASS-003", put(*ONE, "hsn_code", "847130")),
    Case(31, "HS code of four digits", "CLASS-003", put(*ONE, "hsn_code", "2523")),
    Case(32, "ISIC code without its zero", "CLASS-006", put("invoice_line", 1, "isic_code", "111")),
    Case(33, "tax category VAT", "TAX-004", put(*CATEGORY, "id", "VAT")),
    Case(33, "tax category EXEMPT_VAT", "TAX-004", put(*CATEGORY, "id", "EXEMPT_VAT")),
    Case(33, "tax category S", "TAX-004", put(*CATEGORY, "id", "S")),
    Case(34, "standard VAT at 5 %", "TAX-005", five_percent),
    Case(35, "tax total is not its subtotals", "TAX-007", put("tax_total", 0, "tax_amount", Decimal("11250.01"))),
    Case(36, "line is not its parts", "LINE-012", put(*ONE, "price", "price_amount", Decimal(62501))),
    Case(37, "payable is not inclusive", "SUM-005", put("legal_monetary_total", "payable_amount", Decimal(100))),
    Case(38, "amount as text", "NUM-001", put("legal_monetary_total", "payable_amount", "161250.00")),
    Case(39, "negative quantity", "LINE-008", with_quantity(Decimal(-2))),
    Case(40, "quantity 0", "LINE-007", with_quantity(Decimal(0))),
    Case(42, "no lines", "LINE-001", without_lines),
    Case(43, "unknown currency", "DOC-007", put("document_currency_code", "NGR")),
    Case(44, "tax currency missing", "DOC-008", drop("tax_currency_code")),
    Case(45, "payment means not in the list", "PAY-001", put("payment_means", 0, "payment_means_code", "999")),
    Case(46, "payment status of others", "DOC-006", put("payment_status", "PARTIALLY_PAID")),
    Case(62, "name over 100", "BUYER-005", put(BUYER, "party_name", "x" * 101)),
    Case(62, "seller's name over 100", "SELLER-005", put(SELLER, "party_name", "x" * 101)),
    Case(62, "item's name over 100", "LINE-004", put(*ONE, "item", "name", "x" * 101)),
]

FOLLOWS = {
    "tax total is not its subtotals": {"SUM-004"},
    "line is not its parts": {"LINE-013"},
    "negative quantity": {"LINE-012", "LINE-013"},
    "tax category VAT": {"TAX-008"},
}
"""What cannot be right either when the case's own value is wrong."""

VALID = [
    (21, "no buyer on B2C", "b2c_inclusive", lambda whole: None),
    (41, "quantity 1.5", "b2b_discount", with_quantity(Decimal("1.5"))),
    (61, "ampersand and diacritics", "b2b_discount", put(BUYER, "party_name", "Ọláolúwa & Sọ́nà's Ƙungiya")),
]

ELSEWHERE = {
    9: "tests/unit/services/test_steps.py",  # one IRN signed twice, same content
    10: "tests/unit/services/test_steps.py",  # one IRN, other content
    11: "tests/unit/conversion/test_numbering.py",  # two numbers that strip to one
    47: "tests/unit/services/test_deliver_invoice.py",  # PARTIAL without amount
    48: "tests/unit/services/test_deliver_invoice.py",  # status before sign
    49: "tests/unit/services/test_deliver_invoice.py",  # status after PAID
    50: "tests/unit/nrs/test_answers.py",  # wrong key
    51: "tests/unit/services/test_doubt.py",  # time-out on sign
    52: "tests/unit/nrs/test_answers.py",  # NRS 500, 503, 429
    53: "tests/unit/services/test_deliver_invoice.py",  # notice for an unknown IRN
    54: "tests/unit/services/test_deliver_invoice.py",  # notice twice or out of order
    55: "tests/unit/services/test_deliver_invoice.py",  # notice and confirm disagree
    56: "tests/unit/nrs/test_stamp.py",  # certificate too long for the stamp
    57: "tests/unit/conversion/test_convert_amounts.py",  # prices with tax taken for prices without
    58: "tests/unit/services/test_corrections.py",  # refund of a sale never reported
    59: "tests/connectors/pipedrive/test_golden.py",  # deal without lines
    60: "tests/unit/services/test_refresh_code_lists.py",  # lists unreachable
}
"""Cases that are not about one body, and the file whose tests they are in."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number} {case.says}")
def test_the_bad_input_has_its_own_code_and_nothing_else_is_found(case: Case) -> None:
    whole = body(case.sample)
    case.change(whole)
    found = {fault.code for fault in check_body(whole, LISTS, today=TODAY)}
    assert case.code in found
    assert found - FOLLOWS.get(case.says, set()) == {case.code}


@pytest.mark.parametrize(("number", "says", "sample", "change"), VALID)
def test_what_the_reference_calls_valid_is(number: int, says: str, sample: str, change: Change) -> None:
    whole = body(sample)
    change(whole)
    assert check_body(whole, LISTS, today=TODAY) == [], f"{number} {says}"


@pytest.mark.parametrize("sample", ["b2b_discount", "b2c_inclusive", "credit_note"])
def test_the_good_samples_of_section_15_pass(sample: str) -> None:
    assert check_body(body(sample), LISTS, today=TODAY) == []


def test_no_two_cases_share_a_code_and_none_is_forgotten() -> None:
    owners: dict[str, set[int]] = {}
    for case in CASES:
        owners.setdefault(case.code, set()).add(case.number)
    assert {code: numbers for code, numbers in owners.items() if len(numbers) > 1} == {}
    told = {case.number for case in CASES} | {number for number, *_ in VALID}
    assert told | set(ELSEWHERE) == set(range(1, 63))
    assert not told & set(ELSEWHERE)
    assert [path for path in ELSEWHERE.values() if not (ROOT / path).is_file()] == []
