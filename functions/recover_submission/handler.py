"""recover_submission: one attempt to settle an unknown outcome. Ids in, ids out."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.recover_submission import recover_submission
from taxpoynt.edge import step


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return step(recover_submission, event, context)
