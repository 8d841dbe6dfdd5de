"""Records as API 2.0 shows them (and the dated family, but for sales): numbers are JSON numbers."""

from decimal import Decimal

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_x import sums
from tests.sandbox.lightspeed_x.shapes import ADDRESSES
from tests.sandbox.lightspeed_x.values import iso, masked, number
from tests.sandbox.lightspeed_x.world import Retailer, Settings

_GENERAL = {"id": "b1e2babe-f019-11e3-a0f5-b8ca3a64f8f4", "name": "General", "version": 449902}
_DATES = ("created_at", "updated_at", "register_open_time")


def record(kind: str, one: Json) -> Json:
    """Any record but a sale."""
    if kind == "products":
        return product(one)
    if kind == "customers":
        return customer(one)
    if kind == "inventory":
        return stock(one)
    shown = {key: iso(value) if key in _DATES else value for key, value in one.items() if key != "deleted_at"}
    if kind == "taxes":
        shown["rates"] = [rate | {"rate": number(rate["rate"])} for rate in one["rates"]]
        shown["deleted_at"] = None
    return shown | _deleted(one)


def product(one: Json) -> Json:
    """As in the vendor's example, without its pictures."""
    tags = [{"id": tag, "name": tag, "version": 1} for tag in one["_tags"]]
    return {
        **{key: one[key] for key in ("id", "name", "variant_name", "handle", "sku", "supplier_code", "active")},
        "has_inventory": one["has_inventory"],
        "is_composite": one["is_composite"],
        "description": one["description"],
        "created_at": iso(one["created_at"]),
        "updated_at": iso(one["updated_at"]),
        "source": one["source"],
        "supply_price": number(one["supply_price"]),
        "version": one["version"],
        "type": _GENERAL,
        "supplier": {},
        "brand": {},
        "variant_options": [],
        "categories": tags,
        "has_variants": False,
        "button_order": 0,
        "price_including_tax": number(one["price_including_tax"]),
        "price_excluding_tax": number(one["price_excluding_tax"]),
        "attributes": [],
        "supplier_id": None,
        "product_type_id": _GENERAL["id"],
        "brand_id": None,
        "is_active": one["active"],
        "tag_ids": one["_tags"],
        "product_codes": one["_codes"],
        "product_suppliers": [],
    } | _deleted(one)


def stock(one: Json) -> Json:
    """`current_amount` is the older name of `inventory_level`."""
    level = number(one["inventory_level"])
    shown = {key: one[key] for key in ("id", "outlet_id", "product_id")}
    shown |= {"inventory_level": level, "current_amount": level, "version": one["version"]}
    shown |= {"average_cost": number(one["average_cost"]), "reorder_point": one["reorder_point"]}
    return shown | {"reorder_amount": one["reorder_amount"]} | _deleted(one)


def customer(one: Json) -> Json:
    """Empty fields are left out but for the names, as in the vendor's examples; digit runs may be masked."""
    kept = {"first_name": one["first_name"], "last_name": one["last_name"]}
    name = " ".join(part for part in kept.values() if part) or one["company_name"]
    shown = {key: masked(value) for key, value in one.items() if value is not None and key not in {"deleted_at", *kept}}
    shown |= {key: number(one[key]) for key in ("year_to_date", "balance", "loyalty_balance")}
    shown |= {key: iso(one[key]) for key in ("created_at", "updated_at")} | kept
    shown |= {"on_account_limit": one["on_account_limit"]} | ({"name": masked(name)} if name else {})
    return {key: value for key, value in shown.items() if key not in ADDRESSES or value} | _deleted(one)


def retailer(store: Retailer, created: str) -> Json:
    """The store itself; its currency is an object here."""
    return {
        "id": store.id,
        "domain_prefix": store.domain_prefix,
        "store_url": f"https://{store.domain_prefix}.retail.lightspeed.app",
        "account_status": "ACTIVE",
        "account_type": "PAID",
        "name": store.name,
        "version": "1",
        "discount_product_id": store.discount_product_id,
        "no_tax_group_id": store.no_tax_id,
        "loyalty": {"enabled": False, "ratio": 0, "claim_url": None, "send_welcome_email": False},
        "sku_sequence": {"enabled": True, "value": 10000},
        "culture": "en",
        "timezone": store.timezone,
        "tax_exclusive": store.tax_exclusive,
        "country": store.country,
        "currency": {"code": store.currency, "symbol": store.symbol},
        "store_credit": True,
        "gift_cards": {"enabled": True, "never_enabled": False},
        "created_at": created,
        "activated_at": created,
    }


def sale(one: Json, settings: Settings) -> Json:
    """A sale in API 2.0. A saved return shows its tax components positive, as the vendor's example does."""
    net, tax = sums.totals(one)
    saved_return = one["status"] == "SAVED" and one["return_for"] is not None
    components = sums.components_with_rest(one)
    shown = {key: one[key] for key in ("id", "outlet_id", "register_id", "user_id", "customer_id", "invoice_number")}
    shown |= {"status": one["status"], "note": masked(one["note"]), "short_code": one["short_code"]}
    shown |= {"total_price": number(net), "total_tax": number(tax), "total_loyalty": 0}
    shown |= {key: iso(one[key]) for key in ("created_at", "updated_at", "sale_date")}
    shown["line_items"] = [
        _line(line, one, parts, positive=saved_return) for line, parts in zip(one["lines"], components, strict=True)
    ]
    shown["payments"] = [_payment(payment, one) for payment in one["payments"]]
    shown |= {"version": one["version"], "receipt_number": one["invoice_number"]}
    shown["adjustments"] = [_adjustment(each, settings.adjustment_key) for each in one["adjustments"]]
    by_rate = {} if saved_return else sums.taxes_by_rate(one)
    shown["taxes"] = [{"amount": number(amount), "id": key} for key, amount in by_rate.items()]
    return shown | _rarely(one)


def _rarely(one: Json) -> Json:
    """Members that the vendor's examples show only where they say something."""
    shown: Json = {}
    if one["return_for"] is not None:
        shown |= {"return_for": one["return_for"], "invoice_sequence": one["invoice_sequence"]}
        shown["receipt_sequence"] = one["invoice_sequence"]
    if one["source"] != "USER":
        shown |= {"source": one["source"], "source_id": one["source_id"]}
    if one["ecom_charges"]:
        shown["ecom_custom_charges"] = _ecom(one["ecom_charges"])
    if one["attributes"]:
        shown["attributes"] = one["attributes"]
    return shown | _deleted(one)


def _line(line: Json, one: Json, parts: list[tuple[str, Decimal]], *, positive: bool) -> Json:
    """Every amount has its old name and its new one."""
    quantity = line["quantity"]
    units = {key: line[key] for key in ("price", "discount", "cost", "tax")}
    shown = {"id": line["id"], "product_id": line["product_id"], "tax_id": line["tax_id"]}
    for key, value in units.items():
        whole = number(value * quantity)
        shown |= {key: number(value), f"{key}_total": whole, f"unit_{key}": number(value), f"total_{key}": whole}
    shown |= {"quantity": number(quantity), "loyalty_value": 0, "unit_loyalty_value": 0, "total_loyalty_value": 0}
    status = "SAVED" if one["status"] == "SAVED" else "VOIDED" if one["status"] == "VOIDED" else "CONFIRMED"
    shown |= {"price_set": line["price_set"], "status": status, "sequence": line["sequence"]}
    shown["tax_components"] = [
        {"rate_id": key, "total_tax": number(abs(part) if positive else part)} for key, part in parts
    ]
    shown["is_return"] = line["is_return"]
    if line["note"]:
        shown["note"] = masked(line["note"])
    if line["surcharges"]:
        shown["surcharges"] = [
            {"value": number(each["value"]), "tax_components": _components(each["components"])}
            for each in line["surcharges"]
        ]
    return shown


def _payment(payment: Json, one: Json) -> Json:
    shown = {"id": payment["id"], "register_id": one["register_id"], "outlet_id": one["outlet_id"]}
    shown |= {"retailer_payment_type_id": payment["type"]["id"], "payment_type_id": str(payment["type"]["type_id"])}
    shown |= {"name": payment["type"]["name"], "amount": number(payment["amount"])}
    shown |= {"payment_date": iso(payment["date"]), "external_attributes": []}
    if payment["surcharge"]:
        rule, amount = payment["surcharge"]
        shown["surcharge"] = {"rule": rule, "amount": number(amount)}
    return shown


def _adjustment(each: Json, key: str) -> Json:
    shown = {key: each["type"], "name": each["name"], "value": number(each["value"])}
    return shown | ({"tax_components": _components(each["components"])} if each["components"] else {})


def _components(parts: list[tuple[str, Decimal]]) -> list[Json]:
    return [{"rate_id": key, "total_tax": number(part)} for key, part in parts]


def _ecom(charges: list[Json]) -> Json:
    shown = [
        {
            "source_id": each["source_id"],
            "name": each["name"],
            "total": number(each["total"]),
            "total_tax": number(each["total_tax"]),
            "total_incl": number(each["total"] + each["total_tax"]),
            "tax_components": [],
        }
        for each in charges
    ]
    sums_of = {key: sum(each[key] for each in shown) for key in ("total", "total_tax", "total_incl")}
    return sums_of | {"charges": shown}


def _deleted(one: Json) -> Json:
    return {"deleted_at": iso(one["deleted_at"])} if one.get("deleted_at") else {}
