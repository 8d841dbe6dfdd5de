"""New records from what a seed or a control call gives; `views` shows them in each version of the API."""

from datetime import datetime
from decimal import Decimal

from tests.sandbox.kit import Json, SeedError
from tests.sandbox.lightspeed_x.values import ZERO, decimal, five, words
from tests.sandbox.lightspeed_x.world import Retailer, only

_ADDRESS = words("address_1 address_2 suburb city postcode state country_id")
_CUSTOMER = words(
    "first_name last_name company_name email phone mobile fax twitter website gender date_of_birth note "
    "custom_field_1 custom_field_2 custom_field_3 custom_field_4"
)
ADDRESSES = [f"{kind}_{part}" for kind in ("physical", "postal") for part in _ADDRESS]


def outlet(key: str, given: Json) -> Json:
    """A shop; outlets of one store can be in different time zones."""
    known = words("id name time_zone currency currency_symbol display_prices default_tax_id attributes")
    only(given, (*known, *(f"physical_{part}" for part in _ADDRESS)), "outlet")
    made: Json = {"id": key, "name": given["name"], "default_tax_id": given.get("default_tax_id", "")}
    made |= {"currency": given.get("currency", "NGN"), "currency_symbol": given.get("currency_symbol", "₦")}
    made |= {"display_prices": given.get("display_prices", "inclusive")}
    made |= {"time_zone": given.get("time_zone", "Africa/Lagos")}
    made |= {f"physical_{part}": given.get(f"physical_{part}", "") for part in _ADDRESS}
    return made | {"attributes": given.get("attributes", []), "deleted_at": None}


def register(key: str, given: Json, now: datetime) -> Json:
    """A till with its own series of invoice numbers."""
    only(given, words("id name outlet_id invoice_prefix invoice_suffix invoice_sequence is_open"), "register")
    made: Json = {"id": key, "name": given["name"], "outlet_id": given["outlet_id"], "ask_for_note_on_save": 1}
    made |= {"print_note_on_receipt": False, "ask_for_user_on_sale": False, "show_discounts_on_receipts": True}
    made |= {"print_receipt": True, "email_receipt": True, "invoice_prefix": given.get("invoice_prefix", "")}
    made |= {"invoice_suffix": given.get("invoice_suffix", ""), "invoice_sequence": given.get("invoice_sequence", 0)}
    made |= {"button_layout_id": None, "is_open": given.get("is_open", True), "is_quick_keys_enabled": True}
    return made | {"register_open_time": now, "deleted_at": None}


def tax(key: str, given: Json, new_id: str) -> Json:
    """One tax, or a group of several rates under one id."""
    only(given, ("id", "name", "rate", "rates", "is_default"), "tax")
    rates = given.get("rates") or [{"id": given.get("rate_id", new_id), "name": given["name"], "rate": given["rate"]}]
    shown = [
        {
            "id": one.get("id", f"{new_id[:-1]}{number:x}"),
            "name": one["name"],
            "rate": decimal(one["rate"], "rate"),
            "display_name": one["name"],
        }
        for number, one in enumerate(rates)
    ]
    made = {"id": key, "name": given["name"], "rates": shown, "is_default": given.get("is_default", False)}
    return made | {"display_name": given["name"], "deleted_at": None}


def payment_type(key: str, given: Json) -> Json:
    """`type_id` is the global kind: 1 cash, 3 integrated card, 106 loyalty, 118 gift card."""
    only(given, ("id", "name", "type_id", "config"), "payment type")
    made = {"id": key, "name": given["name"], "type_id": given["type_id"], "deleted_at": None}
    return made | ({"config": given["config"]} if "config" in given else {})


def user(key: str, given: Json, now: datetime) -> Json:
    """Someone of the staff."""
    only(given, ("id", "display_name", "email", "account_type"), "user")
    mail = given.get("email", "staff@example.com")
    made: Json = {"id": key, "username": mail, "display_name": given["display_name"], "email": mail}
    made |= {"email_verified_at": None, "account_type": given.get("account_type", "admin"), "roles": []}
    made |= {"enabled": True, "restricted_outlet_id": None, "restricted_outlet_ids": [], "is_primary_user": False}
    made |= {"target_daily": None, "target_weekly": None, "target_monthly": None}
    return made | {"created_at": now, "updated_at": now, "deleted_at": None}


def product(store: Retailer, key: str, given: Json, now: datetime) -> Json:
    """Its price is given without tax (`price`) or with it (`price_including_tax`)."""
    known = words("id name sku description price price_including_tax tax_id supply_price has_inventory codes stock")
    only(given, (*known, "tags", "active", "supplier_code"), f"product {given.get('name')}")
    tax_id = given.get("tax_id") or default_tax(store)
    rate = sum((one["rate"] for one in store.find("taxes", tax_id)["rates"]), ZERO)
    net, gross = _prices(given, rate)
    stock_kept = given.get("has_inventory", True)
    made: Json = {"id": key, "name": given["name"], "variant_name": given["name"]}
    made |= {"handle": given["name"].lower().replace(" ", "-"), "sku": given.get("sku", key[-12:])}
    made |= {"supplier_code": given.get("supplier_code", ""), "active": given.get("active", True)}
    made |= {"has_inventory": stock_kept, "is_composite": False, "description": given.get("description", "")}
    made |= {"created_at": now, "updated_at": now, "deleted_at": None, "source": "USER"}
    made["supply_price"] = decimal(given.get("supply_price", "0"), "supply_price")
    made |= {"price_including_tax": gross, "price_excluding_tax": net, "_tax_id": tax_id}
    made["_codes"] = [{"type": one["type"], "code": one["code"]} for one in given.get("codes", [])]
    return made | {"_tags": given.get("tags", [])}


def _prices(given: Json, rate: Decimal) -> tuple[Decimal, Decimal]:
    """A shelf price with tax appears as an awkward net one: five decimals."""
    if "price_including_tax" in given:
        gross = decimal(given["price_including_tax"], "price_including_tax")
        return five(gross / (1 + rate)), gross
    net = decimal(given["price"], "price")
    return net, five(net * (1 + rate))


def default_tax(store: Retailer) -> str:
    """The tax marked so, else the first."""
    for one in store.tables["taxes"].kept.values():
        if one["is_default"]:
            return str(one["id"])
    raise SeedError(f"the store {store.domain_prefix} needs a default tax")


def stock_row(key: str, product_id: str, outlet_id: str, level: Decimal, cost: Decimal) -> Json:
    """Stock of one product in one outlet."""
    made: Json = {"id": key, "outlet_id": outlet_id, "product_id": product_id, "inventory_level": level}
    return made | {"average_cost": cost, "reorder_point": None, "reorder_amount": None, "deleted_at": None}


def customer(key: str, given: Json, now: datetime) -> Json:
    """There is no field for a tax number: a shop keeps it in a custom field."""
    only(given, ("id", "customer_code", *_CUSTOMER, *ADDRESSES), "customer")
    made = {"id": key, "customer_code": given.get("customer_code") or _code(given, key)}
    made |= {name: given.get(name) for name in (*_CUSTOMER, *ADDRESSES)}
    made |= {"year_to_date": ZERO, "balance": ZERO, "loyalty_balance": ZERO, "on_account_limit": None}
    made |= {"do_not_email": False, "customer_group_id": "0af7b240-abc5-11e9-fb5b-ad7e3c8823e8"}
    return made | {"enable_loyalty": True, "created_at": now, "updated_at": now, "deleted_at": None}


def _code(given: Json, key: str) -> str:
    return f"{given.get('first_name') or given.get('company_name') or 'UNNAMED'}-{key[-4:].upper()}"
