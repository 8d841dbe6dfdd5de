"""Whatever a till or a CRM can say ends in a document OASIS's schema accepts, with our totals to the minor unit."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from taxpoynt.documents.amounts import money
from taxpoynt.domain.invoice import Invoice, Reference
from taxpoynt.domain.sale import Charge, Discount, Payment, Sale, SaleLine, StatedTax, Withholding
from tests.unit.conversion.builders import BUYER, ISSUED, converted, sale
from tests.unit.conversion.generated import made
from tests.unit.documents.test_pdf import PRINTER, STAMP
from tests.unit.documents.test_ubl import WRITER, Read

D = Decimal
MONEY = st.decimals("0.01", "99999.99", places=2)
RATES = st.sampled_from([D("7.5"), D(0), None])
TEXTS = st.text(max_size=60)


@st.composite
def taxes(draw: st.DrawFn) -> tuple[StatedTax, ...]:
    vat = StatedTax(rate_percent=draw(RATES), reason=draw(st.none() | TEXTS))
    duty = StatedTax(category="STAMP_DUTY", name="Stamp duty", rate_percent=D(1))
    return (vat, duty) if draw(st.integers(0, 4)) == 0 else (vat,)


@st.composite
def lines(draw: st.DrawFn, basis: str) -> SaleLine:
    return SaleLine(
        path="p",
        description=draw(TEXTS),
        name=draw(st.none() | TEXTS),
        quantity=draw(st.decimals("0.001", "999", places=3)),
        unit_price=draw(MONEY),
        price_basis=basis,
        discounts=draw(st.just(()) | st.decimals(0, 100, places=1).map(lambda rate: (Discount(percent=rate),))),
        fees=draw(st.just(()) | MONEY.map(lambda amount: (Charge(amount=amount, kind="fee"),))),
        taxes=draw(taxes()),
    )


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    some: dict[str, Any] = {
        "currency": draw(st.sampled_from(["NGN", "USD", "JPY", "BHD"])),
        "document": draw(st.sampled_from(["invoice", "credit_note", "debit_note"])),
        "buyer": draw(st.none() | st.just(BUYER)),
        "discounts": draw(st.just(()) | st.decimals(0, 90, places=1).map(lambda rate: (Discount(percent=rate),))),
        "charges": draw(st.just(()) | MONEY.map(lambda amount: (Charge(amount=amount, reason="Delivery"),))),
        "tip": draw(st.none() | MONEY),
        "rounding": draw(st.none() | st.decimals("-0.50", "0.50", places=2)),
        "withholding": draw(st.just(()) | st.just((Withholding(name="Withholding tax", rate_percent=D(5)),))),
        "payments": tuple(draw(st.lists(payments(), max_size=3))),
        "note": draw(st.none() | TEXTS),
    }
    basis = draw(st.sampled_from(["exclusive", "inclusive", "unstated"]))
    return sale(*draw(st.lists(lines(basis), min_size=1, max_size=5)), **some)


@st.composite
def payments(draw: st.DrawFn) -> Payment:
    return Payment(
        method=draw(TEXTS),
        amount=draw(MONEY),
        means_code=draw(st.sampled_from([None, "10", "48"])),
        kind=draw(st.sampled_from(["payment", "prepayment", "refund"])),
    )


def invoice_of(one: Sale) -> Invoice:
    before = (Reference(irn="PD7-94ND90NR-20260901", issue_date=ISSUED),)
    invoice, _ = converted(
        one, number="PD8", irn="PD8-94ND90NR-20260915", refers_to=() if one.document == "invoice" else before
    )
    return invoice


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(sales())
def test_any_sale_gives_valid_ubl_with_our_totals(one: Sale) -> None:
    invoice = invoice_of(one)
    found = Read(WRITER.ubl(invoice, STAMP))
    line_name = "CreditNoteLine" if found.name == "CreditNote" else "InvoiceLine"

    assert found.total("LineExtensionAmount") == invoice.lines_total
    assert found.total("TaxExclusiveAmount") == invoice.net_total
    assert found.total("TaxInclusiveAmount") == invoice.gross_total
    assert found.one("cac:TaxTotal/cbc:TaxAmount") == f"{invoice.tax_total:f}"
    assert [D(amount) for amount in found.all(f"cac:{line_name}/cbc:LineExtensionAmount")] == [
        line.net for line in invoice.lines
    ]
    adds_up(found)
    optional = {name: sum(map(D, found.all(f"cac:LegalMonetaryTotal/cbc:{name}"))) for name in _OPTIONAL}
    assert found.total("PayableAmount") + optional["PrepaidAmount"] == invoice.payable


_OPTIONAL = ("AllowanceTotalAmount", "ChargeTotalAmount", "PrepaidAmount", "PayableRoundingAmount")


def adds_up(found: Read) -> None:
    """UBL's own sums, from the written figures alone."""
    total = {name: sum(map(D, found.all(f"cac:LegalMonetaryTotal/cbc:{name}")), D(0)) for name in _OPTIONAL}
    net = found.total("LineExtensionAmount") - total["AllowanceTotalAmount"] + total["ChargeTotalAmount"]
    assert found.total("TaxExclusiveAmount") == net
    assert found.total("TaxInclusiveAmount") == net + D(found.one("cac:TaxTotal/cbc:TaxAmount"))
    assert found.total("PayableAmount") == (
        found.total("TaxInclusiveAmount") + total["PayableRoundingAmount"] - total["PrepaidAmount"]
    )
    assert D(found.one("cac:TaxTotal/cbc:TaxAmount")) == sum(
        map(D, found.all("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount")), D(0)
    )


def test_the_same_check_catches_a_twin_that_loses_a_kobo() -> None:
    invoice = invoice_of(sale(SaleLine(path="p", description="Thing", quantity=D(1), unit_price=D("100.00"))))
    assert invoice.gross_total is not None
    broken = invoice.model_copy(update={"gross_total": invoice.gross_total - D("0.01")})

    with pytest.raises(AssertionError):
        adds_up(Read(WRITER.ubl(broken, STAMP)))


def test_every_sale_of_the_generator_of_the_arithmetic_gives_valid_ubl_that_adds_up() -> None:
    """The sales that the second reckoning is proved with, so what that one agrees to is what UBL says."""
    before = (Reference(irn="S0-94ND90NR-20260901", issue_date=ISSUED),)
    for seed in range(400):
        one = made(seed)
        refers = () if one.sale.document == "invoice" else before
        invoice, _ = converted(one.sale, one.merchant, number="S1", irn="S1-94ND90NR-20260915", refers_to=refers)
        found = Read(WRITER.ubl(invoice, STAMP))
        adds_up(found)
        assert found.total("TaxInclusiveAmount") == invoice.gross_total, one.features


def test_every_sale_of_that_generator_can_be_printed() -> None:
    for seed in range(25):
        one = made(seed)
        invoice, _ = converted(one.sale, one.merchant, number="S1", irn="S1-94ND90NR-20260915")
        for document in (PRINTER.pdf(invoice, None), PRINTER.receipt(invoice, None)):
            printed = " ".join(page.extract_text() for page in PdfReader(BytesIO(document)).pages)
            assert money(invoice.payable, invoice.currency) in printed, one.features
