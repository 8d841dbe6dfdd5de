"""The document's amounts: taxes per (category, rate), document discounts and charges, and what rounding leaves.

Document discounts, and charges that state no tax, are spread over the tax groups in proportion to their lines
(`document-discount`). Charges with a tax rule of their own bear exactly that tax. The residual of prices with tax
becomes an untaxed document charge with its own zero-rated base (`inclusive-residual`), so that every sum holds and
the customer owes exactly what the till said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from taxpoynt.conversion.bundles import Bundle, Cluster, bundled, clusters, settle_cluster
from taxpoynt.conversion.extras import is_usable
from taxpoynt.conversion.items import Extra, Priced
from taxpoynt.conversion.notes import Notes
from taxpoynt.conversion.pricing import amount_of, described, has_sane_amount, is_discount
from taxpoynt.conversion.subtotals import line_taxes, share_taxes, subtotals
from taxpoynt.conversion.units import allocate, from_units, to_units
from taxpoynt.domain.invoice import DocumentCharge, TaxSubtotal
from taxpoynt.domain.money import plain
from taxpoynt.domain.sale import Charge, Discount, Sale

Adjustment = tuple[Discount | Charge, int]
"""A document discount (positive) or charge without a tax rule (negative), in minor units as priced."""


@dataclass(slots=True)
class Settlement:
    """The document's amounts in minor units; tax None while the treatment of an item is unknown."""

    lines_total: int
    net: int
    tax: int | None
    on_basis: int
    """Lines less discounts plus charges on the bases of their prices: what platforms usually call the total."""
    tip: int
    """What of `net` is a tip that the merchant puts into its invoices."""
    subtotals: list[TaxSubtotal]
    charges: list[DocumentCharge]

    @property
    def gross(self) -> int | None:
        """With tax; None while a tax is unknown."""
        return None if self.tax is None else self.net + self.tax


def settle(sale: Sale, lines: Sequence[Priced], extras: Sequence[Extra], digits: int, notes: Notes) -> Settlement:
    """Fills `net` and `taxes` of every item and returns the document's amounts."""
    whole = sum(line.total for line in lines)
    adjustments = _adjustments(sale, whole, digits, notes)
    reduction = sum(units for _, units in adjustments)
    if whole - reduction < 0 <= whole:
        notes.fault("SUM-007", "discounts")
    bundles = bundled([*lines, *extras])
    for bundle, share in zip(bundles, allocate(reduction, [one.lines_total for one in bundles]), strict=True):
        bundle.share = share
    settled = clusters(bundles)
    for cluster in settled:
        settle_cluster(cluster)
        share_taxes(cluster)
    residual = sum(cluster.residual for cluster in settled)
    lines_total = sum(line.net for line in lines)
    nets = _net_adjustments([units for _, units in adjustments], bundles, whole, lines_total)
    charges = _adjusted(adjustments, nets, digits, notes)
    charges += [_extra_charge(extra, digits) for extra in extras if extra.net or any(extra.taxes)]
    if residual:
        charges.append(_residual_charge(residual, digits, notes))
    tip = sum(extra.net for extra in extras if extra.kind == "tip")
    return Settlement(
        lines_total=lines_total,
        net=sum(bundle.base for bundle in bundles) + residual,
        tax=_tax(settled),
        on_basis=whole - reduction + sum(extra.total for extra in extras) - tip,
        tip=tip,
        subtotals=subtotals(settled, residual, digits, notes),
        charges=charges,
    )


def _tax(settled: Sequence[Cluster]) -> int | None:
    if any(not bundle.taxes for cluster in settled for bundle in cluster.bundles):
        return None
    return sum(tax for cluster in settled for _, tax in cluster.taxed.values())


def _adjustments(sale: Sale, whole: int, digits: int, notes: Notes) -> list[Adjustment]:
    """Percentages are of the sum of the lines."""
    found: list[Adjustment] = []
    kinds: tuple[tuple[str, int, Sequence[Discount | Charge]], ...] = (
        ("discounts", 1, sale.discounts),
        ("charges", -1, sale.charges),
    )
    for path, sign, many in kinds:
        for place, one in enumerate(many):
            if not has_sane_amount(one) or (isinstance(one, Charge) and not is_usable(one)):
                notes.fault("NUM-004", f"{path}[{place}]")
                continue
            if isinstance(one, Charge) and one.taxes:
                continue
            if not is_discount(one):
                notes.fault("SUM-007", f"{path}[{place}]")
            found.append((one, sign * to_units(amount_of(one, whole, digits), 0)))
    return found


def _net_adjustments(stated: list[int], bundles: Sequence[Bundle], whole: int, lines_total: int) -> list[int]:
    """Each discount and charge without tax; the largest takes what rounding leaves, so that they add up."""
    if not stated:
        return []
    nets = [to_units(Decimal(units) * lines_total / whole, 0) if whole else units for units in stated]
    largest = max(range(len(nets)), key=lambda place: abs(nets[place]))
    nets[largest] += sum(bundle.reduction for bundle in bundles) - sum(nets)
    return nets


def _adjusted(adjustments: Sequence[Adjustment], nets: list[int], digits: int, notes: Notes) -> list[DocumentCharge]:
    charges = []
    for (one, units), net in zip(adjustments, nets, strict=True):
        if net:
            charges.append(_charge(one, net, digits))
        words = (
            f"{described(one)} is {plain(from_units(units, digits))} as priced, {plain(from_units(net, digits))} net"
        )
        notes.trace("document-discount", "charges", words + ", spread over the tax groups by their amounts")
    return charges


def _charge(one: Discount | Charge, net: int, digits: int) -> DocumentCharge:
    return DocumentCharge(
        charge=net < 0,
        amount=from_units(abs(net), digits),
        percent=one.percent,
        reason=one.reason,
        kind=one.kind if isinstance(one, Charge) else "discount",
    )


def _extra_charge(extra: Extra, digits: int) -> DocumentCharge:
    return DocumentCharge(
        charge=extra.net >= 0,
        amount=from_units(abs(extra.net), digits),
        percent=extra.charge.percent,
        reason=extra.reason,
        kind=extra.kind,
        taxes=line_taxes(extra, digits),
    )


def _residual_charge(residual: int, digits: int, notes: Notes) -> DocumentCharge:
    amount = from_units(abs(residual), digits)
    detail = f"no net and tax add up to the total with tax; {plain(amount)} is an untaxed document charge"
    notes.trace("inclusive-residual", "charges", detail)
    reason = "Rounding of prices that include VAT"
    return DocumentCharge(charge=residual > 0, amount=amount, reason=reason, kind="residual")
