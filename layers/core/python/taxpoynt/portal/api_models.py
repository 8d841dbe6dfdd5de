"""What the API takes and gives, as models: they validate requests and make the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from taxpoynt.domain.connection import Connection
from taxpoynt.domain.gap import GapCause, Watch
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.status import AT_NRS
from taxpoynt.ports import HistoryEntry, SaleRecord, StoredMerchant


class MerchantOut(BaseModel):
    """A merchant; send `version` back to change the profile you read.

    `nrs_notification_url`: to register in the merchant's NRS portal; given where one merchant is asked for.
    """

    merchant: str
    version: int
    profile: Merchant
    nrs_notification_url: str | None = None

    @classmethod
    def of(cls, stored: StoredMerchant, notices: str | None = None) -> MerchantOut:
        """From the store."""
        return cls(
            merchant=stored.merchant, version=stored.version, profile=stored.profile, nrs_notification_url=notices
        )


class MerchantPage(BaseModel):
    """A page of merchants."""

    items: list[MerchantOut]
    next_cursor: str | None = None


class ProfileIn(BaseModel):
    """A whole profile over the version it was read at."""

    version: int
    profile: Merchant


class LinkIn(BaseModel):
    """Which platform the merchant shall be led to; informative, the page offers all."""

    connector: str | None = None


class LinkOut(BaseModel):
    """A connect link, usable once; shown only here."""

    url: str
    expires_at: datetime


class GapOut(BaseModel):
    """A time in which the platform did not tell of what happened; see docs/webhooks.md."""

    cause: GapCause
    since: datetime | None
    noticed_at: datetime
    remade_at: datetime | None
    found: int
    closed_at: datetime | None


class TellingOut(BaseModel):
    """Whether webhooks tell of what polling finds. missed: single events lost; gap: the newest one, closed or not."""

    heard_at: datetime | None
    missed: int
    gap: GapOut | None

    @classmethod
    def of(cls, watch: Watch) -> TellingOut:
        """From the store."""
        gap = GapOut.model_validate(watch.gap, from_attributes=True) if watch.gap else None
        return cls(heard_at=watch.heard_at, missed=watch.missed, gap=gap)


class ConnectionOut(BaseModel):
    """A connection; no secrets."""

    connection: str
    connector: str
    status: str
    account_id: str
    account_name: str | None
    subscriptions: list[str]
    telling: TellingOut

    @classmethod
    def of(cls, found: Connection, watch: Watch) -> ConnectionOut:
        """From the store."""
        return cls(
            connection=found.connection,
            connector=found.connector,
            status=found.status.value,
            account_id=found.account_id,
            account_name=found.account.get("name"),
            subscriptions=list(found.subscriptions),
            telling=TellingOut.of(watch),
        )


class ConnectionList(BaseModel):
    """All connections of a merchant."""

    items: list[ConnectionOut]


class FaultOut(BaseModel):
    """A broken rule."""

    code: str
    path: str
    message: str
    remedy: str


class InvoiceOut(BaseModel):
    """A sale and its invoice. `nrs` is `accepted` once NRS has it, else null.

    delivery: the exchange with the buyer (due, transmitting, transmitted, acknowledged, failed, by_merchant),
    null where there is none; payment_status: what NRS was told.
    """

    merchant: str
    connector: str
    sale_id: str
    invoice_number: str | None
    irn: str | None
    state: str
    nrs: str | None
    delivery: str | None = None
    payment_status: str | None = None
    kind: str | None
    currency: str | None
    total: str | None
    issue_date: str
    due_at: datetime
    faults: list[FaultOut]
    documents: list[str]
    created_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def of(cls, record: SaleRecord) -> InvoiceOut:
        """From the store."""
        return cls(
            merchant=record.merchant,
            connector=record.connector,
            sale_id=record.sale_id,
            invoice_number=record.number,
            irn=record.irn,
            state=record.state.value,
            nrs="accepted" if record.state in AT_NRS else None,
            delivery=record.delivery,
            payment_status=record.payment_status,
            kind=record.kind,
            currency=record.currency,
            total=record.total,
            issue_date=record.clock.issue_date.isoformat(),
            due_at=record.clock.due_at,
            faults=[FaultOut(code=f.code, path=f.path, message=f.message, remedy=f.remedy) for f in record.faults],
            documents=sorted(record.documents),
            created_at=record.created_at,
            updated_at=record.updated_at,
        )


class InvoicePage(BaseModel):
    """A page of invoices, newest first."""

    items: list[InvoiceOut]
    next_cursor: str | None = None


class HistoryOut(BaseModel):
    """One state change; `hash` chains it to the one before."""

    sequence: int
    at: datetime
    before: str | None
    after: str
    action: str
    detail: Mapping[str, str]
    previous_hash: str
    hash: str

    @classmethod
    def of(cls, entry: HistoryEntry) -> HistoryOut:
        """From the store."""
        return cls(
            sequence=entry.sequence,
            at=entry.at,
            before=entry.before.value if entry.before else None,
            after=entry.after.value,
            action=entry.action,
            detail=entry.detail,
            previous_hash=entry.previous_hash,
            hash=entry.hash,
        )


class History(BaseModel):
    """Every state change of one sale, oldest first."""

    items: list[HistoryOut]


class EventPage(BaseModel):
    """A page of events with their outcomes."""

    items: list[dict[str, Any]]
    next_cursor: str | None = None
