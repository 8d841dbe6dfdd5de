"""start_oauth: send the merchant's browser to the platform."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.start_oauth import start_oauth
from taxpoynt.edge import http


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http(start_oauth, event, context)
