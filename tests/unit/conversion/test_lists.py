from __future__ import annotations

from dataclasses import replace

import pytest

from taxpoynt.conversion.lists import CodeList
from tests.unit.conversion.builders import LISTS


def test_only_a_complete_list_refuses_a_code_it_does_not_hold() -> None:
    assert not CodeList({"A": 1}, complete=True, version="t").allows("B")
    assert CodeList({"A": 1}, complete=False, version="t").allows("B")


@pytest.mark.parametrize(("code", "listed", "in_part"), [("10", True, True), ("97", False, True), ("99", False, False)])
def test_while_a_part_of_nrs_means_is_known_the_un_list_decides(code: str, *, listed: bool, in_part: bool) -> None:
    rows = {"10": "Cash"}
    for complete, allowed in ((True, listed), (False, in_part)):
        lists = replace(LISTS, payment_means=CodeList(rows, complete=complete, version="t"))
        assert lists.allows_means(code) is allowed


def test_a_code_nrs_lists_is_good_whatever_the_un_list_says() -> None:
    assert replace(LISTS, payment_means=CodeList({"99": "x"}, complete=True, version="t")).allows_means("99")


def test_countries_and_states_are_found_by_their_words() -> None:
    assert [LISTS.country_code(word) for word in ("kenya", "KEN", "Atlantis")] == ["KE", "KE", None]
    assert [LISTS.state_code(word) for word in ("ng-la", "Lagos State", "Atlantis")] == ["NG-LA", "NG-LA", None]
