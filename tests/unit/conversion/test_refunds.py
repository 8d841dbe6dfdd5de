"""Refunds with a record of their own: the last one takes the exact remainder, and none takes more than is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxpoynt.conversion.refunds import within
from taxpoynt.conversion.standing import Issued, Sums, left, total
from taxpoynt.domain.invoice import Invoice, Reference
from taxpoynt.domain.sale import ExactTax, Sale, StatedTax
from taxpoynt.errors import Fault
from tests.unit.conversion.builders import ISSUED, converted, line, sale

REFERENCE = (Reference(irn="PD8-94ND90NR-20260915", issue_date=ISSUED),)
Fit = Callable[[Invoice, Sequence[Sums]], tuple[tuple[ExactTax, ...], Fault | None]]


def till(gross: str, percent: str = "7.5") -> Sale:
    category = "STANDARD_VAT" if Decimal(percent) else "EXEMPTED"
    taxes = (StatedTax(category=category, rate_percent=Decimal(percent)),)
    return sale(line("1", gross, price_basis="inclusive", taxes=taxes))


def refund(gross: str, issued: list[Issued], fit: Fit = within, percent: str = "7.5") -> Fault | None:
    """Converted, fitted and, unless held, issued."""
    made = till(gross, percent).model_copy(update={"document": "credit_note", "refers_to": ("8",)})
    rows, fault = fit(converted(made, refers_to=REFERENCE)[0], [left(issued[0], issued)])
    if fault is None:
        note, faults = converted(made.model_copy(update={"exact_taxes": rows}), refers_to=REFERENCE)
        assert not faults
        issued.append(Issued(f"r{len(issued)}", note, "8"))
    return fault


def invoiced(gross: str) -> list[Issued]:
    return [Issued("8", converted(till(gross))[0])]


def test_two_refunds_of_a_till_sale_equal_it_by_rate_to_the_kobo() -> None:
    issued = invoiced("107.51")
    assert refund("53.76", issued) is None
    assert refund("53.75", issued) is None
    assert left(issued[0], issued) == {}


def test_a_refund_of_more_than_is_left_is_held_with_both_amounts() -> None:
    issued = invoiced("107.50")
    assert refund("80.00", issued) is None
    fault = refund("27.51", issued)
    assert fault is not None
    assert fault.code == "CREDIT-001"
    assert "27.51 NGN, but only 27.50 NGN" in fault.message


def test_a_refund_at_another_rate_is_held() -> None:
    fault = refund("50.00", invoiced("107.50"), percent="0")
    assert fault is not None
    assert "EXEMPTED" in fault.message


_amounts = st.integers(100, 100_000)


def _refund_all(gross: int, parts: Sequence[int], fit: Fit = within) -> None:
    issued = invoiced(str(Decimal(gross).scaleb(-2)))
    rest = gross
    for part in (*parts, gross):
        share = min(part, rest)
        if share:
            assert refund(str(Decimal(share).scaleb(-2)), issued, fit) is None
            rest -= share
    assert total(left(issued[0], issued)) == 0
    assert refund("0.01", issued, fit) is not None, "nothing is left"
    for pair in left(issued[0], issued).values():
        assert max(map(abs, pair)) <= 2, "by rate: only where some kobo bear a tax no row could tell"


@settings(max_examples=60)
@given(_amounts, st.lists(_amounts, max_size=6))
def test_refunds_never_exceed_the_sale_and_end_exactly(gross: int, parts: list[int]) -> None:
    _refund_all(gross, parts)


def _never_too_much(invoice: Invoice, rests: Sequence[Sums]) -> tuple[tuple[ExactTax, ...], Fault | None]:
    """Broken twin: trusts the platform's amounts."""
    return (), None


def test_a_twin_that_trusts_the_amounts_is_caught() -> None:
    with pytest.raises(AssertionError):
        _refund_all(10_751, [5_376, 5_375], _never_too_much)
