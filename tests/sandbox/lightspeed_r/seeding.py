"""Seed data into the world: merged, so that a test can add an account or a customer to what is there."""

from datetime import datetime

from tests.sandbox.kit import Json, SeedError
from tests.sandbox.lightspeed_r import crowds, shapes
from tests.sandbox.lightspeed_r.tills import Till
from tests.sandbox.lightspeed_r.values import words
from tests.sandbox.lightspeed_r.world import Account, App, Settings, World, only

_ACCOUNT = ("id", "name", "currency", "symbol", "registers", "bucket_size", "drip_rate", "burst")
_LISTS = words(
    "employees shops tills payment_types taxes tax_classes categories discounts item_fees items customers "
    "credit_accounts sales bulk"
)


def load(world: World, data: Json, now: datetime) -> None:
    """Merges `note` (ignored), `settings`, `app` and `accounts`; SeedError says where something is wrong."""
    only(data, ("note", "settings", "app", "accounts"), "lightspeed_r seed")
    if "app" in data:
        world.app = App(**only(data["app"], App.__dataclass_fields__, "app"))
    if "settings" in data:
        world.settings = Settings(**only(data["settings"], Settings.__dataclass_fields__, "settings"))
    for given in data.get("accounts", []):
        _account(world, given, now)


def _account(world: World, given: Json, now: datetime) -> None:
    only(given, (*_ACCOUNT, *_LISTS), f"account {given.get('id')}")
    own = {key: given[key] for key in _ACCOUNT if key in given}
    account = world.accounts.get(given["id"])
    if account is None:
        account = world.accounts[given["id"]] = Account(own["id"], own["name"])
    for name, value in own.items():
        setattr(account, name, value)
    for entity, one in _plain(account, given, now):
        account.put(entity, one)
    for tax in given.get("taxes", []):
        for rates in tax.get("classes", []):
            key = account.new_key("TaxCategoryClass")
            account.put("TaxCategoryClass", shapes.tax_category_class(rates, key, tax["taxCategoryID"], now))
    if "registers" not in own:
        account.registers = max(1, len(account.tables["Register"]))
    _trade(account, given, world.settings, now)


def _plain(account: Account, given: Json, now: datetime) -> list[tuple[str, Json]]:
    return [
        *(("Employee", shapes.employee(one, now)) for one in given.get("employees", [])),
        *(("Shop", shapes.shop(account, one, now)) for one in given.get("shops", [])),
        *(("Register", shapes.register(one, now)) for one in given.get("tills", [])),
        *(("PaymentType", shapes.payment_type(one)) for one in given.get("payment_types", [])),
        *(("TaxCategory", shapes.tax_category(one, now)) for one in given.get("taxes", [])),
        *(("TaxClass", shapes.named("taxClassID", one, now)) for one in given.get("tax_classes", [])),
        *(("Category", shapes.named("categoryID", one, now)) for one in given.get("categories", [])),
        *(("Discount", shapes.discount(one, now)) for one in given.get("discounts", [])),
        *(("ItemFee", shapes.item_fee(one, now)) for one in given.get("item_fees", [])),
    ]


def _trade(account: Account, given: Json, settings: Settings, now: datetime) -> None:
    for one in given.get("items", []):
        add_item(account, one, now)
    for one in given.get("customers", []):
        account.put(
            "Customer", shapes.customer(account, one, one.get("customerID") or account.new_key("Customer"), now)
        )
    for one in given.get("credit_accounts", []):
        add_credit_account(account, one, now)
    for one in given.get("sales", []):
        Till(account, settings, now).sell(one)
    bulk = only(given.get("bulk", {}), ("items", "customers"), "bulk")
    if bulk.get("items"):
        crowds.add_items(account, bulk["items"], now)
    if bulk.get("customers"):
        crowds.add_customers(account, bulk["customers"], now)


def add_item(account: Account, given: Json, now: datetime) -> Json:
    """An item with its stock rows: one per shop, and one of shop 0 with the sum."""
    key = given.get("itemID") or account.new_key("Item")
    made = account.put("Item", shapes.item(given, key, now))
    held = {int(shop): quantity for shop, quantity in given.get("stock", {}).items()}
    shops = [one["shopID"] for one in account.tables["Shop"]]
    if unknown := sorted(set(held) - set(shops)):
        raise SeedError(f"item {key}: stock in shop {unknown[0]}, which is not there")
    account.stock_of[key] = []
    for shop in (*shops, 0):
        row = account.new_key("ItemShop")
        quantity = held.get(shop, 0) if shop else sum(held.values())
        account.put("ItemShop", shapes.item_shop(row, key, shop, quantity, now))
        account.stock_of[key].append(row)
    return made


def add_credit_account(account: Account, given: Json, now: datetime) -> Json:
    """A gift card, or the account of a customer, who points at it from then on."""
    key = given.get("creditAccountID") or account.new_key("CreditAccount")
    made = account.put("CreditAccount", shapes.credit_account(key, given, now))
    if made["customerID"]:
        customer = account.find("Customer", made["customerID"])
        account.put("Customer", customer | {"creditAccountID": key, "timeStamp": now})
    return made
