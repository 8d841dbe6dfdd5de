from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from taxpoynt.domain.keys import event_key, execution_name, key, sale_key
from taxpoynt.errors import BadInput

PARTS = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="#"), min_size=1, max_size=12)


@pytest.mark.parametrize("parts", [(), ("",), ("a", ""), ("a#b",), (" a",), ("a\n",), ("a", "\u200b")])
def test_a_key_that_strangers_could_share_is_refused(parts: tuple[str, ...]) -> None:
    with pytest.raises(BadInput):
        key(*parts)


@given(st.lists(PARTS, min_size=1, max_size=4), st.lists(PARTS, min_size=1, max_size=4))
def test_different_parts_never_make_the_same_key(one: list[str], other: list[str]) -> None:
    assume(one != other)
    assert key(*one) != key(*other)


@given(PARTS, PARTS, PARTS)
def test_a_sale_and_an_event_of_the_same_id_have_different_keys(merchant: str, connector: str, one: str) -> None:
    assert sale_key(merchant, connector, one) != event_key(merchant, connector, one)


@given(PARTS, PARTS, PARTS, st.integers(1, 999).map(str))
def test_execution_names_fit_step_functions_and_repeat(merchant: str, connector: str, sale: str, attempt: str) -> None:
    name = execution_name(merchant, connector, sale, attempt)
    assert re.fullmatch("[A-Za-z0-9_-]{1,80}", name)
    assert name == execution_name(merchant, connector, sale, attempt)
    assert name != execution_name(merchant, connector, sale, attempt + "0")
    assert name != execution_name(merchant + "x", connector, sale, attempt)
