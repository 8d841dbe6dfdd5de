"""Taxes and document discounts: lines are grouped by (category, rate), and each group is settled to the minor unit.

Prices without tax: tax = round(base × rate) once per group, never per line.
Prices with tax: the till's total wins, so net and tax of the group are chosen to add up to it exactly.
A mixed group is settled as one: its prices with tax plus its prices without tax and their tax.

Rule `inclusive-residual`: where no net and tax with a correct tax exist for a gross (about one in fourteen at 7.5 %),
the nearest lower pair is taken and the missing minor unit becomes a document charge, untaxed, with its own
zero-rated base, so that every sum still holds and the customer owes exactly what the till said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from taxpoynt.conversion.notes import Notes
from taxpoynt.conversion.pricing import Priced, amount_of, described, is_discount, is_sane
from taxpoynt.conversion.rates import ZERO
from taxpoynt.conversion.units import allocate, from_units, percent_of, split_gross, to_units
from taxpoynt.domain.invoice import DocumentCharge, TaxSubtotal
from taxpoynt.domain.money import plain
from taxpoynt.domain.sale import Charge, Discount, Sale


@dataclass(slots=True)
class Group:
    """Lines of one (category, rate), in minor units. tax None: unknown treatment."""

    category: str | None
    percent: Decimal | None
    lines: list[Priced] = field(default_factory=list)
    base: int = 0
    tax: int | None = None
    residual: int = 0
    reduction: int = 0
    """Document discounts less charges that fall on this group, without tax."""

    @property
    def total(self) -> int:
        """Σ lines on their own bases, before document discounts."""
        return sum(line.total for line in self.lines)


@dataclass(slots=True)
class Settlement:
    """The document's amounts in minor units; tax None while the treatment of a line is unknown."""

    lines_total: int
    net: int
    tax: int | None
    on_basis: int
    """Lines less discounts plus charges on the bases of their prices: what platforms usually call the total."""
    subtotals: list[TaxSubtotal]
    charges: list[DocumentCharge]


def settle(sale: Sale, lines: list[Priced], digits: int, notes: Notes) -> Settlement:
    """Fills `net` and `tax` of every line and returns the document's amounts."""
    groups = _grouped(lines)
    whole = sum(line.total for line in lines)
    adjustments = _adjustments(sale, whole, digits, notes)
    reduction = sum(units for _, units in adjustments)
    if whole - reduction < 0 <= whole:
        notes.fault("SUM-007", "discounts")
    shares = allocate(reduction, [group.total for group in groups])
    for group, share in zip(groups, shares, strict=True):
        _settle(group, share)
    residual = sum(group.residual for group in groups)
    lines_total = sum(line.net for line in lines)
    nets = _net_adjustments([units for _, units in adjustments], groups, whole, lines_total)
    charges = _charges(adjustments, nets, digits, notes)
    if residual:
        charges.append(_residual_charge(residual, digits, notes))
    known = [group.tax for group in groups if group.tax is not None]
    return Settlement(
        lines_total=lines_total,
        net=sum(group.base + group.residual for group in groups),
        tax=sum(known) if len(known) == len(groups) else None,
        on_basis=whole - reduction,
        subtotals=_subtotals(groups, residual, digits),
        charges=charges,
    )


def _grouped(lines: list[Priced]) -> list[Group]:
    groups: dict[tuple[str | None, Decimal | None], Group] = {}
    for line in lines:
        key = (line.treatment.category, line.treatment.percent)
        if None in key:
            key = (None, None)
        group = groups.get(key)
        if group is None:
            group = groups[key] = Group(*key)
        group.lines.append(line)
    return list(groups.values())


def _adjustments(sale: Sale, whole: int, digits: int, notes: Notes) -> list[tuple[Discount | Charge, int]]:
    """Document discounts (positive) and charges (negative) in minor units; percentages are of the sum of the lines."""
    found: list[tuple[Discount | Charge, int]] = []
    kinds: tuple[tuple[str, int, Sequence[Discount | Charge]], ...] = (
        ("discounts", 1, sale.discounts),
        ("charges", -1, sale.charges),
    )
    for path, sign, many in kinds:
        for place, one in enumerate(many):
            if not is_sane(one.percent or one.amount or Decimal(0)):
                notes.fault("NUM-004", f"{path}[{place}]")
                continue
            if not is_discount(one):
                notes.fault("SUM-007", f"{path}[{place}]")
            found.append((one, sign * to_units(amount_of(one, whole, digits), 0)))
    return found


def _settle(group: Group, share: int) -> None:
    inclusive = [line for line in group.lines if line.inclusive]
    for line in group.lines:
        line.net = line.total
    if group.percent is None or not inclusive:
        group.base, group.reduction = group.total - share, share
        group.tax = None if group.percent is None else percent_of(group.base, group.percent)
    else:
        _settle_inclusive(group, inclusive, share, group.percent)
    if group.tax is not None:
        for line, tax in zip(group.lines, allocate(group.tax, [one.net for one in group.lines]), strict=True):
            line.tax = tax


def _settle_inclusive(group: Group, inclusive: list[Priced], share: int, percent: Decimal) -> None:
    with_tax = sum(line.total for line in inclusive)
    without = group.total - with_tax
    share_without, share_with = allocate(share, [without, with_tax])
    exclusive_base = without - share_without
    target = with_tax - share_with + exclusive_base + percent_of(exclusive_base, percent)
    group.base, group.tax, group.residual = split_gross(target, percent)
    exact_net = with_tax / (1 + percent / 100)
    nets = to_units(exact_net, 0) if share_with else group.base - exclusive_base
    for line, net in zip(inclusive, allocate(nets, [one.total for one in inclusive]), strict=True):
        line.net = net
    group.reduction = without + nets - group.base


def _net_adjustments(stated: list[int], groups: list[Group], whole: int, lines_total: int) -> list[int]:
    """Each discount and charge without tax; the largest takes what rounding leaves, so that they add up."""
    if not stated:
        return []
    nets = [to_units(Decimal(units) * lines_total / whole, 0) if whole else units for units in stated]
    largest = max(range(len(nets)), key=lambda place: abs(nets[place]))
    nets[largest] += sum(group.reduction for group in groups) - sum(nets)
    return nets


def _charges(
    adjustments: Sequence[tuple[Discount | Charge, int]], nets: list[int], digits: int, notes: Notes
) -> list[DocumentCharge]:
    charges = []
    for (one, units), net in zip(adjustments, nets, strict=True):
        if net:
            amount = from_units(abs(net), digits)
            charges.append(DocumentCharge(charge=net < 0, amount=amount, percent=one.percent, reason=one.reason))
        words = (
            f"{described(one)} is {plain(from_units(units, digits))} as priced, {plain(from_units(net, digits))} net"
        )
        notes.trace("document-discount", "charges", words + ", spread over the tax groups by their amounts")
    return charges


def _residual_charge(residual: int, digits: int, notes: Notes) -> DocumentCharge:
    amount = from_units(abs(residual), digits)
    detail = f"no net and tax add up to the total with tax; {plain(amount)} is an untaxed document charge"
    notes.trace("inclusive-residual", "charges", detail)
    return DocumentCharge(charge=residual > 0, amount=amount, reason="Rounding of prices that include VAT")


def _subtotals(groups: list[Group], residual: int, digits: int) -> list[TaxSubtotal]:
    rows = []
    for group in groups:
        if group.category is None or group.percent is None or group.tax is None:
            continue
        base = group.base
        if group.category == ZERO and group.percent == 0:
            base, residual = base + residual, 0
        rows.append(_subtotal(group.category, _name(group), group.percent, base, group.tax, digits))
    if residual:
        rows.append(_subtotal(ZERO, ZERO, Decimal(0), residual, 0, digits))
    return rows


def _subtotal(category: str, name: str, percent: Decimal, base: int, tax: int, digits: int) -> TaxSubtotal:
    return TaxSubtotal(
        category=category,
        name=name,
        rate_percent=percent,
        base=from_units(base, digits),
        amount=from_units(tax, digits),
    )


def _name(group: Group) -> str:
    names = {line.treatment.name for line in group.lines}
    only = names.pop() if len(names) == 1 else None
    return only or group.category or ""
