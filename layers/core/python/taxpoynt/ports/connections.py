"""The connections table: merchants, connections, tokens and everything that expires around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from taxpoynt.domain.connection import Connection, Endpoint, TokenSet
from taxpoynt.domain.party import Merchant


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

    def put_endpoint(self, endpoint: Endpoint) -> Endpoint:
        """Writes over the version it was read at and returns it with the next one; StoreConflict otherwise."""
        ...

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

    def trying(self, lease: Lease, generation: int) -> bool:
        """Notes that a refresh of this generation is sent now; Busy when the lease is somebody else's by then.

        True when one was sent before and nothing newer was stored since: its answer was lost.
        """
        ...

    def release(self, lease: Lease) -> None:
        """Releases one's own lease only."""
        ...

    def delete(self, merchant: str, connection: str) -> None: ...
