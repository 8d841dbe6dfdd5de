"""Refunds that are records of their own at the platform, held against what is left of the documents they refund."""

from __future__ import annotations

from collections.abc import Sequence

from taxpoynt.conversion.differences import amount_of, exact_rows, names_of, told
from taxpoynt.conversion.standing import MOST_FOLDED, Sums, plus, sums, total
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.sale import ExactTax
from taxpoynt.errors import Fault

TOO_MUCH = "CREDIT-001"


def within(refund: Invoice, rests: Sequence[Sums]) -> tuple[tuple[ExactTax, ...], Fault | None]:
    """Tax rows the refund must have (none: its own are right), or why it must not be sent.

    refund: converted by itself. rests: what is left of each document it refunds. A refund of everything that is left
    takes exactly that, whatever earlier ones were rounded to; one that only rounding puts above the rest of a rate
    keeps its total and takes the rest of that rate.
    """
    own, rest = sums(refund), plus(*rests)
    if total(own) > total(rest):
        return (), _too_much(refund, total(own), total(rest))
    if total(own) == total(rest):
        rows = rest if told(rest) else own
        return (() if rows == own else exact_rows(rows, names_of(refund), refund.currency)), None
    over = {group: pair[0] - rest.get(group, (0, 0))[0] for group, pair in own.items()}
    worst = max(over.values(), default=0)
    if worst <= 0:
        return (), None
    if worst > MOST_FOLDED * len(refund.lines):
        return (), _another_rate(refund)
    rows = _fitted(own, rest)
    return (exact_rows(rows, names_of(refund), refund.currency) if told(rows) else ()), None


def _fitted(own: Sums, rest: Sums) -> Sums:
    """Bases cut to the rest; what was cut off goes where there is room, so that the total stays."""
    cut = {group: (min(base, rest.get(group, (0, 0))[0]), tax) for group, (base, tax) in own.items()}
    spare = total(own) - total(cut)
    for group, (base, tax) in cut.items():
        room = rest.get(group, (0, 0))[0] - base
        given = min(spare, room)
        cut[group] = (base + given, tax)
        spare -= given
    for group, (base, tax) in cut.items():  # no room in any base: a kobo more of tax
        given = min(spare, max(rest.get(group, (0, 0))[1] - tax, 0))
        cut[group] = (base, tax + given)
        spare -= given
    return cut if not spare else own


def _too_much(refund: Invoice, units: int, rest: int) -> Fault:
    wanted, left = (amount_of(one, refund.currency) for one in (units, rest))
    return Fault(
        TOO_MUCH,
        "gross_total",
        f"This refund is {wanted}, but only {left} of the invoice is left after earlier credit notes.",
        "Correct the refund in the source system, or the invoice's other refunds; it goes on by itself.",
    )


def another_currency(refund: Invoice, other: str | None) -> Fault:
    """Amounts of two currencies cannot be held against each other."""
    return Fault(
        TOO_MUCH,
        "currency",
        f"This refund is in {refund.currency}, but its invoice is in {other}.",
        "Give the money back in the currency of the sale in the source system; it goes on by itself.",
    )


def _another_rate(refund: Invoice) -> Fault:
    rates = ", ".join(sorted({f"{one.category} {one.rate_percent:f} %" for one in refund.taxes}))
    return Fault(
        TOO_MUCH,
        "taxes",
        f"This refund gives back more at {rates} than the invoice has left at that rate.",
        "Correct the taxes of the refund in the source system, so that they are those of the sale.",
    )
