"""The merchant's use cases, which the connect pages, the console and the API share."""

from __future__ import annotations

from taxpoynt.services.serve_connect import ServeConnect
from taxpoynt.services.sessions import Sessions
from taxpoynt.settings import ServeConnectSettings
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.queue import SqsJobQueue
from taxpoynt.storage.sales import DynamoSaleStore


def merchant_desk(settings: ServeConnectSettings) -> tuple[ServeConnect, Sessions]:
    """The desk and the sessions over one set of clients."""
    clock, dynamodb = SystemClock(), client("dynamodb")
    store = DynamoConnectionStore(dynamodb, settings.connections_table)
    desk = ServeConnect(
        connections=store,
        sales=DynamoSaleStore(dynamodb, settings.invoices_table, clock),
        blobs=S3BlobStore(client("s3"), settings.raw_bucket),
        queue=SqsJobQueue(client("sqs"), {"bulk": settings.bulk_queue_url}),
        clock=clock,
    )
    return desk, Sessions(store, clock)
