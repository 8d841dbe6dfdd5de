"""Letters, colours and measures of the printed invoice."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, TableStyle

REGULAR = "TaxPoyntSans"
BOLD = "TaxPoyntSans-Bold"

INK = "#1c2733"
QUIET = "#5b6875"
ACCENT = "#0b6e4f"
PALE = "#eef4f1"
RULE = "#d5dde1"

MARGIN = 18 * mm
WIDTH = 210 * mm - 2 * MARGIN

_DOT_BELOW = "\u0323"
_TONED = re.compile("([ẸẹỊịỌọỤụ])([\u0300\u0301\u0302\u0304])")
"""Yoruba and Igbo vowels with dot and tone; Unicode has no single letter for them."""

_LONGEST = 2000
"""Characters of one text that are printed; more would fill pages with somebody else's prose."""


@cache
def load_fonts() -> None:
    """Registers our letters with reportlab, once, on first use; they hold ₦ and the marks of Yoruba, Igbo, Hausa."""
    folder = files("taxpoynt.documents") / "fonts"
    for name, file in ((REGULAR, "DejaVuSans.ttf"), (BOLD, "DejaVuSans-Bold.ttf")):
        pdfmetrics.registerFont(TTFont(name, BytesIO((folder / file).read_bytes())))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def style(
    size: float = 9, *, bold: bool = False, right: bool = False, centre: bool = False, color: str = INK
) -> ParagraphStyle:
    """A way to write: size in points, line height with it."""
    return ParagraphStyle(
        "text",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.35,
        textColor=HexColor(color),
        alignment=TA_RIGHT if right else TA_CENTER if centre else TA_LEFT,
    )


def looks(commands: Sequence[Any]) -> Any:
    """A table's style. Its cells hold paragraphs, yet reportlab names the style's font on the page: so it is ours."""
    return TableStyle([("FONTNAME", (0, 0), (-1, -1), REGULAR), *commands])


def clean(text: str) -> str:
    """Composed letters (what fonts hold), no control characters, bounded."""
    composed = _TONED.sub(_tone_first, unicodedata.normalize("NFC", text))
    shown = "".join(char if char.isprintable() or char == "\n" else " " for char in composed)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _tone_first(found: re.Match[str]) -> str:
    """`Ọ` + grave becomes `Ò` + dot: nobody places marks for us, and a loose dot fits any letter, a loose tone few.

    Both spell the same letter (they are canonically equivalent), so what is searched or copied stays the same word.
    """
    toned = unicodedata.normalize("NFC", unicodedata.normalize("NFD", found[1])[0] + found[2])
    return toned + _DOT_BELOW if len(toned) == 1 else found[0]


def escaped(text: str) -> str:
    """For a Paragraph: reportlab reads markup there (even images by address), and texts are other people's."""
    return html.escape(clean(text), quote=False).replace("\n", "<br/>")


def say(text: str, how: ParagraphStyle) -> Any:
    """One plain text, wrapped to the room it gets."""
    return Paragraph(escaped(text), how)


def say_marked(markup: str, how: ParagraphStyle) -> Any:
    """Our own markup; every text of others inside it went through `escaped`."""
    return Paragraph(markup, how)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Points that `text` needs on one line."""
    return float(pdfmetrics.stringWidth(text, BOLD if bold else REGULAR, size))
