"""A platform's habits are put right before anything else reads an answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.connector_kit.fetching import readable
from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.quirks import id_18, put_right
from taxpoynt.connector_kit.template_quirks import Quirks


@pytest.mark.parametrize(
    ("quirks", "came", "read"),
    [
        ({"always_lists": ["Line"]}, {"Lines": {"Line": {"id": 1}}}, {"Lines": {"Line": [{"id": 1}]}}),
        ({"always_lists": ["Line"]}, {"Line": [{"id": 1}, {"id": 2}]}, {"Line": [{"id": 1}, {"id": 2}]}),
        ({"always_lists": ["Line"]}, {"Line": ""}, {"Line": []}),
        ({"always_lists": ["Line"]}, {"Line": None}, {"Line": []}),
        ({"always_lists": ["Line"]}, {"Other": ""}, {"Other": ""}),
        ({"always_lists": ["A", "B"]}, {"A": {"B": {"A": {}}}}, {"A": [{"B": [{"A": [{}]}]}]}),
        ({"zero_is_none": ["customerID"]}, [{"customerID": "0", "shopID": "0"}], [{"customerID": None, "shopID": "0"}]),
        ({"zero_is_none": ["n"]}, {"n": 0}, {"n": None}),
        ({"zero_is_none": ["n"]}, {"n": False}, {"n": False}),
        ({"zero_is_none": ["n"]}, {"n": "10"}, {"n": "10"}),
        ({"epoch_is_none": ["gone"]}, {"gone": "1970-01-01T00:00:00.000+0000"}, {"gone": None}),
        ({"epoch_is_none": ["gone"]}, {"gone": "1971-01-01"}, {"gone": "1971-01-01"}),
        ({"any_case": ["updateTime"]}, {"updatetime": "t", "UPDATETIME2": 1}, {"updateTime": "t", "UPDATETIME2": 1}),
        ({"renamed": {"line items": "line_items"}}, {"line items": {"results": []}}, {"line_items": {"results": []}}),
        ({"renamed": {"li": "Line"}, "always_lists": ["Line"]}, {"li": {}}, {"Line": [{}]}),
        ({"ids_18": ["Id"]}, {"Id": "006dM00000Mw7Vv"}, {"Id": "006dM00000Mw7VvQAJ"}),
        ({"ids_18": ["Id"]}, {"Id": "006dM00000Mw7VvQAJ"}, {"Id": "006dM00000Mw7VvQAJ"}),
        ({}, {"Line": ""}, {"Line": ""}),
    ],
)
def test_each_quirk_puts_right_what_it_names_and_nothing_else(quirks: dict[str, Any], came: Any, read: Any) -> None:
    assert put_right(Quirks.model_validate(quirks), came) == read


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("00D50000000IZ3Z", "00D50000000IZ3ZEAW"),
        ("006dM00000Mw7Vv", "006dM00000Mw7VvQAJ"),
        ("001dM00003jU9Gx", "001dM00003jU9GxQAK"),
    ],
)
def test_the_checksum_of_an_id_is_the_vendors(short: str, long: str) -> None:
    assert id_18(short) == long


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "A", "b", "Id", "c"]), inner),
    max_leaves=20,
)


@given(json_values)
def test_putting_right_twice_is_putting_right_once(value: Any) -> None:
    quirks = Quirks(always_lists=("a",), zero_is_none=("b",), any_case=("A",), ids_18=("Id",), renamed={"c": "d"})
    once = put_right(quirks, value)
    assert put_right(quirks, once) == once


def test_every_answer_that_is_fetched_is_put_right() -> None:
    spec = template("pipedrive").model_copy(update={"quirks": Quirks(always_lists=("data",))})
    assert readable(spec, b'{"data": {"id": 1}}') == {"data": [{"id": 1}]}
