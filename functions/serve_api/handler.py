"""serve_api: the operator's JSON API."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.serve_api import serve_api
from taxpoynt.edge import resolve


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return resolve(serve_api, event, context)
