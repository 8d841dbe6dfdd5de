"""Amounts, quantities and days as people write them. Always the same words: no locale, no clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from taxpoynt.domain.money import minor_digits, plain, round_money

UNKNOWN = "—"

_LAGOS = timezone(timedelta(hours=1), "WAT")
"""Africa/Lagos has one offset all year and always had since 1919; no time-zone data needed."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_UNITS = {
    "EA": "",
    "C62": "",
    "H87": "pcs",
    "KGM": "kg",
    "GRM": "g",
    "LTR": "l",
    "MLT": "ml",
    "MTR": "m",
    "MTK": "m²",
    "HUR": "h",
    "DAY": "days",
    "MON": "months",
    "ANN": "years",
    "SET": "sets",
    "PR": "pairs",
    "DZN": "dozen",
    "XBX": "boxes",
    "XPK": "packs",
    "XBG": "bags",
}


def money(amount: Decimal | None, currency: str) -> str:
    """₦1,234,567.89; other currencies by code: USD 1,234.56."""
    if amount is None:
        return UNKNOWN
    sign = "₦" if currency == "NGN" else f"{currency} "
    return f"{'−' if amount < 0 else ''}{sign}{figure(abs(amount), currency)}"


def figure(amount: Decimal | None, currency: str) -> str:
    """The amount alone, with at least the currency's minor digits; never fewer digits than it has."""
    if amount is None:
        return UNKNOWN
    digits = max(minor_digits(currency), len(plain(_short(amount)).partition(".")[2]))
    return f"{amount:,.{digits}f}".replace("-", "−")


def unit_price(amount: Decimal, currency: str) -> str:
    """A unit price; one made from a tax-inclusive price may have many digits, of which four are enough for people."""
    exact = figure(amount, currency)
    if len(exact.partition(".")[2]) <= 4:
        return exact
    return figure(_short(amount.quantize(Decimal("0.0001"))), currency)


def quantity(amount: Decimal, unit: str) -> str:
    """2, 1.5 kg, 5 h; an unknown unit by its code."""
    return f"{_short(amount):,f} {_UNITS.get(unit, unit)}".strip()


def percent(rate: Decimal | None) -> str:
    """7.5%."""
    return UNKNOWN if rate is None else f"{_short(rate):f}%"


def day(value: date) -> str:
    """15 September 2026."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """15 September 2026, 10:42 (Lagos time)."""
    there = value.astimezone(_LAGOS)
    return f"{day(there)}, {there:%H:%M} (Lagos time)"


def is_something(amount: Decimal | None, currency: str) -> bool:
    """Is there an amount worth a line?"""
    return amount is not None and round_money(amount, currency) != 0


def _short(amount: Decimal) -> Decimal:
    """Without trailing zeros; exact, unlike `normalize`, which rounds to the context's digits."""
    text = plain(amount)
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
