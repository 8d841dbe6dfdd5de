"""Numbers by a merchant's pattern: NRS's characters only, and no two sales that ever read the same."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from taxpoynt.conversion import number_pattern
from taxpoynt.conversion.number_pattern import apart, chosen_number, pattern_fault, start_fault, start_of
from taxpoynt.conversion.numbering import letters, platform_letters

Number = Callable[[str, str, str], str]

CONNECTORS = ("pipedrive", "lightspeed_x", "square")
_text = st.text(alphabet="AC18RDX", max_size=6)
starts = _text.filter(lambda text: start_fault(text) is None)
ids = st.one_of(
    st.integers(0, 10**12).map(str),
    st.text(alphabet="012AC18RDX-x", min_size=1, max_size=14),
    st.builds(lambda root, kind, n: f"{root}:{kind}{n}", st.integers(0, 99), st.sampled_from("CDR"), st.integers(1, 3)),
    st.text(min_size=1, max_size=60),
)


def kept_apart(number: Number, pair: tuple[tuple[str, str, str], tuple[str, str, str]]) -> None:
    """Two different sales of one merchant: other id, or other platform and another start."""
    (first_start, first, one), (second_start, second, other) = pair
    assume((first, one) != (second, other))
    assume(first == second or first_start != second_start)
    assert number(first_start, first, one) != number(second_start, second, other)


@st.composite
def cut_twice(draw: st.DrawFn) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """The pairs most likely to meet: one text, cut into start and id at two places."""
    whole = draw(st.text(alphabet="AC18RD", min_size=2, max_size=10))
    cuts = [draw(st.integers(0, len(whole) - 1)) for _ in range(2)]
    one, other = ((whole[:cut], draw(st.sampled_from(CONNECTORS)), whole[cut:]) for cut in cuts)
    assume(start_fault(one[0]) is None and start_fault(other[0]) is None)
    return one, other


sales = st.tuples(starts, st.sampled_from(CONNECTORS), ids)
pairs = st.one_of(cut_twice(), st.tuples(sales, sales))


@settings(max_examples=300)
@given(pairs)
def test_two_sales_never_share_a_number(pair: tuple[tuple[str, str, str], tuple[str, str, str]]) -> None:
    kept_apart(chosen_number, pair)


def strips_and_joins(start: str, connector: str, sale_id: str) -> str:
    """Letters and digits of the id behind the start: `A-1` and `A1` are one number."""
    return (start + letters(sale_id))[:32]


def digests_the_id_alone(start: str, connector: str, sale_id: str) -> str:
    """As the real one, but any plain id is kept: `INV1` + `A2` and `INV` + `1A2`."""
    return start + sale_id if re.fullmatch(r"[A-Z0-9]+", sale_id) else apart(start, connector, sale_id)


@pytest.mark.parametrize("twin", [strips_and_joins, digests_the_id_alone])
def test_a_twin_that_joins_carelessly_is_caught(twin: Number) -> None:
    @settings(max_examples=1000, database=None)
    @given(pairs)
    def check(pair: tuple[tuple[str, str, str], tuple[str, str, str]]) -> None:
        kept_apart(twin, pair)

    with pytest.raises(AssertionError):
        check()


def test_a_twin_that_lets_numbers_begin_with_digits_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_pattern, "start_fault", lambda start: None)
    assert chosen_number("INV1", "pipedrive", "23") == chosen_number("INV12", "pipedrive", "3")
    assert chosen_number("INV8C", "pipedrive", "1") == chosen_number("INV", "pipedrive", "8:C1")


@given(st.text(max_size=20), st.sampled_from(CONNECTORS), ids)
def test_any_number_is_capital_letters_and_digits_that_fit_an_irn(start: str, connector: str, sale_id: str) -> None:
    for number in (chosen_number(start, connector, sale_id), apart(start, connector, sale_id)):
        assert re.fullmatch(r"[A-Z0-9]{1,32}", number)


def test_the_sales_own_id_stands_at_the_end() -> None:
    assert chosen_number("INV", "pipedrive", "8") == "INV8"
    assert chosen_number("INV", "pipedrive", "8:C1") == "INV8C1"
    assert chosen_number("", "pipedrive", "0042") == "0042"
    assert re.fullmatch(r"INVAB1X[A-Z2-7]{12}", chosen_number("INV", "square", "a-b-1"))
    assert re.fullmatch(r"INV1X[A-Z2-7]{12}", chosen_number("INV1", "pipedrive", "")), "such a start is none"


@pytest.mark.parametrize(
    ("pattern", "faulty"),
    [
        ("{prefix}{sale}", False),
        ("{sale}", False),
        ("INV{platform}{location}{sale}", False),
        ("2026S{sale}", False),
        ("INV", True),
        ("{sale}A", True),
        ("{sale}{sale}", True),
        ("INV-{sale}", True),
        ("inv{sale}", True),
        ("{year}{sale}", True),
        ("INV2{sale}", True),
        ("{prefix}9{sale}", True),
        ("8C{sale}", True),
        ("A" * 17 + "{sale}", True),
    ],
)
def test_a_pattern_is_checked_in_words(pattern: str, *, faulty: bool) -> None:
    assert (pattern_fault(pattern) is not None) is faulty


def test_parts_are_put_in_and_absent_ones_leave_nothing() -> None:
    whole = "{prefix}{platform}{location}{sale}"
    assert start_of(whole, "pipedrive", prefix="a-b", location="IKJ") == "AB" + platform_letters("pipedrive") + "IKJ"
    assert start_of(whole, "pipedrive", prefix=None, location=None) == platform_letters("pipedrive")
    assert start_of("{sale}", "pipedrive", prefix="A", location="B") == ""
