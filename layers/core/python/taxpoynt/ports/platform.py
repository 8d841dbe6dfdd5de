"""What a connector provides, and what it talks through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from taxpoynt.domain.connection import Event, TokenSet
from taxpoynt.domain.sale import RecordRef, Sale
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import Fault


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


class UninstallSignal(Protocol):
    """Who removed our app; `user_id` where the platform counts installs by user."""

    @property
    def account_id(self) -> str: ...
    @property
    def user_id(self) -> str | None: ...


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
    def read_uninstall(self, *, authorization: str | None, body: bytes) -> UninstallSignal:
        """Who an authentic uninstall signal names; SignatureMismatch or BadInput otherwise."""
        ...
