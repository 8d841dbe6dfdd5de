"""NRS changes its code lists while sales are on their way: what is frozen stays, what is new obeys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from taxpoynt.conversion.list_copy import Copy, OneList
from taxpoynt.domain.status import SaleState
from taxpoynt.nrs.resources import packaged
from taxpoynt.services.refresh_code_lists import RefreshCodeLists
from tests.fakes.world import CONNECTOR, MERCHANT, World, won

IDS = (MERCHANT, CONNECTOR, "8")
CURRENCY = "NGN"


@pytest.fixture
def world() -> World:
    world = World()
    publish(world)
    return world


def publish(world: World, without: Mapping[str, str] | None = None) -> str:
    """NRS serves its lists (less one code of some), we fetch them; their version."""
    live: Copy = {name: _less(name, one, (without or {}).get(name)) for name, one in packaged().items()}
    refresh = RefreshCodeLists(
        lambda name: list(live[name].rows),
        packaged(),
        world.list_notes,
        world.blobs,
        world.connections,
        world.alerts,
        world.clock,
    )
    refresh(accept_smaller=("every run asks",))
    world.clock.move(minutes=1)
    assert world.list_notes.note is not None
    return world.list_notes.note.version


def _less(name: str, one: OneList, code: str | None) -> OneList:
    rows = tuple(row for row in one.rows if code not in (row.get("code"), row.get("alpha_2")) or code is None)
    assert code is None or len(rows) < len(one.rows), name
    return OneList(rows, one.complete)


def arrived(world: World, deal: str = "8") -> Any:
    world.platform.won(deal)
    world.do(world.deliver(won(f"event {deal}", deal)))
    world.starter.take()
    return dict(world.steps)


def test_an_invoice_names_the_lists_it_was_made_and_checked_with(world: World) -> None:
    version = publish(world)
    arrived(world)
    assert world.convert("8") == "done"
    assert world.sale().lists_version == version


def test_what_is_reserved_is_sent_as_it_is_when_its_code_has_left_the_list(world: World) -> None:
    before = publish(world)
    steps = arrived(world)
    for name in ("ConvertSale", "CheckInvoice", "ReserveInvoice"):
        steps[name](*IDS)
    frozen = world.blobs.get(str(world.sale().body_key))
    after = publish(world, {"currencies": CURRENCY})
    steps["SubmitInvoice"](*IDS)
    assert world.state() is SaleState.ACCEPTED
    assert list(world.nrs.signed.values()) == [frozen]
    assert world.sale().lists_version == before != after


def test_a_draft_is_checked_with_the_lists_it_was_made_with(world: World) -> None:
    before = publish(world)
    steps = arrived(world)
    steps["ConvertSale"](*IDS)
    publish(world, {"currencies": CURRENCY})
    steps["CheckInvoice"](*IDS)
    assert world.sale().checked_key is not None
    assert world.sale().lists_version == before


def test_a_sale_that_comes_after_the_change_obeys_the_new_list(world: World) -> None:
    version = publish(world, {"currencies": CURRENCY})
    arrived(world)
    assert world.convert("8").startswith("held")
    assert world.sale().lists_version == version
    assert world.nrs.signed == {}


def test_a_held_sale_goes_on_when_the_list_has_the_code_again(world: World) -> None:
    publish(world, {"currencies": CURRENCY})
    arrived(world)
    world.convert("8")
    publish(world)
    world.run(hours=12)
    assert world.state() is SaleState.COMPLETED


def test_without_any_fetched_list_the_packaged_copy_serves() -> None:
    world = World()
    arrived(world)
    assert world.convert("8") == "done"
    assert world.sale().lists_version
