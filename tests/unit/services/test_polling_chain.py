from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from taxpoynt.domain.connection import Connection
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import PlatformUnavailable
from taxpoynt.ports import ChangedRecords
from taxpoynt.services import jobs
from taxpoynt.services.tend_connection import WATCH
from tests.fakes.crash import Crash
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World

BUSY = timedelta(seconds=45)
DEAL = RecordRef(resource="deal", id="8")


@pytest.fixture
def world() -> World:
    made = World()
    made.pause = BUSY
    made.platform.page = ChangedRecords(records=(), cursor="c1", more=False)
    return made


def connection(world: World) -> Connection:
    return world.connections.get_connection(MERCHANT, CONNECTION)


def poll(**more: str) -> dict[str, Any]:
    return jobs.make("poll", MERCHANT, CONNECTION, CONNECTOR, **more)


def sent(world: World) -> list[tuple[str, dict[str, Any], int]]:
    taken, world.queue.sent = list(world.queue.sent), []
    return [one for one in taken if one[1]["job"] == "poll"]


def test_a_busy_shop_is_polled_by_a_chain_of_polls_below_the_schedulers_minute(world: World) -> None:
    world.do(poll())
    for _ in range(3):
        [(queue, following, delay)] = sent(world)
        assert (queue, delay) == ("crm", 45)
        world.clock.move(seconds=45)
        assert world.schedule() == {"due": 0, "jobs": 0}, "the chain is alive, so the scheduler has nothing to do"
        assert world.do(following) == "0 records"
    assert connection(world).polled_at == world.clock.now()


def test_a_quiet_shop_is_left_to_the_scheduler(world: World) -> None:
    world.pause = timedelta(minutes=15)
    world.do(poll())
    assert sent(world) == []
    assert connection(world).next_poll_at == world.clock.now() + timedelta(minutes=15)
    world.clock.move(minutes=15)
    assert world.schedule() == {"due": 1, "jobs": 1}


def test_two_chains_become_one(world: World) -> None:
    """The same message twice, as queues give it, and a person's own poll beside the chain."""
    world.do(poll())
    [(_, first, _)] = sent(world)
    world.clock.move(seconds=45)
    world.do(first)
    world.clock.move(seconds=1)
    assert world.do(first) == "another poll goes on"
    world.do(poll())
    chains = sent(world)
    assert len(chains) == 2
    assert [world.do(one) for _, one, _ in chains] == ["another poll goes on", "0 records"]
    assert len(sent(world)) == 1


def test_a_chain_that_broke_is_taken_up_by_the_scheduler(world: World) -> None:
    world.do(poll())
    [(_, lost, _)] = sent(world)
    world.clock.move(seconds=BUSY.total_seconds() + WATCH.total_seconds())
    assert world.schedule() == {"due": 1, "jobs": 1}
    [(_, again, _)] = sent(world)
    assert world.do(again) == "0 records"
    assert world.do(lost) == "another poll goes on"


def test_a_poll_that_is_quicker_than_the_scheduler_that_sent_it_still_polls(world: World) -> None:
    """The scheduler sends first and saves afterwards; on a quick queue its poll runs in between (seen on the stage)."""
    world.do(poll())
    sent(world)
    world.clock.move(minutes=30)
    before = connection(world)
    world.schedule()
    [(_, job, _)] = sent(world)
    saved = connection(world)
    assert saved.next_poll_at != before.next_poll_at
    world.connections.save_connection(replace(saved, next_poll_at=before.next_poll_at))
    assert world.do(job) == "0 records"


def test_a_poll_killed_at_any_call_leaves_one_chain_in_the_end(world: World) -> None:
    for die_after in range(1, 6):
        world.do(poll())
        [(_, job, _)] = sent(world)
        world.switch.arm(die_after)
        try:
            world.do(job)
        except Crash:
            world.switch.arm(None)
            world.do(job)  # the queue gives it again
        world.switch.arm(None)
        alive = sent(world)
        world.clock.move(minutes=10)
        world.schedule()
        alive += sent(world)
        ends = [world.do(one) for _, one, _ in alive]
        assert ends.count("0 records") >= 1
        assert len(sent(world)) == 1


def test_the_pages_of_a_round_follow_each_other_at_once_and_end_in_one_chain(world: World) -> None:
    world.platform.page = ChangedRecords(records=(DEAL,), cursor="c2", more=True)
    world.do(poll())
    [(_, following, delay)] = sent(world)
    assert (delay, "due" in following) == (0, False)
    assert connection(world).cursor == "c2"
    assert connection(world).polled_at is None, "the round is not over"
    assert connection(world).found_at == world.clock.now()
    world.platform.page = ChangedRecords(records=(), cursor="c3", more=False)
    world.do(following)
    assert len(sent(world)) == 1


def test_what_the_list_says_of_a_record_names_its_event_whatever_round_found_it(world: World) -> None:
    world.platform.won("8")
    for cursor in ("c1", "c2"):
        world.platform.page = ChangedRecords(records=(DEAL,), cursor=cursor, more=False, states={DEAL: "abc"})
        world.do(poll())
    fetches = {one["event_id"] for _, one, _ in world.queue.sent if one["job"] == "fetch"}
    assert fetches == {"poll:deal:8:abc"}
    world.pause = timedelta(hours=1)
    world.run()
    assert world.platform.fetched == ["8"]


def test_an_outage_of_the_platform_does_not_multiply_polls(world: World) -> None:
    world.do(poll())
    [(_, job, _)] = sent(world)
    world.platform.broken = PlatformUnavailable("503")
    for _ in range(20):
        world.do(job)
        waiting = sent(world)
        world.clock.move(minutes=6)
        world.schedule()
        waiting += sent(world)
        job = waiting[-1][1]
        for _, one, _ in waiting[:-1]:
            world.do(one)
        left = sent(world)
        assert len(left) <= 1
    world.platform.broken = None
    world.do(job)
    assert len(sent(world)) <= 2


def test_a_connection_saved_by_somebody_else_meanwhile_keeps_its_changes(world: World) -> None:
    other = replace(connection(world), account={"name": "renamed"})
    page, world.platform.page = world.platform.page, ChangedRecords(records=(), cursor="c9", more=False)
    changed = world.platform.changed

    def meanwhile(*args: Any) -> ChangedRecords:
        if connection(world).account != {"name": "renamed"}:
            world.connections.save_connection(other)
        return changed(*args)

    world.platform.changed = meanwhile  # type: ignore[method-assign, assignment]  # somebody saves while we ask the platform
    assert world.do(poll()).startswith("again")
    [(_, again, _)] = sent(world)
    world.do(again)
    assert (connection(world).account, connection(world).cursor) == ({"name": "renamed"}, "c9")
    assert page.cursor == "c1"
