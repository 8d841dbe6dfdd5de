"""Wiring of purge_expired."""

from __future__ import annotations

import os
from functools import cache

from taxpoynt.bootstrap.retention_desk import erase_merchant
from taxpoynt.services.purge_expired import PurgeExpired
from taxpoynt.settings import PurgeExpiredSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.queue import SqsJobQueue


@cache
def purge_expired() -> PurgeExpired:
    """The ready use case."""
    settings = load(PurgeExpiredSettings, os.environ)
    erase = erase_merchant(settings, SqsJobQueue(client("sqs"), {"bulk": settings.bulk_queue_url}))
    erasing = erase.erasing
    return PurgeExpired(
        sales=erasing.sales,
        blobs=erasing.blobs,
        retention=erase.retention,
        ledger=erasing.ledger,
        erase=erase,
        clock=erasing.clock,
        sale_years=erasing.sale_years,
    )
