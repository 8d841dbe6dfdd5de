"""Wiring of schedule_syncs."""

from __future__ import annotations

import os
from functools import cache

from taxpoynt.bootstrap.catalogue import sync_minutes
from taxpoynt.bootstrap.locations import lists_shops
from taxpoynt.bootstrap.pauses import pauses
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
    settings, clock = load(ScheduleSyncsSettings, os.environ), SystemClock()
    return ScheduleSyncs(
        connections=DynamoConnectionStore(client("dynamodb"), settings.connections_table),
        queue=SqsJobQueue(client("sqs"), {"bulk": settings.bulk_queue_url}),
        clock=clock,
        pause=pauses(clock),
        sync_minutes=sync_minutes,
        check_hours=check_hours,
        lists_shops=lists_shops,
    )


def check_hours(connector: str) -> int | None:
    """The template's `webhooks.subscription.check_every_hours`."""
    webhooks = template(connector).webhooks
    return webhooks.subscription.check_every_hours if webhooks and webhooks.subscription else None
