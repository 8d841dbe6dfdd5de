"""The stamp as a QR code: error level M is enough (reference, section 10)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import segno
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import black, white

_QUIET_MODULES = 4
"""The empty border every QR reader needs (ISO/IEC 18004)."""


def png(text: str, *, scale: int = 6) -> bytes:
    """A black and white PNG, `scale` pixels a module, with its quiet zone; equal text gives equal bytes."""
    out = BytesIO()
    _code(text).save(out, kind="png", scale=scale, border=_QUIET_MODULES)
    return out.getvalue()


def drawing(text: str, side: float) -> Any:
    """The code as vectors, `side` points wide with its quiet zone: sharp on any printer."""
    rows = [bytes(row) for row in _code(text).matrix]
    count = len(rows) + 2 * _QUIET_MODULES
    unit = side / count
    picture = Drawing(side, side)
    picture.add(Rect(0, 0, side, side, fillColor=white, strokeWidth=0, strokeColor=None))
    for number, row in enumerate(rows):
        bottom = side - (number + 1 + _QUIET_MODULES) * unit
        for start, length in _runs(row):
            left = (start + _QUIET_MODULES) * unit
            picture.add(Rect(left, bottom, length * unit, unit, fillColor=black, strokeWidth=0, strokeColor=None))
    return picture


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
