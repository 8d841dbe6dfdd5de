"""purge_expired: called by the scheduler; answers counts."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.purge_expired import purge_expired
from taxpoynt.edge import tick


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    return tick(purge_expired, context)
