"""receive_uninstall: the platform says that the merchant removed our app."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.receive_uninstall import receive_uninstall
from taxpoynt.edge import http


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http(receive_uninstall, event, context)
