"""What the documents about one source record say together: invoices and debit notes less credit notes, in minor units.

Counted by (category, rate) and by what was sold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from taxpoynt.conversion.exact import VAT_TYPES, units_of
from taxpoynt.conversion.rates import ZERO
from taxpoynt.conversion.units import allocate
from taxpoynt.domain.invoice import CREDIT_NOTE_TYPE, Invoice, InvoiceLine

Group = tuple[str, Decimal]
"""Tax category and percent."""
Sums = dict[Group, tuple[int, int]]
"""(base, tax) in minor units."""

AMOUNT_ONLY = "correction.amount"
"""The path of a correction's line that changes a price and no quantity."""
MOST_FOLDED = 5
"""Minor units of untaxed rounding that are told with a taxed group."""
_PLACE = re.compile(r"LINE-\d+")


@dataclass(frozen=True, slots=True)
class Issued:
    """A document that NRS has or is being sent. `against`: the document a credit or debit note names."""

    sale_id: str
    invoice: Invoice
    against: str | None = None

    @property
    def credit(self) -> bool:
        """Does it take away?"""
        return self.invoice.type_code == CREDIT_NOTE_TYPE


@dataclass(slots=True)
class Item:
    """One thing sold as far as the documents say: quantity, net of the line, and net after document discounts."""

    line: InvoiceLine | None
    quantity: Decimal = field(default=Decimal(0))
    raw: int = 0
    net: int = 0


Items = dict[Group, dict[str, Item]]


def sums(invoice: Invoice) -> Sums:
    """The document's tax rows, several of one (category, rate) as one."""
    return plus(
        *(
            {(one.category, one.rate_percent): (_units(one.base, invoice), _units(one.amount, invoice))}
            for one in invoice.taxes
        )
    )


def plus(*many: Sums) -> Sums:
    """Added up; groups that come to nothing are left out."""
    whole: Sums = {}
    for one in many:
        for group, (base, tax) in one.items():
            known = whole.get(group, (0, 0))
            whole[group] = (known[0] + base, known[1] + tax)
    return {group: pair for group, pair in whole.items() if pair != (0, 0)}


def minus(one: Sums, other: Sums) -> Sums:
    """The difference."""
    return plus(one, {group: (-base, -tax) for group, (base, tax) in other.items()})


def total(many: Sums) -> int:
    """With tax. Bases of taxes beside VAT are not counted twice."""
    return sum((base if group[0] in VAT_TYPES else 0) + tax for group, (base, tax) in many.items())


def standing(issued: Iterable[Issued]) -> Sums:
    """What all documents say together."""
    whole: Sums = {}
    for one in issued:
        whole = minus(whole, sums(one.invoice)) if one.credit else plus(whole, sums(one.invoice))
    return whole


def left(one: Issued, issued: Sequence[Issued]) -> Sums:
    """What credit notes have left of an invoice or debit note."""
    whole = sums(one.invoice)
    for note in issued:
        if note.credit and note.against == one.sale_id:
            whole = minus(whole, sums(note.invoice))
    return whole


def folded(rows: Sums, stands: Sums) -> Sums:
    """`rows` without a minor unit or two of untaxed difference: it goes to the largest taxed group; the total stays.

    A price with tax may leave a minor unit of untaxed rounding (rule `inclusive-residual`). Told apart, every second
    credit note over such prices would need a debit note over one kobo beside it.
    """
    nothing = (ZERO, Decimal(0))
    base = rows.get(nothing, (0, 0))[0]
    taxed = [group for group in rows if group[1] and group[0] in VAT_TYPES]
    if not base or abs(base) > MOST_FOLDED or not taxed:
        return rows
    largest = max(taxed, key=lambda group: abs(rows[group][0]))
    moved = plus(rows, {nothing: (-base, 0), largest: (base, 0)})
    fits = stands.get(largest, (0, 0))[0] + moved.get(largest, (0, 0))[0] >= 0  # else more would go than there is
    return moved if fits else rows


def items(invoice: Invoice) -> Items:
    """The document's lines by what was sold, their nets after document discounts adding up to the group's base."""
    found: Items = {}
    for group, name, item in _parts(invoice):
        mine = found.setdefault(group, {}).setdefault(name, Item(item.line))
        mine.quantity += item.quantity
        mine.raw += item.raw
    for group, many in found.items():
        base = sums(invoice).get(group, (0, 0))[0]
        for item, net in zip(many.values(), allocate(base, [one.raw for one in many.values()]), strict=True):
            item.net = net
    return found


def _parts(invoice: Invoice) -> Iterable[tuple[Group, str, Item]]:
    for line in invoice.lines:
        if line.tax_category is not None and line.tax_rate_percent is not None:
            counts = not line.path.startswith(AMOUNT_ONLY)
            quantity = line.quantity if counts else Decimal(0)
            group = (line.tax_category, line.tax_rate_percent.normalize())
            yield group, identity(line), Item(line, quantity, _units(line.net, invoice))
    for charge in invoice.charges:
        vat = next((tax for tax in charge.taxes if tax.category in VAT_TYPES and tax.rate_percent is not None), None)
        if vat is not None and vat.rate_percent is not None:
            amount = _units(charge.amount, invoice) * (1 if charge.charge else -1)
            yield (vat.category, vat.rate_percent), charge.reason or charge.kind or "Charge", Item(None, raw=amount)


def standing_items(issued: Iterable[Issued]) -> Items:
    """The lines of all documents together."""
    whole: Items = {}
    for one in issued:
        sign = -1 if one.credit else 1
        for group, many in items(one.invoice).items():
            for name, item in many.items():
                mine = whole.setdefault(group, {}).setdefault(name, Item(item.line))
                mine.line = mine.line or item.line
                mine.quantity += sign * item.quantity
                mine.raw += sign * item.raw
                mine.net += sign * item.net
    return whole


def identity(line: InvoiceLine) -> str:
    """What is sold, whatever its place in the document."""
    return line.name if is_nameless(line) else line.sku


def is_nameless(line: InvoiceLine) -> bool:
    """Has the source no code for it, so that ours is only its place in the document?"""
    return bool(_PLACE.fullmatch(line.sku))


def _units(amount: Decimal, invoice: Invoice) -> int:
    return units_of(amount, invoice.currency)
