from __future__ import annotations

from taxpoynt.conversion.lists import CodeList
from tests.unit.conversion.builders import LISTS


def test_only_a_complete_list_refuses_a_code_it_does_not_hold() -> None:
    assert not CodeList({"A": 1}, complete=True, version="t").allows("B")
    assert CodeList({"A": 1}, complete=False, version="t").allows("B")


def test_countries_and_states_are_found_by_their_words() -> None:
    assert [LISTS.country_code(word) for word in ("kenya", "KEN", "Atlantis")] == ["KE", "KE", None]
    assert [LISTS.state_code(word) for word in ("ng-la", "Lagos State", "Atlantis")] == ["NG-LA", "NG-LA", None]
