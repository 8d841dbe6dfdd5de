from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from taxpoynt.conversion.units import (
    MOST_PRICE_DECIMALS,
    allocate,
    from_units,
    percent_of,
    split_gross,
    tidy,
    to_units,
    unit_price,
)

VAT = Decimal("7.5")


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**7), min_size=1, max_size=30))
def test_parts_add_up_and_each_is_its_share_to_the_unit(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    if sum(weights):
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(st.integers(-1000, 1000), st.lists(st.integers(-50, 50), min_size=1, max_size=9))
def test_parts_add_up_for_negative_weights_too(total: int, weights: list[int]) -> None:
    assert sum(allocate(total, weights)) == total


def test_a_part_of_a_negative_sale_keeps_its_sign() -> None:
    assert allocate(-3, [-2, -1]) == [-2, -1]


def test_nothing_to_share_among_nobody() -> None:
    assert allocate(0, []) == []


@given(st.integers(0, 10**12), st.sampled_from(["0", "5", "7.5", "9.975", "20", "99"]))
@example(7, "7.5")
@example(8, "7.5")
def test_net_tax_and_residual_make_the_gross_with_a_right_tax(gross: int, rate: str) -> None:
    net, tax, residual = split_gross(gross, Decimal(rate))
    assert net + tax + residual == gross
    assert abs(tax - Fraction(net) * Fraction(rate) / 100) <= Fraction(1, 2)
    assert residual in (0, 1)
    if residual:  # really no pair: the next net is already too much
        assert net + 1 + percent_of(net + 1, Decimal(rate)) > gross


def test_about_one_gross_in_fourteen_has_a_residual_at_the_vat_rate() -> None:
    residuals = sum(split_gross(gross, VAT)[2] for gross in range(10750))
    assert residuals == 750


def test_a_negative_gross_is_split_like_the_positive_one() -> None:
    assert split_gross(-430000, VAT) == (-400000, -30000, 0)


@given(st.integers(0, 10**9), st.decimals("0.001", "5000", places=3), st.sampled_from([0, 2, 3]))
def test_quantity_times_the_price_gives_the_amount_back(gross: int, quantity: Decimal, digits: int) -> None:
    price = unit_price(gross, quantity, digits)
    assert to_units(price * quantity, digits) == gross
    assert -int(price.as_tuple().exponent) <= MOST_PRICE_DECIMALS


def test_the_price_has_no_more_decimals_than_it_needs() -> None:
    assert str(unit_price(400000, Decimal(2), 2)) == "2000.00"
    assert str(unit_price(1000, Decimal(3), 2)) == "3.3333"
    assert str(unit_price(33333333, Decimal(1000000), 2)) == "0.33333333"


def test_beyond_ten_million_pieces_the_price_keeps_ten_decimals() -> None:
    assert str(unit_price(1, Decimal(10**10) / 7, 2)) == "0.00"
    assert str(unit_price(33333333333333, Decimal(10**12), 2)) == "0.3333333333"


def test_half_a_kobo_goes_up() -> None:
    assert [to_units(Decimal(text), 2) for text in ("2.5", "0.575", "245236.28024999998", "-0.005")] == [
        250,
        58,
        24523628,
        -1,
    ]


def test_tidy_keeps_the_value_and_shows_no_exponent() -> None:
    assert [str(tidy(Decimal(text), 2)) for text in ("62500", "1E+3", "3.33330", "0")] == [
        "62500.00",
        "1000.00",
        "3.3333",
        "0.00",
    ]
    assert str(from_units(5, 3)) == "0.005"
