"""Seed data into the world: merged, so that a test can add a store or a customer to what is there."""

from datetime import datetime
from decimal import Decimal

from tests.sandbox.kit import Json, SeedError
from tests.sandbox.lightspeed_x import crowds, shapes
from tests.sandbox.lightspeed_x.tills import Till
from tests.sandbox.lightspeed_x.values import ZERO, decimal, words
from tests.sandbox.lightspeed_x.world import App, Retailer, Settings, World, only

_STORE = words(
    "id name domain_prefix currency symbol country timezone tax_exclusive discount_product_id no_tax_id "
    "gift_card_product_id budget"
)
_LISTS = words("outlets registers taxes payment_types users products customers sales bulk")


def load(world: World, data: Json, now: datetime) -> None:
    """Merges `note` (ignored), `settings`, `app` and `retailers`; SeedError says where something is wrong."""
    only(data, ("note", "settings", "app", "retailers"), "lightspeed_x seed")
    if "app" in data:
        world.app = App(**only(data["app"], App.__dataclass_fields__, "app"))
    if "settings" in data:
        world.settings = Settings(**only(data["settings"], Settings.__dataclass_fields__, "settings"))
    for given in data.get("retailers", []):
        _store(world, given, now)


def _store(world: World, given: Json, now: datetime) -> None:
    prefix = given.get("domain_prefix")
    only(given, (*_STORE, *_LISTS), f"store {prefix}")
    if not isinstance(prefix, str):
        raise SeedError("a store needs a domain_prefix")
    own = {key: given[key] for key in _STORE if key in given}
    store = world.retailers.get(prefix)
    if store is None:
        store = world.retailers[prefix] = Retailer(own.get("id") or world.new_id(), own["name"], prefix)
    for name, value in own.items():
        setattr(store, name, value)
    _fixtures(world, store, given, now)
    _trade(world, store, given, now)


def _trade(world: World, store: Retailer, given: Json, now: datetime) -> None:
    for one in given.get("products", []):
        add_product(world, store, one, now)
    for one in given.get("customers", []):
        store.put("customers", shapes.customer(one.get("id") or world.new_id(), one, now))
    for one in given.get("sales", []):
        key = one.get("id")
        Till(world, store, now).sell_as(key, {name: value for name, value in one.items() if name != "id"})
    bulk = only(given.get("bulk", {}), ("products", "customers"), "bulk")
    if bulk.get("products"):
        crowds.add_products(world, store, bulk["products"], now)
    if bulk.get("customers"):
        crowds.add_customers(world, store, bulk["customers"], now)


def _fixtures(world: World, store: Retailer, given: Json, now: datetime) -> None:
    for one in given.get("taxes", []):
        store.put("taxes", shapes.tax(one.get("id") or world.new_id(), one, world.new_id()))
    for one in given.get("outlets", []):
        store.put("outlets", shapes.outlet(one.get("id") or world.new_id(), one))
    for one in given.get("registers", []):
        store.find("outlets", one.get("outlet_id"))
        store.put("registers", shapes.register(one.get("id") or world.new_id(), one, now))
    for one in given.get("payment_types", []):
        store.put("payment_types", shapes.payment_type(one.get("id") or world.new_id(), one))
    for one in given.get("users", []):
        store.put("users", shapes.user(one.get("id") or world.new_id(), one, now))


def add_product(world: World, store: Retailer, given: Json, now: datetime) -> Json:
    """A product with a stock row for each outlet (`stock`: outlet id → level), unless it has no inventory."""
    key = given.get("id") or world.new_id()
    made = store.put("products", shapes.product(store, key, given, now))
    levels = {outlet: decimal(level, "stock") for outlet, level in given.get("stock", {}).items()}
    if unknown := sorted(set(levels) - set(store.tables["outlets"].kept)):
        raise SeedError(f"product {made['name']}: no outlet {unknown[0]}")
    store.stock_of[key] = []
    for outlet in store.tables["outlets"].kept if made["has_inventory"] else ():
        level: Decimal = levels.get(outlet, ZERO)
        row = shapes.stock_row(world.new_id(), key, outlet, level, made["supply_price"])
        store.stock_of[key].append(store.put("inventory", row)["id"])
    return made
