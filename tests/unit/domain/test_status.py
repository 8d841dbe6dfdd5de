from __future__ import annotations

from taxpoynt.domain.status import AT_NRS, FINAL, SaleState, may_follow


def reachable(start: SaleState) -> set[SaleState]:
    found, new = set[SaleState](), {start}
    while new:
        found |= new
        new = {after for before in new for after in SaleState if may_follow(before, after)} - found
    return found


def test_every_state_leads_to_a_final_one() -> None:
    for state in SaleState:
        assert reachable(state) & FINAL


def test_an_accepted_sale_never_goes_back() -> None:
    assert reachable(SaleState.ACCEPTED) == AT_NRS


def test_nothing_is_accepted_without_having_been_submitted() -> None:
    before = {state for state in SaleState if may_follow(state, SaleState.ACCEPTED)}
    assert before - {SaleState.ACCEPTED} == {SaleState.SUBMITTING, SaleState.UNKNOWN}


def test_nothing_is_submitted_without_a_reserved_number() -> None:
    before = {state for state in SaleState if may_follow(state, SaleState.SUBMITTING)}
    assert before == {SaleState.RESERVED, SaleState.SUBMITTING, SaleState.UNKNOWN}
