"""Fetching what was sold before the connection, to try rules on it. It invoices nothing, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import AT_NRS
from taxpoynt.errors import (
    BadInput,
    Busy,
    NeedsReauthorisation,
    NotFound,
    PlatformRefused,
    PlatformUnavailable,
    RateLimited,
    Rejected,
)
from taxpoynt.ports import PlatformApi
from taxpoynt.ports.look_back import PastPage
from taxpoynt.services.look_back import DEAD, FRESH, LookBacks
from taxpoynt.services.run_look_back import RunLookBack
from taxpoynt.services.stored_records import StoredRecords
from tests.fakes.crash import Crash
from tests.fakes.look_backs import FakeLookBackStore
from tests.fakes.outside import FakeApi
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World, swallow, won


@dataclass
class Past:
    """A platform's lists, a page a stretch. broken: what the coming calls raise instead."""

    pages: list[list[str]]
    broken: list[Exception] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    why: str = ""
    not_yet: str = ""

    def begin(self, cursor: str | None, now: datetime) -> str:
        if self.not_yet:
            raise Busy(self.not_yet)
        if self.why:
            raise Rejected(self.why)
        return "0"

    def page(self, api: PlatformApi, place: str) -> PastPage:
        self.asked.append(place)
        if self.broken:
            raise self.broken.pop(0)
        here = int(place)
        records = [RecordRef(resource="deal", id=one) for one in self.pages[here]]
        if here + 1 < len(self.pages):
            return PastPage(records=records, place=str(here + 1))
        return PastPage(records=records, place=None, ended="beginning")


@dataclass
class Looking:
    """The whole pipeline with this job in it; `time` is what a job has left, in seconds, at each question."""

    past: Past
    world: World = field(default_factory=World)
    store: FakeLookBackStore = field(default_factory=FakeLookBackStore)

    def __post_init__(self) -> None:
        world, platform = self.world, self.world.mortal(self.world.platform)
        self.cannot = ""
        self.desk = LookBacks(world.connections, self.store, world.queue, world.clock, lambda _: self.cannot)
        self.run = RunLookBack(
            world.connections,
            world.mortal(self.store),
            world.mortal(world.blobs),
            world.mortal(world.queue),
            world.clock,
            lambda _: platform,
            lambda _: self.past,
            lambda _: FakeApi(),
            self.is_kept,
        )
        world.job = replace(world.job, more={**world.job.more, "look_back": self.run})

    def is_kept(self, connection: Connection, ref: RecordRef) -> bool:
        try:
            return self.world.sales.get(connection.merchant, connection.connector, ref.id).state in AT_NRS
        except NotFound:
            return False

    def ask(self, records: int = 10) -> Any:
        return self.desk.ask(MERCHANT, CONNECTION, records)

    @property
    def seen(self) -> Any:
        return self.desk.shown(MERCHANT, CONNECTION)

    @property
    def kept(self) -> list[str]:
        """Deals whose bytes are stored."""
        places = [one for one in self.world.blobs.blobs if one.startswith(f"{MERCHANT}/records/{CONNECTOR}/deal/")]
        return [place.split("/")[4] for place in places]


def looking(*pages: list[str], there: int = 20) -> Looking:
    made = Looking(Past(list(pages)))
    for number in range(1, there + 1):
        made.world.platform.won(str(number))
    return made


@pytest.fixture
def past() -> Looking:
    return looking(["5", "4"], [], ["3", "2", "1"])


# --- history is no sale (P1, P2) ------------------------------------------------------------------------------------


def test_looking_at_history_invoices_nothing(past: Looking) -> None:
    """Not now, not by the sweeper, not by the scheduler; and the records are there to try rules on."""
    past.ask()
    past.world.run(hours=26)
    past.world.schedule()
    past.world.run()
    assert past.kept == ["5", "4", "3", "2", "1"]
    assert past.world.sales.list_sales(MERCHANT, limit=10, cursor=None) == ([], None)
    assert past.world.nrs.calls == []
    connection = past.world.connections.get_connection(MERCHANT, CONNECTION)
    assert (connection.cursor, connection.found_at) == (None, None), "polling goes on where it was"
    newest = StoredRecords(past.world.sales, past.world.blobs).newest(connection, 3, fetched=past.seen.seen)
    assert [name for name, _ in newest.bundles] == ["deal 5", "deal 4", "deal 3"]


def test_the_job_has_nothing_to_make_a_sale_with() -> None:
    """Whoever gives it a store of sales or events, or a starter of workflows, has to change this test and say why."""
    assert {one.name for one in fields(RunLookBack)} == {
        *("connections", "store", "blobs", "queue", "clock"),
        *("connector", "past", "api", "is_kept", "known"),
    }


def test_a_sale_that_happens_to_be_in_the_history_is_one_invoice(past: Looking) -> None:
    """Fetched as history first, told by its webhook afterwards, and looked at as history again."""
    past.ask()
    past.world.run()
    past.world.run(past.world.deliver(won("e1", "5")))
    past.world.clock.move(hours=1)
    past.ask()
    past.world.run(hours=26)
    assert [irn for call, irn in past.world.nrs.calls if call == "sign"] == [past.world.sale("5").irn]
    sales, _ = past.world.sales.list_sales(MERCHANT, limit=10, cursor=None)
    assert [one.sale_id for one in sales] == ["5"]
    assert (past.seen.kept, past.seen.known) == (4, 1), "what backs an invoice is kept anyway"


@pytest.mark.parametrize("death", range(1, 16))
def test_a_worker_that_dies_anywhere_loses_nothing_and_invoices_nothing(death: int, past: Looking) -> None:
    past.ask()
    (message,) = past.world.queue.take()
    past.world.switch.arm(death)
    with pytest.raises(Crash):
        past.world.do(message)
    past.world.run(message, hours=26)  # SQS gives it again
    assert past.kept == ["5", "4", "3", "2", "1"]
    assert (past.seen.state, past.seen.there) == ("done", 5)
    assert past.world.nrs.calls == []


# --- how far it goes --------------------------------------------------------------------------------------------------


def test_it_ends_with_as_many_as_were_asked_for(past: Looking) -> None:
    past.ask(3)
    past.world.run()
    assert past.kept == ["5", "4", "3"]
    assert (past.seen.state, past.seen.there, past.seen.why) == ("done", 3, "these are all that were asked for")


def test_what_the_platform_lists_and_does_not_give_is_left_out(past: Looking) -> None:
    del past.world.platform.deals["4"]
    past.ask()
    past.world.run()
    assert past.kept == ["5", "3", "2", "1"]
    assert (past.seen.left_out, past.seen.there, past.seen.why) == (1, 4, "the platform lists no older ones")


def test_a_platform_that_gives_nothing_of_what_it_lists_is_not_asked_for_ever() -> None:
    past = looking([str(number) for number in range(100, 200)], there=0)
    past.ask(5)
    past.world.run()
    assert len(past.world.platform.fetched) == 10
    assert (past.seen.state, past.seen.left_out) == ("done", 10)


def test_a_slice_ends_in_time_and_the_next_one_goes_on(past: Looking) -> None:
    past.ask()
    (message,) = past.world.queue.take()
    seconds = iter([30.0, 30.0, *(23.0, 22.5, 21.9)])
    assert past.world.job(message, lambda: next(seconds)) == "goes on"
    assert (past.seen.state, past.seen.there) == ("fetching", 1)
    ((queue, following, delay),) = past.world.queue.sent
    assert (queue, following["job"], delay) == ("bulk", "look_back", 0)
    past.world.run()
    assert past.seen.there == 5
    assert past.world.platform.fetched == ["5", "4", "3", "2", "1"], "nothing twice"


def test_a_used_up_budget_is_waited_for_without_holding_a_worker(past: Looking) -> None:
    past.past.broken = [RateLimited("slow down", retry_after=40)]
    past.ask()
    (message,) = past.world.queue.take()
    assert past.world.do(message) == "waits"
    ((queue, _, delay),) = past.world.queue.sent
    assert (queue, delay) == ("bulk", 40)
    past.world.run()
    assert past.seen.there == 5


def test_a_record_that_never_fits_into_the_budget_does_not_hold_the_others_up(past: Looking) -> None:
    past.ask()
    real: Callable[..., Any] = past.world.platform.fetch

    def fetch(api: PlatformApi, ref: RecordRef, known: Any = None) -> Any:
        if ref.id == "4":
            raise RateLimited("too much at once", retry_after=1)
        return real(api, ref, known)

    past.world.platform.fetch = fetch  # type: ignore[method-assign]  # one deal needs too many requests
    past.world.run()
    assert past.kept == ["5", "3", "2", "1"]
    assert past.seen.left_out == 1


def test_an_outage_comes_again_and_one_of_a_day_is_given_up(past: Looking) -> None:
    past.past.broken = [PlatformUnavailable("down")]
    past.ask()
    (message,) = past.world.queue.take()
    assert past.world.do(message).startswith("again in")
    past.world.clock.move(days=1, minutes=1)
    past.world.run()
    assert (past.seen.state, past.seen.why) == ("stopped", "it took longer than a day")


def test_what_it_waits_for_is_told_until_it_goes_on(past: Looking) -> None:
    past.past.not_yet = "the platform's sales are listed for the first time"
    past.ask()
    (message,) = past.world.queue.take()
    assert past.world.do(message) == "waits"
    assert (past.seen.state, past.seen.note) == ("fetching", "the platform's sales are listed for the first time")
    past.past.not_yet = ""
    past.world.run()
    assert (past.seen.state, past.seen.note, past.seen.there) == ("done", "", 5)


def test_why_it_stopped_is_told(past: Looking) -> None:
    past.past.broken = [PlatformRefused("the list of a page cannot be read")]
    past.ask()
    past.world.run()
    assert (past.seen.state, past.seen.why) == ("stopped", "the list of a page cannot be read")
    past.past.broken = [NeedsReauthorisation("withdrawn")]
    past.ask()
    past.world.run()
    assert (past.seen.state, past.seen.why) == ("stopped", "the platform wants you to connect again")
    assert past.world.connections.get_connection(MERCHANT, CONNECTION).status is ConnectionStatus.NEEDS_REAUTH


# --- asking -----------------------------------------------------------------------------------------------------------


def test_asking_twice_is_one_walk(past: Looking) -> None:
    first = past.ask()
    assert past.ask(200) == first
    assert len(past.world.queue.sent) == 1
    past.world.run()
    done = past.ask()
    assert (done.state, past.world.queue.sent) == ("done", [])
    past.world.clock.move(minutes=FRESH.total_seconds() / 60 + 1)
    assert past.ask().state == "fetching"


def test_a_chain_that_broke_is_begun_again_and_its_last_message_leaves(past: Looking) -> None:
    past.ask()
    (lost,) = past.world.queue.take()
    past.world.clock.move(seconds=(DEAD + timedelta(seconds=1)).total_seconds())
    past.ask()
    past.world.run()
    assert past.seen.there == 5
    assert past.world.do(lost) == "overtaken"


def test_a_message_that_comes_twice_leaves_to_whoever_is_at_it(past: Looking) -> None:
    past.ask()
    (message,) = past.world.queue.take()
    at = past.seen
    past.world.do(message)
    assert past.world.do(message) == "overtaken"
    past.store.kept[MERCHANT, CONNECTION] = replace(at, version=at.version + 1)
    past.store.taken = True
    assert past.world.do(message) == "overtaken"


def test_a_lost_answer_of_the_store_does_not_end_the_chain(past: Looking) -> None:
    past.ask()
    past.store.lost = 2
    past.world.run()
    assert (past.seen.state, past.seen.there) == ("done", 5)


def test_only_what_can_be_done_is_begun(past: Looking) -> None:
    for records in (0, 201):
        with pytest.raises(BadInput):
            past.ask(records)
    past.cannot = "this platform lists only what changes from now on"
    with pytest.raises(BadInput, match="from now on"):
        past.ask()
    past.cannot = ""
    connection = past.world.connections.get_connection(MERCHANT, CONNECTION)
    past.world.connections.save_connection(replace(connection, status=ConnectionStatus.NEEDS_REAUTH))
    with pytest.raises(BadInput, match="not active"):
        past.ask()
    assert isinstance(swallow(lambda: past.desk.ask("m_other", CONNECTION, 5)), NotFound)
    assert past.world.queue.sent == []


def test_a_connection_that_ended_meanwhile_is_not_asked(past: Looking) -> None:
    past.ask()
    connection = past.world.connections.get_connection(MERCHANT, CONNECTION)
    past.world.connections.save_connection(replace(connection, status=ConnectionStatus.DISCONNECTED))
    past.world.run()
    assert (past.seen.state, past.past.asked) == ("stopped", [])
