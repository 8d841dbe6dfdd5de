"""The documents as pictures, for looking at: `python -m tests.unit.documents.gallery` fills .local/gallery."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pypdfium2
from PIL.Image import Image

from taxpoynt.documents.places import Places
from taxpoynt.documents.printer import DocumentPrinter
from taxpoynt.domain.invoice import DocumentCharge, Invoice, LineTax, Reference, TaxSubtotal, WithheldTax
from taxpoynt.domain.party import Address, Party
from taxpoynt.domain.sale import Payment
from taxpoynt.nrs.resources import code_lists
from taxpoynt.nrs.stamp import RsaStampMaker
from taxpoynt.ports import Stamp
from tests.unit.nrs.invoices import BUYER, b2b, b2c, credit_note, line, standard_vat
from tests.unit.nrs.test_stamp import json_layout

D = Decimal
FOLDER = Path(__file__).resolve().parents[3] / ".local" / "gallery"
AT = datetime(2026, 9, 15, 9, 44, tzinfo=UTC)
THERMAL = 203.2
SCREEN = 110


def gallery() -> Mapping[str, Invoice]:
    """Every kind of document we would send, by name."""
    return {
        "b2b": b2b(),
        "till": b2c(),
        "three-pages": _long(),
        "credit-note": credit_note(),
        "debit-note": _debit_note(),
        "dollars": _dollars(),
        "withholding": _withholding(),
        "several-taxes": _several_taxes(),
        "draft": b2b(irn=None, number=None, note=None),
    }


def stamp_of(invoice: Invoice) -> Stamp | None:
    """A stamp of the test key, as the real one is made."""
    return RsaStampMaker().stamp(json_layout(), invoice.irn, AT) if invoice.irn else None


def pictures(pdf: bytes, dots_per_inch: float) -> list[Image]:
    """Every page as a black and white or coloured picture."""
    pages = pypdfium2.PdfDocument(BytesIO(pdf))
    scale = dots_per_inch / 72 * (1 - 1e-6)  # the renderer rounds up: 640.0000001 dots must not become 641
    return [page.render(scale=scale).to_pil() for page in pages]


def printer() -> DocumentPrinter:
    """The printer as the pipeline has it."""
    return DocumentPrinter(Places.of(code_lists()))


def _long() -> Invoice:
    lines = tuple(
        line(name=f"Exercise book {number}", description="60 leaves, ruled", sku=f"EX-{number:03}", quantity=D(12),
             net=D("1200.00"), tax=D("90.00"))
        for number in range(1, 46)
    )  # fmt: skip
    return b2b(
        lines=lines,
        lines_total=D("54000.00"),
        net_total=D("54000.00"),
        taxes=(standard_vat("54000.00", "4050.00"),),
        tax_total=D("4050.00"),
        gross_total=D("58050.00"),
        payable=D("58050.00"),
        payments=(),
        note=None,
    )


def _debit_note() -> Invoice:
    hours = b2b().lines[1].model_copy(update={"quantity": D(2), "net": D("20000.00"), "tax": D("1500.00")})
    return b2b(
        type_code="384",
        lines=(hours,),
        lines_total=D("20000.00"),
        net_total=D("20000.00"),
        taxes=(standard_vat("20000.00", "1500.00"),),
        tax_total=D("1500.00"),
        gross_total=D("21500.00"),
        payable=D("21500.00"),
        due_date=date(2026, 10, 22),
        number="HUB100245D1",
        irn="HUB100245D1-94ND90NR-20260922",
        issue_date=date(2026, 9, 22),
        refers_to=(Reference(irn="HUB100245-94ND90NR-20260915", issue_date=date(2026, 9, 15)),),
        note="Two hours more than agreed",
    )


def _dollars() -> Invoice:
    abroad = Party(
        name="Kente & Cloth Traders SARL",
        email="achats@kente.example",
        address=Address(street="12 Rue du Commerce", city="Cotonou", region="Littoral", country="BJ"),
    )
    return b2b(currency="USD", buyer=abroad, note="Rate of the day: 1 USD = 1,534.20 NGN (CBN)", payments=())


def _withholding() -> Invoice:
    return b2b(
        kind="B2G",
        buyer=BUYER.model_copy(update={"name": "Ministry of Works, Ẹ̀ka Ọ̀nà àti Afárá"}),
        withholding=(WithheldTax(name="Withholding tax", rate_percent=D(5), base=D("150000.00"), amount=D("7500.00")),),
        withheld=D("7500.00"),
        prepaid=D("50000.00"),
        payments=(Payment(method="transfer", means_code="30", amount=D("50000.00"), kind="prepayment"),),
        payment_status="PARTIAL",
        balance_due=D("103750.00"),
    )


def _several_taxes() -> Invoice:
    """Fees, discounts, charges, exempt and zero-rated goods, stamp duty, cash with change, a tip, long names."""
    taxes = (
        standard_vat("4600.00", "345.00"),
        TaxSubtotal(
            category="EXEMPTED",
            name="Exempt",
            rate_percent=D(0),
            base=D("1500.00"),
            amount=D(0),
            reason="Medical and pharmaceutical products (VAT Act, First Schedule, part I)",
        ),
        TaxSubtotal(
            category="ZERO_VAT",
            name="Zero",
            rate_percent=D(0),
            base=D("800.00"),
            amount=D(0),
            reason="Basic food items",
        ),
        TaxSubtotal(category="STAMP_DUTY", name="Stamp duty", rate_percent=D(1), base=D("1500.00"), amount=D("15.00")),
    )
    name = "Ọṣẹ dúdú ìbílẹ̀ – traditional black soap with shea butter, family pack of twelve bars, hand cut"
    lines = (
        line(name=name, description=name, quantity=D("2.5"), unit="KGM", unit_price_net=D("2000"), net=D("4700.00"),
             discount=D("500.00"), discount_percent=D(10), fee=D("200.00"), sku="LINE-1"),
        line(name="Paracetamol 500 mg", description="Blister of 20", quantity=D(3), unit_price_net=D(500),
             net=D("1500.00"), tax_category="EXEMPTED", tax_rate_percent=D(0), tax=D("15.00"),
             taxes=(LineTax(category="EXEMPTED", rate_percent=D(0)),
                    LineTax(category="STAMP_DUTY", rate_percent=D(1)))),
        line(name="Garri Ìjẹ̀bú", description="Garri Ìjẹ̀bú", unit_price_net=D(800), net=D("800.00"),
             tax_category="ZERO_VAT", tax_rate_percent=D(0), tax=D(0)),
    )  # fmt: skip
    return b2b(
        kind="B2C",
        connector="square",
        buyer=Party(name="Ngọzi Ụzọamaka Ɗan-Ƙasa"),
        lines=lines,
        charges=(
            DocumentCharge(charge=False, amount=D("400.00"), reason="Loyalty card", kind="discount"),
            DocumentCharge(charge=True, amount=D("300.00"), reason="Delivery within Ikeja", kind="delivery"),
        ),
        lines_total=D("7000.00"),
        net_total=D("6900.00"),
        taxes=taxes,
        tax_total=D("360.00"),
        gross_total=D("7260.00"),
        rounding=D("-10.00"),
        payable=D("7250.00"),
        tip=D("250.00"),
        payments=(
            Payment(method="card", means_code="48", amount=D("5000.00")),
            Payment(method="cash", means_code="10", amount=D("3000.00"), change=D("500.00")),
        ),
        balance_due=D("0.00"),
        payment_status="PAID",
        due_date=date(2026, 9, 15),
        note="Thank you for shopping with us. Ẹ ṣé púpọ̀!",
        buyer_reference=None,
    )


def main() -> None:
    """Writes PDF, PNG and XML of everything."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    made = printer()
    for name, invoice in gallery().items():
        stamp = stamp_of(invoice)
        for kind, pdf, resolution in (
            ("a4", made.pdf(invoice, stamp), SCREEN),
            ("receipt", made.receipt(invoice, stamp), THERMAL),
        ):
            (FOLDER / f"{name}-{kind}.pdf").write_bytes(pdf)
            for number, picture in enumerate(pictures(pdf, resolution), start=1):
                picture.save(FOLDER / f"{name}-{kind}-{number}.png")
        if invoice.number:
            (FOLDER / f"{name}.xml").write_bytes(made.ubl(invoice, stamp))


if __name__ == "__main__":
    main()
