"""A merchant's authorised link to one account on one platform.

Standard library only: the webhook path reads `Endpoint`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal


class ConnectionStatus(StrEnum):
    """pending: authorised, not yet confirmed by the merchant; needs_reauth: the platform refuses our grant."""

    PENDING = "pending"
    ACTIVE = "active"
    NEEDS_REAUTH = "needs_reauth"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection; `version` counts writes (optimistic locking), 0 before the first.

    api_base: origin of the account's API, checked against the template's host rule (`https://acme.example-crm.com`);
    account: what the platform told of the account (name, currency, timezone_name …), for people and mapping;
    cursor: where polling stands; next_poll_at / next_refresh_at / next_sync_at: UTC, when the scheduler shall act;
    polled_at: when a round of polling last ended; found_at: when one last found something;
    health: what the last daily look found (`at`, `token`, `subscriptions`, `problem`), for people.
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
    cursor: str | None = None
    next_poll_at: datetime | None = None
    next_refresh_at: datetime | None = None
    next_sync_at: datetime | None = None
    polled_at: datetime | None = None
    found_at: datetime | None = None
    health: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What the webhook path needs about the token in the path: whose it is and how to authenticate.

    secrets: for Basic, SHA-256 hex of `user:password` (128 random bits or more, so a plain digest does); for a
    signature with a secret of its own the name of that secret; else none. The newest first.
    until: when a secret that was replaced is no longer accepted (UTC); absent: it is current. uses: the subscriptions
    each pair was given to; absent: not known yet. version counts writes (optimistic locking), 0 before the first.
    """

    endpoint: str
    merchant: str
    connection: str
    connector: str
    secrets: tuple[str, ...]
    active: bool = True
    until: Mapping[str, datetime] = field(default_factory=dict)
    uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    version: int = 0

    def accepted(self, now: datetime) -> tuple[str, ...]:
        """The secrets a delivery may prove itself with at `now`, newest first."""
        return tuple(one for one in self.secrets if one not in self.until or now < self.until[one])


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSet:
    """Platform tokens in plain; lives only in memory of the one role that may decrypt, never in logs or `repr`.

    api_base, auth_base: origins of the account's API and of the host that renews these tokens, checked against the
    template's rules. facts: what a fresh token answer says besides, for whose account it is; never stored.
    issued_at: when the platform gave them, by our clock; None for those stored before that was kept.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    generation: int = 0
    scopes: tuple[str, ...] = ()
    api_base: str | None = None
    auth_base: str | None = None
    issued_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One notification.

    `id` is what it is deduplicated on, `sent_id` the sender's own; ids are text; `occurred_at` is UTC, where the
    sender tells.
    means: fetch (read the record, it may be a sale), changed (a held sale may depend on it), ignore (the template's
    rules already say that no invoice and no held sale can), uninstall (the merchant removed our app), park (a person
    must look).
    """

    id: str
    type: str
    resource: str
    resource_id: str
    account: str | None
    occurred_at: datetime | None = None
    means: Literal["fetch", "changed", "ignore", "uninstall", "park"] = "fetch"
    why: str = ""
    sent_id: str | None = None

    @property
    def relevant(self) -> bool:
        """Does anything have to be done about it?"""
        return self.means != "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalClock:
    """Frozen when a sale is claimed: issue date and time in Africa/Lagos, and until when the law wants it (UTC)."""

    issue_date: date
    issue_time: str
    due_at: datetime
