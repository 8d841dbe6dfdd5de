"""submit_invoice: validate and sign at NRS; an unknown outcome is looked up before anything is sent again. Input and answer are ids, never content."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.submit_invoice import submit_invoice

from taxpoynt.edge import step


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return step(submit_invoice, event, context)
