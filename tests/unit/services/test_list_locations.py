"""The list of a merchant's shops: new ones, those that went, a platform that does not tell, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.locations import MOST_GONE, Location, merged
from taxpoynt.errors import NeedsReauthorisation, NotFound, PlatformRefused, PlatformUnavailable, TaxPoyntError
from taxpoynt.services import jobs
from taxpoynt.services.list_locations import ListLocations, ReadLocations
from tests.fakes.clock import START
from tests.fakes.locations import FakeLocationStore
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World, won

IKEJA, LEKKI, ABUJA = Location(id="1", name="Ikeja"), Location(id="2", name="lekki"), Location(id="3", name="Abuja")
DAY = timedelta(days=1)


class Shops:
    """A world with shops; `told` is what the platform lists, or what it does instead."""

    def __init__(self) -> None:
        self.world, self.store = World(), FakeLocationStore()
        self.told: Sequence[Location] | TaxPoyntError | None = [IKEJA, LEKKI]
        self.job = ListLocations(self.world.connections, self.store, self.world.clock, self._read)

    def _read(self, _: Connection) -> Sequence[Location] | None:
        if isinstance(self.told, TaxPoyntError):
            raise self.told
        return self.told

    def run(self) -> str:
        return self.job(jobs.read(jobs.make("locations", MERCHANT, CONNECTION, CONNECTOR)), lambda: 30.0)

    def list(self) -> list[tuple[str, bool, bool]]:
        """(id, first seen later, gone)."""
        found = self.store.get(MERCHANT, CONNECTION)
        assert found is not None
        return [(one.id, one.first_seen is not None, one.gone_at is not None) for one in found.locations]


@pytest.fixture
def shops() -> Shops:
    return Shops()


def test_shops_are_listed_by_name_with_the_time_of_the_list(shops: Shops) -> None:
    shops.told = [LEKKI, IKEJA, ABUJA]
    assert shops.run() == "listed 3 shops"
    found = shops.store.get(MERCHANT, CONNECTION)
    assert found is not None
    assert [one.name for one in found.locations] == ["Abuja", "Ikeja", "lekki"]
    assert (found.as_of, found.asked_at, found.problem) == (START, START, "")
    assert not any(one.first_seen for one in found.locations), "at the beginning no shop is new"


def test_a_later_shop_is_new_and_one_that_went_keeps_its_name(shops: Shops) -> None:
    shops.run()
    shops.world.clock.move(days=1)
    shops.told = [IKEJA.model_copy(update={"name": "Ikeja City"}), ABUJA]
    assert shops.run() == "listed 2 shops"
    assert shops.list() == [("3", True, False), ("1", False, False), ("2", False, True)]
    found = shops.store.get(MERCHANT, CONNECTION)
    assert found is not None
    assert (found.name_of("1"), found.name_of("2"), found.name_of("9")) == ("Ikeja City", "lekki", "9")
    assert [one.id for one in found.present] == ["3", "1"]
    shops.world.clock.move(days=1)
    shops.told = [IKEJA, LEKKI, ABUJA]
    shops.run()
    assert shops.list() == [("3", True, False), ("1", False, False), ("2", False, False)], "back, and not new"


def test_when_a_shop_went_is_the_first_list_without_it(shops: Shops) -> None:
    first = merged(merged(None, [IKEJA, LEKKI], START), [IKEJA], START + DAY)
    later = merged(first, [IKEJA], START + 2 * DAY)
    assert [one.gone_at for one in later.locations] == [None, START + DAY]


def test_shops_that_went_are_not_kept_without_end() -> None:
    many = [Location(id=str(number), name="x") for number in range(MOST_GONE + 10)]
    left = merged(merged(None, [IKEJA, *many], START), [IKEJA], START + DAY)
    assert len(left.locations) == MOST_GONE + 1


@pytest.mark.parametrize(
    ("told", "word", "problem"),
    [
        (PlatformRefused("no right"), "refused: PlatformRefused", "PlatformRefused"),
        ([], "none shown", "NoneShown"),
    ],
)
def test_a_platform_that_does_not_tell_leaves_the_list_as_it_was(
    shops: Shops, told: object, word: str, problem: str
) -> None:
    shops.run()
    shops.world.clock.move(days=1)
    shops.told = told  # type: ignore[assignment]  # either of both
    assert shops.run() == word
    found = shops.store.get(MERCHANT, CONNECTION)
    assert found is not None
    assert (found.as_of, found.asked_at, found.problem) == (START, START + DAY, problem)
    assert [one.id for one in found.present] == ["1", "2"]
    shops.told = [IKEJA]
    shops.run()
    after = shops.store.get(MERCHANT, CONNECTION)
    assert after is not None
    assert after.problem == ""


def test_shops_told_after_a_first_refusal_are_not_new(shops: Shops) -> None:
    shops.told = PlatformRefused("no right")
    shops.run()
    shops.told = [IKEJA]
    shops.run()
    assert shops.list() == [("1", False, False)]


@pytest.mark.parametrize("problem", [PlatformUnavailable("down"), NeedsReauthorisation("ended")])
def test_what_may_be_better_later_and_an_ended_grant_are_left_to_the_jobs_owner(
    shops: Shops, problem: TaxPoyntError
) -> None:
    shops.told = problem
    with pytest.raises(type(problem)):
        shops.run()
    assert shops.store.lists == {}


def test_a_connection_that_has_ended_or_never_was_is_asked_for_nothing(shops: Shops) -> None:
    ended = shops.world.connections.get_connection(MERCHANT, CONNECTION)
    shops.world.connections.save_connection(replace(ended, status=ConnectionStatus.DISCONNECTED))
    assert shops.run() == "not active"
    unknown = jobs.read(jobs.make("locations", MERCHANT, "c_none", CONNECTOR))
    assert shops.job(unknown, lambda: 30.0) == "not active"
    assert shops.store.lists == {}


def test_a_platform_without_shops_stores_nothing(shops: Shops) -> None:
    shops.told = None
    assert shops.run() == "no shops to list"
    assert shops.store.lists == {}


def test_the_list_is_read_with_the_daily_look_where_there_are_shops(shops: Shops) -> None:
    world = shops.world
    known = world.connections.get_connection(MERCHANT, CONNECTION)
    world.connections.save_connection(replace(known, next_refresh_at=world.clock.now()))
    schedule = replace(world.schedule, lists_shops=lambda _: True)
    schedule()
    assert [job["job"] for job in world.queue.take()] == ["subscribe", "keep_alive", "locations"]
    schedule()
    assert world.queue.take() == [], "once a day"
    world.clock.move(days=1)
    world.schedule()
    assert [job["job"] for job in world.queue.take()] == ["subscribe", "keep_alive"], "a platform without shops"


def test_the_job_goes_through_the_queue_and_comes_back_after_an_outage(shops: Shops) -> None:
    world = shops.world
    world.job = replace(world.job, more={**world.job.more, "locations": shops.job})
    message = jobs.make("locations", MERCHANT, CONNECTION, CONNECTOR)
    shops.told = PlatformUnavailable("down")
    assert "again in" in world.do(message)
    [(queue, again, delay)] = world.queue.sent
    assert (queue, again["job"], delay > 0) == ("bulk", "locations", True)
    shops.told = [IKEJA]
    assert world.do(again) == "listed 1 shops"


def reader(shops: Shops, *chosen: str, setting: str | None = "shops") -> Callable[[str, str], object]:
    return ReadLocations(shops.world.connections, shops.store, lambda _: (setting, chosen))


def test_which_shops_issue_invoices_is_told_with_the_list(shops: Shops) -> None:
    shops.run()
    every = ReadLocations(shops.world.connections, shops.store, lambda _: ("shops", ()))(MERCHANT, CONNECTION)
    assert (every.issues(IKEJA), every.issues(LEKKI)) == (True, True), "none chosen means all of them"
    some = ReadLocations(shops.world.connections, shops.store, lambda _: ("shops", ["2"]))(MERCHANT, CONNECTION)
    assert (some.setting, some.issues(IKEJA), some.issues(LEKKI)) == ("shops", False, True)


def test_shops_of_others_and_of_platforms_without_shops_do_not_exist(shops: Shops) -> None:
    shops.run()
    with pytest.raises(NotFound):
        reader(shops)("m_other", CONNECTION)
    with pytest.raises(NotFound, match="no shops to choose from"):
        ReadLocations(shops.world.connections, shops.store, lambda _: None)(MERCHANT, CONNECTION)


def test_sales_are_read_all_the_same_while_shops_cannot_be(shops: Shops) -> None:
    world = shops.world
    world.job = replace(world.job, more={**world.job.more, "locations": shops.job})
    shops.told = PlatformUnavailable("down")
    world.do(jobs.make("locations", MERCHANT, CONNECTION, CONNECTOR))
    world.queue.take()
    world.platform.won("8")
    world.run(world.deliver(won()))
    assert world.sale().irn in world.nrs.signed
