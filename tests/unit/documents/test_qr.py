from __future__ import annotations

from taxpoynt.documents import qr
from taxpoynt.ports import Stamp
from tests.unit.documents.test_pdf import PRINTER, STAMP

PNG = b"\x89PNG\r\n\x1a\n"


def test_the_code_is_a_picture_and_the_same_every_time() -> None:
    picture = PRINTER.qr_png(STAMP)

    assert picture.startswith(PNG)
    assert picture == PRINTER.qr_png(Stamp(text=STAMP.text, made_at=STAMP.made_at))


def test_the_code_is_as_wide_as_its_modules_and_quiet_zone() -> None:
    picture = qr.png("aB+/" * 86, scale=2)

    width = int.from_bytes(picture[16:20], "big")
    assert width == 2 * (73 + 2 * 4)  # 344 bytes at level M need version 14, 73 modules


def test_the_code_has_a_rectangle_for_every_dark_stretch_and_stays_in_its_square() -> None:
    dark = qr.rectangles("A" * 344, 100.0)

    assert dark
    assert all(left > 0 and left + width < 100 and low > 0 and low + height < 100 for left, low, width, height in dark)
    area = sum(width * height for _, _, width, height in dark) / 100.0**2
    assert 0.3 < area < 0.6
