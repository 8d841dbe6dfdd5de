"""Which tax a line bears: the source's word first, the merchant's decision second, never a guess."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.rates import FOREIGN, STANDARD, category_of, rate_of
from taxpoynt.domain.party import MerchantDefaults
from taxpoynt.domain.sale import SaleLine, StatedTax

MOST_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Treatment:
    """Category and percent of a line, both None while unknown; `why` is for the trace, `fault` a rule it breaks."""

    category: str | None
    percent: Decimal | None
    name: str | None
    why: str
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class TaxLaw:
    """What decides: the day, the merchant's defaults and NRS's categories."""

    on: date
    defaults: MerchantDefaults
    lists: CodeLists

    def percent(self, category: str) -> Decimal | None:
        """The law's rate on the day, else the one NRS's list publishes."""
        law = rate_of(category, self.on)
        return law if law is not None else self.lists.tax_categories.get(category)


def treat(line: SaleLine, net: Decimal, law: TaxLaw) -> Treatment:
    """The tax of `line`; `net` (its amount without or with tax, as priced) only serves taxes stated as an amount."""
    stated = [tax for tax in line.taxes if tax.category or tax.rate_percent is not None or tax.amount is not None]
    if not stated:
        return _default(law)
    if any(tax.rate_percent is not None and not 0 <= tax.rate_percent <= MOST_PERCENT for tax in stated):
        return Treatment(None, None, None, "a stated rate cannot be a rate of tax")
    bearing = [tax for tax in stated if tax.rate_percent or tax.amount] or stated[:1]
    if len(bearing) > 1:
        return _several(bearing)
    return _one(bearing[0], net, law, inclusive=line.price_basis == "inclusive")


def _default(law: TaxLaw) -> Treatment:
    category = law.defaults.tax_category
    if category is None:
        return Treatment(None, None, None, "the source states no tax and the merchant chose no default")
    return Treatment(category, law.percent(category), None, f"the source states no tax; merchant's default {category}")


def _several(taxes: list[StatedTax]) -> Treatment:
    rates = [tax.rate_percent for tax in taxes]
    names = " + ".join(tax.name for tax in taxes if tax.name) or None
    known = [rate for rate in rates if rate is not None]
    if len(known) < len(rates):
        return Treatment(None, None, names, "several taxes, not all with a rate", "TAX-009")
    return Treatment(FOREIGN, sum(known, Decimal(0)), names, "several taxes; their rates are added up", "TAX-009")


def _one(tax: StatedTax, net: Decimal, law: TaxLaw, *, inclusive: bool) -> Treatment:
    if tax.category is not None:
        percent = tax.rate_percent if tax.rate_percent is not None else law.percent(tax.category)
        if not law.lists.tax_categories.allows(tax.category):
            category = None if percent is None else FOREIGN
            return Treatment(category, percent, tax.name or tax.category, "stated category is not NRS's")
        return Treatment(tax.category, percent, tax.name, f"stated category {tax.category}")
    percent = (
        tax.rate_percent if tax.rate_percent is not None else _rate_from_amount(tax, net, law, inclusive=inclusive)
    )
    if percent is None:
        return Treatment(None, None, tax.name, "stated as an amount that fits no Nigerian rate")
    category = category_of(percent, law.on, zero_category=law.defaults.zero_rate_category)
    if category is None:
        return Treatment(FOREIGN, percent, tax.name, f"stated rate {percent:f} % is not Nigerian law")
    return Treatment(category, percent, tax.name, f"stated rate {percent:f} % is {category}")


def _rate_from_amount(tax: StatedTax, net: Decimal, law: TaxLaw, *, inclusive: bool) -> Decimal | None:
    """The Nigerian rate whose tax on this line is the stated amount, to one minor unit of two-digit currencies."""
    amount = tax.amount or Decimal(0)
    if amount == 0:
        return Decimal(0)
    standard = rate_of(STANDARD, law.on)
    if standard is None:
        return None
    expected = net * standard / (100 + standard if inclusive else Decimal(100))
    return standard if abs(expected - amount) <= Decimal("0.01") else None
