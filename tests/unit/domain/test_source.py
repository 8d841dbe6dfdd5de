from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.domain.source import Answer, SourceBundle, read_json
from taxpoynt.errors import BadInput

BUNDLES = st.dictionaries(
    st.text(min_size=1, max_size=8),
    st.lists(st.builds(Answer, st.text(max_size=10), st.binary(max_size=30)), max_size=3).map(tuple),
    max_size=3,
)


@given(BUNDLES)
def test_a_bundle_comes_back_byte_for_byte(answers: dict[str, tuple[Answer, ...]]) -> None:
    bundle = SourceBundle("pipedrive", "deal", "8", answers)
    kept = bundle.to_bytes()
    assert SourceBundle.from_bytes(kept) == bundle
    assert SourceBundle.from_bytes(kept).to_bytes() == kept


def test_numbers_are_read_as_decimals_and_pages_stay_in_order() -> None:
    pages = (Answer("GET /1", b'{"price": 0.1}'), Answer("GET /2", b'{"price": 10}'))
    assert SourceBundle("pipedrive", "deal", "8", {"products": pages}).parsed() == {
        "products": [{"price": Decimal("0.1")}, {"price": 10}]
    }


def test_a_byte_order_mark_is_tolerated() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"{",
        b"NaN",
        b"[Infinity]",
        b'{"a": 1, "a": 2}',
        b'"\\ud800"',
        b"1" * 31,
        b"1e99",
        b"[" * 65 + b"]" * 65,
    ],
)
def test_what_a_careful_reader_refuses_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInput):
        read_json(body)


def test_brackets_inside_text_are_not_nesting() -> None:
    assert read_json(b'"' + b"[" * 100 + b'\\""') == "[" * 100 + '"'


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read_json(body)
    except BadInput:
        return
