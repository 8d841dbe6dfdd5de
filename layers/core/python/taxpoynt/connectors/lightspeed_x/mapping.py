"""A till sale of X-Series as a sale. What is data stands in connector.yaml; this is the rest.

LSX-001 no currency known · LSX-002 no time of the sale · LSX-003 the till's totals are not those of its lines; lines.py
has the others. A return is a sale of its own that names the first one (`return_for`); an exchange is both at once: the
goods that came back are the record `sale_return`, whose credit pays a part of the invoice over those that went out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from taxpoynt.connector_kit.connector import SaleReading
from taxpoynt.connector_kit.reading import Reading, buyer_of
from taxpoynt.connectors.lightspeed_x import extras
from taxpoynt.connectors.lightspeed_x.lines import Lines, prices_hold_tax, reductions, sale_lines
from taxpoynt.connectors.lightspeed_x.shapes import number
from taxpoynt.connectors.lightspeed_x.view import RETURN, View, view
from taxpoynt.domain.money import NO_CURRENCY, round_money
from taxpoynt.domain.party import Party
from taxpoynt.domain.sale import RecordRef, Sale, SaleLine
from taxpoynt.errors import BadInput
from taxpoynt.mapping.engine import Layer
from taxpoynt.mapping.expressions import exact_data

__all__ = ["sale", "view"]

REMEDY = "look at the sale in Lightspeed; it goes on by itself once it is corrected"


def sale(seen: View, layers: Sequence[Layer]) -> SaleReading:
    """The sale, or the part of it that this record stands for, as far as it can be read, with every fault at once."""
    reading = Reading(layers, exact_data(seen))
    try:
        made = _sale(seen, reading)
    except BadInput as problem:
        reading.fault("LSX-102", "sale", f"cannot be read: {problem}", REMEDY)
        made = None
    return reading.result(made)


def _sale(seen: View, reading: Reading) -> Sale | None:
    record = seen["sale"]
    returned = seen["part"] == RETURN or record["state"] == "refund"
    completed = extras.instant(record["sale_date"])
    if completed is None:
        reading.fault("LSX-002", "sale.sale_date", "the sale has no time", REMEDY)
    currency = _currency(seen, reading)
    document = reading.document()
    inclusive = prices_hold_tax(seen["lines"])
    found = sale_lines(seen, inclusive=inclusive)
    reading.faults += found.faults
    gross = _gross(seen, currency, reading)
    whole = not record["exchange"]
    if completed is None:
        return None
    return Sale(
        connector="lightspeed_x",
        sale_id=_sale_id(seen),
        document="credit_note" if returned else "invoice",
        number=record["invoice_number"],
        order_number=document.get("order_number") or record["source_id"],
        location=document.get("location") or record["outlet_id"],
        title=f"Sale {record['invoice_number'] or record['id']}",
        currency=currency,
        completed_at=completed,
        business_date=_business_date(seen, completed),
        buyer=_buyer(seen, document),
        lines=_mapped_lines(found, reading),
        discounts=(
            *reductions(seen["reductions"], inclusive=inclusive),
            *(extras.discounts(record["adjustments"]) if whole else ()),
        ),
        charges=extras.charges(seen) if seen["part"] != RETURN else (),
        tip=extras.tip(record["adjustments"]) if seen["part"] != RETURN else None,
        rounding=extras.rounding(record, gross) if whole and gross is not None and not seen["gift_cards"] else None,
        payments=extras.payments(record["payments"], returned=returned, exchanged=_exchanged(record)),
        note=document.get("note") or record["note"],
        buyer_reference=document.get("buyer_reference"),
        stated_total=gross if whole else None,
        stated_total_basis="gross",
        refers_to=(record["return_for"],) if returned and record["return_for"] else (),
        depends_on=_depends_on(seen, returned=returned),
    )


def _sale_id(seen: View) -> str:
    """An exchange's goods that came back have an id of their own, as connector.yaml says (`suffix`)."""
    own = str(seen["sale"]["id"])
    return f"{own}_return" if seen["part"] == RETURN else own


def _currency(seen: View, reading: Reading) -> str:
    """The outlet's, else the shop's, else that of a tender: no sale states one (reference, B2)."""
    outlet, account = seen["outlet"] or {}, seen["account"]
    tendered = [one["currency"] for one in seen["sale"]["payments"] if one["currency"]]
    for given in (outlet.get("currency"), account.get("currency"), *tendered):
        found = str(given or "").strip().upper()
        if len(found) == 3 and found.isalpha():
            return found
    reading.fault("LSX-001", "outlet.currency", "no currency is known for this shop", "set the outlet's currency")
    return NO_CURRENCY


def _gross(seen: View, currency: str, reading: Reading) -> Decimal | None:
    """The till's total with tax, without gift cards sold on it and without a tip; None where it states none.

    Old data has headers that are not the sum of their lines: then two of three (lines, header, payments) must agree.
    """
    record = seen["sale"]
    if record["price"] is None:
        return None
    header = abs(number(record["price"], "total_price") + number(record["tax"], "total_tax"))
    tips = extras.tip(record["adjustments"]) or Decimal(0)
    own = abs(_sum([*seen["lines"], *seen["reductions"], *seen["gift_cards"]]) + _beside(record))
    paid = abs(sum((number(one["amount"], "payments") for one in record["payments"]), Decimal(0)))
    if not record["exchange"] and abs(own - header) > Decimal("0.05"):
        if abs(paid - own) > extras.most_rounding(own):
            words = "the till's total is not the sum of its lines, and the payments do not say which is right"
            reading.fault("LSX-003", "sale.total_price", words, REMEDY)
        header = own
    return round_money(header - tips - abs(_sum(seen["gift_cards"])), currency)


def _sum(records: Sequence[Mapping[str, Any]]) -> Decimal:
    return sum(
        (number(one["price_total"], "price_total") + number(one["tax_total"], "tax_total") for one in records),
        Decimal(0),
    )


def _beside(record: Mapping[str, Any]) -> Decimal:
    """Adjustments with their taxes, as they stand in the header's total."""
    total = Decimal(0)
    for one in record["adjustments"]:
        value = number(one["value"], "adjustments")
        total += -abs(value) if one["type"] == "DISCOUNT" else value
        total += sum((number(part.get("total_tax"), "total_tax") for part in one["tax_components"]), Decimal(0))
    return total


def _exchanged(record: Mapping[str, Any]) -> Decimal:
    """What of an exchange is settled by the goods themselves: the lesser of what went out and what came back."""
    return Decimal(min(record["went_out"], record["came_back"])) if record["exchange"] else Decimal(0)


def _buyer(seen: View, values: Mapping[str, str]) -> Party | None:
    """None for a walk-in customer. A customer that cannot be read is still somebody: the rules say what is missing."""
    return buyer_of(values) if seen["customer"] is not None else None


def _mapped_lines(found: Lines, reading: Reading) -> tuple[SaleLine, ...]:
    products = reading.plain["products"]
    return tuple(
        reading.mapped_line(one, place, exact_data(record), products.get(str(record["product_id"])))
        for place, (one, record) in enumerate(zip(found.lines, found.records, strict=True))
    )


def _business_date(seen: View, completed: datetime) -> date | None:
    """In the outlet's own time zone; outlets of one shop may be in different ones."""
    zone = (seen["outlet"] or {}).get("time_zone") or seen["account"].get("time_zone") or ""
    try:
        return completed.astimezone(ZoneInfo(str(zone))).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _depends_on(seen: View, *, returned: bool) -> tuple[RecordRef, ...]:
    record = seen["sale"]
    refs = [RecordRef(resource=seen["part"], id=_sale_id(seen))]
    if record["customer_id"] is not None:
        refs.append(RecordRef(resource="customer", id=record["customer_id"]))
    if returned and record["return_for"]:
        refs.append(RecordRef(resource="sale", id=record["return_for"]))
    return tuple(refs)
