"""Discounts on the whole deal. They act on one-time products only (reference, section 3).

Their order is not documented, so with several of them the deal's own value decides which one Pipedrive used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from taxpoynt.connectors.pipedrive.lines import DISCOUNT_TYPES, REMEDY, text, tolerance, word
from taxpoynt.domain.money import decimal_of, round_money
from taxpoynt.domain.sale import Discount
from taxpoynt.errors import BadInput, Fault

HUNDRED = Decimal(100)
Step = tuple[bool, Decimal, str | None]
"""Is it a percentage, how much, and its description."""


@dataclass(frozen=True, slots=True)
class DealValue:
    """The deal's value, to compare with: whether it holds the exclusive tax of its lines is not documented.

    tax_share: exclusive tax of the lines ÷ the lines; lines: how many roundings may have piled up in it.
    """

    amount: Decimal
    currency: str
    tax_share: Decimal
    lines: int

    def agrees(self, total: Decimal) -> bool:
        """Is it `total` (lines less discounts), with or without the exclusive tax?"""
        return abs(total - self.amount) <= tolerance(self.currency) or self.holds_tax(total)

    def holds_tax(self, total: Decimal) -> bool:
        """Is it `total` with exclusive tax on top, and not without?"""
        allowed = tolerance(self.currency) + self.lines * Decimal("0.005")
        with_tax = self.tax_share > 0 and abs(self._taxed(total) - self.amount) <= allowed
        return with_tax and abs(total - self.amount) > tolerance(self.currency)

    def distance(self, total: Decimal) -> Decimal:
        """How far it is from `total`, on the basis that fits better."""
        return min(abs(total - self.amount), abs(self._taxed(total) - self.amount))

    def _taxed(self, total: Decimal) -> Decimal:
        return total * (1 + self.tax_share)


def deal_discounts(
    records: Sequence[Mapping[str, Any]],
    *,
    base: Decimal,
    all_one_time: bool,
    value: DealValue | None,
    currency: str,
) -> tuple[tuple[Discount, ...], list[Fault]]:
    """Discounts in their place on the sale.

    Faults: PD-102 for a number that cannot be read, PD-005 when the order matters and nothing settles it.
    base: Σ of the one-time lines after their own discounts; value: None when it cannot be compared.
    """
    try:
        steps = [_step(record) for record in records]
    except BadInput as problem:
        return (), [Fault("PD-102", "deal_discounts", f"a discount cannot be read: {problem}", REMEDY)]
    if not steps or not base:
        return (), []
    orders = [_of_base(steps, base), _one_after_another(steps, base), _one_after_another(_amounts_first(steps), base)]
    chosen = _chosen(orders, base, value)
    if chosen is None and len(steps) > 1 and value is None and len({sum(order) for order in orders}) > 1:
        message = "several discounts on the deal, and nothing says in which order they apply"
        return (), [
            Fault("PD-005", "deal_discounts", message, "leave one discount on the deal, or put them on the lines")
        ]
    if all_one_time and chosen in (None, orders[0]):
        return tuple(_as_stated(step) for step in steps), []
    amounts = chosen or orders[0]
    reasons = [reason for _, _, reason in (_amounts_first(steps) if amounts is orders[2] else steps)]
    return tuple(
        Discount(amount=round_money(amount, currency), reason=reason)
        for amount, reason in zip(amounts, reasons, strict=True)
    ), []


def _chosen(orders: Sequence[list[Decimal]], base: Decimal, value: DealValue | None) -> list[Decimal] | None:
    """The order that gives the deal's value: of several the closest, of equals the first."""
    if value is None:
        return None
    fitting = [order for order in orders if value.agrees(base - sum(order))]
    return min(fitting, key=lambda order: value.distance(base - sum(order)), default=None)


def _step(record: Mapping[str, Any]) -> Step:
    amount = decimal_of(record.get("amount"))
    if amount < 0:
        raise BadInput("a negative discount")
    return word(record, "type", DISCOUNT_TYPES) != "amount", amount, text(record.get("description")) or None


def _amounts_first(steps: Sequence[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step[0])


def _of_base(steps: Sequence[Step], base: Decimal) -> list[Decimal]:
    return [base * amount / HUNDRED if percent else amount for percent, amount, _ in steps]


def _one_after_another(steps: Sequence[Step], base: Decimal) -> list[Decimal]:
    taken = []
    for percent, amount, _ in steps:
        reduction = base * amount / HUNDRED if percent else amount
        taken.append(reduction)
        base -= reduction
    return taken


def _as_stated(step: Step) -> Discount:
    percent, amount, reason = step
    return Discount(percent=amount, reason=reason) if percent else Discount(amount=amount, reason=reason)
