"""Copies of customers and items leave with the connection, with the merchant, and when the buyer asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from taxpoynt.domain.catalogue import Feed, Row
from taxpoynt.domain.catalogue_sync import SyncState
from taxpoynt.domain.connection import ConnectionStatus
from taxpoynt.services import jobs
from taxpoynt.services.erase import EraseBuyer, EraseMerchant
from taxpoynt.services.erase_copies import EraseCopies
from taxpoynt.services.sync_catalogue import ForgetCatalogue
from tests.fakes.catalogue import FakeCatalogueStore
from tests.fakes.clock import START
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World, won
from tests.unit.services.test_purge_expired import Years

ORGANISATIONS = Feed(merchant=MERCHANT, connection=CONNECTION, kind="companies")


def row(row_id: str) -> Row:
    return Row(id=row_id, revision="", as_of=START, record=b'{"name":"Ada"}')


def kinds(connector: str, resource: str) -> Any:
    return {"organization": "companies", "product": "items"}.get(resource)


class Leaving(Years):
    """A merchant with copies of customers and items."""

    def __init__(self) -> None:
        super().__init__()
        self.copies = FakeCatalogueStore()
        erasing = replace(self.erase.erasing, copies=EraseCopies(self.copies, kinds))
        self.erase = EraseMerchant(erasing, self.world.connections, self.store, self.world.queue, self.world.rules)
        self.erase_buyer = EraseBuyer(erasing, self.world.connections)
        self.copies.put(ORGANISATIONS, [row("77"), row("78")])
        self.copies.put(replace(ORGANISATIONS, kind="items"), [row("77")])
        self.copies.save_state(ORGANISATIONS, SyncState())


@pytest.fixture
def leaving() -> Leaving:
    return Leaving()


def test_a_buyer_who_asks_leaves_the_copies_and_no_other_does(leaving: Leaving) -> None:
    leaving.world.platform.won("8")
    leaving.world.run(leaving.world.deliver(won()))
    report = leaving.erase_buyer(MERCHANT, CONNECTOR, "8", who="Ada Obi", why="buyer asked")
    assert report["outcome"] == "kept", "the invoice stays, as tax law wants it"
    assert set(leaving.copies.rows[ORGANISATIONS]) == {"78"}, "the copy of the customer backs no invoice"
    assert set(leaving.copies.rows[replace(ORGANISATIONS, kind="items")]) == {"77"}, "an item is nobody's data"


def test_a_merchant_who_leaves_leaves_no_copies(leaving: Leaving) -> None:
    order = leaving.erase.ask(MERCHANT, who="Ada Obi", why="contract ended")
    assert not leaving.erase.go_on(order), "the connection is still there"
    found = leaving.world.connections.get_connection(MERCHANT, CONNECTION)
    leaving.world.connections.save_connection(replace(found, status=ConnectionStatus.DISCONNECTED))
    assert leaving.erase.go_on(order)
    assert not any(leaving.copies.rows.values())
    assert leaving.copies.states(MERCHANT, CONNECTION) == {}


def test_a_catalogue_too_large_for_one_day_goes_on_the_next(leaving: Leaving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxpoynt.services.erase_copies.PAGE", 1)
    monkeypatch.setattr("taxpoynt.services.erase_copies.PAGES", 2)
    order = leaving.erase.ask(MERCHANT, who="Ada Obi", why="contract ended")
    found = leaving.world.connections.get_connection(MERCHANT, CONNECTION)
    leaving.world.connections.save_connection(replace(found, status=ConnectionStatus.DISCONNECTED))
    days = 1
    while not leaving.erase.go_on(order):
        assert leaving.store.erasure(MERCHANT) is not None, "still ordered"
        days += 1
    assert days == 3
    assert not any(leaving.copies.rows.values())


def test_a_connection_that_ends_keeps_no_copy_unless_the_merchant_is_back() -> None:
    world, copies = World(), FakeCatalogueStore()
    copies.put(ORGANISATIONS, [row(str(number)) for number in range(1200)])
    forget = ForgetCatalogue(world.connections, copies, world.queue)
    job = jobs.read(jobs.make("forget_catalogue", MERCHANT, CONNECTION, CONNECTOR))
    assert forget(job, lambda: 30.0) == "connected again meanwhile"
    found = world.connections.get_connection(MERCHANT, CONNECTION)
    world.connections.save_connection(replace(found, status=ConnectionStatus.DISCONNECTED))
    times = iter([30.0, 9.0])
    assert forget(job, lambda: next(times)) == "goes on"
    [(queue, following, _)] = world.queue.sent
    assert (queue, following["job"]) == ("bulk", "forget_catalogue")
    assert copies.count(ORGANISATIONS) == 700
    assert forget(jobs.read(following), lambda: 30.0) == "forgotten"
    assert copies.count(ORGANISATIONS) == 0


def test_disconnecting_asks_for_the_copies_to_be_forgotten() -> None:
    world = World()
    world.queue.sent = []
    world.do(jobs.make("disconnect", MERCHANT, CONNECTION, CONNECTOR))
    assert [job["job"] for _, job, _ in world.queue.sent] == ["forget_catalogue"]


def test_the_scheduler_asks_for_a_look_when_it_is_due() -> None:
    world = World()
    schedule = replace(world.schedule, sync_minutes=lambda _: 60)
    now = world.clock.now()
    found = world.connections.get_connection(MERCHANT, CONNECTION)
    world.connections.save_connection(replace(found, next_sync_at=now, next_poll_at=None, next_refresh_at=None))
    schedule()
    assert [job["job"] for _, job, _ in world.queue.sent] == ["sync"]
    assert world.connections.get_connection(MERCHANT, CONNECTION).next_sync_at == now + timedelta(minutes=60)
    world.queue.sent = []
    world.clock.move(hours=2)
    world.schedule()
    assert world.queue.sent == [], "a platform without a catalogue is not looked at"
    assert world.connections.get_connection(MERCHANT, CONNECTION).next_sync_at is None
