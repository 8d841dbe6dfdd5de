"""Everything the stand-in knows: one app, its grants, and the companies with their records."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.sandbox.kit import Json, SeedError

ENTITIES = ("deal", "organization", "person", "product")
# Lite is the smallest plan: 80 requests in 2 seconds; a live account of May 2026 had 150000 tokens a day with it.
BURST, DAILY_TOKENS = 80, 150_000


@dataclass
class App:
    """Our app as registered in the Developer Hub. Scopes are ticked there, never asked for in the authorise request."""

    client_id: str
    client_secret: str
    redirect_uri: str
    name: str = "TaxPoynt Connect"
    scopes: tuple[str, ...] = ("base", "deals:read", "products:read", "contacts:read", "webhooks:full")


@dataclass
class Code:
    """An authorisation code that was handed out and not yet exchanged."""

    company: int
    user: int
    redirect_uri: str
    expires_at: datetime


@dataclass
class Grant:
    """What one user's consent gave; lives as long as its refresh token is used every 60 days."""

    company: int
    user: int
    scopes: tuple[str, ...]
    used_at: datetime


@dataclass
class AccessToken:
    """One hour of access under a grant."""

    refresh_token: str
    expires_at: datetime


@dataclass
class Company:
    """One customer. Records are kept in API v2 shape plus what other views need."""

    id: int
    name: str
    domain: str
    country: str = "NG"
    timezone: str = "Africa/Lagos"
    currency: str = "NGN"
    burst: int = BURST
    daily_tokens: int = DAILY_TOKENS
    has_installments: bool = True
    amount_discount_per_unit: bool = False  # not documented, so both readings can be seeded
    value_includes_tax: bool = True  # not documented either
    custom_field_keys: dict[str, str] = field(default_factory=dict)
    users: dict[int, Json] = field(default_factory=dict)
    records: dict[str, dict[int, Json]] = field(default_factory=lambda: {name: {} for name in ENTITIES})
    lines: dict[int, list[Json]] = field(default_factory=dict)
    discounts: dict[int, list[Json]] = field(default_factory=dict)
    installments: dict[int, list[Json]] = field(default_factory=dict)
    fields: dict[str, list[Json]] = field(default_factory=lambda: {name: [] for name in ENTITIES})
    pipelines: list[Json] = field(default_factory=list)
    stages: list[Json] = field(default_factory=list)
    currencies: list[Json] = field(default_factory=list)
    webhooks: dict[int, Json] = field(default_factory=dict)
    removed_webhooks: list[Json] = field(default_factory=list)

    def next_id(self, entity: str) -> int:
        """One above the highest number used so far."""
        return max(self.records[entity], default=0) + 1

    def user(self, user_id: int | None = None) -> Json:
        """That user, or the first administrator."""
        if user_id is not None:
            return self.users[user_id]
        return next((user for user in self.users.values() if user["is_admin"]), next(iter(self.users.values())))


@dataclass
class World:
    """The whole state; guarded by the sandbox's lock."""

    app: App = field(default_factory=lambda: App("", "", ""))
    companies: dict[int, Company] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    access: dict[str, AccessToken] = field(default_factory=dict)
    last_webhook: int = 4_710_826
    state_on_refusal: bool = True

    def empty(self) -> None:
        """Back to nothing, in place."""
        vars(self).update(vars(World()))

    def company(self, company_id: int | None = None) -> Company:
        """That company, or the first; SeedError when there is no such one."""
        if company_id is None and self.companies:
            return next(iter(self.companies.values()))
        if company_id not in self.companies:
            raise SeedError(f"no company {company_id}; there are: {', '.join(map(str, self.companies)) or 'none'}")
        return self.companies[company_id]


def settings(data: Json, known: Any, where: str) -> Json:
    """The entries of `data` that are plain settings of dataclass `known`; SeedError on any other key."""
    names = set(known.__dataclass_fields__)
    if extra := sorted(set(data) - names):
        raise SeedError(f"{where}: unknown key: {', '.join(extra)}")
    return data


def words(text: str) -> list[str]:
    """The words of a long enumeration."""
    return text.split()
