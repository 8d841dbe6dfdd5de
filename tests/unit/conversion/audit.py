"""A second reading of the reference's section 9, independent of the package: exact fractions, one rule a line."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

VAT = ("STANDARD_VAT", "REDUCED_VAT", "ZERO_VAT", "EXEMPTED")


def half_up(value: Fraction, digits: int) -> Fraction:
    """Half up, away from zero for the positive numbers used here."""
    scale = 10**digits
    return Fraction(floor(value * scale + Fraction(1, 2)), scale)


def audit(body: dict[str, Any], digits: int) -> list[str]:
    """The numbers of the rules of section 9 that `body` breaks."""
    broken: list[str] = []
    unit = Fraction(1, 10**digits)
    lines = [_line(one) for one in body["invoice_line"]]
    for one in lines:
        gross = half_up(one["quantity"] * one["price"], digits)
        if abs(gross - one["discount"] + one["fee"] - one["net"]) > unit:
            broken.append("1")
        for rate, amount in ((one["discount_rate"], one["discount"]), (one["fee_rate"], one["fee"])):
            if rate and abs(half_up(gross * rate / 100, digits) - amount) > unit:
                broken.append("2")
        if min(one.values()) < 0:
            broken.append("13")
    totals = {key: Fraction(value) for key, value in body["legal_monetary_total"].items()}
    charges = sum(
        Fraction(one["amount"]) * (1 if one["charge_indicator"] else -1) for one in body.get("allowance_charge", [])
    )
    subtotals = [
        (
            Fraction(one["taxable_amount"]),
            Fraction(one["tax_amount"]),
            Fraction(one["tax_category"]["percent"]),
            one["tax_category"]["id"],
        )
        for one in body["tax_total"][0]["tax_subtotal"]
    ]
    tax = Fraction(body["tax_total"][0]["tax_amount"])
    wrong = {
        "3": totals["line_extension_amount"] != sum(one["net"] for one in lines),
        "4": totals["tax_exclusive_amount"] != totals["line_extension_amount"] + charges,
        "5": any(abs(amount - base * percent / 100) > unit / 2 for base, amount, percent, _ in subtotals),
        "6": sum(base for base, *_, kind in subtotals if kind in VAT) != totals["tax_exclusive_amount"],
        "7": tax != sum(amount for _, amount, *_ in subtotals),
        "8": totals["tax_inclusive_amount"] != totals["tax_exclusive_amount"] + tax,
        "9": totals["payable_amount"] != totals["tax_inclusive_amount"],
        "digits": any(value % unit for value in totals.values()),
    }
    categories = [str(one["tax_category"]) for one in body["tax_total"][0]["tax_subtotal"]]
    wrong["7.4"] = len(set(categories)) != len(categories)
    return broken + [number for number, is_wrong in wrong.items() if is_wrong]


def _line(one: dict[str, Any]) -> dict[str, Fraction]:
    return {
        "quantity": Fraction(one["invoiced_quantity"]),
        "price": Fraction(one["price"]["price_amount"]) / Fraction(one["price"]["base_quantity"]),
        "discount": Fraction(one["discount_amount"]),
        "discount_rate": Fraction(one["discount_rate"]),
        "fee": Fraction(one["fee_amount"]),
        "fee_rate": Fraction(one["fee_rate"]),
        "net": Fraction(one["line_extension_amount"]),
    }
