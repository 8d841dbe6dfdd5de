"""What was paid. Amounts are stored net of change; they contain the tip, which is no part of what was owed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from taxpoynt.connectors.lightspeed_r.records import Record, instant, number, related, text
from taxpoynt.connectors.lightspeed_r.view import method_type
from taxpoynt.domain.sale import Payment

EXCHANGE = "Returned goods"
_MEANS = {"cash": "10", "credit card": "54", "debit card": "55"}
"""UN/ECE 4461 as NRS lists it; a code that its list lacks is dropped by the conversion."""


def tenders(payments: Sequence[Record], *, returned: bool, exchanged: Decimal) -> tuple[Payment, ...]:
    """Positive amounts, those of a refund too. exchanged: what the goods of an exchange settle between them.

    Payments of 0 occur and are none; what is put on the customer's account is not paid yet. In an exchange money that
    goes the other way belongs to the other document.
    """
    found = [made for one in payments if (made := _payment(one, returned=returned)) is not None]
    if exchanged:
        found = [one for one in found if one.kind == "payment"]
        found.append(Payment(method=EXCHANGE, amount=exchanged))
    return tuple(found)


def _payment(record: Record, *, returned: bool) -> Payment | None:
    amount = number(record, "amount") - number(record, "tipAmount")
    amount = -amount if returned else amount
    kind = method_type(record)
    if not amount or kind == "credit account":
        return None
    return Payment(
        method=text(related(record, "PaymentType"), "name") or "Payment",
        amount=abs(amount),
        means_code=_MEANS.get(kind),
        paid_at=instant(record, "createTime"),
        kind="payment" if amount > 0 else "refund",
    )
