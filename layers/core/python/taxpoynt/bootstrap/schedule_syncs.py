"""Wiring of schedule_syncs."""

from __future__ import annotations

import os
from functools import cache

from taxpoynt.connector_kit.loader import template
from taxpoynt.services.schedule_syncs import ScheduleSyncs
from taxpoynt.settings import ScheduleSyncsSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.queue import SqsJobQueue


@cache
def schedule_syncs() -> ScheduleSyncs:
    """The ready use case."""
    settings = load(ScheduleSyncsSettings, os.environ)
    return ScheduleSyncs(
        connections=DynamoConnectionStore(client("dynamodb"), settings.connections_table),
        queue=SqsJobQueue(client("sqs"), {"bulk": settings.bulk_queue_url}),
        clock=SystemClock(),
        poll_minutes=lambda connector: template(connector).poll.every_minutes,
    )
