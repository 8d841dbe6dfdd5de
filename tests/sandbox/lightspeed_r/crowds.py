"""Accounts with hundreds of thousands of records: made by rule when asked for, changed a few at a time."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from tests.sandbox.kit import Crowd, Json
from tests.sandbox.lightspeed_r import shapes, stock
from tests.sandbox.lightspeed_r.world import Account, StockBlock

DATED = frozenset({"timeStamp"})
PER_SECOND = 3  # records that share a timeStamp, so that a page can end between equal times


def add_items(account: Account, size: int, now: datetime) -> None:
    """`size` items with stock rows for every shop there is now; all older than `now`."""
    first, row = account.new_key("Item"), account.new_key("ItemShop")
    shops = [0, *(one["shopID"] for one in account.tables["Shop"])]
    start = now - timedelta(seconds=size // PER_SECOND + 86400)
    per_item = len(shops)

    def make(index: int) -> Json:
        return _item(first + index, start + timedelta(seconds=index // PER_SECOND))

    def make_row(index: int) -> Json:
        number, place = divmod(index, per_item)
        quantity = [_quantity(number, shop) for shop in shops[1:]]
        held = sum(quantity) if place == 0 else quantity[place - 1]
        at = start + timedelta(seconds=number // PER_SECOND)
        return shapes.item_shop(row + index, first + number, shops[place], held, at)

    rising = DATED | {"description"}
    account.tables["Item"].add_crowd(_numbered(first, size, make, rising))
    account.tables["ItemShop"].add_crowd(_numbered(row, size * per_item, make_row, DATED))
    account.stock_blocks.append(StockBlock(first, size, row, per_item))


def add_customers(account: Account, size: int, now: datetime) -> None:
    """`size` customers: people, and every tenth a business with a TIN; with no, one or two addresses."""
    first, contact = account.new_key("Customer"), account.last_contact + 1
    account.last_contact += size
    start = now - timedelta(seconds=size // PER_SECOND + 86400)

    def make(index: int) -> Json:
        at = start + timedelta(seconds=index // PER_SECOND)
        return _customer(first + index, contact + index, index, at)

    account.tables["Customer"].add_crowd(_numbered(first, size, make, DATED | {"firstName", "lastName"}))


def change(account: Account, wanted: dict[str, int], seed: int, now: datetime) -> dict[str, list[int]]:
    """Changes records that are spread over all: `items`, `customers`, `stock`, `archived_items`, `archived_customers`.

    What was touched, by those names; the same seed picks the same records.
    """
    dice = random.Random(seed)  # noqa: S311 - repeatable dice, nothing secret
    items = _picker(account, "Item", dice)
    customers = _picker(account, "Customer", dice)
    done = {name: items(wanted.get(name, 0)) for name in ("items", "archived_items", "stock")}
    done |= {name: customers(wanted.get(name, 0)) for name in ("customers", "archived_customers")}
    for entity, name, field in (("Item", "items", "description"), ("Customer", "customers", "title")):
        for key in done[name]:
            _rename(account, entity, key, field, now)
    for entity, name in (("Item", "archived_items"), ("Customer", "archived_customers")):
        for key in done[name]:
            account.put(entity, account.find(entity, key) | {"archived": True, "timeStamp": now})
    for key in done["stock"]:
        shop = next(row["shopID"] for row in account.stock_rows(key) if row["shopID"])
        stock.change(account, key, shop, {"qoh": 1}, now)
    return done


def _numbered(first: int, size: int, make: object, rising: frozenset[str]) -> Crowd:
    return Crowd(size, lambda index: first + index, lambda key: key - first, make, rising)  # type: ignore[arg-type]


def _item(key: int, at: datetime) -> Json:
    given = {
        "description": f"Stock item {key:09}",
        "price": Decimal(100 + key % 977 * 5),
        "cost": Decimal(60 + key % 977 * 3),
        "customSku": f"SI-{key:09}",
        "custom_fields": {"HS code": f"{1000 + key % 8000}.{key % 90 + 10}"},
    }
    return shapes.item(given, key, at)


def _quantity(number: int, shop: int) -> int:
    return (number * 7 + shop * 3) % 50


def _customer(key: int, contact_id: int, index: int, at: datetime) -> Json:
    business = index % 10 == 0
    address = {"address1": f"{index % 99 + 1} Example Road", "city": "Lagos", "state": "Lagos", "country": "Nigeria"}
    address |= {"stateCode": "LA", "countryCode": "NG"}
    parts: Json = {"addresses": [address] * (index % 3), "emails": []}
    if index % 2:
        parts["emails"] = [{"address": f"customer{key}@example.com", "useType": "Primary"}]
    names = {"firstName": "Customer", "lastName": f"No {key:09}", "title": ""}
    names["company"] = f"Example Trading {key:09} Limited" if business else ""
    names |= {
        "companyRegistrationNumber": "",
        "vatNumber": f"{10_000_000 + index % 90_000_000}-0001" if business else "",
    }
    return shapes.bare_customer(key, names, shapes.contact(contact_id, parts, at), at)


def _picker(account: Account, entity: str, dice: random.Random) -> "_Picker":
    table = account.tables[entity]
    ranges = [range(crowd.key(0), crowd.key(0) + crowd.size) for crowd in table.crowds if crowd.size]
    return _Picker(ranges, [] if ranges else list(table.kept), dice)


class _Picker:
    """Different records each time."""

    def __init__(self, ranges: list[range], keys: list[int], dice: random.Random) -> None:
        self._ranges, self._keys, self._dice, self._taken = ranges, keys, dice, set[int]()

    def __call__(self, count: int) -> list[int]:
        if count > sum(map(len, self._ranges)) + len(self._keys) - len(self._taken):
            raise ValueError("there are not so many records")
        picked: list[int] = []
        while len(picked) < count:
            key = self._dice.choice(self._dice.choice(self._ranges)) if self._ranges else self._dice.choice(self._keys)
            if key not in self._taken:
                self._taken.add(key)
                picked.append(key)
        return picked


def _rename(account: Account, entity: str, key: int, field: str, now: datetime) -> None:
    record = account.find(entity, key)
    account.put(entity, record | {field: f"{record[field]} (changed)".strip(), "timeStamp": now})
