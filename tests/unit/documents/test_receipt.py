"""The till receipt: the A4 invoice's content on 80 mm of thermal paper."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageChops, ImageOps
from PIL.Image import Image
from pypdf import PageObject, PdfReader
from reportlab.platypus import HRFlowable

from taxpoynt.documents import receipt
from taxpoynt.domain.invoice import Invoice
from taxpoynt.ports import Stamp
from tests.unit.documents.gallery import THERMAL, gallery, pictures
from tests.unit.documents.test_pdf import PRINTER, STAMP
from tests.unit.nrs.invoices import b2b, b2c, credit_note, line

D = Decimal
MM = 72 / 25.4


def pages(invoice: Invoice, stamp: Stamp | None = STAMP) -> list[PageObject]:
    return list(PdfReader(BytesIO(PRINTER.receipt(invoice, stamp))).pages)


def text(invoice: Invoice, stamp: Stamp | None = STAMP) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in pages(invoice, stamp))


def test_a_customer_finds_everything_on_one_strip_of_paper() -> None:
    (page,) = pages(b2c())
    shown = text(b2c())

    assert round(float(page.mediabox.width) / MM) == 80
    for words in (
        "Zuma Office Systems Limited",
        "Aba 450001, Aba North, Abia State, Nigeria",
        "TIN 23456789-0001",
        "INVOICE",
        "No. SQ7K2M9QX4",
        "15 September 2026, 18:05",
        "Payment: Paid",
        "Ruled journal A5",
        "2 × 2,000.00 (tax 7.5%) 4,000.00",
        "Subtotal ₦16,000.00",
        "VAT 7.5% on 4,000.00 ₦300.00",
        "VAT zero-rated on 12,000.00 ₦0.00",
        "Total ₦16,300.00",
        "Paid by card −₦16,300.00",
        "Balance due ₦0.00",
        "IRN SQ7K2M9QX4-94ND90NR-20260915",
        "scan to verify",
        "All amounts are in Nigerian naira (NGN).",
    ):
        assert words in shown


def test_everything_a_sale_can_have_is_on_the_receipt_too() -> None:
    shown = text(gallery()["several-taxes"])

    for words in (
        "2.5 kg × 2,000.00 5,000.00",
        "Discount 10% −500.00",
        "Fee 200.00",
        "Line total (tax 7.5%) 4,700.00",
        "(tax exempt + 1%)",
        "Medical and pharmaceutical products",
        "Stamp duty 1% on 1,500.00 ₦15.00",
        "Loyalty card −₦400.00",
        "Cash rounding −₦10.00",
        "Change given ₦500.00",
        "Tip, beside this invoice ₦250.00",
        "Customer: Ngọzi Ụzọamaka Ɗan-Ƙasa",
    ):
        assert words in shown


def test_a_credit_note_says_what_it_corrects_and_asks_for_nothing() -> None:
    shown = text(credit_note())

    assert "Corrects invoice HUB100245 of 15 September 2026, IRN HUB100245-94ND90NR-20260915" in shown
    assert "Total credited ₦53,750.00" in shown
    assert "Due" not in shown
    assert "Payment:" not in shown


def test_a_bill_to_be_paid_later_says_until_when() -> None:
    assert "Due: 15 October 2026 (net 30 days)" in text(b2b())


def test_without_irn_and_stamp_it_is_a_draft() -> None:
    shown = text(b2b(irn=None, number=None), None)

    assert "Draft: not registered with NRS" in shown
    assert "scan" not in shown


def test_thermal_paper_knows_no_grey() -> None:
    """Letters have smoothed edges in a picture; the code lies on the printer's dots and has none."""
    (whole,), (without,) = (pictures(PRINTER.receipt(b2c(), stamp), THERMAL) for stamp in (STAMP, None))

    assert ImageChops.difference(whole, whole.convert("L").convert("RGB")).getbbox() is None
    assert _grey(without) < 0.04 * without.width * without.height
    assert _grey(whole) - _grey(without) < 0.005 * whole.width * whole.height


def _grey(picture: Image) -> int:
    return sum(picture.convert("L").histogram()[64:192])


@pytest.mark.parametrize("count", [1, 40])
def test_the_strip_is_as_long_as_it_needs_to_be(count: int) -> None:
    invoice = b2b(lines=tuple(line(name=f"Thing {place}") for place in range(count)))
    (picture,) = pictures(PRINTER.receipt(invoice, STAMP), THERMAL)
    box = ImageOps.invert(picture.convert("L")).getbbox()

    assert box is not None
    assert picture.height - box[3] < 12 / 25.4 * THERMAL  # no more than 12 mm of empty paper at the end


def test_a_thousand_lines_go_on_over_pages_of_the_roll() -> None:
    found = pages(b2b(lines=tuple(line(name=f"Thing {place}") for place in range(1000))))

    assert len(found) > 1
    assert all(float(page.mediabox.height) <= 14_400 for page in found)  # the longest page PDF readers show
    assert "Thing 999" in " ".join(page.extract_text() for page in found)


def test_equal_input_gives_equal_bytes() -> None:
    assert PRINTER.receipt(b2c(), STAMP) == PRINTER.receipt(b2c(), STAMP)


@settings(max_examples=15)
@given(name=st.text(max_size=120), amount=st.decimals(0, 10**15, places=2), count=st.integers(1, 3))
def test_any_name_and_amount_fits_on_one_strip(name: str, amount: Decimal, count: int) -> None:
    one = line(name=name, description=name + "!", net=amount)

    assert len(pages(b2b(lines=(one,) * count, payable=amount, note=name), None)) == 1


def test_two_rules_never_stand_in_a_row() -> None:
    """The total ends with one and the note begins with one."""
    strip = receipt._single_rules([receipt._rule(), receipt._rule(), receipt._text("Note"), receipt._rule()])

    assert [isinstance(part, HRFlowable) for part in strip] == [True, False, True]
