"""The stamp as a QR code: error level M is enough (reference, section 10)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import segno
from reportlab.lib.colors import black
from reportlab.platypus import Flowable

_MOST_DOTS = 6
"""0.75 mm a module at 203 dpi: any telephone reads that at arm's length."""

_QUIET_MODULES = 4
"""The empty border every QR reader needs (ISO/IEC 18004)."""


def png(text: str, *, scale: int = 6) -> bytes:
    """A black and white PNG, `scale` pixels a module, with its quiet zone; equal text gives equal bytes."""
    out = BytesIO()
    _code(text).save(out, kind="png", scale=scale, border=_QUIET_MODULES)
    return out.getvalue()


class Code(Flowable):  # type: ignore[misc]  # reportlab publishes no types
    """The code as vectors, `side` points wide with its quiet zone: sharp on any printer.

    `dot`: points of one dot of a coarse printer; the code starts on one, or its edges would be grey.
    Not reportlab's own Drawing: that names Helvetica on the page, a font we do not embed.
    """

    def __init__(self, text: str, side: float, *, align: str = "LEFT", dot: float | None = None) -> None:
        super().__init__()
        self.text, self.hAlign, self._dot = text, align, dot
        self.width = self.height = side

    def draw(self) -> None:
        """One path of all dark stretches."""
        if self._dot:
            left, low = self.canv.absolutePosition(0, 0)
            self.canv.translate(-(left % self._dot), -(low % self._dot))
        path = self.canv.beginPath()
        for rectangle in rectangles(self.text, self.width):
            path.rect(*rectangle)
        self.canv.setFillColor(black)
        self.canv.drawPath(path, stroke=0, fill=1)


def rectangles(text: str, side: float) -> list[tuple[float, float, float, float]]:
    """(left, bottom, width, height) in points of every dark stretch of a row."""
    rows = [bytes(row) for row in _code(text).matrix]
    unit = side / (len(rows) + 2 * _QUIET_MODULES)
    found = []
    for number, row in enumerate(rows):
        bottom = side - (number + 1 + _QUIET_MODULES) * unit
        for start, length in _runs(row):
            found.append(((start + _QUIET_MODULES) * unit, bottom, length * unit, unit))
    return found


def modules(text: str) -> int:
    """How many modules a side of the code has, with its quiet zone."""
    return len(_code(text).matrix) + 2 * _QUIET_MODULES


def side_in_dots(text: str, room: float, dot: float) -> float:
    """The widest side up to `room` points whose modules are whole dots of `dot` points, `_MOST_DOTS` at most.

    A module of 5.3 dots would be five wide here and six there, which is what scanners stumble over.
    """
    count = modules(text)
    dots = max(1, min(_MOST_DOTS, int(room / dot / count)))
    return count * dots * dot


def _code(text: str) -> Any:
    return segno.make(text, error="m", boost_error=False, micro=False)


def _runs(row: bytes) -> list[tuple[int, int]]:
    """(start, length) of the dark stretches: one rectangle each keeps the file small and free of hairlines."""
    found: list[tuple[int, int]] = []
    start = None
    for place, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            found.append((start, place - start))
            start = None
    return found
