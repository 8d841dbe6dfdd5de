"""Small records to store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from taxpoynt.domain.connection import Connection, ConnectionStatus, LegalClock, TokenSet
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import SaleState
from taxpoynt.ports import SaleRecord
from tests.fakes.clock import START


def sale(sale_id: str = "8", *, merchant: str = "m_a", day: date = date(2026, 3, 2), **more: Any) -> SaleRecord:
    due = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=1)
    fields: dict[str, Any] = {
        "connection": "c_a",
        "state": SaleState.CLAIMED,
        "clock": LegalClock(issue_date=day, issue_time="10:00:00", due_at=due),
        "record_key": f"{merchant}/records/pipedrive/deal/{sale_id}/x.json",
        "sale_key": f"{merchant}/sales/x.json",
        "depends_on": (RecordRef(resource="deal", id=sale_id), RecordRef(resource="organization", id="77")),
        "next_action_at": START + timedelta(minutes=5),
    }
    return SaleRecord(merchant=merchant, connector="pipedrive", sale_id=sale_id, **(fields | more))


def connection(name: str = "c_a", *, merchant: str = "m_a", **more: Any) -> Connection:
    fields: dict[str, Any] = {
        "connector": "pipedrive",
        "status": ConnectionStatus.ACTIVE,
        "account_id": "4711",
        "api_base": "https://acme.pipedrive.com",
        "account": {"name": "Acme", "currency": "NGN"},
        "created_at": START,
    }
    return Connection(merchant=merchant, connection=name, **(fields | more))


def tokens(access: str = "access-1") -> TokenSet:
    return TokenSet(
        access_token=access,
        refresh_token="refresh-1",
        expires_at=START + timedelta(hours=1),
        scopes=("base",),
        api_base="https://acme.pipedrive.com",
    )
