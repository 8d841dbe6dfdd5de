"""sweep_stalled: called by the scheduler; answers counts."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.sweep_stalled import sweep_stalled
from taxpoynt.edge import tick


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    return tick(sweep_stalled, context)
