"""The operator's rules count from now on: what is on hold for every active connection of the connector is looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.rule_checks import checks_of
from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.rules import Signed
from taxpoynt.domain.status import SaleState
from taxpoynt.nrs.resources import code_lists
from taxpoynt.services.mapping_rules import MappingRules
from taxpoynt.services.recheck_held import MERCHANTS, recheck_job
from tests.fakes.crash import Crash
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, PROFILE, World, won

BY = Signed(author="Operator", note="")
DOCUMENT = {"version": 1, "rules": [{"target": "note", "source": "deal.title"}]}


def desk(world: World) -> MappingRules:
    return MappingRules(
        world.rules, world.connections, world.queue, lambda name: checks_of(template(name), code_lists())
    )


def connected(world: World, merchant: str, connector: str = CONNECTOR, status: Any = ConnectionStatus.ACTIVE) -> None:
    name = f"c_{connector}"
    about: dict[str, Any] = {"account_id": f"{merchant}{connector}", "api_base": "https://acme.pipedrive.com"}
    world.connections.save_connection(
        Connection(merchant=merchant, connection=name, connector=connector, status=status, **about)
    )


def played(world: World) -> list[dict[str, Any]]:
    """The rechecks that come of what was sent, page by page."""
    found: list[dict[str, Any]] = []
    while waiting := world.queue.take():
        found += [job for job in waiting if job["job"] == "recheck"]
        for job in waiting:
            if job["job"] == "recheck_connector":
                world.do(job)
    return found


def crowd(world: World, count: int) -> list[str]:
    names = [f"m_{number:03}" for number in range(count)]
    for name in names:
        world.connections.put_merchant(name, PROFILE, expected_version=0)
        connected(world, name)
    return names


def test_what_is_held_goes_on_at_once_when_operator_rules_count() -> None:
    world = World()
    world.platform.won("8", tin=None)
    world.run(world.deliver(won("e1", "8")))
    assert world.state() is SaleState.NEEDS_ATTENTION
    world.platform.won("8")
    desk(world).add_operators(CONNECTOR, DOCUMENT, BY)
    world.run()
    assert world.state() is SaleState.COMPLETED


@pytest.mark.parametrize("number", [1, None])
def test_a_roll_back_looks_again_too_and_a_version_that_is_only_kept_does_not(number: int | None) -> None:
    world = World()
    rules = desk(world)
    rules.add_operators(CONNECTOR, DOCUMENT, BY, activate=False)
    assert world.queue.sent == []
    rules.activate_operators(CONNECTOR, number, BY)
    ((queue, job, _),) = world.queue.sent
    assert (queue, job["job"], job["connector"]) == ("bulk", "recheck_connector", CONNECTOR)


def test_every_active_connection_of_the_connector_and_no_other_page_by_page() -> None:
    world = World()
    names = crowd(world, 2 * MERCHANTS + 3)
    connected(world, names[0], "lightspeed_x")
    for name, status in ((names[1], ConnectionStatus.NEEDS_REAUTH), (names[2], ConnectionStatus.DISCONNECTED)):
        ended = world.connections.get_connection(name, f"c_{CONNECTOR}")
        world.connections.save_connection(replace(ended, status=status))
    desk(world).add_operators(CONNECTOR, DOCUMENT, BY)
    (first,) = world.queue.take()
    assert world.do(first) == f"{MERCHANTS - 2} connections are looked at again, and more"
    found = {(job["merchant"], job["connection"], job["connector"]) for job in played(world)}
    others = {(name, f"c_{CONNECTOR}", CONNECTOR) for name in names[MERCHANTS:]}
    assert found - {(MERCHANT, CONNECTION, CONNECTOR)} >= others
    assert not {name for name, _, _ in found} & {names[1], names[2]}


@pytest.mark.parametrize("death", range(1, 20))
def test_a_worker_that_dies_in_a_page_does_it_again(death: int) -> None:
    world = World()
    names = crowd(world, MERCHANTS + 5)
    desk(world).add_operators(CONNECTOR, DOCUMENT, BY)
    (first,) = world.queue.take()
    world.switch.arm(death)
    with pytest.raises(Crash):
        world.do(first)
    world.do(first)
    assert {job["merchant"] for job in played(world)} == {*names, MERCHANT}


def test_a_recheck_of_one_connection_leaves_the_others_alone() -> None:
    world = World()
    for deal in ("8", "9"):
        world.platform.won(deal, tin=None)
        world.run(world.deliver(won(f"e{deal}", deal)))
    other = world.sale("9")
    world.sales.change(replace(other, connection="c_other"), action="moved")
    world.do(recheck_job(MERCHANT, connection=CONNECTION, connector=CONNECTOR))
    assert [job["resource_id"] for job in world.queue.take()] == ["8"]
