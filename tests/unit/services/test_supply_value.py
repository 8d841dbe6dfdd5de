"""A value supplied by a person takes the held sale on to NRS, and never outlives what the source says."""

from __future__ import annotations

import pytest

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import BadInput, FaultsFound, NotFound, Rejected
from taxpoynt.nrs.resources import code_lists
from taxpoynt.services import jobs
from taxpoynt.services.current_lists import FixedLists
from taxpoynt.services.recheck_held import AT_ONCE, RecheckHeld, recheck_job
from taxpoynt.services.sale_files import invoice_of, supplied_of
from taxpoynt.services.supply_value import SupplyValue
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World, changed, won

TIN = "12345678-0001"


@pytest.fixture
def world() -> World:
    world = World()
    world.platform.won("8", tin=None)
    world.run(world.deliver(won()))
    assert world.state() is SaleState.NEEDS_ATTENTION
    return world


def supply(world: World, *, who: str = "Ada Obi", why: str = "certificate", **values: str) -> None:
    supplying = SupplyValue(world.stores, FixedLists(code_lists()), world.starter, world.queue)
    paths = {path.replace("__", "."): value for path, value in values.items()}
    supplying(MERCHANT, CONNECTOR, "8", paths, who=who, why=why, by="merchant")


def test_the_sale_goes_to_nrs_with_the_supplied_tin(world: World) -> None:
    supply(world, buyer__tin=TIN)
    world.run()
    assert world.state() is SaleState.COMPLETED
    invoice = invoice_of(world.blobs, world.sale())
    assert invoice.buyer
    assert invoice.buyer.tin == TIN
    assert invoice.trace[0].rule == "supplied"


def test_the_same_values_again_change_nothing_whatever_state_it_reached(world: World) -> None:
    supply(world, buyer__tin=TIN)
    once = world.sale()
    supply(world, buyer__tin=TIN)
    assert world.sale() == once
    world.run()
    done = world.sale()
    supply(world, buyer__tin=TIN)
    assert world.sale() == done
    with pytest.raises(Rejected):
        supply(world, buyer__tin="87654321-0001")


def test_a_value_that_cannot_be_leaves_the_sale_as_it_was(world: World) -> None:
    before = world.sale()
    with pytest.raises(FaultsFound, match="BUYER-003"):
        supply(world, buyer__tin="1")
    assert world.sale() == before
    assert world.starter.started == []


@pytest.mark.parametrize(("who", "why"), [("", "x"), ("x", " "), ("x" * 101, "y"), ("x", "y" * 501), ("a\nb", "y")])
def test_nobody_supplies_without_a_name_and_a_reason(world: World, who: str, why: str) -> None:
    with pytest.raises(BadInput):
        supply(world, who=who, why=why, buyer__tin=TIN)
    with pytest.raises(BadInput):
        supply(world)


def test_another_merchants_sale_is_not_found(world: World) -> None:
    supplying = SupplyValue(world.stores, FixedLists(code_lists()), world.starter, world.queue)
    with pytest.raises(NotFound):
        supplying("m_other", CONNECTOR, "8", {"buyer.tin": TIN}, who="a", why="b", by="merchant")


def test_a_value_supplied_for_one_fault_stays_while_another_is_mended_at_the_source(world: World) -> None:
    world.platform.won("8", tin=None, update=2, odd=True)
    world.run(world.deliver(changed("e2", "deal", "8")))
    assert [fault.code for fault in world.sale().faults] == ["SALE-001"]
    supply(world, buyer__tin=TIN)
    world.run()
    assert world.state() is SaleState.NEEDS_ATTENTION, "what cannot be read is never invoiced from what it was before"
    world.platform.won("8", tin=None, update=3)
    world.run(world.deliver(changed("e3", "deal", "8")))
    assert world.state() is SaleState.COMPLETED
    assert [one.value for one in supplied_of(world.blobs, world.sale()).values] == [TIN]


def test_the_source_wins_when_it_states_a_tin_after_all(world: World) -> None:
    world.platform.won("8", tin=None, update=2, odd=True)
    world.run(world.deliver(changed("e2", "deal", "8")))
    supply(world, buyer__tin=TIN)
    world.platform.won("8", tin="34567890-0001", update=3)
    world.run(world.deliver(changed("e3", "deal", "8")))
    invoice = invoice_of(world.blobs, world.sale())
    assert invoice.buyer
    assert invoice.buyer.tin == "34567890-0001"
    assert invoice.trace[0].rule == "supplied-left-out"


def test_everything_held_is_looked_at_again_page_by_page() -> None:
    world = World()
    for number in range(AT_ONCE + 5):
        world.platform.won(str(number), tin=None)
        world.run(world.deliver(won(f"e{number}", str(number))))
    recheck = RecheckHeld(world.sales, world.queue, world.clock)
    assert recheck(jobs.read(recheck_job(MERCHANT))) == f"{AT_ONCE} held sales are looked at again"
    (follow,) = [job for job in world.queue.take() if job["job"] == "recheck"]
    assert recheck(jobs.read(follow)) == "5 held sales are looked at again"
    assert {job["connection"] for job in world.queue.take()} == {CONNECTION}


def test_an_accepted_sale_that_waits_for_its_stamp_goes_on_when_the_business_details_change() -> None:
    world = World()
    stored = world.connections.get_merchant(MERCHANT)
    without = stored.profile.model_copy(update={"crypto_keys": None})
    world.connections.put_merchant(MERCHANT, without, expected_version=stored.version)
    world.platform.won("8")
    world.run(world.deliver(won()))
    assert world.state() is SaleState.ACCEPTED
    assert [fault.code for fault in world.sale().faults] == ["STAMP-001"]
    world.connections.put_merchant(MERCHANT, stored.profile, expected_version=stored.version + 1)
    RecheckHeld(world.sales, world.queue, world.clock)(jobs.read(recheck_job(MERCHANT)))
    assert world.queue.take() == [], "its record is not asked for again"
    world.sweep()
    world.run()
    assert world.state() is SaleState.COMPLETED
    assert world.sale().faults == ()
