"""check_invoice: the numbered rules over the draft and over the body NRS would get. Ids in, ids out."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.check_invoice import check_invoice
from taxpoynt.edge import step


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return step(check_invoice, event, context)
