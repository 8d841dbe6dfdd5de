"""The desk for orders about a merchant's data, over the portal's mocked stores."""

from __future__ import annotations

import boto3

from taxpoynt.portal.retention_routes import RetentionDesk
from taxpoynt.services.erase import EraseBuyer, EraseMerchant, Erasing
from taxpoynt.services.legal_hold import LegalHold
from taxpoynt.storage.ledger import DynamoLedger
from taxpoynt.storage.retention import DynamoRetentionStore

from .conftest import Portal


def desk_of(portal: Portal) -> RetentionDesk:
    """The desk over the portal's mocked stores."""
    dynamodb = boto3.client("dynamodb")
    ledger = DynamoLedger(dynamodb, "invoices", portal.clock)
    store = DynamoRetentionStore(dynamodb, "connections", "invoices")
    erasing = Erasing(portal.sales, portal.blobs, ledger, portal.clock, 7)
    merchants = EraseMerchant(erasing, portal.store, store, portal.queue, portal.rules)
    holds = LegalHold(portal.store, store, ledger, portal.clock)
    return RetentionDesk(holds, merchants, EraseBuyer(erasing, portal.store))
