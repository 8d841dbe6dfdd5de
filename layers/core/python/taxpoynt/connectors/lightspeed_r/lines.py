"""Sale lines of R-Series, in positive amounts whichever way the goods went.

LSR-102 a number cannot be read · LSR-103 no rate explains the tax that was charged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from taxpoynt.connectors.lightspeed_r.records import Record, link, number, related, text
from taxpoynt.connectors.lightspeed_r.taxes import net_of, slot_taxes
from taxpoynt.domain.sale import Discount, SaleLine
from taxpoynt.errors import BadInput, Fault

REMEDY = "look at the line in Lightspeed; the sale goes on by itself once it is corrected"


@dataclass(frozen=True, slots=True)
class Lines:
    """`records` stand beside `lines`, for their items; `discounts` are rebates written as lines."""

    lines: tuple[SaleLine, ...]
    records: tuple[Record, ...]
    discounts: tuple[Discount, ...]
    faults: tuple[Fault, ...]


def sale_lines(records: Sequence[Record], sale: Record, *, inclusive: bool, returned: bool) -> Lines:
    """Every line of one document. returned: the goods came back, so what the till writes negative is positive here."""
    sign = Decimal(-1 if returned else 1)
    kept: list[tuple[SaleLine, Record]] = []
    discounts: list[Discount] = []
    faults: list[Fault] = []
    for place, record in enumerate(records):
        path = f"lines[{place}]"
        try:
            if net_of(record) * sign < 0:
                discounts.append(Discount(amount=abs(net_of(record)), reason=described(record)))
                continue
            kept.append((_line(record, path, inclusive=inclusive), record))
            taxes = slot_taxes(record, sale, inclusive=inclusive)
        except BadInput as problem:
            faults.append(Fault("LSR-102", path, f"cannot be read: {problem}", REMEDY))
            continue
        if taxes is None:
            faults.append(Fault("LSR-103", path, "no tax rate explains the tax that was charged", REMEDY))
        else:
            kept[-1] = (kept[-1][0].model_copy(update={"taxes": taxes}), record)
    return Lines(tuple(one for one, _ in kept), tuple(one for _, one in kept), tuple(discounts), tuple(faults))


def _line(record: Record, path: str, *, inclusive: bool) -> SaleLine:
    item = related(record, "Item")
    reductions = (("calcLineDiscount", _rule(record)), ("calcTransactionDiscount", "Discount on the sale"))
    return SaleLine(
        path=path,
        description=described(record),
        name=described(record),
        sku=next((found for name in ("customSku", "systemSku") if (found := text(item, name))), None),
        product_id=link(record, "itemID"),
        quantity=abs(number(record, "unitQuantity")),
        unit_price=abs(number(record, "unitPrice")),
        price_basis="inclusive" if inclusive else "exclusive",
        discounts=tuple(
            Discount(amount=abs(amount), reason=reason)
            for name, reason in reductions
            if (amount := number(record, name))
        ),
        stated_total=abs(net_of(record)),
    )


def described(record: Record) -> str:
    """The item's name; what the cashier typed on a miscellaneous line; else what little is known."""
    item, note = related(record, "Item"), related(record, "Note")
    fee = related(record, "ItemFee") if text(record, "lineType") else None
    number_of = link(record, "itemID")
    known = text(fee, "name") or text(item, "description") or (None if number_of else text(note, "note"))
    return known or (f"item {number_of}" if number_of else "miscellaneous line")


def _rule(record: Record) -> str | None:
    return text(related(record, "Discount"), "name")
