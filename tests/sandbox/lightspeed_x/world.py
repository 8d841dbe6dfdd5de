"""Everything the stand-in knows: one app, its tokens, and the stores (retailers) with their records."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.sandbox.kit import Json, SeedError, Table
from tests.sandbox.lightspeed_x.values import uid, uid_number, words

KINDS = ("outlets", "registers", "taxes", "payment_types", "users", "products", "inventory", "customers", "sales")
SCOPES = words(
    "sales:read sales:write payments:read payment_types:read products:read products:write inventory:read "
    "customers:read customers:write taxes:read outlets:read registers:read retailer:read users:read gift_cards:read "
    "store_credits:read fulfillments:read webhooks"
)
FIRST_VERSION = 11_423_000_000


@dataclass
class App:
    """Our application as registered in the developer portal."""

    client_id: str = ""
    client_secret: str = ""
    redirect_uri: str = ""
    name: str = "TaxPoynt Connect"


@dataclass
class Settings:
    """What the vendor does not say, or says twice.

    Attributes:
        expires_in: 86400 in the guide and a capture, 604800 in a changelog sample; `expires` is right either way.
        dated_numbers: amounts of the dated family as `string` or `number` (our reference says strings, the published
            OpenAPI document says numbers).
        adjustment_key: the member that names an adjustment's kind in API 2.0: `type` (example) or `adjustment_type`
            (specification).
        cash_rounding: what rounds a cash sale: a `payment` of that name, or nothing (`to_pay`: it stays owed).
    """

    expires_in: int = 86_400
    dated_numbers: str = "string"
    adjustment_key: str = "type"
    cash_rounding: str = "payment"


@dataclass
class Retailer:
    """One store. Records hold Python values; fields that begin with `_` are not shown."""

    id: str
    name: str
    domain_prefix: str
    currency: str = "NGN"
    symbol: str = "₦"
    country: str = "NG"
    timezone: str = "Africa/Lagos"
    tax_exclusive: bool = False
    discount_product_id: str = ""
    no_tax_id: str = ""
    gift_card_product_id: str = ""
    budget: int | None = None
    version: int = FIRST_VERSION
    tables: dict[str, Table] = field(default_factory=lambda: {kind: Table("id") for kind in KINDS})
    stock_of: dict[str, list[str]] = field(default_factory=dict)
    stock_blocks: list["StockBlock"] = field(default_factory=list)
    fulfillments: dict[str, list[Json]] = field(default_factory=dict)
    hooks: dict[str, Json] = field(default_factory=dict)

    def find(self, kind: str, key: Any) -> Json:
        """The record; SeedError when there is none."""
        record = self.tables[kind].get(key) if isinstance(key, str) else None
        if record is None:
            raise SeedError(f"the store {self.domain_prefix} has no {kind} {key}")
        return record

    def first(self, kind: str) -> Json:
        """The oldest record of a kind; SeedError when there is none."""
        record = next(self.tables[kind].walk("version"), None)
        if record is None:
            raise SeedError(f"the store {self.domain_prefix} has no {kind}")
        return record

    def put(self, kind: str, record: Json) -> Json:
        """Keeps a new or changed record under the next version: one counter for the whole store."""
        self.version += 1
        return self.tables[kind].put(record | {"version": self.version})

    def reserve_versions(self, count: int) -> int:
        """The first of so many versions in a row."""
        first = self.version + 1
        self.version += count
        return first

    def stock_rows(self, product_id: str) -> list[Json]:
        """One per outlet that ever had the product."""
        keys = list(self.stock_of.get(product_id, []))
        for block in self.stock_blocks:
            keys += block.keys(product_id)
        return [self.find("inventory", key) for key in keys]

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """A wrong call leaves the records as they were."""
        kept = {kind: dict(table.kept) for kind, table in self.tables.items()}
        version = self.version
        try:
            yield
        except ValueError:
            for kind, records in kept.items():
                self.tables[kind].restore(records)
            self.version = version
            raise


@dataclass(frozen=True)
class StockBlock:
    """Where the stock rows of a crowd of products are: `per_product` ids in a row."""

    first_product: int
    products: int
    first_row: int
    per_product: int

    def keys(self, product_id: str) -> list[str]:
        """Ids of the rows of one product, [] when it is not of this crowd."""
        number = uid_number(product_id)
        if number is None or not 0 <= number - self.first_product < self.products:
            return []
        start = self.first_row + (number - self.first_product) * self.per_product
        return [uid(one) for one in range(start, start + self.per_product)]


@dataclass
class Code:
    """An authorisation code that was handed out and not yet exchanged."""

    retailer: str
    user: str
    scopes: tuple[str, ...]
    redirect_uri: str
    expires_at: datetime


@dataclass
class Grant:
    """An access token and its refresh token (None for a personal token, which belongs to no application)."""

    retailer: str
    user: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    refresh_token: str | None

    @property
    def personal(self) -> bool:
        """Made by the merchant; webhooks it creates are not signed."""
        return self.refresh_token is None


@dataclass
class World:
    """The whole state; guarded by the sandbox's lock."""

    app: App = field(default_factory=App)
    settings: Settings = field(default_factory=Settings)
    retailers: dict[str, Retailer] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, Grant] = field(default_factory=dict)
    last_number: int = 0xAD7E_3C00_0000

    def empty(self) -> None:
        """Back to nothing, in place."""
        vars(self).update(vars(World()))

    def retailer(self, prefix: str | None = None) -> Retailer:
        """That store, or the first; SeedError when there is no such one."""
        if prefix is None and self.retailers:
            return next(iter(self.retailers.values()))
        if prefix not in self.retailers:
            raise SeedError(f"no store {prefix}; there are: {', '.join(self.retailers) or 'none'}")
        return self.retailers[prefix]

    def new_id(self) -> str:
        """The next id of all."""
        return uid(self.reserve_ids(1))

    def reserve_ids(self, count: int) -> int:
        """The first of so many numbers in a row."""
        first = self.last_number + 1
        self.last_number += count
        return first


def only(given: Json, known: Any, where: str) -> Json:
    """`given` when all its keys are known; SeedError names the others."""
    if extra := sorted(set(given) - set(known)):
        raise SeedError(f"{where}: unknown key: {', '.join(extra)}; known: {', '.join(sorted(known))}")
    return given
