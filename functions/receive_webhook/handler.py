"""receive_webhook: verify the raw bytes, write them durably once, answer. Nothing heavy is imported here."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.receive_webhook import receive_webhook
from taxpoynt.edge import http


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http(receive_webhook, event, context)
