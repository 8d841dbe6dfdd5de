"""Repeats, reorders and races: the newest version wins, and there is one invoice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxpoynt.domain.status import EventOutcome, SaleState
from taxpoynt.errors import NotFound
from tests.fakes.world import CONNECTOR, MERCHANT, World, changed, swallow, won
from tests.unit.services.verdict import broken_promises


def outcomes(world: World) -> dict[str, str]:
    return {event["event_id"]: event.get("outcome", "open") for event in world.events.events.values()}


def test_the_same_event_ten_times_gives_one_invoice() -> None:
    world = World()
    world.platform.won("8")
    world.run(*(world.deliver(won()) for _ in range(10)))
    assert broken_promises(world) == []
    assert outcomes(world) == {"e1": "invoiced"}
    assert len(world.platform.fetched) == 1


def test_ten_different_events_of_one_deal_give_one_invoice() -> None:
    world = World()
    world.platform.won("8")
    world.run(world.deliver(*(won(f"e{number}") for number in range(10))))
    assert broken_promises(world) == []
    assert set(outcomes(world).values()) <= {"invoiced", "skipped"}


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["won", "edit", "organization", "sweep", "poll"]), min_size=1, max_size=8))
def test_whatever_comes_in_whatever_order_there_is_one_right_invoice(story: list[str]) -> None:
    world = World()
    world.platform.won("8", value="500.00")
    for number, what in enumerate(story):
        if what == "edit" and _may_still_change(world):
            world.platform.won("8", value="1000.00", update=number + 2)
        event = changed(f"e{number}", "organization", "77") if what == "organization" else won(f"e{number}")
        world.run(world.deliver(event), hours=1 if what == "sweep" else 0)
    world.run(world.deliver(won("last")), hours=8)
    value = world.platform.deals["8"]["value"]
    assert broken_promises(world, total="1075.00" if value == "1000.00" else "537.50") == []


def _may_still_change(world: World) -> bool:
    try:
        return world.state() in (SaleState.CLAIMED, SaleState.NEEDS_ATTENTION)
    except NotFound:
        return True


def test_a_change_before_submission_is_invoiced_as_changed() -> None:
    world = World()
    world.platform.won("8", tin=None)
    world.run(world.deliver(won()))
    assert world.state() is SaleState.NEEDS_ATTENTION
    world.platform.won("8", value="2000.00")
    world.run(world.deliver(changed("e2", "deal", "8")))
    assert broken_promises(world, total="2150.00") == []


def test_a_change_after_submission_asks_and_changes_nothing() -> None:
    world = World()
    world.platform.won("8")
    world.run(world.deliver(won()))
    world.platform.won("8", value="2000.00")
    world.run(world.deliver(won("e2")), world.deliver(changed("e3", "deal", "8")))
    assert broken_promises(world) == []
    assert outcomes(world) == {"e1": "invoiced", "e2": "parked", "e3": "parked"}
    assert world.state("8:D1") is SaleState.NEEDS_ATTENTION


def test_an_edit_that_the_invoice_does_not_show_is_skipped() -> None:
    world = World()
    world.platform.won("8")
    world.run(world.deliver(won()))
    world.platform.won("8", update=2)
    world.run(world.deliver(changed("e2", "deal", "8")))
    assert outcomes(world)["e2"] == "skipped"


def test_a_sale_written_while_it_was_fetched_is_fetched_again_so_that_the_newest_wins() -> None:
    world = World()
    world.platform.won("8", value="500.00", tin=None)
    world.do(world.deliver(won()))
    world.convert("8")
    fetch = world.platform.fetch

    def slow_fetch(*args: object) -> object:
        bundle = fetch(*args)  # type: ignore[arg-type]  # handed through
        world.clock.move(seconds=1)
        if len(world.platform.fetched) == 2:  # meanwhile a newer version is fetched and stored by somebody else
            world.platform.won("8", value="1000.00")
            world.do(world.deliver(won("newer")))
            world.clock.move(seconds=1)
        return bundle

    world.platform.fetch = slow_fetch  # type: ignore[method-assign, assignment]
    world.platform.won("8", value="700.00")
    said = world.do(world.deliver(won("older")))
    assert said.startswith("again")
    world.run(hours=1)
    assert broken_promises(world) == []


@pytest.mark.parametrize("callers", [2, 8, 32])
def test_parallel_deliveries_over_an_atomic_store_start_one_sale(callers: int) -> None:
    world = World()
    world.platform.won("8")
    gate = threading.Barrier(callers)

    def deliver(number: int) -> None:
        gate.wait(10)
        world.do(world.deliver(won(f"e{number % 3}")))

    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(deliver, range(callers)))
    assert len(world.sales.sales) == 1
    assert world.sales.history(MERCHANT, CONNECTOR, "8")[0].action == "claimed"
    world.run(hours=1)
    assert broken_promises(world) == []


@pytest.mark.parametrize("runs", [2, 8])
def test_parallel_conversions_of_one_sale_submit_once(runs: int) -> None:
    world = World()
    world.platform.won("8")
    world.do(world.deliver(won()))
    gate = threading.Barrier(runs)

    def convert(_: int) -> None:
        gate.wait(10)
        swallow(lambda: world.convert("8"))

    with ThreadPoolExecutor(runs) as pool:
        list(pool.map(convert, range(runs)))
    world.run(hours=2)
    assert broken_promises(world) == []
    assert EventOutcome.INVOICED.value in outcomes(world).values()
