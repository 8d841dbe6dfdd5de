"""Nigerian taxes with their rates, dates and sources; percent None: no law of ours fixes one, only what is stated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

STANDARD = "STANDARD_VAT"
REDUCED = "REDUCED_VAT"
ZERO = "ZERO_VAT"
EXEMPT = "EXEMPTED"
WITHHOLDING = "WITHHOLDING_TAX"
STAMP_DUTY = "STAMP_DUTY"
FOREIGN = "FOREIGN_TAX"
"""Our mark for a tax that a source states and Nigerian law does not know; never sent, always with a fault."""

VAT_TYPES = frozenset({STANDARD, REDUCED, ZERO, EXEMPT})
"""Each naira of a supply falls under exactly one of these (reference, section 9, rule 6); all others come on top."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`percent` for `category` from `since` to `until`, both included; until None: still in force."""

    category: str
    percent: Decimal | None
    since: date
    until: date | None
    source: str


_VAT_START = date(1994, 1, 1)
_LIST_OF_2026 = date(2026, 2, 18)

RATES = (
    Rate(STANDARD, Decimal("7.5"), date(2020, 2, 1), None, "Finance Act 2019, amending section 4 of the VAT Act"),
    Rate(STANDARD, Decimal(5), _VAT_START, date(2020, 1, 31), "Value Added Tax Act 1993, section 4"),
    Rate(ZERO, Decimal(0), _VAT_START, None, "NRS tax categories, reference section 8.2"),
    Rate(EXEMPT, Decimal(0), _VAT_START, None, "NRS tax categories, reference section 8.2"),
    Rate(WITHHOLDING, None, _LIST_OF_2026, None, "NRS tax categories of 18 February 2026, reference section 8.2"),
    Rate(STAMP_DUTY, None, _LIST_OF_2026, None, "NRS tax categories of 18 February 2026, reference section 8.2"),
)


def rate_of(category: str, on: date) -> Decimal | None:
    """The percent of `category` in force on `on`; None when no law of ours fixes one."""
    for rate in RATES:
        if rate.category == category and rate.since <= on and (rate.until is None or on <= rate.until):
            return rate.percent
    return None


def category_of(percent: Decimal, on: date, *, zero_category: str) -> str | None:
    """The category a stated rate means on `on`: 7.5 → STANDARD_VAT, 0 → `zero_category`, anything else → None."""
    if percent == 0:
        return zero_category
    return STANDARD if percent == rate_of(STANDARD, on) else None
