"""The numbered rules as data: what each is called, what it says, what to do about it, and where it comes from.

A code never changes its meaning. `who` in party rules is `seller` or `buyer`; their codes share the numbers.
Messages may show codes, dates and amounts, never names, tax numbers or addresses: faults are stored and listed.
"""

from __future__ import annotations

from taxpoynt.conversion.rule_book.document import date_rules, document_rules
from taxpoynt.conversion.rule_book.lines import line_rules
from taxpoynt.conversion.rule_book.parties import party_rules
from taxpoynt.conversion.rule_book.rule import Rule
from taxpoynt.conversion.rule_book.totals import sum_rules, tax_rules

__all__ = ["RULES", "Rule", "rule"]

_PROFILE = "in the merchant's profile"
_CUSTOMER = "in the customer's record in the source system"

RULES: dict[str, Rule] = {
    one.code: one
    for group in (
        document_rules(),
        date_rules(),
        party_rules("SELLER", "seller", "accounting_supplier_party", _PROFILE),
        party_rules("BUYER", "buyer", "accounting_customer_party", _CUSTOMER),
        line_rules(),
        tax_rules(),
        sum_rules(),
    )
    for one in group
}


def rule(code: str) -> Rule:
    """The rule with this code."""
    return RULES[code]
