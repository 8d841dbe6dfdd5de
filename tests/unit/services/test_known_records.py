"""Rows of the catalogue for a sale: only what is known, with the time it is known as of."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from taxpoynt.domain.catalogue import Feed, Row
from taxpoynt.domain.catalogue_sync import SyncState
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.source import Answer, SourceBundle
from taxpoynt.ports import PlatformApi
from taxpoynt.ports.known import KnownRecords
from taxpoynt.services.known_records import CatalogueRecords
from tests.fakes.catalogue import BY_VERSION, FakeCatalogueStore
from tests.fakes.catalogue_world import CONNECTION, MERCHANT, CatalogueWorld
from tests.fakes.outside import FakePlatform
from tests.fakes.world import CONNECTION as SALES_CONNECTION
from tests.fakes.world import MERCHANT as SALES_MERCHANT
from tests.fakes.world import World, won
from tests.unit.services.test_explain_invoice import explain

HOUR = timedelta(hours=1)


def shop() -> CatalogueWorld:
    made = CatalogueWorld({"items": BY_VERSION})
    made.shop.edit("a", "Palm oil")
    made.shop.edit("b", "Rice")
    return made


def records(world: CatalogueWorld) -> CatalogueRecords:
    return CatalogueRecords(world.store, world.clock, world.connections.get_connection(MERCHANT, CONNECTION))


def test_a_row_is_as_of_the_last_time_the_changes_were_followed() -> None:
    world = shop()
    world.run()
    world.clock.move(hours=3)
    looked = world.clock.now()
    world.run()
    world.clock.move(minutes=20)
    found = records(world).find("items", ["a", "c"], within=HOUR)
    assert list(found) == ["a"], "what is not there is not made up"
    assert found["a"].as_of == looked
    assert json.loads(found["a"].record)["name"] == "Palm oil"


def test_a_catalogue_that_was_not_looked_at_lately_is_not_current() -> None:
    world = shop()
    world.run()
    world.clock.move(hours=2)
    assert records(world).find("items", ["a"], within=HOUR) == {}
    assert list(records(world).find("items", ["a"], within=None)) == ["a"]


def test_a_first_load_under_way_is_not_current_and_its_rows_have_their_own_time() -> None:
    world = shop()
    world.size = world.shop.size = 1
    world.shop.before = lambda: setattr(world, "time_left", world.time_left - 12)
    with pytest.raises(AssertionError):
        world.run(most=1)
    assert world.state().phase == "loading"
    assert records(world).find("items", ["a"], within=HOUR) == {}
    [row] = records(world).find("items", ["a"], within=None).values()
    assert row.as_of <= world.clock.now()


def test_a_deleted_row_tells_nothing() -> None:
    world = shop()
    world.run()
    world.clock.move(hours=2)
    world.shop.delete("a")
    world.run()
    assert records(world).find("items", ["a", "b"], within=None).keys() == {"b"}


class Sparing(FakePlatform):
    """A platform whose sales take the buyer from the catalogue."""

    def fetch(self, api: PlatformApi, ref: RecordRef, known: KnownRecords | None = None) -> SourceBundle:
        bundle = super().fetch(api, ref)
        found = known.find("customers", ["77"], within=HOUR) if known else {}
        rows = tuple(Answer(f"catalogue customers/{row.id} as of {row.as_of}", row.record) for row in found.values())
        return replace(bundle, answers={**bundle.answers, **({"customer": rows} if rows else {})})


def test_a_sale_is_given_its_connections_catalogue_and_explain_names_the_row_and_its_time() -> None:
    world = World()
    world.platform = Sparing()
    world.wire()
    kept = FakeCatalogueStore()
    feed = Feed(merchant=SALES_MERCHANT, connection=SALES_CONNECTION, kind="customers")
    kept.put(feed, [Row(id="77", revision="", as_of=world.clock.now(), record=b'{"name":"Ada"}')])
    kept.save_state(feed, SyncState(loaded_at=world.clock.now(), current_at=world.clock.now()))
    deliveries = world.job.deliveries
    read = replace(deliveries.take.read, known=partial(CatalogueRecords, kept, world.clock))
    world.job = replace(world.job, deliveries=replace(deliveries, take=replace(deliveries.take, read=read)))
    world.platform.won("8")
    world.run(world.deliver(won()))
    told = explain(world)
    assert told["rebuilt"]["same"], told["rebuilt"]
    assert told["made_from"]["catalogue"] == [f"catalogue customers/77 as of {feed_time(kept, feed)}"]
    world.platform.won("9")
    world.clock.move(hours=3)
    world.run(world.deliver(won("e2", "9")))
    assert explain(world, str(world.sale("9").irn))["made_from"]["catalogue"] == []


def feed_time(kept: FakeCatalogueStore, feed: Feed) -> object:
    return kept.rows[feed]["77"].as_of
