"""Which taxes a line or charge bears: the source's word first, the merchant's decision second, never a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.rates import FOREIGN, STANDARD, VAT_TYPES, WITHHOLDING, ZERO, category_of, rate_of
from taxpoynt.domain.party import MerchantDefaults
from taxpoynt.domain.sale import StatedTax

MOST_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax in NRS's words. percent None: only `amount` (in the sale's currency) is known, and it is taken as stated.

    on_tax: reckoned on the price plus the taxes before it.
    """

    category: str
    percent: Decimal | None
    name: str | None = None
    amount: Decimal | None = None
    on_tax: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Treatment:
    """The taxes of a line or charge, None while unknown; `why` is for the trace, `faults` codes of rules it breaks.

    inside: taxes that the source charges VAT on; they belong to the price (rule `tax-in-price`).
    withheld: what the buyer keeps back; no part of the document's tax.
    """

    taxes: tuple[Tax, ...] | None
    why: str
    faults: tuple[str, ...] = ()
    inside: tuple[Tax, ...] = ()
    withheld: tuple[StatedTax, ...] = ()

    @property
    def vat(self) -> Tax | None:
        """The tax that decides how the supply is treated: its VAT, else the first."""
        return next((tax for tax in self.taxes or () if tax.category in VAT_TYPES), (self.taxes or (None,))[0])

    @property
    def factor(self) -> Decimal:
        """Price with tax ÷ price without, as far as rates go; a tax on tax counts the ones before it."""
        whole = Decimal(1)
        for tax in self.taxes or ():
            whole += (whole if tax.on_tax else 1) * (tax.percent or Decimal(0)) / 100
        return whole


UNTAXED = Treatment((Tax(ZERO, Decimal(0)),), "not taxed")
"""For money on a document that no tax falls on: a tip that the merchant puts into its invoices."""


@dataclass(frozen=True, slots=True)
class TaxLaw:
    """What decides: the day, the merchant's defaults and NRS's categories."""

    on: date
    defaults: MerchantDefaults
    lists: CodeLists
    _names: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = {name.strip().casefold(): category for name, category in self.defaults.tax_names.items()}
        object.__setattr__(self, "_names", names)

    def percent(self, category: str) -> Decimal | None:
        """The law's rate on the day, else the one NRS's list publishes."""
        law = rate_of(category, self.on)
        return law if law is not None else self.lists.tax_categories.get(category)

    def category(self, tax: StatedTax) -> str | None:
        """The category the source names, or the merchant for a tax of this name."""
        if tax.category is not None:
            return tax.category
        return self._names.get(tax.name.strip().casefold()) if tax.name and self._names else None


def treat(stated: Sequence[StatedTax], price: Decimal, law: TaxLaw, *, inclusive: bool) -> Treatment:
    """The taxes of what is sold at `price` (with tax if `inclusive`), which only serves taxes stated as an amount."""
    told = [tax for tax in stated if tax.rate_percent is not None or tax.amount is not None or law.category(tax)]
    withheld = tuple(tax for tax in told if law.category(tax) == WITHHOLDING)
    told = [tax for tax in told if law.category(tax) != WITHHOLDING] if withheld else told
    if not told:
        return _default(law, withheld)
    if any(tax.rate_percent is not None and not 0 <= tax.rate_percent <= MOST_PERCENT for tax in told):
        return Treatment(None, "a stated rate cannot be a rate of tax")
    found: list[Tax] = []
    why: list[str] = []
    for tax in told:
        others = [other.amount for other in told if other is not tax and other.amount] if inclusive else []
        one, reason = _one(tax, price - sum(others, Decimal(0)), law, inclusive=inclusive)
        why.append(reason)
        if one is None:
            return Treatment(None, reason, withheld=withheld)
        found.append(one)
    taxes, faults = _together(found, law)
    return _placed(taxes, "; ".join(why), faults, withheld)


def _default(law: TaxLaw, withheld: tuple[StatedTax, ...]) -> Treatment:
    category = law.defaults.tax_category
    if category is None:
        return Treatment(None, "the source states no tax and the merchant chose no default", withheld=withheld)
    percent = law.percent(category)
    taxes = None if percent is None else (Tax(category, percent),)
    return Treatment(taxes, f"the source states no tax; merchant's default {category}", withheld=withheld)


def _together(found: list[Tax], law: TaxLaw) -> tuple[list[Tax], tuple[str, ...]]:
    """The taxes that count beside each other: exactly one VAT, and whatever bears something on top of it."""
    if len(found) == 1 and found[0].category in (*VAT_TYPES, FOREIGN):
        return found, ()
    vat = [tax for tax in found if tax.category in VAT_TYPES]
    counting = [tax for tax in vat if tax.percent] or vat
    first = counting[:1]
    kept = [tax for tax in found if tax in first or (tax.category not in VAT_TYPES and (tax.percent or tax.amount))]
    kinds = {(tax.category, tax.percent) for tax in counting}
    if len(kinds) > 1 or sum(bool(tax.percent) for tax in counting) > 1:
        return kept, ("TAX-010",)
    if vat or any(tax.category == FOREIGN for tax in kept):
        return kept, ()
    default = law.defaults.tax_category
    if default in VAT_TYPES and law.percent(default) == 0:
        return [Tax(default, Decimal(0)), *kept], ()
    return kept, ("TAX-011",)


def _placed(taxes: list[Tax], why: str, faults: tuple[str, ...], withheld: tuple[StatedTax, ...]) -> Treatment:
    """VAT on another tax makes that tax a part of the price; NRS's VAT bases are the document's net (rule 6)."""
    place = next((place for place, tax in enumerate(taxes) if tax.on_tax and tax.category in VAT_TYPES), 0)
    return Treatment(tuple(taxes[place:]), why, faults, tuple(taxes[:place]), withheld)


def _one(tax: StatedTax, price: Decimal, law: TaxLaw, *, inclusive: bool) -> tuple[Tax | None, str]:
    category = law.category(tax)
    if category is not None:
        return _named(tax, category, law)
    percent = tax.rate_percent
    if percent is None:
        percent = _rate_from_amount(tax, price, law, inclusive=inclusive)
    if percent is None:
        return None, "stated as an amount that fits no Nigerian rate"
    category = category_of(percent, law.on, zero_category=law.defaults.zero_rate_category)
    why = f"stated rate {percent:f} % is {category or 'not Nigerian law'}"
    return _tax(tax, category or FOREIGN, percent), why


def _named(tax: StatedTax, category: str, law: TaxLaw) -> tuple[Tax | None, str]:
    percent = tax.rate_percent if tax.rate_percent is not None else law.percent(category)
    if not law.lists.tax_categories.allows(category):
        why = "stated category is not NRS's"
        return (None if percent is None else _tax(tax, FOREIGN, percent, tax.name or category)), why
    why = f"stated category {category}" if tax.category else f"the merchant maps {tax.name} to {category}"
    if percent is None and tax.amount is None:
        return None, f"{why}, without a rate or an amount"
    return _tax(tax, category, percent), why


def _tax(tax: StatedTax, category: str, percent: Decimal | None, name: str | None = None) -> Tax:
    amount = tax.amount if percent is None else None
    return Tax(category, percent, name or tax.name, amount, tax.on_tax, tax.reason)


def _rate_from_amount(tax: StatedTax, price: Decimal, law: TaxLaw, *, inclusive: bool) -> Decimal | None:
    """The Nigerian rate whose tax on this price is the stated amount, to one minor unit of two-digit currencies."""
    amount = tax.amount or Decimal(0)
    if amount == 0:
        return Decimal(0)
    standard = rate_of(STANDARD, law.on)
    if standard is None:
        return None
    expected = price * standard / (100 + standard if inclusive else Decimal(100))
    return standard if abs(expected - amount) <= Decimal("0.01") else None
