"""The operator's API: merchants, connect links, connections and their mapping, invoices, events."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxpoynt.domain.keys import key
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import ConfigurationError, StoreConflict
from taxpoynt.ports import ConnectionStore, EventStore, HistoryEntry, SaleRecord, SaleStore, SecretStore, StoredMerchant
from taxpoynt.services.serve_connect import ServeConnect
from taxpoynt.services.sessions import Sessions

MIN_TOKEN = 24


@dataclass(frozen=True, slots=True)
class ServeApi:
    """Thin over the stores; what merchants may do too is `ServeConnect`'s."""

    connections: ConnectionStore
    sales: SaleStore
    events: EventStore
    secrets: SecretStore
    operator_secret: str
    sessions: Sessions
    portal: ServeConnect

    def allowed(self, token: str) -> bool:
        """Is `token` the operator's current or previous one? ConfigurationError for an unset or short secret."""
        secret = self.secrets.get(self.operator_secret)
        known = [value for name in ("token", "previous_token") if (value := secret.get(name))]
        if not known or any(len(value) < MIN_TOKEN for value in known):
            raise ConfigurationError("the operator token is not set, or shorter than 24 characters")
        matches = [hmac.compare_digest(value.encode(), token.encode()) for value in known]  # all, in constant time
        return any(matches)

    def create_merchant(self, profile: Merchant, idempotency_key: str) -> StoredMerchant:
        """The same key always means the same merchant, whatever was sent with it; BadInput for one that is no key."""
        merchant = "m_" + hashlib.sha256(key("merchant", idempotency_key).encode()).hexdigest()[:20]
        try:
            return self.connections.put_merchant(merchant, profile, expected_version=0)
        except StoreConflict:
            return self.connections.get_merchant(merchant)

    def make_link(self, merchant: str) -> tuple[str, datetime]:
        """A connect link secret for an existing merchant."""
        return self.sessions.make_link(self.connections.get_merchant(merchant).merchant)

    def list_merchants(self, *, limit: int, cursor: str | None) -> tuple[list[StoredMerchant], str | None]:
        """A page of merchants."""
        return self.connections.list_merchants(limit=limit, cursor=cursor)

    def held(self, merchant: str, limit: int, cursor: str | None) -> tuple[list[SaleRecord], str | None]:
        """A page of held sales; NotFound for a merchant that does not exist."""
        self.connections.get_merchant(merchant)
        return self.sales.list_sales(merchant, limit=limit, cursor=cursor, state=SaleState.NEEDS_ATTENTION)

    def sale(self, merchant: str, connector: str, sale_id: str) -> SaleRecord:
        """One sale; NotFound for another merchant's too."""
        return self.sales.get(merchant, connector, sale_id)

    def list_events(self, merchant: str, *, limit: int, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        """A page of events with their outcomes."""
        return self.events.list_events(merchant, limit=limit, cursor=cursor)

    def history(self, merchant: str, connector: str, sale_id: str) -> list[HistoryEntry]:
        """Every state change of one sale, oldest first."""
        return self.sales.history(merchant, connector, sale_id)
