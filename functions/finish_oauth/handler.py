"""finish_oauth: the platform sends the browser back with a code."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.finish_oauth import finish_oauth
from taxpoynt.edge import http


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http(finish_oauth, event, context)
