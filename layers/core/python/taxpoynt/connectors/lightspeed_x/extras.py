"""What is on a sale beside its lines: fees, tips, payments, the till's rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from taxpoynt.connectors.lightspeed_x.rates import adjustment_taxes
from taxpoynt.connectors.lightspeed_x.shapes import Record, number
from taxpoynt.domain.sale import Charge, Discount, Payment

EXCHANGE = "Returned goods"
CASH = "1"
GIFT_CARD = "118"
_MEANS = {CASH: "10", "3": "54"}
"""UN/ECE 4461 as NRS lists it, by Lightspeed's global number of the kind of payment."""
LARGEST_ROUNDING = Decimal(5)
"""Of a cash payment, in the currency's units."""


def charges(seen: Mapping[str, Any]) -> tuple[Charge, ...]:
    """Surcharges and fees, which `total_price` contains (reference, B3)."""
    return tuple(
        Charge(amount=value, reason=one["name"] or "Surcharge", kind="fee", taxes=adjustment_taxes(one, seen))
        for one in seen["sale"]["adjustments"]
        if one["type"] not in ("TIP", "DISCOUNT") and (value := abs(number(one["value"], "adjustments")))
    )


def discounts(adjustments: Sequence[Record]) -> tuple[Discount, ...]:
    """Discounts that stand as adjustments."""
    return tuple(
        Discount(amount=value, reason=one["name"] or "Discount on the sale")
        for one in adjustments
        if one["type"] == "DISCOUNT" and (value := abs(number(one["value"], "adjustments")))
    )


def tip(adjustments: Sequence[Record]) -> Decimal | None:
    """Outside the invoice."""
    found = [number(one["value"], "adjustments") for one in adjustments if one["type"] == "TIP"]
    return abs(sum(found, Decimal(0))) or None


def payments(given: Sequence[Record], *, returned: bool, exchanged: Decimal) -> tuple[Payment, ...]:
    """Positive amounts, those of a refund too. exchanged: what the goods of an exchange settle between them.

    In an exchange money that goes the other way belongs to the other document.
    """
    found = [made for one in given if (made := _payment(one, returned=returned)) is not None]
    if exchanged:
        found = [one for one in found if one.kind == "payment"]
        found.append(Payment(method=EXCHANGE, amount=exchanged))
    return tuple(found)


def rounding(sale: Record, gross: Decimal) -> Decimal | None:
    """What a till rounded a cash payment by, on a sale that it closed: tendered less total, both as it states them."""
    given = [(one["kind"], number(one["amount"], "payments")) for one in sale["payments"]]
    paid = sum((amount for _, amount in given), Decimal(0))
    difference = abs(paid) - gross
    cash = any(kind == CASH for kind, _ in given)
    small = Decimal("0.005") < abs(difference) <= most_rounding(gross)
    return difference if cash and small and sale["state"] in ("completed", "refund") else None


def most_rounding(total: Decimal) -> Decimal:
    """More than this is not the till's rounding but money that lacks."""
    return min(LARGEST_ROUNDING, total / 50)


def instant(written: str | None) -> datetime | None:
    """UTC; what has no zone is UTC already (reference, B2)."""
    try:
        found = datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
    if found is None:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _payment(record: Record, *, returned: bool) -> Payment | None:
    amount = number(record["amount"], "payments")
    if not amount:
        return None
    towards = (amount < 0) if returned else (amount > 0)
    return Payment(
        method=record["name"] or "Payment",
        amount=abs(amount),
        means_code=_MEANS.get(str(record["kind"])),
        paid_at=instant(record["date"]),
        kind="payment" if towards else "refund",
    )
