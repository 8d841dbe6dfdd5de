"""What NRS remembers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
TERMINAL = ("PAID", "REJECTED")


@dataclass(slots=True)
class Key:
    """An integrator's key pair and the entities that enabled it."""

    api_key: str
    api_secret: str
    pub: str
    entities: tuple[str, ...]
    refused: bool = False


@dataclass(slots=True)
class Taxpayer:
    """Somebody with a TIN. `exchange`: what its access point does with an invoice."""

    tin: str
    info: Row
    onboarded: bool = True
    exchange: str = "acknowledges"


EXCHANGES = ("acknowledges", "receives", "fails")


@dataclass(slots=True)
class SignedInvoice:
    """An official invoice: the bytes exactly as they came, and what has happened to it since.

    confirm_from, search_from: until then NRS's own look-ups have not heard of it (None: at once).
    sequence: its place among all registrations, from 1.
    """

    irn: str
    business_id: str
    raw: bytes
    body: Row
    signed_at: datetime
    ignored: tuple[str, ...]
    payment_status: str
    remaining: Decimal
    entry_status: str = "SIGNED"
    transmitted: bool = False
    delivered: bool = False
    changed_at: datetime | None = None
    confirm_from: datetime | None = None
    search_from: datetime | None = None
    payments: list[Row] = field(default_factory=list)
    sequence: int = 0

    @property
    def buyer_tin(self) -> str | None:
        buyer = self.body.get("accounting_customer_party")
        return buyer.get("tin") if isinstance(buyer, dict) else None

    def found(self) -> Row:
        """As search and pull show it: dates as time stamps, unlike in the request."""
        stamp = "{}T00:00:00Z".format
        return {
            "irn": self.irn,
            "payment_status": self.payment_status,
            "entry_status": self.entry_status,
            "invoice_type_code": self.body["invoice_type_code"],
            "issue_date": stamp(self.body["issue_date"]),
            "issue_time": self.body["issue_time"],
            "due_date": stamp(self.body["due_date"]),
            "sync_date": stamp(self.synced()),
            "document_currency_code": self.body["document_currency_code"],
            "tax_currency_code": self.body["tax_currency_code"],
        }

    def confirmed(self) -> Row:
        """As confirm shows it."""
        return {
            "issue_date": self.body["issue_date"],
            "due_date": self.body["due_date"],
            "sync_date": self.synced(),
            "payment_status": self.payment_status,
            "transmitted": self.transmitted,
            "delivered": self.delivered,
        }

    def synced(self) -> str:
        return (self.changed_at or self.signed_at).date().isoformat()

    def public(self, attempts: int) -> Row:
        """As the control routes show it, with the bytes as they were sent."""
        return {
            "irn": self.irn,
            "business_id": self.business_id,
            "sequence": self.sequence,
            "signed_at": self.signed_at.isoformat(),
            "sha256": hashlib.sha256(self.raw).hexdigest(),
            "body_text": self.raw.decode("utf-8"),
            "sign_attempts": attempts,
            "ignored_keys": list(self.ignored),
            "payment_status": self.payment_status,
            "remaining": f"{self.remaining:f}",
            "payments": self.payments,
            "entry_status": self.entry_status,
            "transmitted": self.transmitted,
            "delivered": self.delivered,
        }
