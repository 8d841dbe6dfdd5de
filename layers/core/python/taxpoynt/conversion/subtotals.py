"""Each tax of the document, and its share on every line and charge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from taxpoynt.conversion.bundles import Cluster, Key
from taxpoynt.conversion.items import Item
from taxpoynt.conversion.notes import Notes
from taxpoynt.conversion.rates import VAT_TYPES, ZERO
from taxpoynt.conversion.treatment import Tax
from taxpoynt.conversion.units import allocate, from_units, tidy
from taxpoynt.domain.invoice import LineTax, TaxSubtotal
from taxpoynt.domain.money import plain

_MOST_RATE_DECIMALS = 10


def share_taxes(cluster: Cluster) -> None:
    """Fills `taxes` of every item: each tax is split in proportion to what the items cost, to the minor unit."""
    for bundle in cluster.bundles:
        for item in bundle.items:
            item.taxes = [0] * len(bundle.taxes)
    for key, (_, amount) in cluster.taxed.items():
        bearing = list(_bearing(cluster, key))
        weights = [item.stated[place] if key[1] is None else item.net for item, place, _ in bearing]
        for (item, place, _), part in zip(bearing, allocate(amount, weights), strict=True):
            item.taxes[place] += part


def _bearing(cluster: Cluster, key: Key) -> Iterable[tuple[Item, int, Tax]]:
    for bundle in cluster.bundles:
        for item in bundle.items:
            for place, tax in enumerate(item.treatment.taxes or ()):
                if (tax.category, tax.percent) == key:
                    yield item, place, tax


def line_taxes(item: Item, digits: int) -> tuple[LineTax, ...]:
    """An item's taxes for the invoice, VAT first; empty while its treatment is unknown."""
    rows = [
        LineTax(
            category=tax.category,
            name=tax.name,
            rate_percent=tax.percent,
            amount=from_units(units, digits),
            reason=tax.reason,
        )
        for tax, units in zip(item.treatment.taxes or (), item.taxes, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: row.category not in VAT_TYPES))


def subtotals(settled: Sequence[Cluster], residual: int, digits: int, notes: Notes) -> list[TaxSubtotal]:
    """One row per (category, rate); the residual joins the zero-rated row, or makes one."""
    rows: list[TaxSubtotal] = []
    known = {key for cluster in settled for key in cluster.taxed}
    for cluster in settled:
        for key, (base, amount) in cluster.taxed.items():
            category, percent = key
            if category == ZERO and percent == 0:
                base, residual = base + residual, 0
            taxes = [tax for _, _, tax in _bearing(cluster, key)]
            if percent is None:
                percent = stated_percent(base, amount, [rate for name, rate in known if name == category])
                words = f"{plain(from_units(amount, digits))} on {plain(from_units(base, digits))} as stated"
                notes.trace("tax-as-stated", "taxes", f"{category}: {words}, that is {plain(percent)} %")
            rows.append(_row(category, percent, base, amount, digits, taxes))
    if residual:
        rows.append(_row(ZERO, Decimal(0), residual, 0, digits, []))
    return rows


def _row(category: str, percent: Decimal, base: int, amount: int, digits: int, taxes: Sequence[Tax]) -> TaxSubtotal:
    names = {tax.name for tax in taxes}
    only = names.pop() if len(names) == 1 else None
    reasons = dict.fromkeys(tax.reason for tax in taxes if tax.reason)
    return TaxSubtotal(
        category=category,
        name=only or category,
        rate_percent=percent,
        base=from_units(base, digits),
        amount=from_units(amount, digits),
        reason="; ".join(reasons) or None,
    )


def stated_percent(base: int, amount: int, taken: Sequence[Decimal | None] = ()) -> Decimal:
    """The rate with the fewest decimals whose tax on `base` is `amount` (rule 5); NRS wants a rate beside each tax.

    taken: rates of other rows of this category; one more decimal keeps the rows apart (section 7.4) where one can.
    """
    if not base:
        return Decimal(0)
    exact = Decimal(amount) * 100 / base
    percent = exact
    for decimals in range(_MOST_RATE_DECIMALS + 1):
        percent = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        if percent not in taken and abs(base * percent / 100 - amount) <= Decimal("0.5"):
            break
    return tidy(percent)
