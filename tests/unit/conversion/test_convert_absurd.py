"""Numbers that no till would state, anywhere in a sale: faults, never a crash, never a long search."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from taxpoynt.conversion.nrs_shape import nrs_shape
from taxpoynt.conversion.summary import summary
from taxpoynt.domain.sale import Charge, Discount, Payment, Sale, SaleLine, StatedTax, Withholding
from tests.unit.conversion.builders import D, converted, defaults, sale

NUMBERS = st.sampled_from(
    [
        D(text)
        for text in ("0", "1", "-5", "1E+30", "1E-30", "0.005", "1E+14", "-0.01", "7.5", "1E+900000", "100", "101")
    ]
)
MAYBE = st.none() | NUMBERS
BASES = st.sampled_from(["exclusive", "inclusive", "unstated"])
CATEGORIES = st.sampled_from([None, "STANDARD_VAT", "EXEMPTED", "STAMP_DUTY", "WITHHOLDING_TAX", "x"])
TAXES = st.lists(
    st.builds(StatedTax, rate_percent=MAYBE, amount=MAYBE, category=CATEGORIES, on_tax=st.booleans()), max_size=3
).map(tuple)
DISCOUNTS = st.lists(st.builds(Discount, percent=MAYBE, amount=MAYBE), max_size=2).map(tuple)
CHARGES = st.lists(st.builds(Charge, percent=MAYBE, amount=MAYBE, taxes=TAXES, price_basis=BASES), max_size=2).map(
    tuple
)
LINES = st.builds(
    SaleLine,
    path=st.just("p"),
    description=st.just("Thing"),
    quantity=NUMBERS,
    unit_price=NUMBERS,
    price_basis=BASES,
    discounts=DISCOUNTS,
    fees=CHARGES,
    taxes=TAXES,
    stated_total=MAYBE,
)
SALES = st.builds(
    lambda lines, **fields: sale(*lines, **fields),
    st.lists(LINES, min_size=1, max_size=3),
    discounts=DISCOUNTS,
    charges=CHARGES,
    tip=MAYBE,
    rounding=MAYBE,
    stated_total=MAYBE,
    withholding=st.lists(st.builds(Withholding, rate_percent=MAYBE, amount=MAYBE, base=MAYBE), max_size=1).map(tuple),
    payments=st.lists(st.builds(Payment, method=st.just("x"), amount=NUMBERS, change=NUMBERS), max_size=2).map(tuple),
    currency=st.sampled_from(["NGN", "JPY", "BHD"]),
)


@settings(max_examples=150)
@given(SALES, st.sampled_from(["outside", "charge"]))
def test_absurd_numbers_anywhere_end_as_faults_and_not_as_a_crash(one: Sale, tips: str) -> None:
    invoice, faults = converted(one, defaults(tips=tips))
    nrs_shape(invoice)
    assert summary(one, invoice, faults)["document"] == "invoice"
