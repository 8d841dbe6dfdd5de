from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.nrs.json_text import encode, number

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
PLAIN = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")


def broken_number(value: Decimal) -> str:
    """What one writes first: loses digits and writes exponents."""
    return json.dumps(float(value))


def holds(write: Any, value: Decimal) -> bool:
    text = write(value)
    return bool(PLAIN.fullmatch(text)) and Decimal(text) == value


@given(DECIMALS)
def test_every_decimal_comes_back_exactly_and_without_exponent(value: Decimal) -> None:
    assert holds(number, value)


@pytest.mark.parametrize("value", [Decimal("1E-7"), Decimal("12345678901234567.89"), Decimal("1E+20")])
def test_the_same_check_catches_the_float_twin(value: Decimal) -> None:
    assert not holds(broken_number, value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text() | DECIMALS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=12,
    )
)
def test_any_standard_reader_reads_back_what_was_written(value: Any) -> None:
    assert json.loads(encode(value), parse_float=Decimal, parse_int=Decimal) == value


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), Decimal("-Infinity"), {1: "a"}, {"a": {1, 2}}])
def test_what_has_no_exact_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        encode(value)


def test_zero_has_no_sign() -> None:
    assert number(Decimal("-0.00")) == "0.00"
