"""What the services need from outside, as Protocols.

Storage, connectors and nrs implement them; tests have small fakes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from taxpoynt.domain.connection import Connection, Endpoint, Event, LegalClock, TokenSet
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import RecordRef, Sale
from taxpoynt.domain.source import SourceBundle
from taxpoynt.domain.status import EventOutcome, SaleState
from taxpoynt.errors import Fault

QueueName = Literal["pos", "crm", "bulk"]


class Clock(Protocol):
    """The time; aware, UTC."""

    def now(self) -> datetime: ...


# --- connections table --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMerchant:
    """A merchant's profile as stored; `version` counts writes."""

    merchant: str
    profile: Merchant
    version: int


class ConnectionStore(Protocol):
    """Merchants, connections and everything that expires around them. Foreign and unknown ids raise NotFound alike."""

    def get_merchant(self, merchant: str) -> StoredMerchant: ...
    def put_merchant(self, merchant: str, profile: Merchant, *, expected_version: int) -> StoredMerchant: ...
    def list_merchants(self, *, limit: int, cursor: str | None) -> tuple[list[StoredMerchant], str | None]: ...
    def get_connection(self, merchant: str, connection: str) -> Connection: ...
    def list_connections(self, merchant: str) -> list[Connection]: ...
    def save_connection(self, connection: Connection) -> Connection:
        """Writes over the version it was read at and returns it with the next one; StoreConflict otherwise."""
        ...

    def due_connections(self, now: datetime, *, limit: int) -> list[Connection]:
        """Active connections whose next poll or refresh is due, oldest first."""
        ...

    def claim_account(self, connector: str, account_id: str, merchant: str, connection: str) -> bool:
        """One external account belongs to one merchant: True if it is now (or already was) this connection's."""
        ...

    def release_account(self, connector: str, account_id: str, merchant: str, connection: str) -> None: ...
    def find_account(self, connector: str, account_id: str) -> tuple[str, str] | None:
        """(merchant, connection) that holds the account."""
        ...

    def put_endpoint(self, endpoint: Endpoint) -> None: ...
    def get_endpoint(self, endpoint: str) -> Endpoint | None: ...
    def put_once(self, kind: str, secret: str, data: Mapping[str, str], expires_at: datetime) -> None:
        """Keeps `data` under the SHA-256 of `secret` (OAuth state, connect link, session …) until it expires."""
        ...

    def take_once(self, kind: str, secret: str, now: datetime) -> dict[str, str] | None:
        """Consumes it: exactly one caller ever gets the data; None when absent, used or expired."""
        ...

    def peek(self, kind: str, secret: str, now: datetime) -> dict[str, str] | None:
        """Reads without consuming (sessions)."""
        ...

    def forget(self, kind: str, secret: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to refresh one connection's tokens until `until`; `generation` is what was stored when it was taken."""

    merchant: str
    connection: str
    owner: str
    until: datetime
    generation: int


class TokenStore(Protocol):
    """Encrypted tokens with a generation number. Encrypting and decrypting are different rights."""

    def save(
        self, merchant: str, connection: str, connector: str, tokens: TokenSet, *, expected_generation: int
    ) -> TokenSet:
        """Stores as generation expected+1; StoreConflict when somebody was faster."""
        ...

    def load(self, merchant: str, connection: str, connector: str) -> TokenSet: ...
    def lease(self, merchant: str, connection: str, *, owner: str, now: datetime, seconds: int) -> Lease:
        """Busy when another owner holds it and it has not expired."""
        ...

    def release(self, lease: Lease) -> None:
        """Releases one's own lease only."""
        ...

    def delete(self, merchant: str, connection: str) -> None: ...


# --- events table -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EventClaim:
    """`won`: this caller works on it now. Otherwise `outcome` says how it ended (None: somebody else is at it)."""

    won: bool
    outcome: EventOutcome | None = None


class EventStore(Protocol):
    """First writer wins; a claim without outcome whose lease ran out may be taken again (its owner died)."""

    def claim(
        self, merchant: str, connector: str, event: Event, *, owner: str, now: datetime, lease_seconds: int
    ) -> EventClaim: ...
    def settle(
        self,
        merchant: str,
        connector: str,
        event_id: str,
        outcome: EventOutcome,
        why: str,
        *,
        sale_id: str | None = None,
    ) -> None: ...
    def park(self, merchant: str, connector: str, event_id: str, why: str, body_key: str | None) -> None:
        """An authentic notification that nobody could read or place: kept for a person."""
        ...

    def list_events(
        self, merchant: str, *, limit: int, cursor: str | None
    ) -> tuple[list[dict[str, Any]], str | None]: ...


# --- invoices table -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleRecord:
    """The durable state item of one sale; `version` counts writes.

    Keys point into the raw bucket: record_key (source bundle), sale_key, invoice_key, body_key (frozen NRS body).
    clock is frozen at the claim for ever; number and irn when reserved. `attempt` counts conversions started.
    next_action_at: when the sweeper may act if nobody else has; None when final.
    """

    merchant: str
    connector: str
    sale_id: str
    connection: str
    state: SaleState
    clock: LegalClock
    record_key: str
    sale_key: str
    attempt: int = 1
    version: int = 0
    invoice_key: str | None = None
    number: str | None = None
    irn: str | None = None
    body_key: str | None = None
    body_sha256: str | None = None
    kind: str | None = None
    currency: str | None = None
    total: str | None = None
    tries: int = 0
    faults: tuple[Fault, ...] = ()
    depends_on: tuple[RecordRef, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict)
    next_action_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One state change of one sale, hash-chained to the one before (promise P7); no secrets, no buyer data."""

    sequence: int
    at: datetime
    before: SaleState | None
    after: SaleState
    action: str
    detail: Mapping[str, str]
    previous_hash: str
    hash: str


class SaleStore(Protocol):
    """Every state change is one transaction: the item (if its version is still what was read) and its history entry."""

    def claim(self, record: SaleRecord, *, action: str) -> tuple[SaleRecord, bool]:
        """Creates the state item: (stored record, True) for the first writer, (existing record, False) for others."""
        ...

    def get(self, merchant: str, connector: str, sale_id: str) -> SaleRecord: ...
    def change(self, record: SaleRecord, *, action: str, detail: Mapping[str, str] | None = None) -> SaleRecord:
        """Stores `record` over the version it was read at; StoreConflict when somebody else wrote.

        Rejected for a state that may not follow the stored one.
        """
        ...

    def reserve(self, record: SaleRecord, *, action: str) -> SaleRecord:
        """`change` that also claims the IRN and the number for this sale, all or nothing.

        ContentConflict if another sale holds one of them.
        """
        ...

    def find_by_irn(self, merchant: str, irn: str) -> SaleRecord: ...
    def held_by(self, merchant: str, connector: str, ref: RecordRef) -> list[str]:
        """Ids of sales in needs_attention that depend on `ref`."""
        ...

    def due(self, now: datetime, *, limit: int) -> list[SaleRecord]:
        """Non-final sales whose next action is due, oldest legal due time first, over all shards."""
        ...

    def list_sales(
        self, merchant: str, *, limit: int, cursor: str | None, state: SaleState | None = None
    ) -> tuple[list[SaleRecord], str | None]:
        """Newest day first."""
        ...

    def history(self, merchant: str, connector: str, sale_id: str) -> list[HistoryEntry]: ...


class BlobStore(Protocol):
    """The raw bucket: content addressed, written once."""

    def put(self, key: str, data: bytes, *, content_type: str) -> str:
        """Writes unless it is there; returns the key."""
        ...

    def get(self, key: str) -> bytes: ...


class JobQueue(Protocol):
    """Jobs for run_sync_job."""

    def send(self, queue: QueueName, job: Mapping[str, Any], *, delay_seconds: int = 0) -> None: ...


class WorkflowStarter(Protocol):
    """Starts state machines; an execution of that name already there counts as started."""

    def start_conversion(self, merchant: str, connector: str, sale_id: str, attempt: int) -> None: ...
    def start_recovery(self, merchant: str, connector: str, sale_id: str, attempt: int) -> None: ...


class SecretStore(Protocol):
    """Named secrets as JSON objects; cached; never logged."""

    def get(self, name: str) -> Mapping[str, str]: ...


class Alerts(Protocol):
    """What a person must see: subject and text without secrets or buyer data."""

    def send(self, subject: str, text: str) -> None: ...


# --- platforms ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerDecision:
    """What the trigger rule says of a record: invoice, draft (keep, do not invoice yet) or ignore, and why."""

    document: Literal["invoice", "draft", "ignore"]
    why: str


class PlatformApi(Protocol):
    """An authorised client for one connection, below its api_base; errors as our verdicts, refresh included."""

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes: ...
    def send(
        self, method: Literal["POST", "DELETE", "PUT", "PATCH"], path: str, body: Mapping[str, Any] | None = None
    ) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRecords:
    """One page of polling: records to look at, the cursor to store afterwards, and whether there is more now."""

    records: Sequence[RecordRef]
    cursor: str | None
    more: bool


class SaleReading(Protocol):
    """What a record says: the sale as far as it can be read, and every fault."""

    @property
    def sale(self) -> Sale | None: ...
    @property
    def faults(self) -> tuple[Fault, ...]: ...


class Connector(Protocol):
    """What a platform's folder provides; pure, but for what talks through `PlatformApi`."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Literal["crm", "pos"]: ...
    def events(self, body: bytes, content_type: str) -> list[Event]:
        """Every notification in a delivery; BadInput when unreadable."""
        ...

    def fetch(self, api: PlatformApi, ref: RecordRef) -> SourceBundle:
        """The record and everything its sale needs. NotFound when the platform no longer shows it."""
        ...

    def trigger(self, bundle: SourceBundle) -> TriggerDecision: ...
    def sale(self, bundle: SourceBundle, *, account: Mapping[str, Any], mapping: Mapping[str, Any]) -> Sale:
        """The record in our terms; FaultsFound when it cannot be read as a sale."""
        ...

    def read(self, bundle: SourceBundle, *, account: Mapping[str, Any], mapping: Mapping[str, Any]) -> SaleReading:
        """As `sale`, with the faults beside what could be read; FaultsFound only for unusable mapping rules."""
        ...

    def changed(self, api: PlatformApi, cursor: str | None, now: datetime) -> ChangedRecords: ...
    def subscribe(self, api: PlatformApi, *, url: str, user: str, password: str) -> tuple[str, ...]:
        """Makes sure that exactly one subscription of each kind exists; returns their ids."""
        ...

    def unsubscribe(self, api: PlatformApi, subscriptions: Iterable[str]) -> None: ...


class AccountIdentity(Protocol):
    """Whose account a grant is for: id and name to show and to claim, facts for the mapping, warnings to show."""

    @property
    def account_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def details(self) -> dict[str, Any]: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...


class PlatformAuthoriser(Protocol):
    """The OAuth side of one platform, with our client credentials inside."""

    @property
    def pkce(self) -> bool:
        """Does the platform accept PKCE S256?"""
        ...

    def authorize_url(self, *, redirect_uri: str, state: str, code_challenge: str | None = None) -> str: ...
    def exchange(self, code: str, *, redirect_uri: str, code_verifier: str | None = None) -> TokenSet:
        """NeedsReauthorisation for a refused code; `api_base` in the answer is checked against the platform's rule."""
        ...

    def refresh(self, tokens: TokenSet) -> TokenSet:
        """NeedsReauthorisation on invalid_grant; Retryable on 429, 5xx and time-outs."""
        ...

    def revoke(self, tokens: TokenSet) -> None: ...
    def identify(self, tokens: TokenSet) -> AccountIdentity: ...
    def read_uninstall(self, *, authorization: str | None, body: bytes) -> str:
        """The account id an authentic uninstall signal names; SignatureMismatch or BadInput otherwise."""
        ...


# --- NRS ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NrsAnswer:
    """An answer worth keeping: status, request or error id, and the exact bytes."""

    status: int
    request_id: str | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NrsInvoiceStatus:
    """What NRS tells of one IRN. `found` False: NRS does not know it (asked both ways)."""

    found: bool
    payment_status: str | None = None
    transmitted: bool = False
    delivered: bool = False
    issue_date: str | None = None
    invoice_type_code: str | None = None
    currency: str | None = None


class NrsGateway(Protocol):
    """NRS for one integrator key pair. `validate` and `sign` send `body` byte for byte.

    Errors: NrsRefused (clear refusal, faults in our shape), NrsKeyRefused, NrsUnavailable (nothing registered by
    this call), OutcomeUnknown (time-out, reset, 5xx, or the text NRS uses for both "duplicate" and "outage").
    """

    def validate(self, body: bytes) -> NrsAnswer: ...
    def sign(self, body: bytes) -> NrsAnswer: ...
    def look_up(self, irn: str, business_id: str) -> NrsInvoiceStatus: ...
    def download(self, irn: str) -> bytes | None:
        """NRS's own copy of the invoice as plain JSON text, None when it cannot be had or read."""
        ...


# --- documents ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The cryptographic stamp: base64 text for the QR code, made once and reprinted."""

    text: str
    made_at: datetime


class StampMaker(Protocol):
    """Makes the stamp with the merchant's `crypto_keys.txt`; Rejected with a clear message when it cannot be used."""

    def stamp(self, crypto_keys: str, irn: str, at: datetime) -> Stamp: ...


class InvoicePrinter(Protocol):
    """Renders the document a merchant sends to the customer."""

    def pdf(self, invoice: Invoice, stamp: Stamp | None) -> bytes: ...
    def qr_png(self, stamp: Stamp) -> bytes: ...
