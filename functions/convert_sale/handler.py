"""convert_sale: the stored sale becomes an invoice draft, or faults. Input and answer are ids, never content."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.convert_sale import convert_sale
from taxpoynt.edge import step


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return step(convert_sale, event, context)
