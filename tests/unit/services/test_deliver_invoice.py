"""After acceptance: the exchange with the buyer, NRS's notices, and payments."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import (
    ConfigurationError,
    Fault,
    NrsKeyRefused,
    NrsRefused,
    NrsUnavailable,
    OutcomeUnknown,
    Retryable,
)
from taxpoynt.services.exchange import FAILED_PAUSE, Exchange
from taxpoynt.services.receive_nrs_notice import MAX_BYTES
from tests.fakes.world import CONNECTOR, MERCHANT, World, won

IDS = (MERCHANT, CONNECTOR, "8")
BUYER = "34567890-0001"
WORDS = ["TRANSMITTING", "TRANSMITTED", "ACKNOWLEDGED", "FAILED"]


@pytest.fixture
def world() -> World:
    """A B2B document on its way; its buyer has an access point."""
    world = World()
    world.nrs.reachable = {BUYER}
    world.platform.won("8")
    world.run(world.deliver(won()))
    assert world.state() is SaleState.DELIVERING
    return world


def says(world: World, word: str) -> None:
    world.nrs.exchange[world.sale().irn] = word


def calls(world: World, name: str) -> int:
    return [call for call, _ in world.nrs.calls].count(name)


def pay(world: World, status: str, amount: str | None = None) -> None:
    wanted = replace(world.sale(), payment_wanted=status, payment_amount=amount, next_action_at=world.clock.now())
    world.sales.change(wanted, action="payment_seen")


def test_nothing_goes_to_a_buyer_before_nrs_accepted_it() -> None:
    world = World()
    world.nrs.reachable = {BUYER}
    world.platform.won("8")
    world.do(world.deliver(won()))
    for name, step in world.steps[:3]:
        step(*IDS)
        assert world.delivery(*IDS)["settled"], name
    assert calls(world, "transmit") == calls(world, "exchange_by_irn") == 0
    with pytest.raises(ConfigurationError):
        Exchange(world.stores, world.nrs, {}).advance(world.sale())


def test_a_consumers_document_is_done_with_acceptance() -> None:
    world = World()
    world.platform.won("8")
    world.do(world.deliver(won()))
    for _, step in world.steps[:4]:
        step(*IDS)
    world.sales.change(replace(world.sale(), kind="B2C"), action="test")
    world.steps[4][1](*IDS)
    assert (world.state(), world.sale().delivery, world.sale().next_action_at) == (SaleState.COMPLETED, None, None)


def test_a_buyer_without_an_access_point_gets_it_from_the_merchant() -> None:
    world = World()
    world.platform.won("8")
    world.run(world.deliver(won()))
    assert (world.state(), world.sale().delivery) == (SaleState.COMPLETED, "by_merchant")
    assert calls(world, "transmit") == 0


def test_a_buyer_known_by_tin_only_is_reached() -> None:
    world = World()
    world.nrs.reachable = {BUYER}
    world.nrs.exchange_by_irn = lambda irn: False  # type: ignore[method-assign]
    world.platform.won("8")
    world.run(world.deliver(won()))
    assert world.sale().delivery == "transmitting"


def test_without_a_notification_address_at_nrs_the_merchant_delivers() -> None:
    world = World()
    world.nrs.reachable = {BUYER}
    not_set_up = Fault("NRS-123", "", "The exchange of invoices is not set up at NRS.", "Register the address.")
    world.nrs.faults["transmit"] = [NrsRefused("webhook url is not setup", [not_set_up])]
    world.platform.won("8")
    world.run(world.deliver(won()))
    assert (world.state(), world.sale().delivery) == (SaleState.COMPLETED, "by_merchant")


def test_it_is_followed_from_transmitting_to_acknowledged(world: World) -> None:
    for word, state, delivery in (
        ("TRANSMITTING", SaleState.DELIVERING, "transmitting"),
        ("TRANSMITTED", SaleState.DELIVERING, "transmitted"),
        ("ACKNOWLEDGED", SaleState.COMPLETED, "acknowledged"),
    ):
        says(world, word)
        world.deliver_all()
        assert (world.state(), world.sale().delivery) == (state, delivery)
    assert world.sale().next_action_at is None
    assert calls(world, "transmit") == 1


@pytest.mark.parametrize(
    "fault", ["commit_then_unknown", OutcomeUnknown("time-out"), NrsUnavailable("503"), NrsKeyRefused("no")], ids=str
)
def test_a_transmission_that_did_not_answer_is_followed_and_repeated_only_if_it_never_got_there(fault: Any) -> None:
    world = World()
    world.nrs.reachable = {BUYER}
    world.nrs.faults["transmit"] = [fault]
    world.platform.won("8")
    world.run(world.deliver(won()), hours=3)
    assert world.nrs.exchange[world.sale().irn] == "TRANSMITTING"
    assert calls(world, "transmit") == (1 if fault == "commit_then_unknown" else 2)


def test_a_failure_is_told_tried_again_each_day_and_the_documents_stay_valid(world: World) -> None:
    says(world, "FAILED")
    assert world.deliver_all() == "told"
    record = world.sale()
    assert (record.state, record.delivery) == (SaleState.DELIVERING, "failed")
    assert [fault.code for fault in record.faults] == ["DELIVERY-001"]
    assert {"pdf", "stamp", "qr"} <= set(record.documents)
    assert record.next_action_at == world.clock.now() + FAILED_PAUSE
    assert len(world.alerts.sent) == 1
    world.run(hours=25)
    assert calls(world, "transmit") == 2
    says(world, "ACKNOWLEDGED")
    world.run(hours=8)
    assert (world.state(), world.sale().faults) == (SaleState.COMPLETED, ())


def test_a_buyer_who_never_takes_it_is_given_up_after_a_week_with_the_state_told(world: World) -> None:
    transmit = world.nrs.transmit

    def failing(irn: str) -> None:
        transmit(irn)
        world.nrs.exchange[irn] = "FAILED"

    world.nrs.transmit = failing  # type: ignore[method-assign]
    says(world, "FAILED")
    world.run(hours=24 * 16)
    record = world.sale()
    assert (record.state, record.delivery, record.next_action_at) == (SaleState.COMPLETED, "failed", None)
    assert [one.action for one in world.sales.history(*IDS)][-2:] == ["delivery_given_up", "settled"]


def test_only_the_machine_that_took_the_sale_over_last_goes_on(world: World) -> None:
    first = world.delivery(*IDS)
    second = world.delivery(*IDS)
    before = world.sale()
    assert world.delivery(*IDS, run=first["run"], turn=first["turn"])["settled"] is True
    assert world.sale() == before
    assert world.delivery(*IDS, run=second["run"], turn=second["turn"])["settled"] is False


def test_the_sweeper_leaves_a_sale_alone_while_its_machine_waits(world: World) -> None:
    answer = world.delivery(*IDS, turn=8)
    world.clock.move(seconds=answer["wait_seconds"] + 300)
    assert world.sweep()["driven"] == 0
    world.clock.move(seconds=120)
    assert world.sweep()["driven"] == 1


# --- notices --------------------------------------------------------------------------------------------------------


def test_a_notice_brings_the_next_look_forward_once_for_each_message(world: World) -> None:
    irn = world.sale().irn
    says(world, "TRANSMITTED")
    assert world.notice(irn, "TRANSMITTED") == "looked at"
    assert world.notice(irn, "TRANSMITTED") == "looked at"
    assert len(world.starter.started) == 1
    world.run()
    assert world.sale().delivery == "transmitted"


def test_a_notice_that_lies_changes_nothing(world: World) -> None:
    says(world, "TRANSMITTING")
    world.notice(world.sale().irn, "ACKNOWLEDGED")
    world.run()
    assert (world.state(), world.sale().delivery) == (SaleState.DELIVERING, "transmitting")


def test_a_late_notice_after_the_end_changes_nothing(world: World) -> None:
    says(world, "ACKNOWLEDGED")
    world.notice(world.sale().irn, "ACKNOWLEDGED")
    world.run()
    before = world.sale()
    assert before.delivery == "acknowledged"
    assert world.notice(before.irn, "TRANSMITTING") == "ignored"
    world.run()
    assert world.sale() == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"irn": 7, "message": "TRANSMITTED"}',
        b'{"irn": "UNKNOWN-94ND90NR-20260302", "message": "TRANSMITTED"}',
        b'{"irn": "a#b", "message": "TRANSMITTED"}',
        b'{"irn": "", "message": "TRANSMITTED"}',
        b'{"message": "TRANSMITTED"}',
        b"[" * 4000,
        b'{"irn": "' + b"x" * MAX_BYTES + b'"}',
        b"\xff\xfe",
    ],
)
def test_whatever_a_stranger_sends_is_taken_without_effect(world: World, body: bytes) -> None:
    before = world.sale()
    assert world.notices("token", body) == "ignored"
    assert (world.sale(), world.starter.started) == (before, [])


@pytest.mark.parametrize("token", ["guess", "", "a#b", "\ud800"])
def test_a_token_nobody_made_is_taken_without_effect(world: World, token: str) -> None:
    body = json.dumps({"irn": world.sale().irn, "message": "TRANSMITTED"}).encode()
    assert world.notices(token, body) == "ignored"
    assert world.starter.started == []


def test_another_merchants_token_reaches_nothing(world: World) -> None:
    world.notices = replace(world.notices, merchant_of={"theirs": "m_other"}.get)
    body = json.dumps({"irn": world.sale().irn, "message": "TRANSMITTED"}).encode()
    assert world.notices("theirs", body) == "ignored"


def test_a_notice_whose_look_cannot_start_is_left_to_the_poll(world: World) -> None:
    class Down:
        def start_delivery(self, *args: Any) -> None:
            raise Retryable("throttled")

    world.notices = replace(world.notices, starter=Down())  # type: ignore[arg-type]
    assert world.notice(world.sale().irn, "TRANSMITTED") == "left to the poll"


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from([None, *WORDS])), max_size=12))
def test_notices_doubled_reordered_lost_and_lying_end_where_nrs_stands(story: list[tuple[str, str | None]]) -> None:
    world = World()
    world.nrs.reachable = {BUYER}
    world.platform.won("8")
    world.run(world.deliver(won()))
    irn = world.sale().irn
    for said, stands in story:
        if stands:
            world.nrs.exchange[irn] = stands
        world.notice(irn, said)
        world.run()
    world.nrs.exchange[irn] = "ACKNOWLEDGED"
    world.run(hours=26)
    assert (world.state(), world.sale().delivery) == (SaleState.COMPLETED, "acknowledged")
    assert len(world.nrs.signed) == 1


# --- payments -------------------------------------------------------------------------------------------------------


@pytest.fixture
def done() -> World:
    """A completed document of 1,075.00, not paid yet."""
    world = World()
    world.platform.won("8")
    world.run(world.deliver(won()))
    assert (world.state(), world.sale().payment_status) == (SaleState.COMPLETED, "PENDING")
    return world


def test_a_payment_after_acceptance_is_told_and_leaves_nothing_to_do(done: World) -> None:
    pay(done, "PAID")
    done.run(hours=1)
    record = done.sale()
    assert done.nrs.updates == [(record.irn, "PAID", None)]
    assert (record.payment_status, record.payment_wanted, record.next_action_at) == ("PAID", None, None)
    assert record.state is SaleState.COMPLETED


def test_instalments_add_up_to_paid_and_never_to_more_than_the_balance(done: World) -> None:
    for amount, status in (("400.00", "PARTIAL"), ("675.00", "PAID")):
        pay(done, "PARTIAL", amount)
        done.run(hours=1)
        assert done.sale().payment_status == status
    assert [amount for _, _, amount in done.nrs.updates] == [Decimal("400.00"), Decimal("675.00")]
    assert done.sale().paid == "1075.00"


@pytest.mark.parametrize("amount", [None, "0", "-1", "1075.01", "NaN", "Infinity", "a lot"])
def test_an_instalment_that_cannot_be_is_never_sent_and_is_told_once(done: World, amount: str | None) -> None:
    pay(done, "PARTIAL", amount)
    done.run(hours=3)
    assert done.nrs.updates == []
    assert [fault.code for fault in done.sale().faults] == ["PAYMENT-001"]
    assert len(done.alerts.sent) == 1
    assert done.sale().next_action_at is None


def test_what_nrs_was_told_already_is_not_told_again(done: World) -> None:
    pay(done, "PENDING")
    done.run(hours=1)
    assert done.nrs.updates == []
    assert done.sale().payment_wanted is None


def test_nothing_follows_a_closed_payment(done: World) -> None:
    pay(done, "PAID")
    done.run(hours=1)
    pay(done, "PARTIAL", "10")
    done.run(hours=1)
    assert len(done.nrs.updates) == 1
    assert done.sale().payment_status == "PAID"


@pytest.mark.parametrize(("theirs", "ours"), [("PAID", "PAID"), ("REJECTED", "REJECTED")])
def test_an_invoice_closed_at_nrs_is_taken_as_it_is(done: World, theirs: str, ours: str) -> None:
    done.nrs.payments[done.sale().irn] = theirs
    pay(done, "PAID")
    done.run(hours=1)
    assert (done.sale().payment_status, done.sale().faults) == (ours, ())
    assert done.nrs.updates == []


@pytest.mark.parametrize("fault", ["commit_then_unknown", OutcomeUnknown("time-out"), NrsUnavailable("503")], ids=str)
@pytest.mark.parametrize("wanted", [("PAID", None), ("PARTIAL", "75.00")])
def test_a_payment_without_an_answer_counts_exactly_once(
    done: World, fault: Any, wanted: tuple[str, str | None]
) -> None:
    done.nrs.faults["update_payment"] = [fault]
    pay(done, *wanted)
    done.run(hours=14)
    assert [status for _, status, _ in done.nrs.updates] == [wanted[0]]
    assert done.sale().payment_status == wanted[0]
    assert not done.sale().payment_in_doubt


def test_a_second_instalment_without_an_answer_is_never_sent_twice(done: World) -> None:
    pay(done, "PARTIAL", "75.00")
    done.run(hours=1)
    done.nrs.faults["update_payment"] = ["commit_then_unknown"]
    pay(done, "PARTIAL", "25.00")
    done.run(hours=14)
    assert [amount for _, _, amount in done.nrs.updates] == [Decimal("75.00"), Decimal("25.00")]


def test_a_payment_seen_before_the_documents_are_drawn_is_told_after_them() -> None:
    world = World()
    world.platform.won("8")
    world.do(world.deliver(won()))
    for _, step in world.steps[:4]:
        step(*IDS)
    world.sales.change(replace(world.sale(), payment_wanted="PAID"), action="payment_seen")
    world.run(hours=1)
    assert world.nrs.payments == {world.sale().irn: "PAID"}


def test_a_payment_that_a_week_of_tries_could_not_tell_is_never_dropped(done: World) -> None:
    pay(done, "PAID")
    done.nrs.faults["update_payment"] = [NrsUnavailable("down")] * 60
    assert done.deliver_all(turns=60) == "told"
    assert len(done.alerts.sent) == 1
    assert done.sale().next_action_at == done.clock.now() + FAILED_PAUSE
    done.nrs.faults = {}
    done.run(hours=25)
    assert (done.sale().payment_status, done.sale().payment_wanted) == ("PAID", None)


def test_a_refused_key_tells_the_operator_and_the_payment_follows_when_it_is_mended(done: World) -> None:
    done.nrs.faults["update_payment"] = [NrsKeyRefused("unable to validate api key")]
    pay(done, "PAID")
    done.run(hours=3)
    assert done.sale().payment_status == "PAID"
    assert len(done.alerts.sent) == 1
