"""The printed invoice, read back as its reader would: words, pages, the code to scan."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from taxpoynt.documents.places import Places
from taxpoynt.documents.printer import DocumentPrinter
from taxpoynt.documents.typography import clean
from taxpoynt.domain.invoice import DocumentCharge, Invoice
from taxpoynt.domain.party import Address
from taxpoynt.domain.sale import Payment
from taxpoynt.ports import InvoicePrinter, Stamp
from tests.unit.documents.gallery import gallery
from tests.unit.nrs.invoices import BUYER, SELLER, b2b, b2c, credit_note, line

D = Decimal
PRINTER = DocumentPrinter(Places(states={"NG-AB": "Abia"}, lgas={"NG-AB-ANO": "Aba North"}))
STAMP = Stamp(
    text=base64.b64encode(bytes(place % 256 for place in range(256))).decode(),
    made_at=datetime(2026, 9, 15, 9, 44, tzinfo=UTC),
)


def pages(invoice: Invoice, stamp: Stamp | None = STAMP) -> Sequence[str]:
    reader = PdfReader(BytesIO(PRINTER.pdf(invoice, stamp)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def text(invoice: Invoice, stamp: Stamp | None = STAMP) -> str:
    return " ".join(pages(invoice, stamp))


def test_it_is_the_printer_the_services_ask_for() -> None:
    printer: InvoicePrinter = PRINTER

    assert printer.pdf(b2b(), None).startswith(b"%PDF-")


def test_a_buyer_finds_everything_on_one_page() -> None:
    (page,) = pages(b2b())

    for words in (
        "INVOICE",
        "Zuma Office Systems Limited",
        "TIN 23456789-0001",
        "Kainji Logistics Limited",
        "TIN 34567890-0001",
        "8 Example Road",
        "HUB100245-94ND90NR-20260915",
        "15 September 2026, 10:42",
        "15 October 2026 (net 30 days)",
        "PO7781",
        "Tablet computer, 10 inch, 128 GB",
        "Item no. TAB10128",
        "−25,000.00 (20%)",
        "5 h",
        "VAT 7.5%",
        "₦150,000.00",
        "₦11,250.00",
        "₦161,250.00",
        "Total to pay",
        "scan to verify",
        "15 September 2026, 10:44 (Lagos time)",
        "Deal 100245 closed won",
        "Page 1 of 1",
    ):
        assert words in page


def test_a_till_sale_shows_how_it_was_paid() -> None:
    page = text(b2c())

    assert "Walk-in customer" in page
    assert "Paid by card −₦16,300.00" in page
    assert "Balance due ₦0.00" in page
    assert "VAT zero-rated 12,000.00 0.00" in page


def test_a_credit_note_says_what_it_corrects_and_asks_for_nothing() -> None:
    page = text(credit_note())

    assert "CREDIT NOTE" in page
    assert "Corrects invoice HUB100245 of 15 September 2026, IRN HUB100245-94ND90NR-20260915" in page
    assert "Total credited ₦53,750.00" in page
    assert "Due" not in page


def test_a_debit_note_is_called_one() -> None:
    assert "DEBIT NOTE" in text(b2b(type_code="384"))


def test_many_lines_flow_over_pages_with_head_and_number_on_each() -> None:
    found = pages(b2b(lines=tuple(line(name=f"Thing number {number}") for number in range(200))))

    assert len(found) > 5
    for number, page in enumerate(found, start=1):
        assert f"Page {number} of {len(found)}" in page
        assert "IRN HUB100245-94ND90NR-20260915" in page
    for page in found[:-1]:
        assert "Description Quantity Unit price Tax Amount" in page
    whole = " ".join(found)
    assert all(f"Thing number {number} " in whole for number in range(200))


def test_discounts_and_charges_on_the_document_stand_before_the_tax() -> None:
    page = text(
        b2b(
            charges=(
                DocumentCharge(charge=False, amount=D("500.00"), percent=D(5), reason="Loyalty discount"),
                DocumentCharge(charge=True, amount=D("2500.00"), reason="Delivery"),
            ),
            payments=(Payment(method="Flutterwave", amount=D("100000.00")),),
            balance_due=D("61250.00"),
            rounding=D("0.05"),
            tip=D("300.00"),
        )
    )

    assert "Loyalty discount (5%) −₦500.00" in page
    assert "Delivery ₦2,500.00" in page
    assert "Total excluding tax ₦150,000.00" in page
    assert "Cash rounding ₦0.05" in page
    assert "Paid by Flutterwave −₦100,000.00" in page
    assert "Balance due ₦61,250.00" in page
    assert "Tip, beside this invoice ₦300.00" in page


def test_another_currency_goes_by_its_code_and_its_own_decimals() -> None:
    assert "USD 161,250.00" in text(b2b(currency="USD"))
    assert "JPY 161,250 " in text(
        b2b(
            currency="JPY",
            lines_total=D(150000),
            net_total=D(150000),
            tax_total=D(11250),
            gross_total=D(161250),
            payable=D(161250),
        )
    )


def test_an_invoice_without_irn_is_a_draft_without_code() -> None:
    page = text(b2b(irn=None, number=None, tax_total=None, gross_total=None, payable=None, taxes=()), None)

    assert "Draft: not registered with NRS" in page
    assert "scan" not in page
    assert "Total to pay —" in page


def test_nigerian_letters_are_inside_the_document() -> None:
    names = ["Ọjà Àṣẹ", "Ụlọ ọrụ", "ɗan ƙasa ɓangare ƴan", "Ẹ̀ka Ọ̀nà Ẹ́ Ọ́ ẹ̀ ọ́"]
    page = text(b2b(lines=tuple(line(name=name) for name in names)))

    for name in names:
        assert unicodedata.normalize("NFC", name) in unicodedata.normalize("NFC", page)


@pytest.mark.parametrize("make", [PRINTER.pdf, PRINTER.receipt])
def test_every_font_a_page_names_is_inside(make: Callable[[Invoice, Stamp | None], bytes]) -> None:
    reader = PdfReader(BytesIO(make(gallery()["three-pages"], STAMP)))
    fonts = [font for page in reader.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]  # pypdf's own mapping

    assert fonts
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)


@pytest.mark.parametrize("toned", ["Ẹ̀", "Ọ́", "Ị̄", "ụ̀"])
def test_a_tone_stands_on_its_letter_and_the_dot_below(toned: str) -> None:
    shown = clean(toned)

    assert unicodedata.normalize("NFC", shown) == unicodedata.normalize("NFC", toned)
    assert shown[-1] == "\N{COMBINING DOT BELOW}"
    assert len(shown) == 2


def test_texts_of_others_are_words_and_never_markup() -> None:
    evil = '<img src="http://169.254.169.254/x" width="9"/><b>&amp;</b> </font>'
    page = text(
        b2b(
            note=evil,
            seller=SELLER.model_copy(update={"name": evil}),
            buyer=BUYER.model_copy(update={"name": evil, "address": Address(free_text=evil)}),
            lines=(line(name=evil, description=evil + "x", sku=evil),),
            buyer_reference=evil,
        )
    )

    assert page.replace(" ", "").count(evil.replace(" ", "")[:60]) >= 6


def test_endless_names_and_amounts_wrap_inside_the_page() -> None:
    huge = D("99999999999999999999.99")
    long = line(name="W" * 300, description="word " * 2000, net=huge, unit_price_net=huge, discount=huge, fee=huge)

    found = pages(b2b(lines=(long, line()), buyer=BUYER.model_copy(update={"name": "M" * 400}), note="n " * 3000))

    assert "word…" in " ".join(found)
    assert len(found) < 8


def test_equal_input_gives_equal_bytes() -> None:
    assert PRINTER.pdf(b2b(), STAMP) == PRINTER.pdf(b2b(), STAMP)


def test_the_document_says_what_it_is_to_readers_and_archives() -> None:
    reader = PdfReader(BytesIO(PRINTER.pdf(b2b(), STAMP)))

    assert reader.metadata is not None
    assert reader.metadata.title == "Invoice HUB100245"
    assert reader.metadata.author == "Zuma Office Systems Limited"
    assert reader.metadata.subject == "HUB100245-94ND90NR-20260915"
    assert reader.trailer["/Root"]["/Lang"] == "en-NG"  # type: ignore[index]  # pypdf's own mapping


def test_the_seller_has_every_part_of_an_address_that_is_known() -> None:
    there = Address(street="1 Rue A", unit="Flat 2", city="Cotonou", region="Littoral", country="BJ")

    page = text(b2b(buyer=BUYER.model_copy(update={"address": there})))

    assert "1 Rue A, Flat 2" in page
    assert "Cotonou, Littoral, BJ" in page


@settings(max_examples=25)
@given(name=st.text(max_size=120), amount=st.decimals(0, 10**15, places=2), day=st.dates(date(1990, 1, 1)))
def test_any_name_amount_and_day_can_be_printed(name: str, amount: Decimal, day: date) -> None:
    invoice = b2b(lines=(line(name=name, net=amount),), payable=amount, note=name, issue_date=day, due_date=day)

    assert PRINTER.pdf(invoice, None).startswith(b"%PDF-")


def test_taxes_have_a_customers_words() -> None:
    invoice = b2c()
    page = text(invoice)
    assert "STANDARD_VAT" not in page
    assert "ZERO_VAT" not in page
    assert "VAT 7.5%" in page


def test_a_discount_named_by_its_rate_does_not_repeat_it() -> None:
    charges = (DocumentCharge(charge=False, amount=D(9), percent=D(10), reason="10%"),)
    assert "10% −₦9.00" in text(b2b().model_copy(update={"charges": charges}))


def test_what_is_due_is_said_once() -> None:
    assert "Balance due" not in text(b2b())
    assert "Balance due" not in text(credit_note().model_copy(update={"balance_due": D("53750.00")}))


def test_long_totals_stay_on_one_line() -> None:
    huge = D("132716048188.44")
    page = text(b2b().model_copy(update={"payable": huge, "tax_total": huge}))
    assert page.count("132,716,048,188.44") == 2


def test_a_stand_in_for_an_item_number_is_not_printed() -> None:
    page = text(b2b().model_copy(update={"lines": (line(sku="LINE-1"), line(sku="AB-1"))}))
    assert "LINE-1" not in page
    assert "Item no. AB-1" in page
