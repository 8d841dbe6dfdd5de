"""An outage of days: what an open circuit keeps from NRS rests longer and longer, and is still in time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import CircuitOpen
from taxpoynt.services.put_off import LONGEST, NEAR, rest
from taxpoynt.services.steps import UNDER_WAY
from tests.fakes.stores import FakeCircuits
from tests.fakes.world import CONNECTOR, MERCHANT, World, won
from tests.unit.storage.records import sale

IDS = (MERCHANT, CONNECTOR, "8")


class Outage(FakeCircuits):
    """Open until it is over; asks for the waits of the real circuit, up to five minutes and a little."""

    def __init__(self, end: datetime, wait: float = 300.0) -> None:
        super().__init__()
        self.end, self.wait = end, wait

    def permit(self, name: str, now: datetime) -> bool:
        if now < self.end:
            raise CircuitOpen(name, retry_after=self.wait)
        return False


def outage(minutes: float, *, wait: float = 300.0) -> World:
    world = World()
    world.circuits = Outage(world.clock.now() + timedelta(minutes=minutes), wait)
    world.wire()
    world.platform.won("8")
    world.run(world.deliver(won()))
    return world


def minutes_until_done(world: World, most: int) -> int:
    """The sweeper comes every minute."""
    for minute in range(most):
        if world.state() is SaleState.COMPLETED:
            return minute
        world.clock.move(minutes=1)
        world.sweep()
        world.run()
    raise AssertionError(f"not done after {most} minutes")


def test_two_days_of_outage_cost_tens_of_entries_and_an_hour_to_drain() -> None:
    world = outage(48 * 60)
    took = minutes_until_done(world, 50 * 60)
    assert 48 * 60 <= took <= 48 * 60 + 61
    assert len(world.sales.history(*IDS)) < 100
    assert world.sale().put_offs == 0


@pytest.mark.parametrize("before", [18, 40, 119, 121, 150, 600, 1200])
def test_an_outage_that_ends_within_the_legal_day_makes_no_sale_late(before: int) -> None:
    """`before`: minutes from its end to the legal due time; the last quarter of an hour is cut too fine."""
    world = outage(3000)
    due_at = world.sale().clock.due_at
    assert isinstance(world.circuits, Outage)
    world.circuits.end = due_at - timedelta(minutes=before)
    minutes_until_done(world, 24 * 60)
    assert world.clock.now() < due_at


def test_a_short_outage_delays_nobody_beyond_it() -> None:
    assert minutes_until_done(outage(4, wait=60.0), 30) <= 6


def test_the_rests_grow_to_an_hour_and_no_two_sales_come_back_together() -> None:
    one = sale(put_offs=4)
    early = one.clock.due_at - timedelta(hours=23)
    rests = [rest(sale(put_offs=number), early) for number in range(4, 30)]
    assert rests[0] == UNDER_WAY
    assert all(one <= LONGEST for one in rests)
    assert min(rests[6:]) >= LONGEST * 0.75
    assert len({rest(sale(str(number), put_offs=20), early) for number in range(50)}) > 40
    assert rest(sale(put_offs=20), one.clock.due_at - NEAR - timedelta(minutes=10)) <= timedelta(minutes=10)
    assert rest(sale(put_offs=20), one.clock.due_at + timedelta(hours=3)) >= LONGEST * 0.75
