"""What a person is asked and told about sales that may be one. Pure.

SAME-001 it may be another platform's sale · SAME-002 the sale it was taken for was taken back · SAME-003 a refund of a
sale that another platform's invoice stands for.
"""

from __future__ import annotations

from taxpoynt.domain.identity import Member
from taxpoynt.domain.sale import Sale
from taxpoynt.errors import Fault
from taxpoynt.ports import SaleRecord

MAYBE, TAKEN_BACK, ELSEWHERE = "SAME-001", "SAME-002", "SAME-003"


def name_of(record: SaleRecord) -> str:
    """`crm/8`."""
    return f"{record.connector}/{record.sale_id}"


def maybe(to: Member, other: SaleRecord | None) -> Fault:
    """The question whether two sales are one."""
    what = _words(to.name, other)
    return Fault(
        MAYBE,
        "",
        f"This may be the same sale as {what}.",
        "If it is the same sale, end this one: one sale is one invoice. If it is another sale, invoice it too.",
    )


def taken_back(winner: SaleRecord) -> Fault:
    """The question what becomes of a sale whose winner is gone."""
    return Fault(
        TAKEN_BACK,
        "",
        f"This sale was ended because it was the same as {_words(name_of(winner), winner)}, which was taken back.",
        "If it still stands, invoice it. If it was taken back too, leave it ended.",
    )


def elsewhere(sale: Sale, same_as: str) -> Fault:
    """A refund of a sale whose invoice was made from another platform."""
    connector, _, number = same_as.partition("/")
    return Fault(
        ELSEWHERE,
        "refers_to",
        f"The sale this refund belongs to ({sale.refers_to[0]}) is invoiced as {connector} {number}.",
        "Take the refund into that record: its invoice is corrected then. This one makes no document.",
    )


def _words(name: str, record: SaleRecord | None) -> str:
    connector, _, sale_id = name.partition("/")
    number = f" (invoice {record.number})" if record is not None and record.number else ""
    return f"{connector} {sale_id}{number}"
