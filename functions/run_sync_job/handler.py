"""run_sync_job: jobs from the pos, crm and bulk queues; only messages to try again are answered as failed."""

from __future__ import annotations

from typing import Any

from taxpoynt.bootstrap.run_sync_job import run_sync_job
from taxpoynt.edge import batch


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return batch(run_sync_job, event, context)
