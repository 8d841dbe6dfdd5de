"""Tax total, monetary total (reference, section 7.4) and the arithmetic of section 9."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

from tests.sandbox.nrs.node import Node
from tests.sandbox.nrs.tables import Tables

PERCENT = {"STANDARD_VAT": Decimal("7.5"), "ZERO_VAT": Decimal(0), "EXEMPTED": Decimal(0)}
VAT = frozenset({*PERCENT, "REDUCED_VAT"})
MONETARY = ("line_extension_amount", "tax_exclusive_amount", "tax_inclusive_amount", "payable_amount")


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """Half up to the currency's minor unit (0.01, or 1 for the yen): section 9 says two decimals and knows naira."""
    return amount.quantize(unit, ROUND_HALF_UP)


def check_totals(node: Node, tables: Tables) -> None:
    """Presence, types and the tax category list; no sums."""
    for total in node.children("tax_total"):
        total.number("tax_amount")
        for subtotal in total.children("tax_subtotal"):
            subtotal.number("taxable_amount")
            subtotal.number("tax_amount")
            category = subtotal.child("tax_category")
            if not tables.has("tax-categories", category.text("id")):
                category.refuse_list("id", "tax category")
            category.number("percent")
    money = node.child("legal_monetary_total")
    for key in MONETARY:
        money.number(key)


def check_arithmetic(node: Node, tables: Tables) -> None:
    """Section 9, rules 1 to 11. Called after the other checks, so every number is there and not negative."""
    currency = node.text("document_currency_code")
    digits = next((row["decimal_digits"] for row in tables.rows("currencies") if row["code"] == currency), 2)
    with localcontext(prec=100):  # the largest quantity times the largest price must not overflow
        _check_sums(node, Decimal(1).scaleb(-int(digits)))


def _check_sums(node: Node, unit: Decimal) -> None:
    lines = node.children("invoice_line")
    for line in lines:
        _line(line, unit)
    taxed, tax = _taxes(node, unit)
    money = node.child("legal_monetary_total")
    net = sum((line.number("line_extension_amount") for line in lines), Decimal(0))
    changes = node.optional_children("allowance_charge")
    charges = sum((c.number("amount") for c in changes if c.boolean("charge_indicator")), Decimal(0))
    allowances = sum((c.number("amount") for c in changes if not c.boolean("charge_indicator")), Decimal(0))
    exclusive = net - allowances + charges
    for key, expected in zip(MONETARY, (net, exclusive, exclusive + tax, exclusive + tax), strict=True):
        _whole(money, key, unit)
        if money.number(key) != expected:
            money.refuse(key, f"must be {rounded(expected, unit)}")
    # a document charge may lie outside VAT, so with charges the taxed base is bounded, not fixed
    if not net - allowances <= taxed <= exclusive:
        node.refuse("tax_total[0].tax_subtotal", f"taxable amounts must add up to {rounded(exclusive, unit)}")


def _line(line: Node, unit: Decimal) -> None:
    price = line.child("price")
    gross = rounded(
        line.number("invoiced_quantity") * price.number("price_amount") / price.number("base_quantity"), unit
    )
    for kind in ("discount", "fee"):
        _whole(line, f"{kind}_amount", unit)
        rate, amount = line.number(f"{kind}_rate"), line.number(f"{kind}_amount")
        if rate and abs(amount - rounded(gross * rate / 100, unit)) > unit:
            line.refuse(f"{kind}_amount", f"must be {rounded(gross * rate / 100, unit)}")
    _whole(line, "line_extension_amount", unit)
    expected = gross - line.number("discount_amount") + line.number("fee_amount")
    if abs(line.number("line_extension_amount") - expected) > unit:
        line.refuse("line_extension_amount", f"must be {rounded(expected, unit)}")


def _taxes(node: Node, unit: Decimal) -> tuple[Decimal, Decimal]:
    """(base of the VAT subtotals, tax of the document)."""
    totals = node.children("tax_total")
    if len(totals) != 1:
        node.refuse("tax_total", "can not be more than in length or value 1")
    taxed = tax = Decimal(0)
    for subtotal in totals[0].children("tax_subtotal"):
        category = subtotal.child("tax_category")
        percent, kind = category.number("percent"), category.text("id")
        if percent != PERCENT.get(kind, percent):
            category.refuse("percent", f"must be {PERCENT[kind]} for {kind}")
        for key in ("taxable_amount", "tax_amount"):
            _whole(subtotal, key, unit)
        exact = subtotal.number("taxable_amount") * percent / 100
        if abs(subtotal.number("tax_amount") - exact) > unit / 2:
            subtotal.refuse("tax_amount", f"must be {rounded(exact, unit)}")
        tax += subtotal.number("tax_amount")
        taxed += subtotal.number("taxable_amount") if kind in VAT else Decimal(0)
    if totals[0].number("tax_amount") != tax:
        totals[0].refuse("tax_amount", f"must be {rounded(tax, unit)}")
    return taxed, tax


def _whole(node: Node, key: str, unit: Decimal) -> None:
    number = node.number(key)
    if number != rounded(number, unit):
        node.refuse(key, f"can not have more than {-int(unit.as_tuple().exponent)} decimals")
