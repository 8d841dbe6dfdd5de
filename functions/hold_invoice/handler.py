"""hold_invoice: keep the faults where the merchant sees them, or alert the operator. Ids in, ids out."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.hold_invoice import hold_invoice
from taxpoynt.edge import step


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return step(hold_invoice, event, context)
