"""What the services need from outside, as Protocols.

Storage, connectors and nrs implement them; tests have small fakes.
"""

from __future__ import annotations

from taxpoynt.ports.connections import ConnectionStore, Lease, StoredMerchant, TokenStore
from taxpoynt.ports.documents import InvoicePrinter, Stamp, StampMaker
from taxpoynt.ports.events import EventClaim, EventStore
from taxpoynt.ports.nrs import NrsAnswer, NrsGateway, NrsInvoiceStatus
from taxpoynt.ports.platform import (
    AccountIdentity,
    ChangedRecords,
    Connector,
    PlatformApi,
    PlatformAuthoriser,
    SaleReading,
    TriggerDecision,
    UninstallSignal,
)
from taxpoynt.ports.sales import HistoryEntry, SaleRecord, SaleStore
from taxpoynt.ports.system import Alerts, BlobStore, Clock, JobQueue, QueueName, SecretStore, WorkflowStarter

__all__ = [
    "AccountIdentity",
    "Alerts",
    "BlobStore",
    "ChangedRecords",
    "Clock",
    "ConnectionStore",
    "Connector",
    "EventClaim",
    "EventStore",
    "HistoryEntry",
    "InvoicePrinter",
    "JobQueue",
    "Lease",
    "NrsAnswer",
    "NrsGateway",
    "NrsInvoiceStatus",
    "PlatformApi",
    "PlatformAuthoriser",
    "QueueName",
    "SaleReading",
    "SaleRecord",
    "SaleStore",
    "SecretStore",
    "Stamp",
    "StampMaker",
    "StoredMerchant",
    "TokenStore",
    "TriggerDecision",
    "UninstallSignal",
    "WorkflowStarter",
]
