"""The merchant's use cases, which the connect pages, the console and the API share."""

from __future__ import annotations

from taxpoynt.services.serve_connect import ServeConnect
from taxpoynt.services.sessions import Sessions
from taxpoynt.settings import ServeConnectSettings
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.notice_tokens import DynamoNoticeTokens
from taxpoynt.storage.noting import Noting
from taxpoynt.storage.queue import SqsJobQueue
from taxpoynt.storage.sales import DynamoSaleStore
from taxpoynt.storage.table import Table
from taxpoynt.storage.watch import DynamoWatchStore


def merchant_desk(settings: ServeConnectSettings, *, by: str = "merchant") -> tuple[ServeConnect, Sessions]:
    """The desk and the sessions over one set of clients. `by`: who acts here, for the ledger."""
    clock, dynamodb = SystemClock(), client("dynamodb")
    noting = Noting(Table(dynamodb, settings.invoices_table), by, clock.now)
    store = DynamoConnectionStore(dynamodb, settings.connections_table, noting)
    desk = ServeConnect(
        connections=store,
        sales=DynamoSaleStore(dynamodb, settings.invoices_table, clock),
        blobs=S3BlobStore(client("s3"), settings.raw_bucket),
        queue=SqsJobQueue(client("sqs"), {"bulk": settings.bulk_queue_url}),
        clock=clock,
        notice_token=DynamoNoticeTokens(Table(dynamodb, settings.connections_table)).token_of,
        watches=DynamoWatchStore(dynamodb, settings.connections_table),
    )
    return desk, Sessions(store, clock)
