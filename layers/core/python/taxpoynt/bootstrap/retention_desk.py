"""Wiring of what forgets: the operator's API takes the orders, the purge carries them out."""

from __future__ import annotations

import json

from taxpoynt import retention
from taxpoynt.bootstrap.catalogue import catalogue_of, catalogue_store
from taxpoynt.portal.retention_routes import RetentionDesk
from taxpoynt.ports import JobQueue
from taxpoynt.services.erase import EraseBuyer, EraseMerchant, Erasing
from taxpoynt.services.erase_copies import EraseCopies
from taxpoynt.services.legal_hold import LegalHold
from taxpoynt.settings import PurgeExpiredSettings, ServeApiSettings
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.ledger import DynamoLedger
from taxpoynt.storage.retention import DynamoRetentionStore
from taxpoynt.storage.rules import DynamoRuleStore
from taxpoynt.storage.sales import DynamoSaleStore


def erase_merchant(settings: PurgeExpiredSettings | ServeApiSettings, queue: JobQueue) -> EraseMerchant:
    """The use case over the real stores, with the stage's own periods."""
    clock, dynamodb = SystemClock(), client("dynamodb")
    erasing = Erasing(
        sales=DynamoSaleStore(dynamodb, settings.invoices_table, clock),
        blobs=S3BlobStore(client("s3"), settings.raw_bucket),
        ledger=DynamoLedger(dynamodb, settings.invoices_table, clock),
        clock=clock,
        sale_years=retention.sale_years(retention.rules(json.loads(settings.retention))),
        copies=EraseCopies(
            catalogue_store(settings.catalogue_table, settings.retention, dynamodb),
            lambda connector, resource: catalogue_of(connector).kind_of(resource),
        ),
    )
    connections = DynamoConnectionStore(dynamodb, settings.connections_table)
    store = DynamoRetentionStore(dynamodb, settings.connections_table, settings.invoices_table)
    rules = DynamoRuleStore(dynamodb, settings.connections_table)
    return EraseMerchant(erasing, connections, store, queue, rules)


def retention_desk(settings: ServeApiSettings, queue: JobQueue) -> RetentionDesk:
    """What the operator's routes need."""
    merchants = erase_merchant(settings, queue)
    erasing = merchants.erasing
    holds = LegalHold(merchants.connections, merchants.retention, erasing.ledger, erasing.clock)
    return RetentionDesk(holds, merchants, EraseBuyer(erasing, merchants.connections))
