"""deliver_invoice: the accepted document reaches its buyer, NRS hears of payments. Ids in, ids out."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.deliver_invoice import deliver_invoice
from taxpoynt.edge import step


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return step(deliver_invoice, event, context)
