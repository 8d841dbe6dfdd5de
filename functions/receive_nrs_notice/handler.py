"""receive_nrs_notice: NRS says that something happened; 200 always, and a look at NRS."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.receive_nrs_notice import receive_nrs_notice
from taxpoynt.edge import http


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http(receive_nrs_notice, event, context)
