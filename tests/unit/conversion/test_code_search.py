"""A shopkeeper finds a code by the words of the shop."""

from __future__ import annotations

import pytest

from taxpoynt.conversion.code_search import search
from taxpoynt.nrs.resources import code_lists

SERVICES, GOODS = code_lists().service_codes, code_lists().hs_codes


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("hairdresser", "9602"),
        ("restaurant", "5610"),
        ("computer programming", "6201"),
        ("6202", "6202"),
        ("0112", "0112"),
        ("RICE", "0112"),
        ("consulting computers", "6202"),
    ],
)
def test_the_wanted_code_comes_first_or_near_it(wanted: str, code: str) -> None:
    assert code in [one for one, _ in search(SERVICES, wanted)][:5]


def test_goods_are_found_by_word_and_by_digits_without_the_dot() -> None:
    assert search(GOODS, "rice")[0][0].startswith("1006")
    assert search(GOODS, "100630")[0][0] == "1006.30" or search(GOODS, "1006")[0][0].startswith("1006")


@pytest.mark.parametrize("wanted", ["", "   ", "zzzz", "§§§", "%", "price"])
def test_what_is_nowhere_finds_nothing_and_a_word_inside_a_short_one_does_not_count(wanted: str) -> None:
    found = search({"1": "Growing of rice"}, wanted)
    assert found == []


def test_a_word_may_stand_inside_a_longer_one() -> None:
    assert search({"1": "Telephones for cellular networks"}, "phones") == [("1", "Telephones for cellular networks")]
    assert search({"1": "Prices of goods"}, "rice") == []


def test_never_more_than_a_page() -> None:
    assert len(search({str(n): "retail sale" for n in range(100)}, "retail", most=20)) == 20
