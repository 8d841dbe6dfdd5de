"""The watchdog beside the pipeline: what it says, what it asks for, and what a death at any call leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.gap import Gap, Watch
from taxpoynt.domain.sale import RecordRef
from taxpoynt.ports import ChangedRecords, WebhookSetup
from taxpoynt.services import jobs
from tests.fakes.crash import Crash
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World, won

GRACE, WAITS = timedelta(minutes=6), 30


@pytest.fixture
def world() -> World:
    return polled()


def polled() -> World:
    """Subscribed, and polled a while ago."""
    world = World()
    world.do(job("subscribe"))
    world.do(job("poll"))
    world.queue.take()
    world.clock.move(minutes=60)
    return world


def job(name: str, **more: str) -> dict[str, Any]:
    return jobs.make(name, MERCHANT, CONNECTION, CONNECTOR, **more)


def connection(world: World) -> Connection:
    return world.connections.get_connection(MERCHANT, CONNECTION)


def watch(world: World) -> Watch:
    return world.watches.get(MERCHANT, CONNECTION)


def gap(world: World) -> Gap:
    found = watch(world).gap
    assert found
    return found


def poll(world: World, *deals: str) -> None:
    """A poll that finds these, and everything but what it leaves for later."""
    refs = [RecordRef(resource="deal", id=deal) for deal in deals]
    world.platform.page = ChangedRecords(records=refs, cursor=world.clock.now().isoformat(), more=False)
    for deal in deals:
        world.platform.won(deal)
    world.do(job("poll"))
    world.platform.page = replace(world.platform.page, records=[])
    play(world)


def play(world: World) -> None:
    """What is due now; a look that is told to wait is dropped, for the tests to send."""
    for _ in range(50):
        sent, world.queue.sent = world.queue.sent, []
        for _, message, delay in sent:
            if delay < WAITS:
                world.do(message)


def look(world: World) -> str:
    world.clock.move(seconds=GRACE.total_seconds())
    word = world.do(job("watch"))
    play(world)
    return word


def test_a_poll_that_tells_first_makes_one_look_later(world: World) -> None:
    world.platform.page = ChangedRecords(
        records=[RecordRef(resource="deal", id=one) for one in "89"], cursor="c2", more=False
    )
    world.platform.won("8")
    world.platform.won("9")
    world.do(job("poll"))
    for message in world.queue.take():
        world.do(message)
    looks = [(queue, delay) for queue, message, delay in world.queue.sent if message["job"] == "watch"]
    assert looks == [("bulk", 330)]
    assert {note.ref.id for note in world.watches.notes.values()} == {"8", "9"}


def test_a_webhook_that_comes_within_the_grace_clears_it(world: World) -> None:
    poll(world, "8")
    world.do(world.deliver(won("e1")))
    assert look(world) == "counted: 0 told by polling only"
    assert watch(world).gap is None
    assert watch(world).heard_at


def test_silence_is_noticed_told_answered_and_asked_after(world: World) -> None:
    before = set(world.platform.subscribed)
    poll(world, "8", "9")
    assert look(world).startswith("gap: 2")
    assert (gap(world).cause, gap(world).found) == ("silent", 2)
    assert not before & set(world.platform.subscribed), "others were made"
    assert set(connection(world).subscriptions) == set(world.platform.subscribed)
    [(subject, text)] = world.alerts.sent
    assert subject == "webhooks stopped telling"
    assert f"{MERCHANT} {CONNECTOR} {CONNECTION}: silent" in text
    assert len(world.platform.fetched) == 2
    assert {record.sale_id for record in world.sales.list_sales(MERCHANT, limit=9, cursor=None)[0]} == {"8", "9"}


def test_what_polls_find_until_it_is_mended_is_counted_without_waiting(world: World) -> None:
    poll(world, "8")
    world.clock.move(seconds=GRACE.total_seconds())
    world.do(job("watch"))
    world.queue.take()  # the poll and the subscription are still to come
    poll(world, "9")
    [note] = world.watches.notes.values()
    assert note.in_gap
    assert world.do(job("watch")) == "counted: 1 told by polling only"
    assert gap(world).found == 2


def test_polls_come_often_until_the_sender_is_heard_again(world: World) -> None:
    poll(world, "8")
    look(world)
    assert connection(world).next_poll_at == world.clock.now() + timedelta(minutes=5)
    world.clock.move(minutes=2)
    world.platform.won("9")
    world.do(world.deliver(won("e2", "9")))
    world.do(job("poll"))
    assert gap(world).closed_at == world.clock.now()
    assert connection(world).next_poll_at == world.clock.now() + world.pause


@pytest.mark.parametrize(("how", "cause"), [("pop", "deleted"), ("off", "paused")])
def test_a_check_that_finds_a_subscription_lost_mends_it_and_polls_at_once(world: World, how: str, cause: str) -> None:
    victim = next(iter(world.platform.subscribed))
    if how == "pop":
        world.platform.subscribed.pop(victim)
    else:
        world.platform.off.add(victim)
    world.do(job("subscribe"))
    assert gap(world).cause == cause
    assert "poll" in [message["job"] for _, message, _ in world.queue.sent]
    assert len(world.alerts.sent) == 1


def test_a_refused_grant_is_no_silence(world: World) -> None:
    """While we may not ask, webhooks are parked; what the first poll afterwards finds proves nothing."""
    stopped = world.connections.save_connection(replace(connection(world), status=ConnectionStatus.NEEDS_REAUTH))
    world.clock.move(hours=8)
    assert world.do(job("watch")) == "not active"
    world.connections.save_connection(replace(stopped, status=ConnectionStatus.ACTIVE))
    poll(world, "8")
    assert world.watches.notes == {}


def test_a_platform_without_webhooks_is_left_alone(world: World) -> None:
    world.platform.webhooks = WebhookSetup(by="nobody")
    poll(world, "8")
    assert world.watches.notes == {}
    assert connection(world).next_poll_at == world.clock.now() + world.pause


def test_where_a_person_subscribes_the_person_is_told(world: World) -> None:
    world.platform.webhooks = WebhookSetup(by="merchant", own_address=True, steps=("Make it.",))
    before = dict(world.platform.subscribed)
    poll(world, "8")
    look(world)
    assert world.platform.subscribed == before
    assert "must make it again" in world.alerts.sent[0][1]


def test_a_correction_that_only_polling_found_counts_too(world: World) -> None:
    world.platform.won("8")
    world.run(world.deliver(won("e1")))
    world.clock.move(minutes=5)
    world.platform.won("8", value="500.00")
    world.platform.page = ChangedRecords(records=[RecordRef(resource="deal", id="8")], cursor="c9", more=False)
    world.do(job("poll"))
    play(world)
    assert [note.ref.id for note in world.watches.notes.values()] == ["8"]


def test_killed_at_any_call_it_ends_in_the_same_gap_and_finds_the_same_sales() -> None:
    for die_after in range(1, 60):
        world = polled()
        poll(world, "8", "9")
        world.clock.move(seconds=GRACE.total_seconds())
        inbox = [job("watch")]
        world.switch.arm(die_after)
        while inbox:
            try:
                world.do(inbox[0])
            except Crash:
                world.switch.arm(None)
                continue  # SQS shows it again
            finally:
                inbox += [message for _, message, delay in world.queue.sent if delay < WAITS]
                world.queue.sent = []
            del inbox[0]
        world.switch.arm(None)
        assert gap(world).found == 2
        assert gap(world).remade_at
        assert set(connection(world).subscriptions) == set(world.platform.subscribed)
        assert len(world.alerts.sent) in (1, 2)
