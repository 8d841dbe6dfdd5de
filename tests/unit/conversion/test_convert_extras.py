"""Fees, charges with tax rules of their own, several taxes, withholding, tenders: each reckoned by hand."""

from __future__ import annotations

from typing import Any

import pytest

from taxpoynt.conversion.nrs_shape import nrs_shape
from taxpoynt.conversion.summary import summary
from taxpoynt.domain.invoice import Invoice, Reference
from taxpoynt.domain.sale import Charge, Payment, Sale, StatedTax, Withholding
from tests.unit.conversion.builders import ISSUED, D, codes, converted, defaults, line, sale

VAT = StatedTax(name="VAT", rate_percent=D("7.5"))
EXEMPT = StatedTax(category="EXEMPTED", reason="Basic food item")


def rows(invoice: Invoice) -> list[tuple[str, str, str, str]]:
    return [(tax.category, f"{tax.rate_percent:f}", str(tax.base), str(tax.amount)) for tax in invoice.taxes]


def good(one: Sale, **options: Any) -> Invoice:
    invoice, faults = converted(one, **options)
    assert faults == []
    return invoice


def traced(invoice: Invoice, rule: str) -> list[str]:
    return [entry.detail for entry in invoice.trace if entry.rule == rule]


# --- several taxes --------------------------------------------------------------------------------------------------


def test_stamp_duty_beside_vat_is_its_own_row_and_both_are_added() -> None:
    duty = StatedTax(name="Stamp duty", category="STAMP_DUTY", rate_percent=D(1))
    invoice = good(sale(line("1", "1000", taxes=(VAT, duty))))
    assert rows(invoice) == [("STANDARD_VAT", "7.5", "1000.00", "75.00"), ("STAMP_DUTY", "1", "1000.00", "10.00")]
    assert (invoice.tax_total, invoice.gross_total) == (D("85.00"), D("1085.00"))
    only = invoice.lines[0]
    assert (only.tax_category, only.tax_rate_percent, only.tax) == ("STANDARD_VAT", D("7.5"), D("85.00"))
    assert [(tax.category, tax.amount) for tax in only.taxes] == [
        ("STANDARD_VAT", D("75.00")),
        ("STAMP_DUTY", D("10.00")),
    ]


def test_a_price_that_contains_two_taxes_is_taken_apart_into_three() -> None:
    duty = StatedTax(category="STAMP_DUTY", rate_percent=D(1))
    invoice = good(sale(line("1", "1085", price_basis="inclusive", taxes=(VAT, duty))))
    assert (invoice.net_total, invoice.gross_total, invoice.charges) == (D("1000.00"), D("1085.00"), ())


def test_stamp_duty_stated_as_an_amount_is_taken_as_stated_with_the_rate_that_gives_it() -> None:
    duty = StatedTax(category="STAMP_DUTY", amount=D(50))
    invoice = good(sale(line("1", "8000", taxes=(VAT, duty)), line("1", "500", rate="7.5")))
    assert rows(invoice) == [("STANDARD_VAT", "7.5", "8500.00", "637.50"), ("STAMP_DUTY", "0.625", "8000.00", "50.00")]
    assert traced(invoice, "tax-as-stated") == ["STAMP_DUTY: 50.00 on 8000.00 as stated, that is 0.625 %"]


def test_the_merchant_names_a_tax_whose_rate_says_nothing() -> None:
    levy = StatedTax(name=" consumption TAX ", rate_percent=D(5))
    one = sale(line("1", "100", taxes=(VAT, levy)))
    assert codes(converted(one)[1]) == {"TAX-003"}
    named = defaults(tax_names={"Consumption tax": "TOURISM_TAX"})
    assert codes(converted(one, named)[1]) == {"TAX-003"}, "the small list of these tests has no tourism tax"
    named = defaults(tax_names={"Consumption tax": "STAMP_DUTY"})
    assert rows(good(one, merchant=named))[1] == ("STAMP_DUTY", "5", "100.00", "5.00")


def test_two_rates_of_vat_on_one_line_are_a_fault() -> None:
    both = (VAT, StatedTax(name="Value added tax", rate_percent=D("7.5")))
    assert codes(converted(sale(line(taxes=both)))[1]) == {"TAX-010"}
    unlike = (StatedTax(category="ZERO_VAT"), StatedTax(category="EXEMPTED"))
    assert codes(converted(sale(line(taxes=unlike)))[1]) == {"TAX-010"}


def test_a_line_with_other_taxes_only_needs_a_word_on_vat() -> None:
    duty = StatedTax(category="STAMP_DUTY", rate_percent=D(1))
    assert codes(converted(sale(line(taxes=(duty,))))[1]) == {"TAX-011"}
    invoice = good(sale(line(taxes=(duty,))), merchant=defaults(tax_category="EXEMPTED"))
    assert rows(invoice) == [("EXEMPTED", "0", "100.00", "0.00"), ("STAMP_DUTY", "1", "100.00", "1.00")]


def test_a_tax_that_vat_is_charged_on_becomes_a_part_of_the_price() -> None:
    excise = StatedTax(name="Excise", category="STAMP_DUTY", rate_percent=D(20))
    invoice = good(sale(line("1", "1000", taxes=(excise, VAT.model_copy(update={"on_tax": True})))))
    assert (invoice.lines[0].fee, invoice.lines[0].net) == (D("200.00"), D("1200.00"))
    assert rows(invoice) == [("STANDARD_VAT", "7.5", "1200.00", "90.00")]
    assert traced(invoice, "tax-in-price") == ["VAT is charged on Excise: 200.00 is a fee of the line"]
    apart = good(sale(line("1", "1000", taxes=(excise, VAT))))
    assert apart.tax_total == D("275.00"), "tax on tax only where the source says so"


def test_a_tax_on_vat_has_price_and_vat_as_its_base() -> None:
    luxury = StatedTax(category="STAMP_DUTY", rate_percent=D(10), on_tax=True)
    invoice = good(sale(line("1", "1000", taxes=(VAT, luxury))))
    assert rows(invoice) == [("STANDARD_VAT", "7.5", "1000.00", "75.00"), ("STAMP_DUTY", "10", "1075.00", "107.50")]


def test_the_reason_for_no_tax_reaches_the_invoice_and_the_note() -> None:
    invoice = good(sale(line(taxes=(EXEMPT,)), line(rate="7.5"), note="Thank you"))
    assert [tax.reason for tax in invoice.taxes] == ["Basic food item", None]
    assert nrs_shape(invoice)["note"] == "VAT exempt: Basic food item. Thank you"
    long = good(sale(line(taxes=(EXEMPT.model_copy(update={"reason": "x" * 300}),)), note="y" * 300))
    assert len(nrs_shape(long)["note"]) <= 255


# --- fees, charges, tips --------------------------------------------------------------------------------------------


def test_a_fee_is_taxed_as_its_line_and_stands_in_it() -> None:
    invoice = good(sale(line("2", "100", rate="7.5", fees=(Charge(percent=D(10), kind="fee"),))))
    body = nrs_shape(invoice)["invoice_line"][0]
    assert (body["fee_rate"], body["fee_amount"], body["line_extension_amount"]) == (D(10), D("20.00"), D("220.00"))
    assert invoice.tax_total == D("16.50")


def test_a_fee_with_a_tax_of_its_own_leaves_its_line() -> None:
    invoice = good(sale(line("1", "100", rate="7.5", fees=(Charge(amount=D(5), reason="Deposit", taxes=(EXEMPT,)),))))
    assert invoice.lines[0].net == D("100.00")
    assert [(one.amount, one.reason, one.taxes[0].category) for one in invoice.charges] == [
        (D("5.00"), "Deposit", "EXEMPTED")
    ]
    assert rows(invoice) == [("STANDARD_VAT", "7.5", "100.00", "7.50"), ("EXEMPTED", "0", "5.00", "0.00")]


@pytest.mark.parametrize(
    ("charge", "net", "tax"),
    [
        (Charge(amount=D("107.50"), kind="delivery", taxes=(VAT,), price_basis="inclusive"), "1100.00", "7.50"),
        (Charge(amount=D(100), kind="delivery", taxes=(VAT,)), "1100.00", "7.50"),
        (Charge(percent=D(10), kind="service_charge", taxes=(StatedTax(rate_percent=D(0)),)), "1100.00", "0.00"),
        (Charge(amount=D(100)), "1100.00", "0.00"),  # states nothing: taxed as the lines are
    ],
)
def test_a_charge_has_its_own_tax_rule_or_the_lines(charge: Charge, net: str, tax: str) -> None:
    invoice = good(sale(line("1", "1000", rate="0"), charges=(charge,)))
    assert (str(invoice.net_total), str(invoice.tax_total)) == (net, tax)


def test_a_charge_whose_tax_is_unknown_holds_the_document() -> None:
    odd = Charge(amount=D(10), taxes=(StatedTax(amount=D("9.99")),))
    invoice, faults = converted(sale(line(), charges=(odd,)))
    assert [(fault.code, fault.path) for fault in faults] == [("TAX-002", "charges")]
    assert invoice.gross_total is None
    foreign = Charge(amount=D(10), taxes=(StatedTax(rate_percent=D(20)),))
    assert [(f.code, f.path) for f in converted(sale(line(), charges=(foreign,)))[1]] == [("TAX-003", "charges[0]")]


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ({"charges": (Charge(amount=D(-1), taxes=(VAT,)),)}, "CHARGE-002"),
        ({"rounding": D(-1000)}, "SUM-009"),
        ({"withholding": (Withholding(amount=D(1000)),)}, "SUM-008"),
        ({"withholding": (Withholding(),)}, "TAX-014"),
        ({"withholding": (Withholding(rate_percent=D(101)),)}, "TAX-014"),
        ({"payments": (Payment(method="CASH", amount=D(5), change=D(6)),)}, "PAY-003"),
        ({"payments": (Payment(method="CASH", amount=D(-5)),)}, "PAY-003"),
        ({"type_code": "380"}, "DOC-010"),
        ({"rounding": D("1E+40")}, "NUM-004"),
        ({"withholding": (Withholding(amount=D("1E+40")),)}, "NUM-004"),
        ({"charges": (Charge(amount=D("1E+40"), taxes=(VAT,)),)}, "NUM-004"),
    ],
)
def test_what_cannot_be_is_a_fault(extra: dict[str, Any], code: str) -> None:
    assert code in codes(converted(sale(line(), **extra))[1])


def test_a_negative_fee_is_a_fault() -> None:
    assert "LINE-022" in codes(converted(sale(line(fees=(Charge(amount=D(-1)),))))[1])


def test_a_tip_is_outside_unless_the_merchant_puts_it_in() -> None:
    outside = good(sale(line("1", "100"), tip=D(10)))
    assert (outside.tip, outside.gross_total) == (D("10.00"), D("107.50"))
    inside = good(sale(line("1", "100"), tip=D(10)), merchant=defaults(tips="charge"))
    assert (inside.tip, inside.net_total, inside.gross_total) == (D("0.00"), D("110.00"), D("117.50"))
    assert rows(inside)[1] == ("ZERO_VAT", "0", "10.00", "0.00")


# --- money ----------------------------------------------------------------------------------------------------------


def test_cash_rounding_stays_in_the_payment_and_out_of_nrss_amounts() -> None:
    cash = Payment(method="CASH", amount=D(110), change=D(2), means_code="10")
    invoice = good(sale(line("1", "100.35"), rounding=D("0.12"), payments=(cash,), buyer=None))
    assert (invoice.gross_total, invoice.rounding, invoice.payable) == (D("107.88"), D("0.12"), D("108.00"))
    assert (invoice.payment_status, invoice.balance_due) == ("PAID", D("0.00"))
    body = nrs_shape(invoice)
    assert body["legal_monetary_total"]["payable_amount"] == D("107.88")
    assert body["note"] == "Cash rounding 0.12"


def test_withholding_is_shown_and_owed_less_but_no_part_of_tax_or_total() -> None:
    deal = sale(line("1", "1000"), withholding=(Withholding(name="WHT", rate_percent=D(5)),))
    invoice = good(deal)
    assert (invoice.tax_total, invoice.payable) == (D("75.00"), D("1075.00"))
    assert (invoice.withheld, invoice.balance_due) == (D("50.00"), D("1025.00"))
    assert nrs_shape(invoice)["note"] == "WHT 5 % of 1000.00: NGN 50.00"
    assert summary(deal, invoice, [])["withholding"] == [
        {"name": "WHT", "rate_percent": "5", "base": "1000.00", "amount": "50.00"}
    ]
    paid = good(deal.model_copy(update={"payments": (Payment(method="TRANSFER", amount=D(1025)),)}))
    assert paid.payment_status == "PAID"


def test_a_withholding_tax_among_a_lines_taxes_is_kept_apart() -> None:
    kept = StatedTax(name="WHT", category="WITHHOLDING_TAX", rate_percent=D(10))
    invoice = good(sale(line("1", "1000", taxes=(VAT, kept)), line("1", "500", rate="7.5")))
    assert [(row.base, row.amount) for row in invoice.withholding] == [(D("1000.00"), D("100.00"))]
    assert invoice.tax_total == D("112.50")


def test_deposits_tenders_change_and_refunds_come_to_what_is_left() -> None:
    payments = (
        Payment(method="TRANSFER", amount=D(500), kind="prepayment", means_code="30"),
        Payment(method="CASH", amount=D(300), change=D(50), means_code="10"),
        Payment(method="CARD", amount=D(200), means_code="48"),
        Payment(method="CARD", amount=D(20), kind="refund", means_code="48"),
    )
    invoice = good(sale(line("1", "1000"), payments=payments))
    assert (invoice.prepaid, invoice.balance_due, invoice.payment_status) == (D("500.00"), D("145.00"), "PARTIAL")
    assert [one["payment_means_code"] for one in nrs_shape(invoice)["payment_means"]] == ["30", "10", "48"]


# --- other documents ------------------------------------------------------------------------------------------------

EARLIER = Reference(irn="PD7-94ND90NR-20260901", issue_date=ISSUED.replace(day=1))


@pytest.mark.parametrize(("document", "code"), [("credit_note", "380"), ("debit_note", "384"), ("invoice", "381")])
def test_each_document_has_its_type_and_only_corrections_name_another(document: str, code: str) -> None:
    invoice = good(sale(line(), document=document), refers_to=(EARLIER,))
    body = nrs_shape(invoice)
    assert body["invoice_type_code"] == code
    assert ("billing_reference" in body) == (document != "invoice")


def test_a_note_over_nothing_or_against_itself_is_refused() -> None:
    nothing = sale(line("1", "0"), document="credit_note")
    assert codes(converted(nothing, refers_to=(EARLIER,))[1]) == {"SUM-010"}
    own = Reference(irn="PD8-94ND90NR-20260915", issue_date=ISSUED)
    assert codes(converted(sale(line(), document="credit_note"), refers_to=(own,), irn=own.irn)[1]) == {"REF-003"}
    later = Reference(irn="PD7-94ND90NR-20260916", issue_date=ISSUED.replace(day=16))
    assert codes(converted(sale(line(), document="debit_note"), refers_to=(later,))[1]) == {"REF-004"}


def test_a_refunded_credit_note_is_settled() -> None:
    back = Payment(method="CARD", amount=D("107.50"), kind="refund")
    invoice = good(sale(line(), document="credit_note", payments=(back,)), refers_to=(EARLIER,))
    assert (invoice.payment_status, invoice.balance_due) == ("PAID", D("0.00"))


def test_a_factored_invoice_is_one_only_where_the_source_says_so() -> None:
    invoice, faults = converted(sale(line(), type_code="386"))
    assert invoice.type_code == "386"
    assert codes(faults) == {"DOC-004"}, "the small list of these tests has three types"
