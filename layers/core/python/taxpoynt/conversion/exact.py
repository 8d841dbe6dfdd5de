"""Tax rows that a correction must come out with, each right by itself (reference, section 9, rule 5).

Invoice and notes are right together when base and tax of every (category, rate) add up to what the source says now. The
difference of two rounded taxes is not always the rounded tax of the difference: 14 kobo bear 1 kobo at 7.5 %, 7 kobo
bear 1, and so the other 7 kobo must bear none. Such a pair is told in two or three rows of the same rate, which NRS
accepts (section 7.4: others send one row a line).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from taxpoynt.conversion.rates import EXEMPT, STANDARD, ZERO
from taxpoynt.conversion.units import percent_of, to_units
from taxpoynt.domain.invoice import DocumentCharge, Invoice, InvoiceLine, TaxSubtotal
from taxpoynt.domain.money import minor_digits
from taxpoynt.domain.sale import ExactTax

VAT_TYPES = (STANDARD, "REDUCED_VAT", ZERO, EXEMPT)
"""Their bases add up to the amount without tax; any other tax is reckoned beside them (section 9, rule 6)."""

_SECOND_PART = 400
"""At rates with up to two decimals the fractions of a tax come back after 400 steps at the latest for those in use."""
_THIRD_PART = 60


def partition(base: int, tax: int, percent: Decimal) -> list[tuple[int, int]] | None:
    """(base, tax) pairs in minor units that add up to the two, each tax right for its base; None where there are none.

    There are none where `tax` is more than about a minor unit from `percent` of `base`, and for bases below some forty
    minor units.
    """
    if base < 0 or tax < 0:
        return None
    if base == 0:
        return [] if tax == 0 else None
    if abs(base * percent / 100 - tax) * 2 <= 1:
        return [(base, tax)]
    if abs(base * percent / 100 - tax) > 2:
        return None
    found = _two(base, tax, percent)
    for part in range(1, min(_THIRD_PART, base) if found is None else 1):
        own = percent_of(part, percent)
        rest = _two(base - part, tax - own, percent)
        if rest is not None:
            return [*rest, (part, own)]
    return found


def _two(base: int, tax: int, percent: Decimal) -> list[tuple[int, int]] | None:
    for part in range(1, min(_SECOND_PART, base)):
        one, other = percent_of(base - part, percent), percent_of(part, percent)
        if one + other == tax:
            return [(base - part, one), (part, other)]
    return None


def exactly(invoice: Invoice, rows: Sequence[ExactTax]) -> Invoice:
    """`invoice` with these tax rows; what its lines do not reach becomes a document charge that is shown as such."""
    if not rows:
        return invoice
    taxes = tuple(_subtotal(invoice, row) for row in rows)
    net = sum((row.base for row in rows if row.category in VAT_TYPES), Decimal(0))
    tax = sum((row.amount for row in rows), Decimal(0))
    moved = net + tax - (invoice.gross_total or Decimal(0))
    payable = net + tax + invoice.rounding
    due = None if invoice.balance_due is None else max(invoice.balance_due + moved, Decimal(0))
    return invoice.model_copy(
        update={
            "lines": _lines(invoice, taxes),
            "charges": (*invoice.charges, *_difference(net - invoice.net_total)),
            "net_total": net,
            "taxes": taxes,
            "tax_total": tax,
            "gross_total": net + tax,
            "payable": payable,
            "balance_due": due,
        }
    )


def _subtotal(invoice: Invoice, row: ExactTax) -> TaxSubtotal:
    known = next(
        (one for one in invoice.taxes if (one.category, one.rate_percent) == (row.category, row.rate_percent)), None
    )
    reason = known.reason if known else None
    return TaxSubtotal(**row.model_dump(), reason=reason)


def _difference(amount: Decimal) -> list[DocumentCharge]:
    if not amount:
        return []
    return [
        DocumentCharge(charge=amount > 0, amount=abs(amount), reason="Rounding of earlier documents", kind="residual")
    ]


def _lines(invoice: Invoice, taxes: Sequence[TaxSubtotal]) -> tuple[InvoiceLine, ...]:
    """Each line's share of the tax again: the largest line of a rate takes what moved."""
    lines = list(invoice.lines)
    for key in dict.fromkeys((one.category, one.rate_percent) for one in (*invoice.taxes, *taxes)):
        places = [place for place, line in enumerate(lines) if (line.tax_category, line.tax_rate_percent) == key]
        moved = _of(taxes, key) - _of(invoice.taxes, key)
        if places and moved:
            largest = max(places, key=lambda place: lines[place].net)
            lines[largest] = _moved(lines[largest], moved)
    return tuple(lines)


def _of(taxes: Sequence[TaxSubtotal], key: tuple[str, Decimal]) -> Decimal:
    return sum((one.amount for one in taxes if (one.category, one.rate_percent) == key), Decimal(0))


def _moved(line: InvoiceLine, by: Decimal) -> InvoiceLine:
    taxes = list(line.taxes)
    if taxes and taxes[0].amount is not None:
        taxes[0] = taxes[0].model_copy(update={"amount": taxes[0].amount + by})
    return line.model_copy(update={"tax": (line.tax or Decimal(0)) + by, "taxes": tuple(taxes)})


def units_of(amount: Decimal | None, currency: str) -> int:
    """Minor units of an amount that is known to be rounded; 0 for none."""
    return 0 if amount is None else to_units(amount, minor_digits(currency))
