"""Versions 1.0, which webhooks still carry, and 0.9: texts with five decimals next to numbers."""

from decimal import Decimal

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_x import sums
from tests.sandbox.lightspeed_x.values import ZERO, bare, iso, iso_z, local, masked, number, text5, words
from tests.sandbox.lightspeed_x.world import Retailer

_KINDS = {1: "Cash", 3: "Credit Card", 106: "Loyalty", 118: "Gift Card"}
_PERSON = words("company_name first_name last_name email fax mobile phone note")
_CUSTOM = ("custom_field_1", "custom_field_2", "custom_field_3", "custom_field_4")


def sale(store: Retailer, one: Json) -> Json:
    """The payload of sale.update. No currency, no product names, no adjustments: neither is in the captures."""
    net, tax = sums.exact(one)
    paid = sums.paid(one)
    owner = store.tables["customers"].get(one["customer_id"])
    member = store.tables["users"].get(one["user_id"])
    totals = {"total_loyalty": ZERO, "total_payment": paid, "total_price": net, "total_tax": tax}
    totals["total_to_pay"] = net + tax - paid
    shown = {
        "created_at": bare(one["created_at"]),
        "customer": customer(owner) if owner else None,
        "customer_id": one["customer_id"],
        "deleted_at": bare(one["deleted_at"]) if one["deleted_at"] else None,
        "id": one["id"],
        "invoice_number": one["invoice_number"],
        "note": masked(one["note"]),
        "outlet_id": one["outlet_id"],
        "register_id": one["register_id"],
        "register_sale_payments": [_payment(each) for each in one["payments"]],
        "register_sale_products": [_product(line) for line in one["lines"]],
        "return_for": one["return_for"],
        "sale_date": iso_z(one["sale_date"]),
        "short_code": one["short_code"],
        "source": one["source"],
        "source_id": one["source_id"],
        "status": one["status"],
        "taxes": _taxes(store, one),
        "totals": {key: text5(value) for key, value in totals.items()},
        "updated_at": iso(one["updated_at"]),
        "user": _user(member) if member else None,
        "user_id": one["user_id"],
        "version": one["version"],
    }
    return dict(sorted(shown.items()))


def _taxes(store: Retailer, one: Json) -> list[Json]:
    """A saved return shows its tax positive while its totals are negative, as captured."""
    rates = {rate["id"]: rate for tax in store.tables["taxes"].kept.values() for rate in tax["rates"]}
    exact: dict[str, Decimal] = {}
    for line in one["lines"]:
        for key, part in line["components"]:
            exact[key] = exact.get(key, ZERO) + part
    saved = one["status"] == "SAVED" and one["return_for"] is not None
    return [
        {
            "id": key,
            "name": rates[key]["name"],
            "rate": text5(rates[key]["rate"]),
            "tax": number(abs(tax) if saved else tax),
        }
        for key, tax in exact.items()
    ]


def _product(line: Json) -> Json:
    return {
        "discount": text5(line["discount"]),
        "id": line["id"],
        "is_return": line["is_return"],
        "loyalty_value": "0.00000",
        "note": masked(line["note"]),
        "price": text5(line["price"]),
        "price_set": line["price_set"],
        "price_total": text5(sums.line_price(line)),
        "product_id": line["product_id"],
        "quantity": number(line["quantity"]),
        "tax": text5(line["tax"]),
        "tax_id": line["tax_id"],
        "tax_total": text5(sums.line_tax(line)),
    }


def _payment(each: Json) -> Json:
    kind = each["type"]
    return {
        "amount": number(each["amount"]),
        "id": each["id"],
        "payment_date": iso_z(each["date"]),
        "payment_type": {
            "has_native_support": False,
            "id": str(kind["type_id"]),
            "name": _KINDS.get(kind["type_id"], kind["name"]),
        },
        "payment_type_id": kind["type_id"],
        "retailer_payment_type": {
            "config": None,
            "id": kind["id"],
            "name": kind["name"],
            "payment_type_id": str(kind["type_id"]),
        },
        "retailer_payment_type_id": kind["id"],
    }


def customer(one: Json) -> Json:
    """The payload of customer.update, and the member of a sale's."""
    shown = {key: masked(one[key]) for key in (*_PERSON, *_CUSTOM)}
    shown |= {"contact_first_name": one["first_name"], "contact_last_name": one["last_name"]}
    shown |= {key: one[key] for key in ("customer_code", "customer_group_id", "do_not_email", "enable_loyalty", "id")}
    shown |= {"balance": text5(one["balance"]), "loyalty_balance": text5(one["loyalty_balance"]), "points": 0}
    shown |= {"year_to_date": text5(one["year_to_date"]), "date_of_birth": one["date_of_birth"], "sex": one["gender"]}
    shown |= {"created_at": bare(one["created_at"]), "updated_at": bare(one["updated_at"])}
    shown["deleted_at"] = bare(one["deleted_at"]) if one["deleted_at"] else None
    return dict(sorted(shown.items()))


def _user(one: Json) -> Json:
    shown = {"created_at": bare(one["created_at"]), "display_name": one["display_name"], "email": one["email"]}
    shown |= {"id": one["id"], "name": one["username"], "updated_at": bare(one["updated_at"])}
    return dict(sorted((shown | {f"target_{each}": None for each in ("daily", "monthly", "weekly")}).items()))


def product(one: Json) -> Json:
    """Of product.update. Its fields are not published; these are the ones nobody would leave out."""
    return {
        "id": one["id"],
        "name": one["name"],
        "sku": one["sku"],
        "handle": one["handle"],
        "active": one["active"],
        "price": text5(one["price_excluding_tax"]),
        "updated_at": bare(one["updated_at"]),
        "deleted_at": bare(one["deleted_at"]) if one["deleted_at"] else None,
    }


def stock(one: Json) -> Json:
    """Of inventory.update; not published either."""
    shown = {"id": one["id"], "product_id": one["product_id"], "outlet_id": one["outlet_id"]}
    return shown | {"count": text5(one["inventory_level"])}


def register_sale(store: Retailer, one: Json) -> Json:
    """A sale in 0.9. Old data can have the text "null" for no customer (`_old`)."""
    zone = store.find("outlets", one["outlet_id"])["time_zone"]
    net, tax = sums.exact(one)
    nobody = "null" if one["_old"] else None
    walk_in = store.tables["customers"].get(one["customer_id"])
    anonymous = walk_in is None or walk_in["customer_code"] == "WALKIN"
    return {
        "id": one["id"],
        "short_code": one["short_code"],
        "sale_date": local(one["sale_date"], zone),
        "status": one["status"],
        "customer_id": nobody if anonymous else one["customer_id"],
        "register_id": one["register_id"],
        "user_id": one["user_id"],
        "invoice_number": one["invoice_number"],
        "invoice_sequence": one["invoice_sequence"],
        "total_tax": _short(tax),
        "total_price": _short(net),
        "note": masked(one["note"]),
        "receipt_address": "",
        "register_sale_products": [_old_line(line) for line in one["lines"]],
        "register_sale_payments": [
            {
                "id": each["id"],
                "register_id": one["register_id"],
                "payment_type_id": each["type"]["type_id"],
                "retailer_payment_type_id": each["type"]["id"],
                "payment_date": local(each["date"], zone),
                "amount": _short(each["amount"]),
                "currency": store.currency,
            }
            for each in one["payments"]
        ],
    }


def _old_line(line: Json) -> Json:
    return {
        "id": line["id"],
        "product_id": line["product_id"],
        "price": number(line["price"]),
        "price_set": int(line["price_set"]),
        "discount": number(line["discount"]),
        "tax": _short(line["tax"]),
        "tax_id": line["tax_id"],
        "quantity": _short(line["quantity"]),
        "sequence": line["sequence"],
        "status": "SAVED",
        "attributes": [{"name": "line_note", "value": line["note"] or ""}],
    }


def _short(value: Decimal) -> str:
    return format(value.normalize(), "f") if value else "0"
