"""Wiring of seal_ledger."""

from __future__ import annotations

import os
from functools import cache

from taxpoynt.services.seal_ledger import SealLedger
from taxpoynt.settings import SealLedgerSettings, load
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.ledger import DynamoLedger


@cache
def seal_ledger() -> SealLedger:
    """The ready use case."""
    settings = load(SealLedgerSettings, os.environ)
    clock = SystemClock()
    return SealLedger(
        DynamoLedger(client("dynamodb"), settings.invoices_table, clock),
        S3BlobStore(client("s3"), settings.raw_bucket),
        clock,
    )
