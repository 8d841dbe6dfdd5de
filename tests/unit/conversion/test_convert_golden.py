"""The sample documents of the reference, section 15, made from sales."""

from __future__ import annotations

from taxpoynt.conversion.body_rules import check_body
from taxpoynt.conversion.nrs_shape import nrs_shape
from taxpoynt.domain.invoice import Reference
from taxpoynt.domain.party import Classification
from taxpoynt.domain.sale import Payment
from tests.unit.conversion.builders import GOODS, ISSUED, LISTS, SERVICE, D, body, converted, defaults, line, sale


def test_a_deal_with_goods_at_a_discount_and_a_service_gives_the_reference_body_15_1() -> None:
    tablet = line(
        "2",
        "62500",
        percent="20",
        name="Tablet computer 10 inch",
        description="Tablet computer, 10 inch, 128 GB",
        sku="TAB10128",
        classification=Classification(hsn_code="847130", product_category=GOODS.product_category),
    )
    setup = line(
        "5",
        "10000",
        name="Device setup",
        description="On-site setup and hand-over, per hour",
        sku="SVCSETUP",
        unit="HUR",
        classification=SERVICE,
    )
    deal = sale(tablet, setup, note="Deal 100245 closed won", buyer_reference="PO7781")
    invoice, faults = converted(deal, defaults(payment_terms_days=30), irn="HUB100245-94ND90NR-20260915")

    expected = body("b2b_discount")
    del expected["payment_means"]  # a deal has no tender
    assert faults == []
    assert nrs_shape(invoice) == expected


def test_a_till_sale_with_prices_that_contain_vat_gives_the_reference_body_15_2() -> None:
    journal = line(
        "2",
        "2150",
        name="Ruled journal A5",
        description="Ruled journal, A5, 200 pages",
        sku="JRN-A5",
        rate="7.5",
        price_basis="inclusive",
        classification=Classification(
            hsn_code="4820.10", product_category="Registers, account books, note books and similar articles"
        ),
    )
    book = line(
        "1",
        "12000",
        name="Physics textbook",
        description="Secondary school physics textbook",
        sku="BK-PHY-01",
        rate="0",
        price_basis="inclusive",
        classification=Classification(
            hsn_code="4901.99", product_category="Printed books, brochures and similar printed matter"
        ),
    )
    card = Payment(method="CARD", amount=D("16300.00"), means_code="48")
    till = sale(journal, book, buyer=None, payments=(card,), stated_total=D(16300), stated_total_basis="gross")
    invoice, faults = converted(till, irn="SQ7K2M9QX4-94ND90NR-20260915")

    expected = body("b2c_inclusive") | {"issue_time": "10:42:31"}
    assert faults == []
    assert nrs_shape(invoice) == expected
    assert invoice.balance_due == 0


def test_a_refund_gives_the_reference_credit_note_15_3() -> None:
    tablet = line(
        "1",
        "62500",
        percent="20",
        name="Tablet computer 10 inch",
        description="Tablet computer, 10 inch, 128 GB",
        sku="TAB10128",
        classification=GOODS,
    )
    refund = sale(tablet, document="credit_note", note="One unit returned")
    earlier = Reference(irn="HUB100245-94ND90NR-20260915", issue_date=ISSUED)
    invoice, faults = converted(refund, refers_to=(earlier,), irn="HUB100245CN1-94ND90NR-20260915")

    expected = body("credit_note")
    shape = nrs_shape(invoice)
    assert faults == []
    for key in ("tax_total", "legal_monetary_total", "invoice_line", "billing_reference", "invoice_type_code"):
        assert shape[key] == expected[key]


def test_the_reference_bodies_break_no_rule() -> None:
    for name in ("b2b_discount", "b2c_inclusive", "credit_note"):
        assert check_body(body(name), LISTS, today=ISSUED.replace(day=30)) == []


def test_a_credit_note_without_the_invoice_it_corrects_is_refused() -> None:
    _, faults = converted(sale(line(), document="credit_note"))
    assert {fault.code for fault in faults} == {"REF-001"}
