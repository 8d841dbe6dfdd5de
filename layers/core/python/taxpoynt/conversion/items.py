"""What bears tax on a document: its lines, and the charges that have a tax rule of their own. All in minor units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from taxpoynt.conversion.treatment import Treatment
from taxpoynt.conversion.units import to_units
from taxpoynt.domain.sale import Charge, SaleLine

ChargeKind = Literal["delivery", "service_charge", "fee", "other", "tip"]


@dataclass(slots=True, kw_only=True)
class Item:
    """`total` on the basis of its own price (`inclusive`: with tax); `net` and `taxes` are known after settling.

    `taxes` stands beside `treatment.taxes`; `stated` holds the amounts of those that are taken as stated, else 0.
    exact: nothing had to be rounded to reach `total`.
    """

    path: str
    total: int
    inclusive: bool
    exact: bool
    treatment: Treatment
    stated: list[int]
    net: int = 0
    taxes: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Priced(Item):
    """One line: gross − discount + fee = total."""

    line: SaleLine
    gross: int
    discount: int
    fee: int = 0


@dataclass(slots=True, kw_only=True)
class Extra(Item):
    """A charge on the document with taxes of its own."""

    charge: Charge
    kind: ChargeKind
    reason: str | None


def stated_units(treatment: Treatment, digits: int) -> list[int]:
    """Minor units of each tax that is taken as stated; 0 for those with a rate."""
    return [
        to_units(tax.amount, digits) if tax.percent is None and tax.amount is not None else 0
        for tax in treatment.taxes or ()
    ]
