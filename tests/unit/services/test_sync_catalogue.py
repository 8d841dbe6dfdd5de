"""Items, stock, customers and companies are kept in step: nothing skipped, nothing doubled, the newest row wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taxpoynt.connector_kit.catalogue import TemplateCatalogue
from taxpoynt.domain.catalogue import Known, Row
from taxpoynt.domain.catalogue_sync import SyncState
from taxpoynt.domain.connection import ConnectionStatus
from taxpoynt.errors import NeedsReauthorisation, PlatformRefused, PlatformUnavailable, RateLimited
from taxpoynt.services import jobs
from taxpoynt.services.sync_catalogue import SyncCatalogue
from taxpoynt.services.walk_catalogue import next_night
from tests.fakes.catalogue import BY_TIME, BY_VERSION, COUNTED, NUMBERED, FakeCatalogueStore
from tests.fakes.catalogue_world import CONNECTION, ITEMS, MERCHANT, CatalogueWorld, template_with

ALL_WAYS = {"by version": BY_VERSION, "by time": BY_TIME, "numbered": NUMBERED, "counted": COUNTED}


def world(way: dict[str, Any], rows: int = 0, **more: Any) -> CatalogueWorld:
    made = CatalogueWorld({"items": way}, **more)
    for number in range(rows):
        made.clock.move(seconds=1)
        made.shop.edit(f"p{number:03}", f"name {number}")
    return made


@pytest.mark.parametrize("way", ALL_WAYS.values(), ids=ALL_WAYS)
def test_the_first_load_brings_every_row_page_by_page_with_its_progress(way: dict[str, Any]) -> None:
    shop = world(way, rows=10)
    shop.run()
    assert shop.kept() == shop.shop.truth()
    state = shop.state()
    assert (state.phase, state.rows, state.whole, state.problem) == ("following", 10, None, None)
    assert state.loaded_at is not None
    assert state.current_at is not None
    assert shop.words[-1] == "in step"


def test_progress_can_be_seen_while_a_load_is_under_way() -> None:
    shop = world(COUNTED, rows=10)
    shop.shop.before = lambda: setattr(shop, "time_left", shop.time_left - 3)  # three pages and the job's time is over
    with pytest.raises(AssertionError):
        shop.run(most=1)
    state = shop.state()
    assert state.phase == "loading"
    assert state.whole is not None
    assert (state.whole.rows, state.whole.pages, state.whole.expected) == (6, 2, 10)


@pytest.mark.parametrize("way", [BY_VERSION, BY_TIME], ids=["by version", "by time"])
def test_the_second_run_reads_only_changes_and_writes_only_changes(way: dict[str, Any]) -> None:
    shop = world(way, rows=30)
    shop.run()
    shop.clock.move(hours=2)
    shop.shop.edit("p007", "another name")
    shop.shop.asked, shop.store.writes = [], 0
    shop.run()
    assert shop.kept() == shop.shop.truth()
    assert shop.store.writes == 1
    assert len(shop.shop.asked) <= 2, "one page of changes, not ten of everything"


def test_nothing_changed_costs_one_request_and_no_write() -> None:
    shop = world(BY_VERSION, rows=30)
    shop.run()
    shop.clock.move(hours=2)
    shop.shop.asked, shop.store.writes = [], 0
    shop.run()
    assert (len(shop.shop.asked), shop.store.writes) == (1, 0)


def test_a_deletion_that_the_platform_tells_takes_the_row_and_its_data_away() -> None:
    shop = world(BY_VERSION, rows=4)
    shop.run()
    shop.clock.move(hours=2)
    shop.shop.delete("p002")
    shop.run()
    assert shop.kept() == shop.shop.truth()
    tombstone = shop.store.rows[ITEMS]["p002"]
    assert tombstone.gone
    assert (tombstone.record, tombstone.sku) == (b"", None), "no data of it is kept, only that it is gone"


def test_an_archived_row_stays_readable_and_says_so() -> None:
    shop = world(BY_VERSION, rows=2)
    shop.shop.edit("p001", "old stock", archived=True)
    shop.run()
    assert shop.store.rows[ITEMS]["p001"].archived
    assert shop.kept()["p001"] == "old stock"


def test_a_row_that_comes_back_is_there_again() -> None:
    shop = world(BY_VERSION, rows=2)
    shop.shop.delete("p001")
    shop.run()
    shop.clock.move(hours=2)
    shop.shop.edit("p001", "back")
    shop.run()
    assert shop.kept() == shop.shop.truth()


# --- kills, races, repeats ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ALL_WAYS.values(), ids=ALL_WAYS)
@pytest.mark.parametrize("call", range(1, 16))
def test_a_worker_killed_at_any_call_loses_no_page_and_doubles_none(way: dict[str, Any], call: int) -> None:
    shop = world(way, rows=10)
    shop.run(kills=(call, call + 1, call))
    assert shop.kept() == shop.shop.truth()


class CursorFirst(SyncCatalogue):
    """The broken twin: where a walk stands is stored before the page's rows are."""

    def __init__(self, connections: Any, store: Any, *rest: Any) -> None:
        super().__init__(connections, _RowsLast(store), *rest)


class _RowsLast:
    """Keeps back the rows of `put` until the state is saved."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self._waiting: list[tuple[Any, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, feed: Any, rows: Any) -> Any:
        self._waiting.append((feed, rows))
        return FakeCatalogueStore().put(feed, rows)

    def save_state(self, feed: Any, state: Any) -> Any:
        try:
            saved = self._store.save_state(feed, state)
        except BaseException:
            self._waiting.clear()  # what a killed worker held in memory is gone
            raise
        while self._waiting:
            self._store.put(*self._waiting.pop(0))
        return saved


def test_the_twin_that_stores_the_cursor_first_loses_a_page() -> None:
    lost = 0
    for call in range(1, 16):
        shop = world(BY_VERSION, rows=10, make=CursorFirst)
        shop.run(kills=(call,))
        lost += shop.kept() != shop.shop.truth()
    assert lost > 0


EDITS = st.lists(
    st.tuples(st.sampled_from(["edit", "delete", "archive", "wait"]), st.integers(0, 11), st.text("abc", max_size=3)),
    max_size=14,
)


def _edit(shop: CatalogueWorld, edit: tuple[str, int, str]) -> None:
    what, number, name = edit
    row_id = f"p{number:03}"
    if what == "wait":
        shop.clock.move(seconds=number)
    elif what == "delete" and row_id in shop.shop.things:
        shop.shop.delete(row_id)
    else:
        shop.shop.edit(row_id, f"n{name}", archived=what == "archive")


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    way=st.sampled_from(sorted(ALL_WAYS)),
    size=st.integers(1, 5),
    before=EDITS,
    during=EDITS,
    kills=st.lists(st.integers(1, 25), max_size=6),
)
def test_whatever_happens_meanwhile_the_store_ends_as_the_platform_has_it(
    way: str, size: int, before: list[Any], during: list[Any], kills: list[int]
) -> None:
    """Edits, deletions and archivings between any two requests; workers killed after any call; pages of any size."""
    shop = world(ALL_WAYS[way], size=size)
    for edit in before:
        _edit(shop, edit)
    waiting = list(during)

    def meanwhile() -> None:
        if waiting:
            _edit(shop, waiting.pop(0))

    shop.shop.before = meanwhile
    shop.run(kills=tuple(kills))
    shop.settle(days=2)
    while waiting:
        meanwhile()
    shop.settle()
    assert shop.kept() == shop.shop.truth()


def test_the_newest_row_wins_in_whatever_order_rows_arrive() -> None:
    _newest_wins(FakeCatalogueStore())


def test_the_twin_that_lets_the_last_writer_win_is_caught() -> None:
    def last_wins(known: Known | None, told: Row) -> str:
        return "new" if known is None else "changed"

    with pytest.raises(AssertionError):
        _newest_wins(FakeCatalogueStore(last_wins))


def _newest_wins(store: FakeCatalogueStore) -> None:
    shop = world(BY_VERSION, rows=1)
    shop.run()
    old = shop.store.rows[ITEMS]["p000"]
    newer = replace(old, revision=f"{99:020}", record=b'{"name":"newer"}', as_of=old.as_of + timedelta(seconds=1))
    late = replace(old, revision=f"{50:020}", record=b'{"name":"in between"}', as_of=newer.as_of + timedelta(hours=1))
    store.put(ITEMS, [old])
    store.put(ITEMS, [newer])
    assert [store.put(ITEMS, [one]).older for one in (late, old)] == [1, 1], "a page that comes late puts nothing back"
    assert store.rows[ITEMS]["p000"] == newer
    same_content = replace(newer, revision=f"{120:020}")
    store.put(ITEMS, [same_content])
    store.put(ITEMS, [replace(late, revision=f"{110:020}")])
    assert store.rows[ITEMS]["p000"].record == newer.record, "a revision without a change still counts"


def test_a_message_that_comes_twice_and_the_next_one_of_the_scheduler_find_the_turn_taken() -> None:
    shop = world(BY_VERSION, rows=10)
    job = jobs.read(jobs.make("sync", MERCHANT, CONNECTION, "pipedrive"))
    shop.shop.before = lambda: setattr(shop, "time_left", 9.0)
    assert shop.sync(job, lambda: shop.time_left) == "goes on"
    [(_, following, _)] = shop.queue.sent
    shop.time_left, shop.shop.before = 30.0, lambda: None
    asked = len(shop.shop.asked)
    assert shop.sync(job, lambda: 30.0) == "under way", "the same message again"
    assert shop.sync(jobs.read(jobs.make("sync", MERCHANT, CONNECTION, "pipedrive")), lambda: 30.0) == "under way"
    assert len(shop.shop.asked) == asked
    assert shop.sync(jobs.read(following), lambda: 30.0) == "in step"
    assert shop.sync(jobs.read(following), lambda: 30.0) == "in step", (
        "the chain is over: a late copy finds nothing due"
    )
    assert shop.kept() == shop.shop.truth()


def test_a_chain_whose_message_was_lost_is_taken_over_by_the_schedulers_next_job() -> None:
    shop = world(BY_VERSION, rows=10)
    shop.shop.before = lambda: setattr(shop, "time_left", 9.0)
    shop.sync(jobs.read(jobs.make("sync", MERCHANT, CONNECTION, "pipedrive")), lambda: shop.time_left)
    shop.queue.sent = []
    shop.time_left, shop.shop.before = 30.0, lambda: None
    shop.clock.move(hours=1)
    shop.run()
    assert shop.kept() == shop.shop.truth()


# --- the platform says no -----------------------------------------------------------------------------------------


def test_being_asked_to_slow_down_puts_the_job_off_for_as_long_as_the_platform_says() -> None:
    shop = world(BY_VERSION, rows=10)
    answers = iter([None, None, RateLimited("slow", retry_after=77.0)])

    def trouble() -> None:
        shop.shop.broken = next(answers, None)

    shop.shop.before = trouble
    job = jobs.read(jobs.make("sync", MERCHANT, CONNECTION, "pipedrive"))
    assert shop.sync(job, lambda: 30.0) == "waits"
    [(queue, following, delay)] = shop.queue.sent
    assert (queue, delay, following["step"]) == ("bulk", 77, "1")
    assert "tries" not in following, "waiting for the platform is no failure"
    assert shop.state().whole is not None
    shop.shop.before, shop.shop.broken = lambda: None, None
    shop.clock.move(seconds=77)
    shop.sync(jobs.read(following), lambda: 30.0)
    assert shop.kept() == shop.shop.truth()


@pytest.mark.parametrize("way", ALL_WAYS.values(), ids=ALL_WAYS)
def test_a_budget_that_allows_one_request_at_a_time_is_enough(way: dict[str, Any]) -> None:
    """Found by the load proof: a total that was asked for again before each first page used up what the page needed."""
    shop = world(way, rows=10)
    calls = iter(range(10_000))

    def tight() -> None:
        shop.shop.broken = RateLimited("slow", retry_after=5.0) if next(calls) % 2 else None

    shop.shop.before = tight
    shop.run()
    shop.clock.move(days=9)
    shop.shop.delete("p004")
    shop.run()
    assert shop.kept() == shop.shop.truth()
    assert len(shop.shop.asked) < 40


def test_an_outage_is_tried_again_with_the_same_turn() -> None:
    shop = world(BY_VERSION, rows=4)
    shop.shop.broken = PlatformUnavailable("down")
    job = jobs.read(jobs.make("sync", MERCHANT, CONNECTION, "pipedrive"))
    with pytest.raises(PlatformUnavailable):
        shop.sync(job, lambda: 30.0)
    shop.shop.broken = None
    assert shop.sync(job, lambda: 30.0) == "in step"


def test_a_refused_list_is_told_and_does_not_stop_the_others() -> None:
    shop = CatalogueWorld(
        {
            "items": {**BY_VERSION, "whole": [{**BY_VERSION["whole"][0], "path": "/nowhere"}]},
            "customers": {**BY_VERSION},
        }
    )
    shop.shop.edit("c1", "Ada")
    original = shop.shop.read

    def read(path: str, *args: Any, **kwargs: Any) -> Any:
        if path == "/nowhere":
            raise PlatformRefused("403: no right to read products")
        return original(path, *args, **kwargs)

    shop.shop.read = read  # type: ignore[method-assign]
    shop.run()
    assert shop.state("customers").phase == "following"
    items = shop.state("items")
    assert (items.phase, items.problem) == ("waiting", "403: no right to read products")
    assert items.next_at is not None
    assert items.next_at > shop.clock.now()


def test_a_cursor_the_platform_forgot_begins_the_list_again_and_not_for_ever() -> None:
    shop = world(BY_TIME, rows=10)
    shop.shop.before = lambda: setattr(shop, "time_left", 9.0)
    with pytest.raises(AssertionError):
        shop.run(most=1)
    state = shop.state()
    assert state.whole is not None
    walk = state.whole.model_copy(update={"place": '{"at":"expired","pages":1}'})
    shop.store.save_state(ITEMS, state.model_copy(update={"whole": walk}))
    shop.time_left, shop.shop.before = 30.0, lambda: None
    shop.clock.move(hours=1)
    shop.run()
    assert shop.kept() == shop.shop.truth()


def test_a_check_that_is_refused_is_told_and_not_tried_again_at_once() -> None:
    shop = world(BY_VERSION, rows=6)
    shop.run()
    shop.clock.move(days=2)
    shop.shop.broken = PlatformRefused("403: the right was taken away")
    asked = len(shop.shop.asked)
    shop.run(most=5)
    state = shop.state()
    assert (state.problem, state.whole, state.changes) == ("403: the right was taken away", None, None)
    shop.run(most=2)
    assert len(shop.shop.asked) == asked, "it is not yet time to try again"
    shop.shop.broken = None
    shop.clock.move(days=2)
    shop.run()
    assert shop.state().problem is None


def test_a_template_that_keeps_more_reads_every_row_again_and_calls_it_no_drift() -> None:
    shop = world(BY_VERSION, rows=40, size=10)
    shop.run()
    wider = {**BY_VERSION, "keep": ["id", "name", "sku", "price"]}
    shop.reader = TemplateCatalogue(template_with(items=wider))
    shop.clock.move(hours=2)
    shop.run()
    assert all(b"price" in row.record for row in shop.store.rows[ITEMS].values())
    assert shop.words[-1] == "in step"
    drift = shop.state().drift
    assert drift is not None
    assert drift.found == 0
    shop.shop.asked = []
    shop.clock.move(hours=2)
    shop.run()
    assert len(shop.shop.asked) == 1, "once"


def test_a_template_that_changes_during_a_walk_begins_the_list_again() -> None:
    shop = world(NUMBERED, rows=10)
    shop.shop.before = lambda: setattr(shop, "time_left", shop.time_left - 8)
    with pytest.raises(AssertionError):
        shop.run(most=1)
    assert shop.state().phase == "loading"
    shop.reader = TemplateCatalogue(template_with(items=BY_TIME))  # its places are cursors, and no numbers
    shop.time_left, shop.shop.before = 30.0, lambda: None
    shop.clock.move(hours=1)
    shop.run()
    assert shop.kept() == shop.shop.truth()


def test_a_refused_grant_ends_the_job_and_a_connection_that_is_not_active_is_left_alone() -> None:
    shop = world(BY_VERSION, rows=1)
    shop.shop.broken = NeedsReauthorisation("refused")
    job = jobs.read(jobs.make("sync", MERCHANT, CONNECTION, "pipedrive"))
    with pytest.raises(NeedsReauthorisation):
        shop.sync(job, lambda: 30.0)
    found = shop.connections.get_connection(MERCHANT, CONNECTION)
    shop.connections.save_connection(replace(found, status=ConnectionStatus.NEEDS_REAUTH))
    assert shop.sync(job, lambda: 30.0) == "not active"


def test_rows_that_cannot_be_read_are_counted_and_the_rest_is_kept() -> None:
    shop = world(BY_VERSION, rows=3)
    shop.shop.things["p001"].id = "not an id!"
    shop.run()
    assert set(shop.kept()) == {"p000", "p002"}


# --- checks at night ----------------------------------------------------------------------------------------------


def test_a_check_finds_what_following_missed_mends_it_and_says_so() -> None:
    shop = world(BY_VERSION, rows=9)
    shop.run()
    kept = shop.store.rows[ITEMS]
    del kept["p001"]
    kept["p002"] = replace(kept["p002"], revision=f"{0:020}", record=b'{"name":"wrong"}')
    kept["p999"] = replace(kept["p003"], id="p999")
    shop.settle(days=2)
    assert shop.kept() == shop.shop.truth()
    shop.settle(days=7)
    history = [word for word in shop.words if word.startswith("drift")]
    assert history == [], "three rows of nine are few; nobody is woken"


def test_the_report_of_a_check_names_what_was_missing_extra_and_different() -> None:
    shop = world(BY_VERSION, rows=9)
    shop.run()
    kept = shop.store.rows[ITEMS]
    del kept["p001"]
    kept["p002"] = replace(kept["p002"], revision=f"{0:020}", record=b'{"name":"wrong"}')
    kept["p999"] = replace(kept["p003"], id="p999")
    shop.clock.move(days=2)
    shop.run()
    drift = shop.state().drift
    assert drift is not None
    assert (drift.by, drift.there, drift.here) == ("whole", 9, 9)
    assert (drift.missing, drift.extra, drift.different) == (1, 1, 1)
    assert set(drift.examples) == {"p001", "p002", "p999"}
    assert shop.kept() == shop.shop.truth()


def test_much_drift_is_a_word_that_rings() -> None:
    shop = world(BY_VERSION, rows=40, size=10)
    shop.run()
    for number in range(12):
        del shop.store.rows[ITEMS][f"p{number:03}"]
    shop.clock.move(days=2)
    shop.run()
    assert shop.words[-1] == "drift: 12 of 40"


def test_where_the_platform_tells_its_total_a_night_costs_one_request_until_the_week_is_over() -> None:
    shop = world(COUNTED, rows=9)
    shop.run()
    shop.clock.move(days=2)
    shop.shop.asked = []
    shop.run()
    assert [path.partition("?")[0] for path in shop.shop.asked] == ["/by_version", "/count"]
    drift = shop.state().drift
    assert drift is not None
    assert (drift.by, drift.there, drift.here) == ("total", 9, 9)
    del shop.store.rows[ITEMS]["p001"]
    shop.clock.move(days=1)
    shop.run()
    assert shop.kept() == shop.shop.truth(), "another total: every row is read"
    shop.clock.move(days=8)
    shop.shop.asked = []
    shop.run()
    assert len(shop.shop.asked) > 3, "once a week every row is read whatever the total says"


def test_deletions_that_no_change_tells_are_found_by_the_check() -> None:
    shop = world(BY_TIME, rows=9)
    shop.run()
    shop.shop.delete("p004")
    shop.clock.move(hours=2)
    shop.run()
    assert "p004" in shop.kept(), "the platform does not tell"
    shop.clock.move(days=2)
    shop.run()
    assert shop.kept() == shop.shop.truth()
    assert shop.words[-1] == "in step", "expected here, so nobody is woken"


def test_a_list_that_shows_less_than_half_is_not_believed() -> None:
    shop = world(BY_VERSION, rows=30, size=10)
    shop.run()
    hidden = {name: shop.shop.things.pop(name) for name in list(shop.shop.things)[:20]}
    shop.clock.move(days=2)
    shop.run()
    assert len(shop.kept()) == 30, "nothing was removed"
    drift = shop.state().drift
    assert drift is not None
    assert drift.note is not None
    assert shop.words[-1].startswith("drift")
    shop.shop.things |= hidden


def test_a_row_the_walk_did_not_show_but_the_platform_has_is_kept() -> None:
    """Numbered pages slide when a row before them is deleted; what slid past is asked for before it counts as gone."""
    shop = world(NUMBERED, rows=9)
    shop.run()
    shop.clock.move(days=2)
    pages = iter(range(9))

    def slide() -> None:
        if next(pages, 9) == 1:
            shop.shop.delete("p000")

    shop.shop.before = slide
    shop.run()
    assert "p003" in shop.kept(), "no page showed it"
    shop.clock.move(days=2)
    shop.run()
    assert shop.kept() == shop.shop.truth()


def test_changes_are_not_kept_waiting_by_a_long_check() -> None:
    shop = world(BY_VERSION, rows=30, size=1)
    shop.run()
    shop.clock.move(days=2)
    shop.shop.before = lambda: setattr(shop, "time_left", shop.time_left - 2)
    with pytest.raises(AssertionError):
        shop.run(most=1)
    assert shop.state().phase == "checking"
    shop.shop.edit("p000", "news")
    shop.clock.move(hours=2)
    shop.time_left, shop.shop.before = 15.0, lambda: setattr(shop, "time_left", 9.0)
    shop.sync(jobs.read(jobs.make("sync", MERCHANT, CONNECTION, "pipedrive")), lambda: shop.time_left)
    assert shop.kept()["p000"] == "news"
    assert shop.state().phase == "checking"


def test_checks_begin_at_night_in_nigeria_each_connection_at_a_time_of_its_own() -> None:
    now = world(BY_VERSION).clock.now()
    times = [next_night(replace(ITEMS, connection=f"c_{number}"), now) for number in range(50)]
    assert all(time.hour < 5 and time > now for time in times)
    assert len({time.minute + 60 * time.hour for time in times}) > 25


def test_a_state_is_small_however_far_it_has_come() -> None:
    shop = world(BY_VERSION, rows=200, size=10)
    shop.run()
    shop.settle(days=2)
    assert len(SyncState.model_dump_json(shop.state(), exclude_defaults=True)) < 1500
