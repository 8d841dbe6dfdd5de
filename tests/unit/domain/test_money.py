from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.domain.money import decimal_of, minor_digits, plain, round_money
from taxpoynt.errors import BadInput


@pytest.mark.parametrize(
    ("currency", "digits"), [("NGN", 2), ("JPY", 0), ("HUF", 0), ("BHD", 3), ("TND", 3), ("XXX", 2)]
)
def test_currencies_have_the_digits_of_nrs_list(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@given(st.decimals("0", "1e12", places=8), st.sampled_from(["NGN", "JPY", "BHD"]))
def test_rounding_is_half_up_at_the_minor_digit(amount: Decimal, currency: str) -> None:
    scale: int = 10 ** minor_digits(currency)
    assert Fraction(round_money(amount, currency)) == Fraction(floor(Fraction(amount) * scale + Fraction(1, 2)), scale)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.575", "0.58"), ("2.5", "2.50"), ("245236.28024999998", "245236.28"), ("-0.005", "-0.01")],
)
def test_the_roundings_other_integrators_check(amount: str, rounded: str) -> None:
    assert str(round_money(Decimal(amount), "NGN")) == rounded


def test_zero_has_no_sign() -> None:
    assert str(round_money(Decimal("-0.001"), "NGN")) == "0.00"


@pytest.mark.parametrize("value", ["1.50", 3, Decimal("0.1"), " 7.5 ", "-2", "1E+3"])
def test_platform_numbers_are_read_exactly(value: object) -> None:
    assert decimal_of(value) == Decimal(str(value).strip())


@pytest.mark.parametrize(
    "value", [0.1, True, None, "NaN", "Infinity", "", "one", "1" * 31, "1E+99", Decimal("1E-99"), 10**40, [], "1,5"]
)
def test_what_is_no_exact_number_is_refused(value: object) -> None:
    with pytest.raises(BadInput):
        decimal_of(value)


@given(st.one_of(st.text(max_size=40), st.integers(), st.floats(), st.decimals(), st.none()))
def test_reading_a_number_gives_a_decimal_or_bad_input(value: object) -> None:
    try:
        number = decimal_of(value)
    except BadInput:
        return
    assert number.is_finite()


def test_plain_text_has_no_exponent() -> None:
    assert [plain(Decimal(text)) for text in ("1E+3", "0.0000001", "7.50")] == ["1000", "0.0000001", "7.50"]
