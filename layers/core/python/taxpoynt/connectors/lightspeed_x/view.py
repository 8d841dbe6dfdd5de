"""An X-Series sale, what belongs to it, and in which state of its life it is.

A sale with goods that go out and goods that come back is two documents: the part `sale` and the part `sale_return`,
each a record of its own to us.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taxpoynt.connectors.lightspeed_x.shapes import Record, link, number, records, sale_shape, text
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import BadInput

View = dict[str, Any]

RETURN = "sale_return"
"""The resource of the goods that came back in an exchange."""

_BY_STATUS = {
    "SAVED": "parked",
    "ONACCOUNT": "on_account",
    "ONACCOUNT_CLOSED": "completed",
    "LAYBY": "layby",
    "LAYBY_CLOSED": "completed",
    "CLOSED": "completed",
    "DISPATCHED_CLOSED": "completed",
    "PICKED_UP_CLOSED": "completed",
    "SERVICE_CLOSED": "completed",
    "AWAITING_DISPATCH": "fulfilment",
    "AWAITING_PICKUP": "fulfilment",
    "SERVICE": "fulfilment",
    "VOIDED": "voided",
}


def view(bundle: SourceBundle, account: Mapping[str, Any]) -> View:
    """`sale` (one shape, with `state`), `lines`, `products` by id, `rates` by tax and rate id, `outlet`, `customer`.

    `part` is the bundle's resource. Lines of quantity 0 (what was not given back of a return) are left out.
    """
    answers = bundle.parsed()
    found = [*records(answers.get("sale")), *records(answers.get(RETURN))]
    if len(found) != 1:
        raise BadInput(f"{len(found)} sales where one was expected")
    record = found[0]
    sale = sale_shape(record)
    retailer = next(records(answers.get("retailer")), {})
    lines = [one for one in sale.pop("lines") if number(one["quantity"], "quantity") and one["status"] != "VOIDED"]
    reduction = text(retailer.get("discount_product_id")) or text(account.get("discount_product_id"))
    goods = [one for one in lines if not _is(one, reduction) and not one["gift_card"]]
    mixed = any(came_back(one) for one in goods) and not all(came_back(one) for one in goods)
    part = bundle.resource if mixed else "sale"
    shown = {**sale, "state": state(sale, goods), "exchange": mixed, **(_sides(goods) if mixed else {})}
    return {
        "sale": shown,
        RETURN: shown,
        "part": part,
        "lines": [one for one in goods if not mixed or came_back(one) == (part == RETURN)],
        "reductions": [one for one in lines if _is(one, reduction)] if part != RETURN else [],
        "gift_cards": [one for one in lines if one["gift_card"]],
        "products": {str(one.get("id")): dict(one) for one in records(answers.get("products"))},
        "rates": _rates(list(records(answers.get("taxes")))),
        "outlet": _outlet(answers, sale),
        "customer": _customer(record, answers, sale),
        "account": {**_account(retailer), **account},
    }


def came_back(line: Record) -> bool:
    """Returned goods: a negative quantity; a captured return has the flag as well."""
    return number(line["quantity"], "quantity") < 0


def state(sale: Record, goods: Sequence[Record]) -> str:
    """What the trigger rule of the template decides on."""
    if sale["deleted"]:
        return "deleted"
    found = _BY_STATUS.get(str(sale["status"]).upper(), "unknown")
    if found not in ("completed", "on_account"):
        return found
    if not goods:
        return "nothing_sold"  # a gift-card load, a payment of an account
    return "refund" if all(came_back(one) for one in goods) else found


def _is(line: Record, product: str | None) -> bool:
    return product is not None and line["product_id"] == product


def _sides(goods: Sequence[Record]) -> dict[str, Any]:
    """What went out and what came back in an exchange, with tax, both positive."""
    totals = [number(one["price_total"], "price_total") + number(one["tax_total"], "tax_total") for one in goods]
    return {"went_out": sum(one for one in totals if one > 0), "came_back": -sum(one for one in totals if one < 0)}


def _rates(taxes: list[Record]) -> dict[str, list[Record]]:
    """The rates (name, fraction) of each tax and of each single rate, by id: a group tax holds several."""
    found: dict[str, list[Record]] = {}
    for tax in taxes:
        rates = [one for one in tax.get("rates") or () if isinstance(one, Mapping)]
        found[str(tax.get("id"))] = rates
        found |= {str(one.get("id")): [one] for one in rates}
    return found


def _outlet(answers: Mapping[str, list[Any]], sale: Record) -> dict[str, Any] | None:
    """The sale's own outlet among those that were given."""
    known = [*records(answers.get("outlet")), *records(answers.get("outlets"))]
    return next((dict(one) for one in known if one.get("id") == sale["outlet_id"]), None)


def _customer(record: Record, answers: Mapping[str, list[Any]], sale: Record) -> dict[str, Any] | None:
    """None for a walk-in, which is a real record here; `{"id": …}` where the customer could not be read."""
    if sale["customer_id"] is None:
        return None
    inside = record.get("customer")
    known = [*records(answers.get("customer")), *([inside] if isinstance(inside, Mapping) else [])]
    found = next((dict(one) for one in known if link(one.get("id")) == sale["customer_id"]), None)
    if found is None:
        return {"id": sale["customer_id"]}
    return None if str(found.get("customer_code") or "").upper().startswith("WALKIN") else found


def _account(retailer: Record) -> dict[str, Any]:
    names = ("currency", "time_zone", "discount_product_id")
    return {name: retailer[name] for name in names if retailer.get(name)}
