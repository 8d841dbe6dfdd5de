"""record_outcome: stamp, QR and PDF of an accepted invoice. Input and answer are ids, never content."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.record_outcome import record_outcome
from taxpoynt.edge import step


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return step(record_outcome, event, context)
