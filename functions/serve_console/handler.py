"""serve_console: the operator's pages."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.serve_console import serve_console
from taxpoynt.edge import http


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http(serve_console, event, context)
