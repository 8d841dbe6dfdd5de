"""Tax total, monetary total (reference, section 7.4) and the arithmetic of section 9."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

from tests.sandbox.nrs.node import Node
from tests.sandbox.nrs.tables import Tables

CENT = Decimal("0.01")
HALF_CENT = Decimal("0.005")
PERCENT = {"STANDARD_VAT": Decimal("7.5"), "ZERO_VAT": Decimal(0), "EXEMPTED": Decimal(0)}
VAT = frozenset({*PERCENT, "REDUCED_VAT"})
MONETARY = ("line_extension_amount", "tax_exclusive_amount", "tax_inclusive_amount", "payable_amount")


def round2(amount: Decimal) -> Decimal:
    """Two decimals, half up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


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


def check_arithmetic(node: Node) -> None:
    """Section 9, rules 1 to 11. Called after the other checks, so every number is there and not negative."""
    with localcontext(prec=100):  # the largest quantity times the largest price must not overflow
        _check_sums(node)


def _check_sums(node: Node) -> None:
    lines = node.children("invoice_line")
    for line in lines:
        _line(line)
    taxed, tax = _taxes(node)
    money = node.child("legal_monetary_total")
    net = sum((line.number("line_extension_amount") for line in lines), Decimal(0))
    changes = node.optional_children("allowance_charge")
    charges = sum((c.number("amount") for c in changes if c.boolean("charge_indicator")), Decimal(0))
    allowances = sum((c.number("amount") for c in changes if not c.boolean("charge_indicator")), Decimal(0))
    exclusive = net - allowances + charges
    for key, expected in zip(MONETARY, (net, exclusive, exclusive + tax, exclusive + tax), strict=True):
        _two_decimals(money, key)
        if money.number(key) != expected:
            money.refuse(key, f"must be {round2(expected)}")
    # a document charge may lie outside VAT, so with charges the taxed base is bounded, not fixed
    if not net - allowances <= taxed <= exclusive:
        node.refuse("tax_total[0].tax_subtotal", f"taxable amounts must add up to {round2(exclusive)}")


def _line(line: Node) -> None:
    price = line.child("price")
    gross = round2(line.number("invoiced_quantity") * price.number("price_amount") / price.number("base_quantity"))
    for kind in ("discount", "fee"):
        _two_decimals(line, f"{kind}_amount")
        rate, amount = line.number(f"{kind}_rate"), line.number(f"{kind}_amount")
        if rate and abs(amount - round2(gross * rate / 100)) > CENT:
            line.refuse(f"{kind}_amount", f"must be {round2(gross * rate / 100)}")
    _two_decimals(line, "line_extension_amount")
    expected = gross - line.number("discount_amount") + line.number("fee_amount")
    if abs(line.number("line_extension_amount") - expected) > CENT:
        line.refuse("line_extension_amount", f"must be {round2(expected)}")


def _taxes(node: Node) -> tuple[Decimal, Decimal]:
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
            _two_decimals(subtotal, key)
        exact = subtotal.number("taxable_amount") * percent / 100
        if abs(subtotal.number("tax_amount") - exact) > HALF_CENT:
            subtotal.refuse("tax_amount", f"must be {round2(exact)}")
        tax += subtotal.number("tax_amount")
        taxed += subtotal.number("taxable_amount") if kind in VAT else Decimal(0)
    if totals[0].number("tax_amount") != tax:
        totals[0].refuse("tax_amount", f"must be {round2(tax)}")
    return taxed, tax


def _two_decimals(node: Node, key: str) -> None:
    number = node.number(key)
    if number != round2(number):
        node.refuse(key, "can not have more than 2 decimals")
