"""submit_invoice: validate and sign at NRS, in doubt look up first. Ids in, ids out."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.submit_invoice import submit_invoice
from taxpoynt.edge import step


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return step(submit_invoice, event, context)
