"""answer_health: is the stage alive."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.answer_health import answer_health
from taxpoynt.edge import http


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http(answer_health, event, context)
