"""What a connector provides, and what it talks through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from taxpoynt.domain.connection import Event, TokenSet
from taxpoynt.domain.sale import RecordRef, Sale
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import Fault
from taxpoynt.mapping.engine import Explained
from taxpoynt.ports.known import KnownRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerDecision:
    """What the trigger rule says of a record, and why.

    invoice, credit_note (a refund that is a record of its own), draft (keep, do not invoice yet) or ignore.
    """

    document: Literal["invoice", "credit_note", "draft", "ignore"]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformAnswer:
    """A successful answer: the exact bytes, header names in lower case, and the origin it came from."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    status: int = 200
    origin: str = ""


class PlatformApi(Protocol):
    """An authorised client for one connection, below its api_base; errors as our verdicts, refresh included."""

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The body of `read`."""
        ...

    def read(
        self, path: str, params: Mapping[str, str] | None = None, *, body: Mapping[str, Any] | None = None
    ) -> PlatformAnswer:
        """A request that changes nothing: GET, or POST where a body asks (a search, a batch read)."""
        ...

    def send(
        self, method: Literal["POST", "DELETE", "PUT", "PATCH"], path: str, body: Mapping[str, Any] | None = None
    ) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRecords:
    """One page of polling: records to look at, the cursor to store afterwards, and whether there is more now.

    states: by record, what tells its state of now from others; absent where the list does not say.
    """

    records: Sequence[RecordRef]
    cursor: str | None
    more: bool
    states: Mapping[RecordRef, str] = field(default_factory=dict)


class SaleReading(Protocol):
    """What a record says: the sale as far as it can be read, and every fault."""

    @property
    def sale(self) -> Sale | None: ...
    @property
    def faults(self) -> tuple[Fault, ...]: ...
    @property
    def explained(self) -> Sequence[Explained]:
        """Where each mapped value came from, in the order the rules were asked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceField:
    """Where a person mends a fault: `Organization › Tax number (TIN) (custom field)`, and that page if known."""

    label: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSetup:
    """How a platform is told to call us.

    by: api (we do), merchant or operator (a person follows `steps`), nobody (there are no webhooks). own_address: each
    connection has one. secret: pair (Basic, ours), endpoint (one of this connection, put down by a person), app, none.
    """

    by: Literal["api", "merchant", "operator", "nobody"]
    own_address: bool = False
    secret: Literal["pair", "endpoint", "app", "none"] = "none"  # noqa: S105 (whose secret it is, not a secret)
    steps: tuple[str, ...] = ()


class Connector(Protocol):
    """What a platform's folder provides; pure, but for what talks through `PlatformApi`."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Literal["crm", "pos"]: ...
    @property
    def version(self) -> str:
        """SHA-256 of the template as it is written."""
        ...

    @property
    def webhooks(self) -> WebhookSetup:
        """How the platform is told to call us."""
        ...

    def same_account(self, event_account: str, account_id: str) -> bool:
        """Do both name one account? In constant time: where nothing is signed, this is part of the proof."""
        ...

    def events(self, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> list[Event]:
        """Every notification in a delivery; BadInput when unreadable. headers: those the template's events name."""
        ...

    def fetch(self, api: PlatformApi, ref: RecordRef, known: KnownRecords | None = None) -> SourceBundle:
        """The record and everything its sale needs. NotFound when the platform no longer shows it.

        known: rows of the catalogue that may stand in for related records.
        """
        ...

    def trigger(self, bundle: SourceBundle, *, settings: Mapping[str, Any] | None = None) -> TriggerDecision:
        """settings: what the merchant chose of the template's; absent ones have the template's default."""
        ...

    def parts(self, ref: RecordRef, bundle: SourceBundle | None) -> tuple[tuple[RecordRef, bool], ...]:
        """Records that this one may hold beside itself (what came back in an exchange), and whether it does now."""
        ...

    def sale(self, bundle: SourceBundle, *, account: Mapping[str, Any], mapping: Mapping[str, Any]) -> Sale:
        """The record in our terms; FaultsFound when it cannot be read as a sale."""
        ...

    def read(
        self,
        bundle: SourceBundle,
        *,
        account: Mapping[str, Any],
        mapping: Mapping[str, Any],
        operator: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> SaleReading:
        """As `sale`, with the faults beside what could be read; FaultsFound only for unusable mapping rules.

        mapping: the merchant's rules, asked before the operator's and the template's. settings: as for `trigger`.
        """
        ...

    def locate(
        self,
        path: str,
        refs: Sequence[RecordRef],
        *,
        account: Mapping[str, Any],
        mapping: Mapping[str, Any],
        operator: Mapping[str, Any] | None = None,
    ) -> SourceField | None:
        """The field in the platform that a fault's path comes from; None when it comes from nowhere there.

        refs: the records the sale was made from; for a line also its product. FaultsFound for unusable mapping rules.
        """
        ...

    def changed(self, api: PlatformApi, cursor: str | None, now: datetime) -> ChangedRecords: ...
    def subscribe(self, api: PlatformApi, *, url: str, user: str, password: str) -> tuple[str, ...]:
        """Makes sure that exactly one subscription of each kind exists; returns their ids."""
        ...

    def standing(self, api: PlatformApi) -> Mapping[str, bool]:
        """By id, the subscriptions that the platform shows us: is each active?"""
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


class UninstallSignal(Protocol):
    """Who removed our app; `user_id` where the platform counts installs by user."""

    @property
    def account_id(self) -> str: ...
    @property
    def user_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a merchant is asked before the platform's consent screen, for example the address of their shop."""

    name: str
    label: str
    example: str = ""
    explanation: str | None = None


class PlatformAuthoriser(Protocol):
    """The OAuth side of one platform, with our client credentials inside."""

    @property
    def title(self) -> str:
        """The platform's name for people."""
        ...

    @property
    def questions(self) -> Sequence[Question]:
        """What the merchant is asked beforehand; nothing, as a rule."""
        ...

    @property
    def pkce(self) -> bool:
        """Does the platform accept PKCE S256?"""
        ...

    def authorize_url(
        self,
        *,
        redirect_uri: str,
        state: str,
        code_challenge: str | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> str:
        """The consent screen, or our own callback where the app logs in by itself.

        asked: the answers to `questions`. PlatformRefused for an answer that names no host of the platform.
        """
        ...

    def exchange(
        self,
        code: str,
        *,
        redirect_uri: str,
        code_verifier: str | None = None,
        callback: Mapping[str, str] | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> TokenSet:
        """NeedsReauthorisation for a refused code; every host that something from outside names is checked first.

        callback: the query the platform sent the browser back with.
        """
        ...

    def refresh(self, tokens: TokenSet) -> TokenSet:
        """NeedsReauthorisation on invalid_grant; Retryable on 429, 5xx and time-outs."""
        ...

    def revoke(self, tokens: TokenSet) -> None: ...
    def identify(
        self, tokens: TokenSet, *, asked: Mapping[str, str] | None = None, merchant: str | None = None
    ) -> AccountIdentity:
        """Whose account fresh tokens open; `merchant` is ours, for platforms where the account must name it."""
        ...

    def read_uninstall(self, *, authorization: str | None, body: bytes) -> UninstallSignal:
        """Who an authentic uninstall signal names; SignatureMismatch or BadInput otherwise."""
        ...
