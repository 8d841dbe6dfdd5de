"""reserve_invoice: number, IRN and the frozen bytes, once. Input and answer are ids, never content."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.reserve_invoice import reserve_invoice
from taxpoynt.edge import step


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return step(reserve_invoice, event, context)
