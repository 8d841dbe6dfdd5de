"""One shape of an X-Series sale, whichever family of the API (or webhook) it comes from.

0.9 and webhooks (1.0): `register_sale_products`, mixed numbers and texts, `customer_id` may be the text "null".
2.0: `line_items`, JSON numbers. 2026-07: `state`, nested `pricing`, `tax`, `return`, `totals`. Reference, B3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from taxpoynt.domain.money import decimal_of
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput

Record = Mapping[str, Any]


def records(answers: list[Any] | None) -> Iterator[Record]:
    """Every record of answers that may be bare, enveloped (`{"data": …}`), lists, or a webhook's form fields."""
    for answer in answers or ():
        if isinstance(answer, list):
            yield from records(answer)
        elif isinstance(answer, Mapping):
            if isinstance(answer.get("payload"), str) and "id" not in answer:
                yield from records([read_json(answer["payload"].encode("utf-8", "replace"))])
            elif "data" in answer and "id" not in answer:
                yield from records([answer["data"]])
            else:
                yield answer


def sale_shape(record: Record) -> dict[str, Any]:
    """The sale by our names: ids, status, dates, `price` and `tax` totals, `lines`, `payments`, `taxes`, `adjustments`.

    BadInput when it is no sale.
    """
    totals, source = part(record, "totals"), part(record, "source")
    status = text(record.get("status")) or _status_of_state(record)
    if text(record.get("id")) is None or status is None:
        raise BadInput("this is not a Lightspeed X-Series sale")
    given = record.get("line_items") or record.get("register_sale_products")
    paid = record.get("payments") or record.get("register_sale_payments")
    return {
        "id": text(record.get("id")),
        "version": record.get("version") or part(record, "_metadata").get("version"),
        "status": status,
        "invoice_number": text(record.get("invoice_number")) or text(record.get("receipt_number")),
        "sale_date": text(record.get("sale_date")) or text(record.get("date")) or text(record.get("created_at")),
        "customer_id": link(record.get("customer_id")),
        "outlet_id": link(record.get("outlet_id")) or link(source.get("outlet_id")),
        "register_id": link(record.get("register_id")) or link(source.get("register_id")),
        "return_for": link(record.get("return_for")) or link(part(record, "return").get("original_sale_id")),
        "source_id": link(record.get("source_id")) or link(source.get("id")),
        "note": text(record.get("note")),
        "deleted": record.get("deleted_at") not in (None, ""),
        "price": _total(record, "total_price", totals, "total_price", "price"),
        "tax": _total(record, "total_tax", totals, "total_tax", "tax"),
        "lines": [line_shape(one) for one in given or () if isinstance(one, Mapping)],
        "payments": [payment_shape(one) for one in paid or () if isinstance(one, Mapping)],
        "taxes": [one for one in record.get("taxes") or () if isinstance(one, Mapping)],
        "adjustments": [_adjustment(one) for one in record.get("adjustments") or () if isinstance(one, Mapping)],
    }


_STATES = {"parked": "SAVED", "pending": "SAVED", "voided": "VOIDED", "closed": "CLOSED"}


def _status_of_state(record: Record) -> str | None:
    """The 2026-07 `state` and `attributes` as the older status; an account sale that is pending was handed over."""
    found = _STATES.get(text(record.get("state")) or "")
    marks = {str(one).lower() for one in record.get("attributes") or ()}
    for mark, status in (("onaccount", "ONACCOUNT"), ("layby", "LAYBY")):
        if found in ("SAVED", "CLOSED") and mark in marks:
            return f"{status}_CLOSED" if found == "CLOSED" else status
    return found


def line_shape(record: Record) -> dict[str, Any]:
    """Unit amounts without tax (`price`, already less `discount`), totals of the line, what the tax is made of."""
    pricing, tax, back = part(record, "pricing"), part(record, "tax"), part(record, "return")
    meta = part(record, "_metadata")
    components = record.get("tax_components") or meta.get("tax_components") or ()
    price = _first(record.get("price"), record.get("unit_price"), pricing.get("price"))
    unit_tax = _first(tax.get("amount"), record.get("unit_tax"), _plain(record.get("tax")))
    return {
        "id": text(record.get("id")),
        "product_id": link(record.get("product_id")) or link(part(record, "product").get("id")),
        "quantity": record.get("quantity"),
        "price": price,
        "discount": _first(record.get("discount"), record.get("unit_discount"), pricing.get("discount")),
        "unit_tax": unit_tax,
        "price_total": _first(record.get("price_total"), record.get("total_price"), pricing.get("total"))
        or _times(price, record.get("quantity")),
        "tax_total": _first(record.get("tax_total"), record.get("total_tax"), tax.get("total"))
        or _times(unit_tax, record.get("quantity")),
        "tax_id": link(record.get("tax_id")) or link(tax.get("id")),
        "tax_components": [one for one in components if isinstance(one, Mapping)],
        "is_return": record.get("is_return") is True or back.get("is_return") is True,
        "status": text(record.get("status")),
        "note": text(record.get("note")),
        "gift_card": link(record.get("gift_card_number")),
    }


def payment_shape(record: Record) -> dict[str, Any]:
    """`name`, `kind` (Lightspeed's global number of the type), `amount`, `date`, `currency`."""
    kind = part(record, "type") or part(record, "retailer_payment_type")
    return {
        "name": text(kind.get("name")) or text(record.get("name")) or text(part(record, "payment_type").get("name")),
        "kind": text(record.get("payment_type_id")) or text(kind.get("payment_type_id")),
        "amount": record.get("amount"),
        "date": text(record.get("payment_date")) or text(record.get("date")),
        "currency": text(record.get("currency")),
    }


def _adjustment(record: Record) -> dict[str, Any]:
    """The specification says `adjustment_type` and `total`, the vendor's example `type` and `value`."""
    return {
        "type": (text(record.get("adjustment_type")) or text(record.get("type")) or "").upper(),
        "name": text(record.get("name")),
        "value": _first(record.get("value"), record.get("total")),
        "tax_components": [one for one in record.get("tax_components") or () if isinstance(one, Mapping)],
    }


def part(record: Record, name: str) -> Record:
    """A nested object; an empty one where there is none."""
    found = record.get(name)
    return found if isinstance(found, Mapping) else {}


def text(value: Any) -> str | None:
    """A scalar as text without spaces around it; None for nothing, objects and lists."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    return " ".join(str(value).split()) or None


def link(value: Any) -> str | None:
    """An id; old data writes the text "null" for none."""
    found = text(value)
    return None if found in (None, "null") else found


def number(value: Any, name: str) -> Decimal:
    """A number, 0 where there is none; BadInput names the field."""
    try:
        return Decimal(0) if value in (None, "") else decimal_of(value)
    except BadInput as problem:
        raise BadInput(f"{name}: {problem}") from None


def _plain(value: Any) -> Any:
    return None if isinstance(value, Mapping) else value


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _times(amount: Any, quantity: Any) -> Decimal:
    """A line's total where the answer gives the amount of one only (0.9)."""
    return number(amount, "price") * number(quantity, "quantity")


def _total(record: Record, name: str, totals: Record, *names: str) -> Any:
    return _first(record.get(name), *(totals.get(one) for one in names))
