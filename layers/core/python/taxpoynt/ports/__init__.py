"""What the services need from outside, as Protocols.

Storage, connectors and nrs implement them; tests have small fakes.
"""

from __future__ import annotations

from taxpoynt.ports.budgets import Priority, RateBudget
from taxpoynt.ports.circuits import Circuits
from taxpoynt.ports.connections import ConnectionStore, Lease, StoredMerchant, TokenStore
from taxpoynt.ports.documents import InvoicePrinter, Stamp, StampMaker
from taxpoynt.ports.events import EventClaim, EventStore
from taxpoynt.ports.ledger import Ledger, LedgerStore
from taxpoynt.ports.nrs import NrsAnswer, NrsDesk, NrsGateway, NrsInvoiceStatus
from taxpoynt.ports.platform import (
    AccountIdentity,
    ChangedRecords,
    Connector,
    PlatformAnswer,
    PlatformApi,
    PlatformAuthoriser,
    Question,
    SaleReading,
    SourceField,
    TriggerDecision,
    UninstallSignal,
    WebhookSetup,
)
from taxpoynt.ports.rules import RuleReader, RuleStore
from taxpoynt.ports.sales import Credit, HistoryEntry, LegalWatch, SaleRecord, SaleStore
from taxpoynt.ports.system import (
    Alerts,
    BatchJobQueue,
    BlobStore,
    Clock,
    JobQueue,
    QueueName,
    SecretStore,
    WorkflowStarter,
)
from taxpoynt.ports.watch import WatchStore

__all__ = [
    "AccountIdentity",
    "Alerts",
    "BatchJobQueue",
    "BlobStore",
    "ChangedRecords",
    "Circuits",
    "Clock",
    "ConnectionStore",
    "Connector",
    "Credit",
    "EventClaim",
    "EventStore",
    "HistoryEntry",
    "InvoicePrinter",
    "JobQueue",
    "Lease",
    "Ledger",
    "LedgerStore",
    "LegalWatch",
    "NrsAnswer",
    "NrsDesk",
    "NrsGateway",
    "NrsInvoiceStatus",
    "PlatformAnswer",
    "PlatformApi",
    "PlatformAuthoriser",
    "Priority",
    "Question",
    "QueueName",
    "RateBudget",
    "RuleReader",
    "RuleStore",
    "SaleReading",
    "SaleRecord",
    "SaleStore",
    "SecretStore",
    "SourceField",
    "Stamp",
    "StampMaker",
    "StoredMerchant",
    "TokenStore",
    "TriggerDecision",
    "UninstallSignal",
    "WatchStore",
    "WebhookSetup",
    "WorkflowStarter",
]
