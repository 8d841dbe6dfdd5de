"""Wiring of sweep_stalled."""

from __future__ import annotations

import os
from functools import cache

from taxpoynt.services.sweep_stalled import SweepStalled
from taxpoynt.settings import SweepStalledSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.queue import SqsJobQueue
from taxpoynt.storage.sales import DynamoSaleStore
from taxpoynt.storage.workflows import StepFunctionsStarter


@cache
def sweep_stalled() -> SweepStalled:
    """The ready use case."""
    settings = load(SweepStalledSettings, os.environ)
    clock = SystemClock()
    return SweepStalled(
        sales=DynamoSaleStore(client("dynamodb"), settings.invoices_table, clock),
        queue=SqsJobQueue(client("sqs"), {"bulk": settings.bulk_queue_url}),
        starter=StepFunctionsStarter(
            client("stepfunctions"),
            conversion=settings.invoice_conversion_arn,
            recovery=settings.submission_recovery_arn,
        ),
        clock=clock,
    )
