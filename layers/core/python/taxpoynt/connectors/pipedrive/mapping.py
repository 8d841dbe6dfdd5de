"""A won deal as a sale. What is data stands in connector.yaml; this is the rest.

PD-001 no buyer · PD-002 no time of winning · PD-003 no usable amount or currency · PD-004 instalments ·
PD-006 every product is disabled; discounts.py and lines.py have the others. That the deal's value is what its products
give is checked by the conversion (SUM-006), to which it goes along as `stated_total`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from taxpoynt.connector_kit.connector import SaleReading
from taxpoynt.connector_kit.reading import Reading, buyer_of
from taxpoynt.connectors.pipedrive.discounts import DealValue, deal_discounts
from taxpoynt.connectors.pipedrive.events import embedded
from taxpoynt.connectors.pipedrive.lines import enabled, line, recurring, text
from taxpoynt.connectors.pipedrive.view import View, view
from taxpoynt.domain.money import NO_CURRENCY, decimal_of
from taxpoynt.domain.party import Party
from taxpoynt.domain.sale import Discount, RecordRef, Sale, SaleLine
from taxpoynt.errors import BadInput
from taxpoynt.mapping.engine import Layer
from taxpoynt.mapping.expressions import exact_data

__all__ = ["embedded", "sale", "view"]


def sale(seen: View, layers: Sequence[Layer]) -> SaleReading:
    """The sale as far as it can be read, with every fault at once. BadInput when there is no deal at all."""
    deal = seen["deal"]
    if not isinstance(deal, Mapping) or not isinstance(deal.get("id"), int | str):
        raise BadInput("no Pipedrive deal in what was given")
    reading = Reading(layers, exact_data(seen))
    completed = _won_at(deal, reading)
    currency = _currency(deal, reading)
    document = reading.document()
    buyer = _buyer(deal, document, reading)
    if seen["deal_installments"]:
        count = len(seen["deal_installments"])
        message = f"the deal is billed in {count} instalments, which means {count} invoices"
        reading.fault("PD-004", "deal_installments", message, "remove the instalments, or invoice this deal by hand")
    lines, discounts, stated = _amounts(seen, deal, currency, reading)
    made: Sale | None = None
    if completed is not None:
        made = Sale(
            connector="pipedrive",
            sale_id=str(deal["id"]),
            location=document.get("location"),
            order_number=document.get("order_number"),
            title=text(deal.get("title")) or None,
            currency=currency,
            completed_at=completed,
            business_date=_business_date(deal, completed, seen["account"]),
            buyer=buyer,
            lines=lines,
            discounts=discounts,
            note=document.get("note"),
            buyer_reference=document.get("buyer_reference"),
            stated_total=stated,
            source_url=_source_url(deal, seen["account"]),
            depends_on=_depends_on(deal),
        )
    return reading.result(made)


def _won_at(deal: Mapping[str, Any], reading: Reading) -> datetime | None:
    for name in ("won_time", "close_time"):
        found = _time(deal.get(name))
        if found is not None:
            return found
    reading.fault("PD-002", "deal.won_time", "the deal has no time of winning", "mark the deal as won in Pipedrive")
    return None


def _currency(deal: Mapping[str, Any], reading: Reading) -> str:
    currency = deal.get("currency")
    if isinstance(currency, str) and re.fullmatch(r"[A-Za-z]{3}", currency.strip()):
        return currency.strip().upper()
    # Pipedrive's custom currencies may have any code; NRS takes ISO 4217.
    reading.fault("PD-003", "deal.currency", "not an ISO 4217 currency", "choose an ISO currency on the deal")
    return NO_CURRENCY


def _buyer(deal: Mapping[str, Any], values: Mapping[str, str], reading: Reading) -> Party | None:
    if deal.get("org_id") is None and deal.get("person_id") is None:
        message = "the deal has neither an organisation nor a person, so nobody can be invoiced"
        reading.fault("PD-001", "deal", message, "link an organisation or a person to the deal")
        return None
    return buyer_of(values)


def _amounts(
    seen: View, deal: Mapping[str, Any], currency: str, reading: Reading
) -> tuple[tuple[SaleLine, ...], tuple[Discount, ...], Decimal | None]:
    """Lines, deal discounts, and the deal's value where it can be compared with them."""
    value = _value(deal, reading)
    items = seen["deal_products"]
    if not items:
        return _single_line(deal, value, reading), (), value
    kept = [(position, item) for position, item in enumerate(items) if enabled(item)]
    if not kept:
        reading.fault("PD-006", "deal_products", "every product of the deal is disabled", "enable what was sold")
    lines: list[SaleLine] = []
    base, tax = Decimal(0), Decimal(0)
    for position, item in kept:
        made, faults = line(item, position, currency)
        reading.faults += faults
        if made is not None:
            base += _total(made) if not recurring(item) else 0
            tax += _exclusive_tax(made)
            lines.append(_mapped_line(made, len(lines), item, reading))
    one_time = not any(recurring(item) for _, item in kept)
    comparable = DealValue(value, currency, tax / base, len(lines)) if value is not None and one_time and base else None
    discounts, faults = deal_discounts(
        seen["deal_discounts"], base=base, all_one_time=one_time, value=comparable, currency=currency
    )
    reading.faults += faults
    left = base - sum((one.amount or base * (one.percent or 0) / 100 for one in discounts), Decimal(0))
    # A value that holds the tax is settled here: the conversion compares totals on the bases of the prices.
    settled = comparable is None or comparable.holds_tax(left)
    return tuple(lines), discounts, None if settled else value


def _value(deal: Mapping[str, Any], reading: Reading) -> Decimal | None:
    try:
        return decimal_of(deal["value"]) if deal.get("value") is not None else None
    except BadInput as problem:
        reading.fault("PD-003", "deal.value", f"the deal's value cannot be read: {problem}", "correct the deal's value")
        return None


def _single_line(deal: Mapping[str, Any], value: Decimal | None, reading: Reading) -> tuple[SaleLine, ...]:
    """A deal without products: one line from its title and value, tax left to the merchant's defaults."""
    if value is None:
        if not reading.faults or reading.faults[-1].path != "deal.value":
            reading.fault("PD-003", "deal.value", "neither products nor a value", "give the deal products or a value")
        return ()
    title = text(deal.get("title")) or f"Deal {deal['id']}"
    made = SaleLine(path="deal", description=title, name=title, quantity=Decimal(1), unit_price=value, from_total=True)
    return (_mapped_line(made, 0, {}, reading),)


def _total(made: SaleLine) -> Decimal:
    """The line after its discount: Pipedrive's own sum, else ours."""
    gross = made.unit_price * made.quantity
    less = sum((one.amount or gross * (one.percent or 0) / 100 for one in made.discounts), Decimal(0))
    return made.stated_total if made.stated_total is not None else gross - less


def _exclusive_tax(made: SaleLine) -> Decimal:
    rate = made.taxes[0].rate_percent if made.price_basis == "exclusive" and made.taxes else None
    return _total(made) * rate / 100 if rate is not None else Decimal(0)


def _mapped_line(made: SaleLine, index: int, item: Mapping[str, Any], reading: Reading) -> SaleLine:
    product = reading.plain["products"].get(str(item.get("product_id")))
    return reading.mapped_line(made, index, exact_data(item), product)


def _business_date(deal: Mapping[str, Any], completed: datetime, account: Mapping[str, Any]) -> date | None:
    """The day in the account's own time zone: Pipedrive's, else ours from the zone's name (its offset may be stale)."""
    try:
        return date.fromisoformat(str(deal.get("local_won_date")))
    except ValueError:
        pass
    try:
        return completed.astimezone(ZoneInfo(str(account.get("timezone_name") or ""))).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _source_url(deal: Mapping[str, Any], account: Mapping[str, Any]) -> str | None:
    domain = str(account.get("company_domain") or "")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}", domain):
        return None
    return f"https://{domain}.pipedrive.com/deal/{deal['id']}"


def _depends_on(deal: Mapping[str, Any]) -> tuple[RecordRef, ...]:
    ids = (("deal", "id"), ("organization", "org_id"), ("person", "person_id"))
    return tuple(
        RecordRef(resource=resource, id=str(deal[name])) for resource, name in ids if deal.get(name) is not None
    )


def _time(value: Any) -> datetime | None:
    """UTC; v1 writes it without a zone."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
