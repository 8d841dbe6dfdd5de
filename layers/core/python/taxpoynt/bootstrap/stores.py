"""The real stores of the steps; each step's factory calls this once."""

from __future__ import annotations

from taxpoynt.services.steps import Stores
from taxpoynt.settings import StepSettings
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.sales import DynamoSaleStore


def stores(settings: StepSettings) -> Stores:
    """Tables, bucket and clock of one step."""
    dynamodb, clock = client("dynamodb"), SystemClock()
    return Stores(
        sales=DynamoSaleStore(dynamodb, settings.invoices_table, clock),
        connections=DynamoConnectionStore(dynamodb, settings.connections_table),
        blobs=S3BlobStore(client("s3"), settings.raw_bucket),
        clock=clock,
    )
