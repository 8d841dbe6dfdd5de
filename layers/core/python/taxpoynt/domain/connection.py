"""A merchant's authorised link to one account on one platform.

Standard library only: the webhook path reads `Endpoint`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class ConnectionStatus(StrEnum):
    """pending: authorised, not yet confirmed by the merchant; needs_reauth: the platform refuses our grant."""

    PENDING = "pending"
    ACTIVE = "active"
    NEEDS_REAUTH = "needs_reauth"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection; `version` counts writes (optimistic locking), 0 before the first.

    api_base: origin of the account's API, checked against the template's host rule (`https://acme.pipedrive.com`);
    account: what the platform told of the account (name, currency, timezone_name …), for people and mapping;
    mapping: this merchant's mapping rules for the connector (a RuleSet as data);
    cursor: where polling stands; next_poll_at / next_refresh_at: UTC, when the scheduler shall act.
    """

    merchant: str
    connection: str
    connector: str
    status: ConnectionStatus
    account_id: str
    api_base: str
    account: dict[str, Any] = field(default_factory=dict)
    endpoint: str | None = None
    subscriptions: tuple[str, ...] = ()
    mapping: dict[str, Any] = field(default_factory=dict)
    cursor: str | None = None
    next_poll_at: datetime | None = None
    next_refresh_at: datetime | None = None
    created_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What the webhook path needs about the token in the path: whose it is and how to authenticate.

    secrets: for Basic, SHA-256 hex of `user:password` (128 random bits or more, so a plain digest does); for
    signed schemes the names of secrets. The newest first; the previous one stays during rotation.
    """

    endpoint: str
    merchant: str
    connection: str
    connector: str
    secrets: tuple[str, ...]
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSet:
    """Platform tokens in plain; lives only in memory of the one role that may decrypt, never in logs or `repr`."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    generation: int = 0
    scopes: tuple[str, ...] = ()
    api_base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One notification. `id` is what it is deduplicated on; ids are text; `occurred_at` UTC where the sender tells."""

    id: str
    type: str
    resource: str
    resource_id: str
    account: str | None
    occurred_at: datetime | None = None
    relevant: bool = True
    """False when the template's rules already say that no invoice and no held sale can depend on it."""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalClock:
    """Frozen when a sale is claimed: issue date and time in Africa/Lagos, and until when the law wants it (UTC)."""

    issue_date: date
    issue_time: str
    due_at: datetime
