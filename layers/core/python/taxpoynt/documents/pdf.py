"""The invoice as an A4 PDF: equal input gives equal bytes, and every letter it needs is inside."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from taxpoynt.documents.head import top
from taxpoynt.documents.lines import line_table
from taxpoynt.documents.places import Places
from taxpoynt.documents.totals import bottom
from taxpoynt.documents.typography import BOLD, MARGIN, QUIET, REGULAR, RULE, WIDTH, clean, load_fonts
from taxpoynt.documents.wording import DRAFT, title
from taxpoynt.domain.invoice import Invoice
from taxpoynt.ports import Stamp

_FOOT = 16 * mm
_SHORT = 60
"""Characters of a name in the running head and foot, which are one line."""


def a4(invoice: Invoice, stamp: Stamp | None, places: Places) -> bytes:
    """The document for the customer; an invoice without IRN is marked as a draft, one without stamp has no QR."""
    load_fonts()
    out = BytesIO()
    frame = Frame(MARGIN, _FOOT + 6 * mm, WIDTH, A4[1] - MARGIN - _FOOT - 6 * mm, 0, 0, 0, 0)
    page = PageTemplate("page", [frame], onPage=lambda canvas, _doc: _running_head(canvas, invoice))
    document = BaseDocTemplate(out, pagesize=A4, pageTemplates=[page], **metadata(invoice, title(invoice)))
    document.build(
        [*top(invoice, places), line_table(invoice), *bottom(invoice, stamp)],
        canvasmaker=lambda *args, **kwargs: _CountingCanvas(invoice, *args, **kwargs),
    )
    return out.getvalue()


def metadata(invoice: Invoice, what: str) -> dict[str, Any]:
    """What the file says about itself; no clock and no random id, so equal input gives equal bytes."""
    return {
        "invariant": 1,
        "title": clean(f"{what.capitalize()} {invoice.number or ''}".strip()),
        "author": clean(invoice.seller.name or ""),
        "subject": clean(invoice.irn or "Draft"),
        "creator": "TaxPoynt Connect",
        "lang": "en-NG",
        "initialFontName": REGULAR,  # reportlab would name Helvetica on every page, which is not inside the file
    }


class _CountingCanvas(Canvas):  # type: ignore[misc]  # reportlab publishes no types
    """Holds the pages back until their number is known, for "page x of y"."""

    def __init__(self, invoice: Invoice, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._invoice = invoice
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Keeps the finished page."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Writes all pages with their feet."""
        for page in self._pages:
            self.__dict__.update(page)
            _foot(self, self._invoice, len(self._pages))
            super().showPage()
        super().save()


def _running_head(canvas: Any, invoice: Invoice) -> None:
    """On every page but the first: whose document this is."""
    if canvas.getPageNumber() == 1:
        return
    canvas.setFont(BOLD, 7.5)
    canvas.setFillColor(HexColor(QUIET))
    height = A4[1] - MARGIN + 4 * mm
    canvas.drawString(MARGIN, height, _short(invoice.seller.name))
    canvas.drawRightString(MARGIN + WIDTH, height, f"{title(invoice)} {_short(invoice.number)}".strip())


def _foot(canvas: Any, invoice: Invoice, pages: int) -> None:
    canvas.setStrokeColor(HexColor(RULE))
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, _FOOT, MARGIN + WIDTH, _FOOT)
    canvas.setFont(REGULAR, 7)
    canvas.setFillColor(HexColor(QUIET))
    known = f"IRN {_short(invoice.irn)}" if invoice.irn else DRAFT
    canvas.drawString(MARGIN, _FOOT - 4 * mm, known)
    canvas.drawRightString(MARGIN + WIDTH, _FOOT - 4 * mm, f"Page {canvas.getPageNumber()} of {pages}")


def _short(text: str | None) -> str:
    shown = " ".join(clean(text or "").split())
    return shown if len(shown) <= _SHORT else shown[: _SHORT - 1] + "…"
