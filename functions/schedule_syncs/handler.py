"""schedule_syncs: called by the scheduler; answers counts."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.schedule_syncs import schedule_syncs
from taxpoynt.edge import tick


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    return tick(schedule_syncs, context)
