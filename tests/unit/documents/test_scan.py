"""A telephone must read the stamp from paper: pages are drawn as pictures and scanned by a reader that is not ours."""

from __future__ import annotations

import base64
import json
from io import BytesIO

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from taxpoynt.documents import qr
from taxpoynt.nrs.stamp import RsaStampMaker
from taxpoynt.ports import Stamp
from tests.unit.documents.gallery import AT, THERMAL, gallery, pictures, stamp_of
from tests.unit.documents.test_pdf import PRINTER
from tests.unit.nrs.invoices import b2c
from tests.unit.nrs.test_stamp import CERTIFICATE, PRIVATE, json_layout

OFFICE = 300


def scanned(picture: Image.Image) -> list[str]:
    # QR alone: among so many dots the reader may also see the bars of an article number
    return [
        found.text
        for found in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    ]


def codes(pdf: bytes, dots_per_inch: float) -> list[str]:
    return [code for page in pictures(pdf, dots_per_inch) for code in scanned(page.convert("L"))]


@pytest.mark.parametrize("name", sorted(set(gallery()) - {"draft"}))
def test_what_is_scanned_from_either_paper_is_the_stamp_and_nrs_can_open_it(name: str) -> None:
    invoice = gallery()[name]
    stamp = stamp_of(invoice)
    assert stamp is not None

    assert codes(PRINTER.pdf(invoice, stamp), OFFICE) == [stamp.text]
    assert codes(PRINTER.receipt(invoice, stamp), THERMAL) == [stamp.text]
    opened = json.loads(PRIVATE.decrypt(base64.b64decode(stamp.text), PKCS1v15()))
    assert opened == {"irn": f"{invoice.irn}.{int(AT.timestamp())}", "certificate": CERTIFICATE}


@settings(max_examples=12)
@given(st.binary(min_size=256, max_size=256))
def test_any_stamp_scans_back_from_the_receipt_printed_in_black_dots(sealed: bytes) -> None:
    """One bit a dot at 203 dpi, as a thermal head prints: no smoothing helps the reader."""
    stamp = Stamp(text=base64.b64encode(sealed).decode(), made_at=AT)
    (page,) = pictures(PRINTER.receipt(b2c(), stamp), THERMAL)

    assert scanned(page.convert("L").point(lambda tone: 255 * (tone > 127)).convert("1").convert("L")) == [stamp.text]


def test_a_larger_key_makes_a_denser_code_that_still_scans() -> None:
    key = rsa.generate_private_key(65537, 4096).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    invoice = b2c()
    stamp = RsaStampMaker().stamp(json_layout(pem=pem), str(invoice.irn), AT)

    assert len(stamp.text) == 684
    assert codes(PRINTER.pdf(invoice, stamp), OFFICE) == [stamp.text]
    assert codes(PRINTER.receipt(invoice, stamp), THERMAL) == [stamp.text]


def test_the_picture_of_the_code_alone_scans() -> None:
    stamp = stamp_of(b2c())
    assert stamp is not None

    assert scanned(Image.open(BytesIO(PRINTER.qr_png(stamp)))) == [stamp.text]


def test_modules_are_whole_dots_of_the_printer() -> None:
    dot = 72 / 203.2
    for length in (344, 512, 684):
        side = qr.side_in_dots("A" * length, 576 * dot, dot)
        dots = side / dot / qr.modules("A" * length)
        assert abs(dots - round(dots)) < 1e-9
        assert 4 <= round(dots) <= 6
        assert side <= 576 * dot
