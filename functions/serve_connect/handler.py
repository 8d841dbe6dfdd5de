"""serve_connect: the merchant's self-service pages."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.serve_connect import serve_connect
from taxpoynt.edge import http


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http(serve_connect, event, context)
