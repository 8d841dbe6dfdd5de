"""A till sale of R-Series as a sale. What is data stands in connector.yaml; this is the rest.

LSR-001 no currency known · LSR-002 no time of completion · LSR-003 the till's own sums do not add up; lines.py has the
others. A refund is a sale of its own with negative quantities; an exchange is both at once: the goods that came back
are the record `sale_return`, whose credit pays a part of the invoice over the goods that went out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from taxpoynt.connector_kit.connector import SaleReading
from taxpoynt.connector_kit.reading import Reading, buyer_of
from taxpoynt.connectors.lightspeed_r.lines import Lines, sale_lines
from taxpoynt.connectors.lightspeed_r.records import get, instant, link, number, related, text
from taxpoynt.connectors.lightspeed_r.taxes import is_inclusive
from taxpoynt.connectors.lightspeed_r.tenders import tenders
from taxpoynt.connectors.lightspeed_r.view import RETURN, View, is_refund, view
from taxpoynt.domain.money import NO_CURRENCY
from taxpoynt.domain.party import Party
from taxpoynt.domain.sale import RecordRef, Sale, SaleLine
from taxpoynt.errors import BadInput
from taxpoynt.mapping.engine import Layer
from taxpoynt.mapping.expressions import exact_data

__all__ = ["sale", "view"]

_OWN_SUMS = "the till's own sums do not add up, with tax in the prices or without"


def sale(seen: View, layers: Sequence[Layer]) -> SaleReading:
    """The sale, or the part of it that this record stands for, as far as it can be read, with every fault at once."""
    record = seen["sale"]
    reading = Reading(layers, exact_data(seen))
    returned = seen["part"] == RETURN or record["state"] == "refund"
    completed = _completed(record, reading)
    currency = _currency(seen, reading)
    inclusive = _inclusive(record, reading)
    document = reading.document()
    found = sale_lines(seen["lines"], record, inclusive=inclusive, returned=returned)
    reading.faults += found.faults
    if completed is None:
        return reading.result(None)
    number_of = text(record, "ticketNumber")
    made = Sale(
        connector="lightspeed_r",
        sale_id=_sale_id(seen),
        document="credit_note" if returned else "invoice",
        number=number_of,
        order_number=document.get("order_number") or text(record, "referenceNumber"),
        location=document.get("location") or link(record, "shopID"),
        title=f"Sale {number_of or record['saleID']}",
        currency=currency,
        completed_at=completed,
        business_date=_business_date(seen, completed),
        buyer=_buyer(seen, document),
        lines=_mapped_lines(found, reading),
        discounts=found.discounts,
        tip=_tip(seen),
        payments=tenders(seen["payments"], returned=returned, exchanged=_exchanged(record)),
        note=document.get("note"),
        buyer_reference=document.get("buyer_reference"),
        stated_total=None if record["exchange"] else abs(_total(record)),
        stated_total_basis="gross",
        refers_to=_originals(seen) if returned else (),
        depends_on=_depends_on(seen, returned=returned),
    )
    return reading.result(made)


def _sale_id(seen: View) -> str:
    """An exchange's goods that came back have an id of their own, as connector.yaml says (`suffix`)."""
    own = str(seen["sale"]["saleID"])
    return f"{own}_return" if seen["part"] == RETURN else own


def _completed(record: Mapping[str, Any], reading: Reading) -> datetime | None:
    """`completeTime`, which may be back-dated; recordings of older versions have `timeStamp` only."""
    found = instant(record, "completeTime", "timeStamp", "updateTime", "createTime")
    if found is None:
        reading.fault("LSR-002", "sale.completeTime", "the sale has no time", "complete the sale in Lightspeed")
    return found


def _currency(seen: View, reading: Reading) -> str:
    """The account's: no sale states one (reference, A1)."""
    found = str(seen["account"].get("default_currency") or "").strip().upper()
    if len(found) == 3 and found.isalpha():
        return found
    reading.fault("LSR-001", "account.default_currency", "no currency is known for this shop", "connect the shop again")
    return NO_CURRENCY


def _inclusive(record: Mapping[str, Any], reading: Reading) -> bool:
    """Of a sale that could not be read so far, nothing is said here."""
    try:
        found = is_inclusive(record)
    except BadInput as problem:
        reading.fault("LSR-102", "sale", f"cannot be read: {problem}", "look at the sale in Lightspeed")
        return False
    if found is None:
        reading.fault("LSR-003", "sale.total", _OWN_SUMS, "look at the sale in Lightspeed; ask us if it looks right")
    return bool(found)


def _total(record: Mapping[str, Any]) -> Decimal:
    return number(record, "total") if get(record, "total") is not None else number(record, "calcTotal")


def _tip(seen: View) -> Decimal | None:
    """Of an exchange it belongs to the goods that went out."""
    total = sum((number(one, "tipAmount") for one in seen["payments"]), Decimal(0))
    return abs(total) or None if seen["part"] != RETURN else None


def _exchanged(record: Mapping[str, Any]) -> Decimal:
    """What of an exchange is settled by the goods themselves: the lesser of what went out and what came back."""
    if not record["exchange"]:
        return Decimal(0)
    return Decimal(min(record["went_out"], record["came_back"]))


def _buyer(seen: View, values: Mapping[str, str]) -> Party | None:
    """None for a walk-in customer. A customer that cannot be read is still somebody: the rules say what is missing."""
    if link(seen["sale"], "customerID") is None:
        return None
    return buyer_of(values)


def _mapped_lines(found: Lines, reading: Reading) -> tuple[SaleLine, ...]:
    return tuple(
        reading.mapped_line(one, place, exact_data(record), exact_data(related(record, "Item")))
        for place, (one, record) in enumerate(zip(found.lines, found.records, strict=True))
    )


def _business_date(seen: View, completed: datetime) -> date | None:
    """In the shop's own time zone; old names such as `US/Eastern` are in the database still."""
    try:
        return completed.astimezone(ZoneInfo(text(seen["shop"], "timeZone") or "")).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _originals(seen: View) -> tuple[str, ...]:
    """The sales whose lines were given back, in the order of the lines; a parent that nobody finds names none."""
    sales = {link(one, "saleLineID"): link(one, "saleID") for one in seen["parents"]}
    wanted = [sales.get(link(one, "parentSaleLineID")) for one in seen["lines"] if is_refund(one)]
    return tuple(dict.fromkeys(one for one in wanted if one))


def _depends_on(seen: View, *, returned: bool) -> tuple[RecordRef, ...]:
    record = seen["sale"]
    refs = [RecordRef(resource=seen["part"], id=_sale_id(seen))]
    if (customer := link(record, "customerID")) is not None:
        refs.append(RecordRef(resource="customer", id=customer))
    if returned:
        refs += [RecordRef(resource="sale", id=one) for one in _originals(seen)]
    return tuple(refs)
