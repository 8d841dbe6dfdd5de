"""seal_ledger: called by the scheduler; answers counts."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.seal_ledger import seal_ledger
from taxpoynt.edge import tick


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    return tick(seal_ledger, context)
