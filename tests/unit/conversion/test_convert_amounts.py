"""Amounts against a second implementation: whole minor units and fractions, no Decimal arithmetic.

The broken twins below are the mistakes people really make; the same search must catch each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from taxpoynt.conversion.nrs_shape import nrs_shape
from taxpoynt.domain.money import minor_digits
from taxpoynt.domain.sale import Charge, Discount, Sale, SaleLine, StatedTax
from tests.unit.conversion.audit import audit, half_up
from tests.unit.conversion.builders import converted, sale

PRICES = st.decimals(min_value="0.01", max_value="50000", places=2)
QUANTITIES = st.one_of(st.integers(1, 500).map(Decimal), st.decimals(min_value="0.001", max_value="40", places=3))
DISCOUNTS = st.one_of(
    st.just(()),
    st.decimals(min_value="0", max_value="60", places=1).map(lambda percent: (Discount(percent=percent),)),
    st.decimals(min_value="0", max_value="0.01", places=2).map(lambda amount: (Discount(amount=amount),)),
)
RATES = st.sampled_from([(), (StatedTax(rate_percent=Decimal("7.5")),), (StatedTax(rate_percent=Decimal(0)),)])


@st.composite
def lines(draw: st.DrawFn, *bases: str) -> SaleLine:
    return SaleLine(
        path="p",
        description="Thing",
        quantity=draw(QUANTITIES),
        unit_price=draw(PRICES),
        price_basis=draw(st.sampled_from(bases)),
        discounts=draw(DISCOUNTS),
        taxes=draw(RATES),
    )


@st.composite
def sales(draw: st.DrawFn, *bases: str) -> Sale:
    adjustments = st.one_of(
        st.just(None), st.decimals(min_value="0", max_value="90", places=1), st.decimals("0.01", "0.05", places=2)
    )
    off, extra = draw(adjustments), draw(adjustments)
    return sale(
        *draw(st.lists(lines(*bases), min_size=1, max_size=6)),
        currency=draw(st.sampled_from(["NGN", "JPY", "BHD"])),
        discounts=() if off is None else (Discount(percent=off),),
        charges=() if extra is None else (Charge(percent=extra),),
    )


def plain_sales() -> st.SearchStrategy[Sale]:
    """Prices without tax, nothing on the whole document: the totals follow from the lines alone."""
    return st.lists(lines("exclusive", "unstated"), min_size=1, max_size=6).map(lambda many: sale(*many))


def units(value: Fraction, digits: int) -> int:
    scale: int = 10**digits
    return floor(value * scale + Fraction(1, 2))


def line_units(line: SaleLine, digits: int) -> int:
    """A line on its own basis after its discount."""
    gross: int = units(Fraction(line.quantity) * Fraction(line.unit_price), digits)
    off = Fraction(0)
    for one in line.discounts:
        if one.percent is None:
            off += Fraction(one.amount or 0) * 10**digits
        else:
            off += gross * Fraction(one.percent) / 100
    return gross - floor(off + Fraction(1, 2))


def reference_totals(one: Sale) -> tuple[int, int]:
    """(net, tax) of a plain sale in minor units: sort the lines into rates, tax each sum once."""
    digits = minor_digits(one.currency)
    sums: dict[Fraction, int] = {}
    for line in one.lines:
        rate = Fraction(line.taxes[0].rate_percent or 0) if line.taxes else Fraction(15, 2)
        sums[rate] = sums.get(rate, 0) + line_units(line, digits)
    return sum(sums.values()), sum(floor(base * rate / 100 + Fraction(1, 2)) for rate, base in sums.items())


@settings(max_examples=150)
@given(plain_sales())
def test_net_and_tax_equal_those_of_a_second_implementation(one: Sale) -> None:
    invoice, _ = converted(one)
    digits = minor_digits(one.currency)
    ours = (int(invoice.net_total.scaleb(digits)), int((invoice.tax_total or Decimal(0)).scaleb(digits)))
    assert ours == reference_totals(one)


@settings(max_examples=250)
@given(sales("exclusive", "unstated", "inclusive"))
def test_every_sum_of_the_nrs_body_holds_to_the_minor_unit(one: Sale) -> None:
    invoice, faults = converted(one)
    whole = invoice.lines_total + sum((c.amount if c.charge else -c.amount for c in invoice.charges), Decimal(0))
    assert invoice.net_total == whole
    if not any(fault.code in ("LINE-021", "SUM-007") for fault in faults):
        assert audit(nrs_shape(invoice), minor_digits(one.currency)) == []
        assert [fault.code for fault in faults] == []


@settings(max_examples=250)
@given(sales("inclusive"))
def test_prices_with_tax_add_up_to_exactly_what_the_till_took(one: Sale) -> None:
    invoice, _ = converted(one)
    digits = minor_digits(one.currency)
    till = sum(line_units(line, digits) for line in one.lines)
    off = sum(floor(till * Fraction(d.percent or 0) / 100 + Fraction(1, 2)) for d in one.discounts)
    extra = sum(floor(till * Fraction(c.percent or 0) / 100 + Fraction(1, 2)) for c in one.charges)
    assert invoice.gross_total is not None
    assert int(invoice.gross_total.scaleb(digits)) == till - off + extra


def with_floats(one: Sale) -> tuple[int, int]:
    net = tax = 0.0
    for line in one.lines:
        rate = float(line.taxes[0].rate_percent or 0) if line.taxes else 7.5
        off = sum(
            float(d.amount or 0) + float(d.percent or 0) / 100 * float(line.quantity * line.unit_price)
            for d in line.discounts
        )
        amount = round(float(line.quantity) * float(line.unit_price) - off, 2)
        net, tax = net + amount, tax + amount * rate / 100
    return round(net * 100), round(tax * 100)


def with_tax_per_line(one: Sale) -> tuple[int, int]:
    amounts = [line_units(line, 2) for line in one.lines]
    rates = [Fraction(line.taxes[0].rate_percent or 0) if line.taxes else Fraction(15, 2) for line in one.lines]
    taxes = [floor(amount * rate / 100 + Fraction(1, 2)) for amount, rate in zip(amounts, rates, strict=True)]
    return sum(amounts), sum(taxes)


def with_whole_quantities(one: Sale) -> tuple[int, int]:
    whole = [line.model_copy(update={"quantity": Decimal(int(line.quantity))}) for line in one.lines]
    return reference_totals(one.model_copy(update={"lines": tuple(whole)}))


@pytest.mark.parametrize("twin", [with_floats, with_tax_per_line, with_whole_quantities])
def test_the_search_catches_a_broken_twin(twin: Callable[[Sale], tuple[int, int]]) -> None:
    assert find(plain_sales(), lambda one: twin(one) != reference_totals(one), settings=settings(max_examples=2000))


def test_tax_is_rounded_once_per_group_and_not_per_line() -> None:
    many = [
        SaleLine(path=f"p[{i}]", description="x", quantity=Decimal(1), unit_price=Decimal("0.05")) for i in range(200)
    ]
    invoice, faults = converted(sale(*many))
    assert faults == []
    assert (invoice.net_total, invoice.tax_total) == (Decimal("10.00"), Decimal("0.75"))  # per line it would be 0
    assert sum(one.tax or 0 for one in invoice.lines) == Decimal("0.75")


@pytest.mark.parametrize(
    ("currency", "price", "net", "tax"),
    [("NGN", "333.33", "333.33", "25.00"), ("JPY", "333", "333", "25"), ("BHD", "333.333", "333.333", "25.000")],
)
def test_amounts_have_the_minor_digits_of_their_currency(currency: str, price: str, net: str, tax: str) -> None:
    one = SaleLine(path="p", description="x", quantity=Decimal(1), unit_price=Decimal(price))
    invoice, _ = converted(sale(one, currency=currency))
    assert (str(invoice.net_total), str(invoice.tax_total)) == (net, tax)


def test_the_audit_itself_notices_a_wrong_kobo() -> None:
    invoice, _ = converted(sale(SaleLine(path="p", description="x", quantity=Decimal(3), unit_price=Decimal("9.99"))))
    shape = nrs_shape(invoice)
    shape["legal_monetary_total"]["tax_inclusive_amount"] += Decimal("0.01")
    assert audit(shape, 2) == ["8", "9"]
    assert half_up(Fraction("0.575"), 2) == Fraction("0.58")
