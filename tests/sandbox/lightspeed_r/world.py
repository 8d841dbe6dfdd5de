"""Everything the stand-in knows: one client (app), its connections, and the accounts with their records."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.sandbox.kit import Json, SeedError, Table

KEYS = {
    "Employee": "employeeID",
    "Shop": "shopID",
    "Register": "registerID",
    "PaymentType": "paymentTypeID",
    "TaxCategory": "taxCategoryID",
    "TaxCategoryClass": "taxCategoryClassID",
    "TaxClass": "taxClassID",
    "Category": "categoryID",
    "Discount": "discountID",
    "ItemFee": "itemFeeID",
    "Customer": "customerID",
    "CreditAccount": "creditAccountID",
    "Item": "itemID",
    "ItemShop": "itemShopID",
    "Sale": "saleID",
    "SaleLine": "saleLineID",
    "SalePayment": "salePaymentID",
    "SaleVoid": "saleVoidID",
}


@dataclass
class App:
    """Our API client as registered. A public one has no secret and must use PKCE."""

    client_id: str = ""
    client_secret: str = ""
    redirect_uri: str = ""
    name: str = "TaxPoynt Connect"
    number: int = 25578
    public: bool = False


@dataclass
class Settings:
    """What the vendor does not say, or says twice; the defaults are the readings that ask more of a client.

    Attributes:
        read_scopes_suffice: `employee:register_read` and its like open what their full scopes open.
        updatetime_filters: Sale may be filtered, not only sorted, by updatetime.
        timestamp_follows_changes: Sale.timeStamp moves with a change after completion (the page says it does not).
        form_urlencoded_tokens: the token endpoint takes form-urlencoded bodies, not only JSON and multipart.
        negative_balance_is_deposit: of a customer's credit account (its page; the tutorial says the opposite).
        inclusive_subtotal: what calcSubtotal of a tax-inclusive sale holds, `gross` or `net`.
    """

    read_scopes_suffice: bool = True
    updatetime_filters: bool = False
    timestamp_follows_changes: bool = False
    form_urlencoded_tokens: bool = False
    negative_balance_is_deposit: bool = True
    inclusive_subtotal: str = "gross"


@dataclass
class StockBlock:
    """Where the stock rows of a crowd of items are: `per_item` rows each, the one of shop 0 first."""

    first_item: int
    items: int
    first_row: int
    per_item: int


@dataclass
class Account:
    """One customer of Lightspeed. Records hold Python values; fields that begin with `_` are not shown."""

    id: int
    name: str
    currency: str = "NGN"
    symbol: str = "₦"
    registers: int = 1
    bucket_size: int | None = None
    drip_rate: float | None = None
    burst: int | None = None
    tables: dict[str, Table] = field(default_factory=lambda: {name: Table(key) for name, key in KEYS.items()})
    lines_of: dict[int, list[int]] = field(default_factory=dict)
    payments_of: dict[int, list[int]] = field(default_factory=dict)
    stock_of: dict[int, list[int]] = field(default_factory=dict)
    stock_blocks: list[StockBlock] = field(default_factory=list)
    last_note: int = 0
    last_contact: int = 0

    def find(self, entity: str, key: Any) -> Json:
        """The record; SeedError when there is none."""
        record = self.tables[entity].get(key)
        if record is None:
            raise SeedError(f"account {self.id} has no {entity} {key}")
        return record

    def put(self, entity: str, record: Json) -> Json:
        """Keeps it, to be called after each change."""
        return self.tables[entity].put(record)

    def new_key(self, entity: str) -> int:
        """The next number of this kind."""
        return self.tables[entity].next_number()

    def lines(self, sale_id: int) -> list[Json]:
        """Of a sale, in the order they were added."""
        return [self.find("SaleLine", key) for key in self.lines_of.get(sale_id, [])]

    def payments(self, sale_id: int) -> list[Json]:
        """Of a sale, archived ones too."""
        return [self.find("SalePayment", key) for key in self.payments_of.get(sale_id, [])]

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """A wrong call leaves the records as they were."""
        kept = {name: dict(table.kept) for name, table in self.tables.items()}
        links = [{key: list(value) for key, value in index.items()} for index in self._indexes()]
        try:
            yield
        except ValueError:
            for name, records in kept.items():
                self.tables[name].restore(records)
            for index, before in zip(self._indexes(), links, strict=True):
                index.clear()
                index.update(before)
            raise

    def _indexes(self) -> tuple[dict[int, list[int]], ...]:
        return self.lines_of, self.payments_of, self.stock_of

    def stock_rows(self, item_id: int) -> list[Json]:
        """One per shop and one of shop 0, the sum of all."""
        keys = self.stock_of.get(item_id, [])
        for block in self.stock_blocks:
            if block.first_item <= item_id < block.first_item + block.items:
                start = block.first_row + (item_id - block.first_item) * block.per_item
                keys = [*range(start, start + block.per_item), *keys]
        return [self.find("ItemShop", key) for key in keys]


@dataclass
class Code:
    """An authorisation code that was handed out and not yet exchanged."""

    account: int
    employee: int
    scopes: tuple[str, ...]
    challenge: str | None
    method: str
    expires_at: datetime


@dataclass
class Connection:
    """What one employee's consent gave. `refresh_tries` are the times of its latest refreshes."""

    account: int
    employee: int
    scopes: tuple[str, ...]
    refresh_tries: list[datetime] = field(default_factory=list)


@dataclass
class RefreshToken:
    """`parent` is the refresh token it came from, which dies with all its other children on this one's first use."""

    connection: Connection
    issued_at: datetime
    parent: str | None = None


@dataclass
class AccessToken:
    """One hour under a connection, issued together with `refresh_token`."""

    connection: Connection
    refresh_token: str
    expires_at: datetime
    used: bool = False


@dataclass
class World:
    """The whole state; guarded by the sandbox's lock."""

    app: App = field(default_factory=App)
    settings: Settings = field(default_factory=Settings)
    accounts: dict[int, Account] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    refresh: dict[str, RefreshToken] = field(default_factory=dict)
    access: dict[str, AccessToken] = field(default_factory=dict)

    def empty(self) -> None:
        """Back to nothing, in place."""
        vars(self).update(vars(World()))

    def account(self, account_id: int | None = None) -> Account:
        """That account, or the first; SeedError when there is no such one."""
        if account_id is None and self.accounts:
            return next(iter(self.accounts.values()))
        if account_id not in self.accounts:
            raise SeedError(f"no account {account_id}; there are: {', '.join(map(str, self.accounts)) or 'none'}")
        return self.accounts[account_id]


def only(given: Json, known: Any, where: str) -> Json:
    """`given` when all its keys are known; SeedError names the others."""
    if extra := sorted(set(given) - set(known)):
        raise SeedError(f"{where}: unknown key: {', '.join(extra)}; known: {', '.join(sorted(known))}")
    return given
