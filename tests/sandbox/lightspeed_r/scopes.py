"""What a token may read: scopes asked for at consent, capped by the rights the employee has at the time of a call."""

from tests.sandbox.lightspeed_r.values import words
from tests.sandbox.lightspeed_r.world import Connection, World

RIGHTS = words(
    "admin admin_employees admin_inventory admin_purchases admin_shops admin_void_sale categories customers "
    "customers_read customers_view_gift_card_numbers inventory inventory_counts inventory_counts_reconcile "
    "inventory_read manufacturers product_cost product_edit purchase_orders register register_layaway "
    "register_read register_refund reports special_orders tags transfers vendors vendor_returns workbench"
)
ALL = "employee:all"
KNOWN = {ALL, "employee:cfd", *(f"employee:{right}" for right in RIGHTS)}

_COUNTER = ("register", "reports", "workbench", "customers", "admin", "cfd")
ANY: tuple[str, ...] = ()
# by the vendor's endpoint pages; one of them is enough, ANY means that the page names none
OPENED_BY: dict[str, tuple[str, ...]] = {
    "Shop": _COUNTER,
    "Register": _COUNTER,
    "PaymentType": _COUNTER,
    "Customer": _COUNTER,
    "CreditAccount": ("customers",),
    "Item": (*_COUNTER, "product_cost"),
    "ItemShop": ("inventory", "inventory_read", "product_cost"),
    "Sale": ("register", "cfd"),
    "SaleLine": ("register", "cfd"),
    "SalePayment": ("register", "cfd"),
    "SaleVoid": ("admin_void_sale",),
    "Employee": ("admin_employees", "admin"),
    "ItemFee": ANY,
    "TaxCategory": ANY,
    "TaxClass": ANY,
    "Category": ANY,
    "Discount": ANY,
}
# what the scopes' own descriptions promise and the endpoint pages do not confirm (Settings.read_scopes_suffice)
_BY_READ_SCOPE: dict[str, tuple[str, ...]] = {
    "register_read": ("Sale", "SaleLine", "SalePayment", "Shop", "Register", "PaymentType"),
    "customers_read": ("Customer", "CreditAccount"),
    "inventory_read": ("Item", "ItemShop"),
    "inventory": ("Item", "ItemShop"),
}


def granted(world: World, connection: Connection) -> set[str]:
    """The rights a token has just now, without the prefix."""
    rights = set(world.account(connection.account).find("Employee", connection.employee)["_rights"])
    if ALL in connection.scopes:
        return rights
    asked = {scope.removeprefix("employee:") for scope in connection.scopes}
    return asked & (rights | {"cfd"})


def may_read(world: World, connection: Connection, entity: str) -> bool:
    """Whether a token opens an endpoint."""
    has = granted(world, connection)
    wanted = OPENED_BY[entity]
    if wanted == ANY or has & set(wanted):
        return True
    read = world.settings.read_scopes_suffice
    return read and any(entity in entities and scope in has for scope, entities in _BY_READ_SCOPE.items())
