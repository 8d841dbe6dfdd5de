"""Stores with hundreds of thousands of records: made by rule when asked for, changed a few at a time."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from tests.sandbox.kit import Crowd, Json
from tests.sandbox.lightspeed_x import shapes, stock
from tests.sandbox.lightspeed_x.values import uid, uid_number
from tests.sandbox.lightspeed_x.world import Retailer, StockBlock, World

SKU = "CR-"
_RISING = frozenset({"version"})


def add_products(world: World, store: Retailer, size: int, now: datetime) -> None:
    """`size` products and a stock row of each for every outlet there is now."""
    outlets = [one["id"] for one in store.tables["outlets"].kept.values()]
    tax_id, per_product = shapes.default_tax(store), len(outlets)
    first, row = world.reserve_ids(size), world.reserve_ids(size * per_product)
    version, row_version = store.reserve_versions(size), store.reserve_versions(size * per_product)
    [rate] = [one["rate"] for one in store.find("taxes", tax_id)["rates"]][:1]
    made_at = now - timedelta(days=400)

    def make(index: int) -> Json:
        net = Decimal(100 + index % 977 * 5)
        one = _PRODUCT | {
            "id": uid(first + index),
            "name": f"Stock item {index + 1:09}",
            "sku": f"{SKU}{first + index:x}",
        }
        one |= {"variant_name": one["name"], "handle": f"stock-item-{index + 1:09}", "supply_price": net * 6 / 10}
        one |= {"price_excluding_tax": net, "price_including_tax": net * (1 + rate), "_tax_id": tax_id}
        return one | {"created_at": made_at, "updated_at": made_at, "version": version + index}

    def make_row(index: int) -> Json:
        number, place = divmod(index, per_product)
        level = Decimal((number * 7 + place * 3) % 50)
        made = shapes.stock_row(uid(row + index), uid(first + number), outlets[place], level, Decimal(60))
        return made | {"version": row_version + index}

    store.tables["products"].add_crowd(_numbered(first, size, make))
    store.tables["inventory"].add_crowd(_numbered(row, size * per_product, make_row))
    store.stock_blocks.append(StockBlock(first, size, row, per_product))


def add_customers(world: World, store: Retailer, size: int, now: datetime) -> None:
    """`size` customers: people, and every tenth a business with a TIN in custom_field_1."""
    first, version = world.reserve_ids(size), store.reserve_versions(size)
    made_at = now - timedelta(days=400)

    def make(index: int) -> Json:
        given: Json = {
            "first_name": "Customer",
            "last_name": f"No {index + 1:09}",
            "customer_code": f"C-{index + 1:09}",
        }
        if index % 10 == 0:
            given |= {"company_name": f"Example Trading {index + 1:09} Limited"}
            given["custom_field_1"] = f"{10_000_000 + index % 90_000_000}-0001"
        if index % 3:
            given |= {"physical_address_1": f"{index % 99 + 1} Example Road", "physical_city": "Lagos"}
            given |= {"physical_state": "Lagos", "physical_country_id": "NG"}
        if index % 2:
            given["email"] = f"customer{index + 1}@example.com"
        return shapes.customer(uid(first + index), given, made_at) | {"version": version + index}

    store.tables["customers"].add_crowd(_numbered(first, size, make))


def product_by_sku(store: Retailer, sku: str) -> Json | None:
    """Of a crowd's products too, without a walk."""
    for one in store.tables["products"].kept.values():
        if one["sku"] == sku:
            return one
    if not sku.startswith(SKU):
        return None
    try:
        found = store.tables["products"].get(uid(int(sku[len(SKU) :], 16)))
    except ValueError:
        return None
    return found if found is not None and found["sku"] == sku else None


def change(store: Retailer, wanted: dict[str, int], seed: int, now: datetime) -> dict[str, list[str]]:
    """Changes records that are spread over all: products, customers, stock, deleted_products, deleted_customers.

    What was touched, by those names; the same seed picks the same records.
    """
    dice = random.Random(seed)  # noqa: S311 - repeatable dice, nothing secret
    products, customers = _picker(store, "products", dice), _picker(store, "customers", dice)
    done = {name: products(wanted.get(name, 0)) for name in ("products", "deleted_products", "stock")}
    done |= {name: customers(wanted.get(name, 0)) for name in ("customers", "deleted_customers")}
    for kind, field in (("products", "name"), ("customers", "note")):
        for key in done[kind]:
            record = store.find(kind, key)
            store.put(kind, record | {field: f"{record[field] or ''} (changed)".strip(), "updated_at": now})
        for key in done[f"deleted_{kind}"]:
            store.put(kind, store.find(kind, key) | {"deleted_at": now, "updated_at": now})
    for key in done["stock"]:
        row = store.stock_rows(key)[0]
        stock.count(store, key, row["outlet_id"], row["inventory_level"] + 1)
    return done


_PRODUCT: Json = {
    "supplier_code": "",
    "active": True,
    "has_inventory": True,
    "is_composite": False,
    "description": "",
    "deleted_at": None,
    "source": "USER",
    "_codes": [],
    "_tags": [],
}


def _numbered(first: int, size: int, make: Callable[[int], Json]) -> Crowd:
    def index_of(key: str) -> int | None:
        found = uid_number(key)
        return None if found is None else found - first

    return Crowd(size, lambda index: uid(first + index), index_of, make, _RISING)


def _picker(store: Retailer, kind: str, dice: random.Random) -> Callable[[int], list[str]]:
    """Different records each time, of the crowds if there are any."""
    crowds = [crowd for crowd in store.tables[kind].crowds if crowd.size]
    plain = [key for key, one in store.tables[kind].kept.items() if not one.get("deleted_at")]
    size = sum(crowd.size for crowd in crowds) or len(plain)
    taken: set[str] = set()

    def pick(count: int) -> list[str]:
        if count > size - len(taken):
            raise ValueError(f"there are not so many {kind}")
        picked: list[str] = []
        while len(picked) < count:
            crowd = dice.choice(crowds) if crowds else None
            key = crowd.key(dice.randrange(crowd.size)) if crowd else dice.choice(plain)
            if key not in taken:
                taken.add(key)
                picked.append(key)
        return picked

    return pick
