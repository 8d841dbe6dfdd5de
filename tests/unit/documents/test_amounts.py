from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.documents.amounts import UNKNOWN, day, figure, is_something, moment, money, percent, quantity, unit_price

D = Decimal


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1234567.89", "NGN", "₦1,234,567.89"),
        ("0", "NGN", "₦0.00"),
        ("-500.5", "NGN", "−₦500.50"),
        ("1234.5", "USD", "USD 1,234.50"),
        ("1234", "JPY", "JPY 1,234"),
        ("1.5", "KWD", "KWD 1.500"),
    ],
)
def test_money_reads_as_people_write_it(amount: str, currency: str, shown: str) -> None:
    assert money(D(amount), currency) == shown


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_no_digit_of_an_amount_is_lost_on_paper(amount: Decimal) -> None:
    assert D(figure(amount, "NGN").replace(",", "").replace("−", "-")) == amount


def test_an_unknown_amount_is_a_dash_and_not_zero() -> None:
    assert money(None, "NGN") == figure(None, "NGN") == percent(None) == UNKNOWN


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("10000.00", "10,000.00"), ("1.23450", "1.2345"), ("1860.465116279069767441860465", "1,860.4651")],
)
def test_a_unit_price_has_four_decimals_at_most(amount: str, shown: str) -> None:
    assert unit_price(D(amount), "NGN") == shown


@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [("2", "EA", "2"), ("2.000", "EA", "2"), ("1.5", "KGM", "1.5 kg"), ("1200", "HUR", "1,200 h"), ("3", "ZZ", "3 ZZ")],
)
def test_quantities_come_with_units_people_know(amount: str, unit: str, shown: str) -> None:
    assert quantity(D(amount), unit) == shown


def test_percentages_lose_their_zeros() -> None:
    assert (percent(D("7.50")), percent(D("100"))) == ("7.5%", "100%")


def test_days_and_moments_are_in_lagos_time() -> None:
    assert day(date(2026, 1, 5)) == "5 January 2026"
    assert moment(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == "1 January 2027, 00:30 (Lagos time)"


def test_less_than_the_smallest_coin_is_nothing() -> None:
    assert not is_something(D("0.004"), "NGN")
    assert is_something(D("0.01"), "NGN")
    assert not is_something(None, "NGN")
