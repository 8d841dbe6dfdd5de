"""Deals edited, reopened, lost and deleted after acceptance, and refunds that are records of their own."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import BadInput, NrsUnavailable, OutcomeUnknown, Rejected, StoreConflict
from taxpoynt.retention import EVIDENCE
from taxpoynt.services.answer_question import AnswerQuestion, Choice, is_question, question_id
from taxpoynt.services.evidence import places
from taxpoynt.services.sale_files import inputs_of
from tests.fakes.outside import refusal
from tests.fakes.world import CONNECTOR, MERCHANT, World, changed, won

EVENTS = (f"e{number}" for number in range(10_000))


def world_with(policy: str | None = None, **deal: Any) -> World:
    """Deal 8 won and accepted."""
    world = World()
    if policy:
        choose(world, policy)
    world.platform.won("8", **deal)
    look(world)
    assert world.state() is SaleState.COMPLETED
    return world


def choose(world: World, policy: str) -> None:
    stored = world.connections.get_merchant(MERCHANT)
    defaults = stored.profile.defaults.model_copy(update={"changes_after_acceptance": policy})
    profile = stored.profile.model_copy(update={"defaults": defaults})
    world.connections.put_merchant(MERCHANT, profile, expected_version=stored.version)


def look(world: World, deal: str = "8", hours: int = 0) -> None:
    world.run(world.deliver(changed(next(EVENTS), "deal", deal), won(next(EVENTS), deal)), hours=hours)


def edit(world: World, **fields: Any) -> None:
    world.platform.won("8", **fields)
    look(world)


def answer(world: World, sale_id: str, choice: Choice, *, seen: str | None = None, why: str = "agreed") -> None:
    desk = AnswerQuestion(world.stores, world.starter)
    shown = question_id(world.sale(sale_id)) if seen is None else seen
    desk(MERCHANT, CONNECTOR, sale_id, choice=choice, seen=shown, who="ada@seller.example", why=why)
    world.run()


def bodies(world: World) -> list[dict[str, Any]]:
    return [json.loads(body, parse_float=Decimal) for body in world.nrs.signed.values()]


def gross(world: World) -> Decimal:
    """What all accepted documents say together."""
    signs = {"380": -1, "381": 1, "384": 1}
    amounts = (signs[one["invoice_type_code"]] * one["legal_monetary_total"]["payable_amount"] for one in bodies(world))
    return sum(amounts, Decimal(0))


def family(world: World) -> dict[str, SaleState]:
    return {one.sale_id: one.state for one in world.sales.family(MERCHANT, CONNECTOR, "8")}


# --- by policy -------------------------------------------------------------------------------------------------------


def test_a_lower_amount_asks_and_the_answer_makes_a_credit_note_that_names_the_invoice() -> None:
    world = world_with()
    edit(world, value="900.00")
    question = world.sale("8:C1")
    assert is_question(question)
    (fault,) = question.faults
    assert fault.code == "CHANGE-002"
    assert "from 1,075.00 NGN to 967.50 NGN" in fault.message
    assert "Issue a credit note over 107.50 NGN, or ignore" in fault.remedy
    assert len(bodies(world)) == 1, "nothing is sent without an answer"
    world.clock.move(hours=30)
    answer(world, "8:C1", "issue")
    assert world.state("8:C1") is SaleState.COMPLETED
    invoice, note = bodies(world)
    assert note["invoice_type_code"] == "380"
    assert note["billing_reference"] == [{"irn": invoice["irn"], "issue_date": invoice["issue_date"]}]
    assert note["issue_date"] == "2026-03-03", "frozen when it was answered, not when the deal was won"
    assert note["irn"].startswith("PD8C1-")
    assert note["payment_status"] == "PENDING"
    assert gross(world) == Decimal("967.50")
    entry = next(one for one in world.sales.history(MERCHANT, CONNECTOR, "8:C1") if one.action == "answered")
    told = {name: entry.detail[name] for name in ("choice", "by", "why")}
    assert told == {"choice": "issue", "by": "ada@seller.example", "why": "agreed"}


def test_a_merchant_who_wants_it_gets_corrections_without_a_question() -> None:
    world = world_with("correct", quantity=10, value="100.00")
    edit(world, quantity=7, value="100.00")
    assert gross(world) == Decimal("752.50")
    edit(world, quantity=12, value="100.00")
    assert gross(world) == Decimal("1290.00")
    edit(world, quantity=12, value="100.00")
    assert family(world) == {"8:C1": SaleState.COMPLETED, "8:D1": SaleState.COMPLETED}


def test_a_change_that_was_ignored_is_not_asked_again_but_the_next_one_is() -> None:
    world = world_with()
    edit(world, value="900.00")
    answer(world, "8:C1", "ignore", why="internal note only")
    assert world.state("8:C1") is SaleState.WITHDRAWN
    edit(world, value="900.00")
    assert family(world) == {"8:C1": SaleState.WITHDRAWN}
    edit(world, value="800.00")
    assert is_question(world.sale("8:C2"))
    assert "to 860.00 NGN" in world.sale("8:C2").faults[0].message


def test_a_question_follows_the_source_until_it_is_answered() -> None:
    world = world_with()
    edit(world, value="900.00")
    stale = question_id(world.sale("8:C1"))
    edit(world, value="1100.00")
    assert family(world) == {"8:C1": SaleState.WITHDRAWN, "8:D1": SaleState.NEEDS_ATTENTION}
    edit(world, value="850.00")
    with pytest.raises(StoreConflict):
        answer(world, "8:C2", "issue", seen=stale)
    edit(world, value="1000.00")
    assert set(family(world).values()) == {SaleState.WITHDRAWN}
    assert len(bodies(world)) == 1


def test_an_answer_is_given_once() -> None:
    world = world_with()
    edit(world, value="900.00")
    shown = question_id(world.sale("8:C1"))
    for _ in range(3):
        answer(world, "8:C1", "issue", seen=shown)
    assert len(bodies(world)) == 2
    with pytest.raises(Rejected, match="already"):
        answer(world, "8:C1", "ignore", seen=shown)
    with pytest.raises(BadInput):
        answer(world, "8", "issue", seen=shown)
    with pytest.raises(BadInput):
        answer(world, "8:C1", "issue", seen=shown, why=" ")


def test_an_answer_that_came_only_half_through_cannot_be_completed_by_the_other_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = world_with()
    edit(world, buyer="Other Ltd")
    shown = question_id(world.sale("8:C1"))
    change, calls = world.sales.change, iter([True, False])

    def once(*one: Any, **more: Any) -> Any:
        if not next(calls):
            raise StoreConflict("somebody wrote first")
        return change(*one, **more)

    monkeypatch.setattr(world.sales, "change", once)
    with pytest.raises(StoreConflict):
        answer(world, "8:R1", "issue", seen=shown)
    monkeypatch.undo()
    with pytest.raises(Rejected, match="other way"):
        answer(world, "8:R1", "ignore", seen=shown)
    answer(world, "8:R1", "issue", seen=shown)
    assert gross(world) == Decimal("1075.00")


def test_another_buyer_asks_whatever_the_policy_and_yes_is_a_credit_note_and_a_new_invoice() -> None:
    world = world_with("correct")
    edit(world, buyer="Other Ltd")
    assert family(world) == {"8:C1": SaleState.NEEDS_ATTENTION, "8:R1": SaleState.NEEDS_ATTENTION}
    answer(world, "8:R1", "issue")
    assert family(world) == {"8:C1": SaleState.COMPLETED, "8:R1": SaleState.COMPLETED}
    assert [one["invoice_type_code"] for one in bodies(world)].count("381") == 2
    assert gross(world) == Decimal("1075.00")
    edit(world, buyer="Other Ltd", value="900.00")
    assert world.sale("8:C2").corrects == "8:R1", "the newest invoice is the one that counts"


def test_a_note_on_the_deal_is_nothing_to_nrs() -> None:
    world = world_with("correct")
    edit(world, note="call before noon")
    assert family(world) == {}


def test_a_payment_makes_no_document_but_is_told() -> None:
    world = world_with("correct")
    edit(world, paid=["1075.00"])
    assert family(world) == {}
    assert world.sale().payment_wanted == "PAID"
    assert world.sale().next_action_at is not None


def test_what_the_source_showed_of_a_change_is_kept_as_long_as_the_note_made_from_it() -> None:
    world = world_with()
    edit(world, value="900.00")
    answer(world, "8:C1", "issue")
    note = world.sale("8:C1")
    difference = inputs_of(world.blobs, note).difference
    assert difference is not None
    assert difference.changed_sale_key is not None
    assert world.blobs.classes[difference.changed_sale_key] == EVIDENCE
    assert difference.changed_sale_key in places(note, world.sales.history(MERCHANT, CONNECTOR, "8:C1"))


# --- taken back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["lost", "open"])
def test_a_deal_taken_back_after_acceptance_is_credited_whole_and_won_again_invoiced_anew(how: str) -> None:
    world = world_with("correct")
    world.platform.won("8", status=how)
    look(world)
    assert gross(world) == 0
    assert world.state("8:C1") is SaleState.COMPLETED
    edit(world)
    assert world.state("8:R1") is SaleState.COMPLETED
    assert gross(world) == Decimal("1075.00")


def test_a_deal_the_platform_shows_no_more_is_asked_about_whatever_the_policy() -> None:
    """It may be deleted, or the connected user may have lost sight of it."""
    world = world_with("correct")
    shown = world.platform.deals.pop("8")
    look(world)
    assert [fault.code for fault in world.sale("8:C1").faults] == ["CHANGE-001"]
    world.platform.deals["8"] = shown
    look(world)
    assert world.state("8:C1") is SaleState.WITHDRAWN
    del world.platform.deals["8"]
    look(world)
    answer(world, "8:C2", "issue")
    assert gross(world) == 0


def test_a_refund_changed_after_its_credit_note_is_parked_for_an_operator() -> None:
    world = world_with()
    refund(world, "r1", "400.00")
    refund(world, "r1", "300.00")
    world.platform.won("r1", value="300.00", status="lost", refund_of=["8"])
    look(world, "r1")
    parked = [one for one in world.events.events.values() if one.get("outcome") == "parked"]
    assert {one["why"] for one in parked} == {"a refund was changed after its credit note"}
    assert gross(world) == Decimal("645.00")


def test_a_new_invoice_waits_until_the_credit_note_over_the_old_one_is_on_its_way() -> None:
    world = world_with("correct")
    edit(world, buyer="Other Ltd")
    world.nrs.next = [refusal()]
    answer(world, "8:C1", "issue")
    assert family(world) == {"8:C1": SaleState.NEEDS_ATTENTION, "8:R1": SaleState.WAITING}
    look(world)
    world.run(hours=1)
    assert family(world) == {"8:C1": SaleState.COMPLETED, "8:R1": SaleState.COMPLETED}
    assert gross(world) == Decimal("1075.00")


def test_a_new_invoice_waits_while_the_credit_note_over_the_old_one_may_still_be_refused() -> None:
    """Its bytes were frozen, NRS did not answer: with the new invoice out already, two would stand for one sale."""
    world = world_with("correct")
    world.nrs.next = [OutcomeUnknown("no answer")]
    world.platform.won("8", status="lost")
    world.do(world.deliver(won(next(EVENTS))))
    world.starter.take()
    world.convert("8:C1")
    assert world.state("8:C1") is SaleState.UNKNOWN
    world.starter.take()
    edit(world)
    assert world.state("8:R1") is SaleState.WAITING
    assert gross(world) == Decimal("1075.00"), "the first invoice alone"
    world.settle("8:C1")
    world.run(hours=1)
    assert family(world) == {"8:C1": SaleState.COMPLETED, "8:R1": SaleState.COMPLETED}
    assert gross(world) == Decimal("1075.00")


def test_a_note_that_keeps_its_irn_keeps_the_day_in_it_when_it_is_answered_for_later() -> None:
    world = world_with()
    edit(world, value="900.00")
    world.nrs.next = [NrsUnavailable("down"), refusal()]
    answer(world, "8:C1", "issue")
    world.run(hours=1)
    refused = world.sale("8:C1")
    assert refused.state is SaleState.NEEDS_ATTENTION
    assert refused.tries, "NRS was tried, so this IRN stays for ever"
    edit(world, value="800.00")
    world.clock.move(hours=30)
    answer(world, "8:C1", "issue")
    world.run(hours=1)
    assert world.state("8:C1") is SaleState.COMPLETED
    assert world.sale("8:C1").irn == refused.irn
    assert gross(world) == Decimal("860.00")


def test_a_deal_lost_before_anything_was_sent_is_withdrawn_and_goes_on_when_won_again() -> None:
    world = World()
    world.platform.won("8", tin=None)
    look(world)
    assert world.state() is SaleState.NEEDS_ATTENTION
    world.platform.won("8", status="lost")
    look(world)
    assert world.state() is SaleState.WITHDRAWN
    look(world, hours=24)
    assert bodies(world) == []
    edit(world)
    assert world.state() is SaleState.COMPLETED
    assert gross(world) == Decimal("1075.00")


def test_a_deal_changed_while_it_is_being_sent_is_looked_at_again_after_acceptance() -> None:
    world = World()
    choose(world, "correct")
    world.platform.won("8")
    world.nrs.next = [NrsUnavailable("down")] * 3
    world.do(world.deliver(won("first")))
    world.starter.take()
    world.convert("8")
    assert world.state() in (SaleState.SUBMITTING, SaleState.UNKNOWN)
    world.platform.won("8", value="900.00")
    world.do(world.deliver(changed("second", "deal", "8")))
    assert world.queue.sent, "the look is kept in the queue"
    later = world.queue.take()
    world.nrs.next = []
    world.settle("8")
    world.run(*later)
    assert gross(world) == Decimal("967.50")


def in_conflict() -> World:
    """NRS holds something else under the IRN of deal 8: our operators must act, and nothing new may be made of it."""
    world = World()
    choose(world, "correct")
    world.platform.won("8")
    world.nrs.next = [OutcomeUnknown("time-out")]
    world.do(world.deliver(won("first")))
    world.starter.take()
    world.convert("8")
    world.starter.take()
    foreign = json.loads(world.blobs.get(str(world.sale().body_key)))
    foreign["legal_monetary_total"]["payable_amount"] = 1
    world.nrs.signed[str(world.sale().irn)] = json.dumps(foreign).encode()
    assert world.settle("8") == "held"
    return world


def test_a_change_of_a_sale_that_waits_for_the_operator_is_parked_and_looked_at_when_nrs_has_it() -> None:
    world = in_conflict()
    world.platform.won("8", value="900.00")
    for event in ("second", "third"):
        world.do(world.deliver(changed(event, "deal", "8")))
    assert world.queue.take() == [], "no job turns in its queue until it is given up"
    parked = [one["why"] for one in world.events.events.values() if one.get("outcome") == "parked"]
    assert len(parked) == 2
    assert "waits for the operator" in parked[0]
    world.run(hours=5)
    assert world.state() is SaleState.UNKNOWN
    world.nrs.signed.clear()  # the operator had the foreign invoice taken away
    world.run(hours=8)
    assert world.state() is SaleState.COMPLETED
    assert family(world) == {"8:C1": SaleState.COMPLETED}
    assert gross(world) == Decimal("967.50")
    assert world.sale().next_action_at is None
    assert not world.sale().look_again


def test_a_change_of_a_sale_that_only_waits_for_nrs_stays_in_its_queue() -> None:
    world = World()
    world.platform.won("8")
    world.nrs.next = [OutcomeUnknown("time-out")]
    world.do(world.deliver(won("first")))
    world.convert("8")
    world.platform.won("8", value="900.00")
    world.do(world.deliver(changed("second", "deal", "8")))
    assert world.queue.take()
    assert not world.sale().look_again


def test_a_refused_credit_note_gives_back_what_it_took_and_goes_on() -> None:
    world = world_with("correct")
    world.nrs.next = [refusal()]
    edit(world, value="900.00")
    assert world.state("8:C1") is SaleState.NEEDS_ATTENTION
    world.platform.won("8", status="lost")
    look(world)
    assert gross(world) == 0, "the whole invoice can still be credited"


def test_a_look_that_took_longer_than_a_newer_one_undoes_nothing() -> None:
    """Two looks at once: the slow one fetched 900, the quick one 800 and made its note before."""
    world = world_with("correct")
    fetch = world.platform.fetch

    def slow(api: Any, ref: Any, known: Any = None) -> Any:
        world.platform.fetch = fetch  # type: ignore[method-assign]
        old = fetch(api, ref)
        world.clock.move(seconds=1)
        edit(world, value="800.00")
        return old

    world.platform.won("8", value="900.00")
    world.platform.fetch = slow  # type: ignore[method-assign]
    world.do(world.deliver(won(next(EVENTS))))
    later = world.queue.take()
    assert later, "the slow look goes back to its queue"
    world.clock.move(minutes=10)
    world.run(*later)
    assert gross(world) == Decimal("860.00")
    assert len(bodies(world)) == 2


def test_a_held_note_goes_on_with_the_source_record_as_it_is_seen_now() -> None:
    """Source records that back no invoice are kept for a month; a question may be older than that."""
    world = world_with()
    edit(world, value="900.00")
    del world.blobs.blobs[world.sale("8:C1").record_key]
    answer(world, "8:C1", "issue")
    assert [fault.code for fault in world.sale("8:C1").faults] == ["STOP-001"]
    world.platform.won("8", value="900.00", update=2)
    look(world)
    assert world.state("8:C1") is SaleState.COMPLETED


# --- refunds of their own --------------------------------------------------------------------------------------------


def refund(world: World, number: str, value: str, of: str = "8", *, seen: bool = True) -> None:
    world.platform.won(number, value=value, refund_of=[of])
    if seen:
        look(world, number)


def test_a_refund_with_a_record_of_its_own_is_a_credit_note_without_a_question() -> None:
    world = world_with()
    refund(world, "r1", "400.00")
    assert world.state("r1") is SaleState.COMPLETED
    assert bodies(world)[1]["billing_reference"] == [{"irn": world.sale().irn, "issue_date": "2026-03-02"}]
    assert gross(world) == Decimal("645.00")


def test_a_deal_lost_after_a_partial_refund_is_credited_over_the_rest_alone() -> None:
    world = world_with("correct")
    refund(world, "r1", "400.00")
    world.platform.won("8", status="lost")
    look(world)
    assert family(world) == {"r1": SaleState.COMPLETED, "8:C1": SaleState.COMPLETED}
    assert gross(world) == 0
    look(world)
    assert len(bodies(world)) == 3, "nothing is left to take back"


def test_an_order_lowered_by_its_refund_is_asked_about_and_not_credited_twice() -> None:
    """Some platforms lower the order and show a record of the refund as well: the policy cannot tell."""
    world = world_with("correct", quantity=10, value="100.00")
    refund(world, "r1", "400.00")
    edit(world, quantity=6, value="100.00")
    question = world.sale("8:C1")
    assert is_question(question)
    assert "refunds of 430.00 NGN are credited already" in question.faults[0].message
    assert gross(world) == Decimal("645.00")
    answer(world, "8:C1", "ignore", why="it is the refund")
    look(world)
    assert family(world) == {"r1": SaleState.COMPLETED, "8:C1": SaleState.WITHDRAWN}
    edit(world, quantity=5, value="100.00")
    answer(world, "8:C2", "issue", why="less was sold, beside the refund")
    assert gross(world) == Decimal("107.50")


def test_a_question_tells_of_a_refund_that_was_credited_after_it_was_asked() -> None:
    world = world_with(quantity=10, value="100.00")
    edit(world, quantity=6, value="100.00")
    stale = question_id(world.sale("8:C1"))
    refund(world, "r1", "400.00")
    look(world)
    assert "credited already" in world.sale("8:C1").faults[0].message
    with pytest.raises(StoreConflict):
        answer(world, "8:C1", "issue", seen=stale)


def test_a_refund_that_was_taken_back_before_it_was_sent_makes_no_question() -> None:
    world = world_with("correct")
    refund(world, "r1", "2000.00")
    world.platform.won("r1", value="2000.00", status="lost", refund_of=["8"])
    look(world, "r1")
    assert world.state("r1") is SaleState.WITHDRAWN
    edit(world, value="900.00")
    assert gross(world) == Decimal("967.50")


def test_a_refund_that_arrives_before_its_sale_brings_the_sale_and_then_follows_it() -> None:
    world = World()
    world.platform.won("8")
    refund(world, "r1", "400.00")
    world.run(hours=1)
    assert (world.state(), world.state("r1")) == (SaleState.COMPLETED, SaleState.COMPLETED)
    assert gross(world) == Decimal("645.00")


def test_a_refund_waits_for_a_sale_that_is_held_and_is_woken_by_its_acceptance() -> None:
    world = World()
    world.platform.won("8", tin=None)
    look(world)
    refund(world, "r1", "400.00")
    assert world.state("r1") is SaleState.WAITING
    edit(world)
    world.run(hours=1)
    assert world.state("r1") is SaleState.COMPLETED


def test_what_waits_for_its_invoice_is_not_looked_at_all_day_long() -> None:
    world = World()
    world.platform.won("8", tin=None)
    look(world)
    refund(world, "r1", "400.00")
    before = len(world.sales.history(MERCHANT, CONNECTOR, "r1"))
    world.run(hours=24)
    assert world.state("r1") is SaleState.WAITING
    assert len(world.sales.history(MERCHANT, CONNECTOR, "r1")) - before <= 24


def test_a_refund_of_a_sale_that_was_never_invoiced_is_a_clear_question() -> None:
    world = World()
    refund(world, "r1", "400.00")
    assert world.state("r1") is SaleState.NEEDS_ATTENTION
    assert [fault.code for fault in world.sale("r1").faults] == ["REF-010"]


def test_refunds_that_exceed_the_sale_are_held_and_the_last_one_is_exact() -> None:
    world = world_with()
    refund(world, "r1", "600.00")
    refund(world, "r2", "500.00")
    assert world.state("r2") is SaleState.NEEDS_ATTENTION
    assert [fault.code for fault in world.sale("r2").faults] == ["CREDIT-001"]
    refund(world, "r3", "400.00")
    assert gross(world) == 0
    world.platform.won("r2", value="500.00", status="lost", refund_of=["8"])
    look(world, "r2")
    assert world.state("r2") is SaleState.WITHDRAWN


def test_a_refund_of_an_invoice_that_was_made_anew_is_held_against_the_new_one() -> None:
    """The platform still names sale 8, whose first invoice another buyer's credit note took whole."""
    world = world_with("correct")
    edit(world, buyer="Other Ltd")
    answer(world, "8:R1", "issue")
    refund(world, "r1", "400.00")
    assert world.state("r1") is SaleState.COMPLETED
    assert world.sale("r1").corrects == "8:R1"
    note = next(one for one in bodies(world) if one["irn"] == world.sale("r1").irn)
    assert note["billing_reference"][0]["irn"] == world.sale("8:R1").irn
    assert gross(world) == Decimal("645.00")
    assert family(world) == dict.fromkeys(("8:C1", "8:R1", "r1"), SaleState.COMPLETED)
    refund(world, "r2", "700.00")
    assert [fault.code for fault in world.sale("r2").faults] == ["CREDIT-001"], "r1 took of the new invoice"
    refund(world, "r3", "600.00")
    assert gross(world) == 0


def test_a_refund_waits_for_the_invoice_that_is_made_anew_and_is_woken_by_it() -> None:
    world = world_with("correct")
    edit(world, buyer="Other Ltd")
    refund(world, "r1", "400.00", seen=False)
    world.platform.won("8", buyer="Other Ltd", tin=None)
    world.nrs.next = [None, refusal()]
    answer(world, "8:R1", "issue")
    assert family(world) == {"8:C1": SaleState.COMPLETED, "8:R1": SaleState.NEEDS_ATTENTION}
    look(world, "r1")
    assert (world.state("r1"), world.sale("r1").corrects) == (SaleState.WAITING, "8:R1")
    world.platform.won("8", buyer="Other Ltd")
    look(world)
    world.run(hours=1)
    assert (world.state("8:R1"), world.state("r1")) == (SaleState.COMPLETED, SaleState.COMPLETED)
    assert gross(world) == Decimal("645.00")


def test_two_refunds_at_once_cannot_both_take_the_last_naira() -> None:
    world = world_with()
    for number in ("r1", "r2"):
        refund(world, number, "600.00", seen=False)
        world.do(world.deliver(won(next(EVENTS), number)))
    world.starter.take()
    convert, check, reserve = (step for _, step in world.steps[:3])
    for step in (convert, check):
        for number in ("r1", "r2"):
            step(MERCHANT, CONNECTOR, number)
    reserve(MERCHANT, CONNECTOR, "r1")
    with pytest.raises(Rejected):
        reserve(MERCHANT, CONNECTOR, "r2")
    assert [fault.code for fault in world.sale("r2").faults] == ["CREDIT-001"]


def test_a_refund_in_another_currency_than_its_invoice_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_with()
    read = world.platform.read

    def in_dollars(*one: Any, **more: Any) -> Any:
        found = read(*one, **more)
        assert found.sale is not None
        return replace(found, sale=found.sale.model_copy(update={"currency": "USD"}))

    monkeypatch.setattr(world.platform, "read", in_dollars)
    refund(world, "r1", "400.00")
    (fault,) = world.sale("r1").faults
    assert (fault.code, fault.path) == ("CREDIT-001", "currency")
    assert len(bodies(world)) == 1


def test_a_refund_of_several_sales_is_a_clear_question() -> None:
    world = world_with()
    world.platform.won("r1", value="10.00", refund_of=["8", "9"])
    look(world, "r1")
    assert [fault.code for fault in world.sale("r1").faults] == ["REF-011"]


def test_every_look_may_be_repeated() -> None:
    world = world_with("correct")
    world.platform.won("8", value="900.00")
    for _ in range(4):
        look(world)
    assert len(bodies(world)) == 2


def test_an_id_that_looks_like_one_of_ours_is_refused() -> None:
    world = world_with()
    world.platform.won("8:C1")
    look(world, "8:C1")
    assert family(world) == {}
    assert replace(world.sale()).state is SaleState.COMPLETED


def test_an_edit_of_a_sale_older_than_what_is_kept_makes_no_second_invoice() -> None:
    """After the purge its claim is gone."""
    world = World()
    world.clock.move(hours=24 * 366 * 8)
    world.platform.won("8")
    look(world)
    assert bodies(world) == []
    assert "older than what we keep" in {one["why"] for one in world.events.events.values()}
