"""Letters, colours and measures of the printed invoice."""

from __future__ import annotations

import html
import unicodedata
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

REGULAR = "TaxPoyntSans"
BOLD = "TaxPoyntSans-Bold"

INK = "#1c2733"
QUIET = "#5b6875"
ACCENT = "#0b6e4f"
PALE = "#eef4f1"
RULE = "#d5dde1"

MARGIN = 18 * mm
WIDTH = 210 * mm - 2 * MARGIN

_LONGEST = 2000
"""Characters of one text that are printed; more would fill pages with somebody else's prose."""


@cache
def load_fonts() -> None:
    """Registers our letters with reportlab, once, on first use; they hold ₦ and the marks of Yoruba, Igbo, Hausa."""
    folder = files("taxpoynt.documents") / "fonts"
    for name, file in ((REGULAR, "DejaVuSans.ttf"), (BOLD, "DejaVuSans-Bold.ttf")):
        pdfmetrics.registerFont(TTFont(name, BytesIO((folder / file).read_bytes())))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def style(size: float = 9, *, bold: bool = False, right: bool = False, color: str = INK) -> ParagraphStyle:
    """A way to write: size in points, line height with it."""
    return ParagraphStyle(
        "text",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.35,
        textColor=HexColor(color),
        **({"alignment": TA_RIGHT} if right else {}),
    )


def clean(text: str) -> str:
    """Composed letters (what fonts hold), no control characters, bounded."""
    composed = unicodedata.normalize("NFC", text)
    shown = "".join(char if char.isprintable() or char == "\n" else " " for char in composed)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


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
