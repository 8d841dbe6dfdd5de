"""Sales in the dated family (2026-07): another schema, states instead of statuses, returns linked both ways."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_x import sums
from tests.sandbox.lightspeed_x.values import ZERO, iso, masked, number, text5
from tests.sandbox.lightspeed_x.world import Settings

Amount = Callable[[Decimal], Any]


def state(status: str) -> str:
    """parked, pending, voided or closed."""
    if status in {"SAVED", "VOIDED"}:
        return {"SAVED": "parked", "VOIDED": "voided"}[status]
    return "closed" if status == "CLOSED" or status.endswith("_CLOSED") else "pending"


def attributes(status: str) -> list[str]:
    """Only "onaccount" is documented; the others follow its pattern."""
    for head, word in (("ONACCOUNT", "onaccount"), ("LAYBY", "layby"), ("SERVICE", "service")):
        if status.startswith(head):
            return [word]
    if status in {"AWAITING_DISPATCH", "DISPATCHED_CLOSED"}:
        return ["dispatch"]
    return ["pickup"] if status in {"AWAITING_PICKUP", "PICKED_UP_CLOSED"} else []


def sale(one: Json, settings: Settings) -> Json:
    """`return_sale_ids` of the original is filled by who made the return."""
    amount: Amount = text5 if settings.dated_numbers == "string" else number
    net, tax = sums.totals(one)
    components = sums.components_with_rest(one)
    surcharge = sum((each["value"] for each in one["adjustments"] if each["type"] == "SURCHARGE"), ZERO)
    totals = {"price": net, "price_incl_tax": net + tax, "tax": tax, "loyalty": ZERO, "surcharge": surcharge}
    return {
        "id": one["id"],
        "date": iso(one["sale_date"]),
        "created_at": iso(one["created_at"]),
        "updated_at": iso(one["updated_at"]),
        "deleted_at": iso(one["deleted_at"]) if one["deleted_at"] else None,
        "state": state(one["status"]),
        "attributes": [*attributes(one["status"]), *one["attributes"]],
        "customer_id": one["customer_id"],
        "invoice_number": one["invoice_number"],
        "receipt_number": one["invoice_number"],
        "short_code": one["short_code"],
        "note": masked(one["note"]),
        "source": _source(one) | {"author": {"id": one["user_id"]}, "id": one["source_id"], "type": one["source"]},
        "line_items": [_line(line, parts, one, amount) for line, parts in zip(one["lines"], components, strict=True)],
        "payments": [_payment(payment, one, amount) for payment in one["payments"]],
        "taxes": [{"id": key, "tax": amount(value)} for key, value in sums.taxes_by_rate(one).items()],
        "totals": {key: amount(value) for key, value in totals.items()},
        "adjustments": [_adjustment(each, amount) for each in sums.counted(one)],
        "ecom_custom_charges": [_charge(each, amount) for each in one["ecom_charges"]],
        "return": {
            "is_return": one["return_for"] is not None,
            "original_sale_id": one["return_for"],
            "return_sale_ids": one["_returns"],
        },
        "external_applications": [],
        "_metadata": {"version": one["version"], "has_unsynced_on_account_payments": False},
    }


def _source(one: Json) -> Json:
    return {"outlet_id": one["outlet_id"], "register_id": one["register_id"]}


def _line(line: Json, parts: list[tuple[str, Decimal]], one: Json, amount: Amount) -> Json:
    pricing = {
        f"{key}_total" if key != "price" else "total": line[key] * line["quantity"]
        for key in ("price", "discount", "cost")
    }
    pricing |= {"price": line["price"], "discount": line["discount"], "cost": line["cost"]}
    pricing |= {"loyalty_amount": ZERO, "loyalty_amount_total": ZERO}
    return {
        "id": line["id"],
        "product": {"id": line["product_id"]},
        "quantity": amount(line["quantity"]),
        "pricing": {key: amount(value) for key, value in pricing.items()},
        "tax": {"id": line["tax_id"], "amount": amount(line["tax"]), "total": amount(sums.line_tax(line))},
        "promotions": [],
        "return": {"is_return": line["is_return"], "reason": None},
        "surcharges": [
            {"value": amount(each["value"]), "tax_components": _components(each["components"], amount)}
            for each in line["surcharges"]
        ],
        "gift_card_number": line["gift_card_number"],
        "note": masked(line["note"]),
        "status": "CONFIRMED" if state(one["status"]) != "parked" else "SAVED",
        "salesperson_id": one["user_id"],
        "source": {"register_id": one["register_id"]},
        "customizations": [],
        "_metadata": {
            "sequence": line["sequence"],
            "is_price_override": line["price_set"],
            "tax_components": _components(parts, amount),
        },
    }


def _payment(payment: Json, one: Json, amount: Amount) -> Json:
    rule, surcharge = payment["surcharge"] or (None, ZERO)
    kind = payment["type"]
    return {
        "id": payment["id"],
        "amount": amount(payment["amount"]),
        "date": iso(payment["date"]),
        "deleted_at": None,
        "type": {"config_id": kind["id"], "id": str(kind["type_id"]), "name": kind["name"]},
        "source": _source(one) | {"id": None},
        "surcharge": {"amount": amount(surcharge), "rule": rule},
        "external_attributes": [],
        "external_applications": [],
    }


def _adjustment(each: Json, amount: Amount) -> Json:
    shown = {"adjustment_type": each["type"], "name": each["name"], "total": amount(each["value"])}
    return shown | {"tax_components": _components(each["components"], amount)}


def _charge(each: Json, amount: Amount) -> Json:
    whole = {"total": each["total"], "total_incl": each["total"] + each["total_tax"], "total_tax": each["total_tax"]}
    return {"name": each["name"], "source_id": each["source_id"], "tax_components": []} | {
        key: amount(value) for key, value in whole.items()
    }


def _components(parts: list[tuple[str, Decimal]], amount: Amount) -> list[Json]:
    return [{"rate_id": key, "total_tax": amount(part)} for key, part in parts]
