"""Wiring of sweep_stalled."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import cache

from taxpoynt.services.sweep_stalled import SweepStalled
from taxpoynt.settings import SweepStalledSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.queue import SqsJobQueue
from taxpoynt.storage.sales import DynamoSaleStore
from taxpoynt.storage.workflows import StepFunctionsStarter

WORK_SECONDS = 35.0
"""Of the 50 seconds this function has; a run that took more would meet the next one."""


def sweep_stalled() -> SweepStalled:
    """The use case for one run, whose time starts now."""
    until = time.monotonic() + WORK_SECONDS
    return replace(_sweep(), enough=lambda: time.monotonic() > until)


@cache
def _sweep() -> SweepStalled:
    settings = load(SweepStalledSettings, os.environ)
    clock = SystemClock()
    return SweepStalled(
        sales=DynamoSaleStore(client("dynamodb"), settings.invoices_table, clock),
        queue=SqsJobQueue(client("sqs"), {"bulk": settings.bulk_queue_url}),
        starter=StepFunctionsStarter(
            client("stepfunctions"),
            conversion=settings.invoice_conversion_arn,
            recovery=settings.submission_recovery_arn,
            delivery=settings.invoice_delivery_arn,
        ),
        clock=clock,
    )
