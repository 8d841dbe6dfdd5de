"""Code lists at run time: what is believed, what stays, and what an invoice already reserved has to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from taxpoynt.conversion.list_copy import from_bytes, key_of, lists_of, to_bytes, version_of
from taxpoynt.errors import BadInput, NotFound, NrsUnavailable, PlatformUnavailable, Retryable
from taxpoynt.nrs.resources import code_lists, packaged
from taxpoynt.services.current_lists import LOOK_AGAIN, CurrentLists, FixedLists
from taxpoynt.services.refresh_code_lists import RefreshCodeLists
from tests.fakes.clock import FakeClock
from tests.fakes.code_lists import FakeListNotes
from tests.fakes.outside import FakeAlerts, FakeBlobs
from tests.fakes.stores import FakeConnectionStore


class Nrs:
    """Serves the packaged rows until a test changes them; an exception in place of rows is raised."""

    def __init__(self) -> None:
        self.lists: dict[str, Any] = {name: list(one.rows) for name, one in packaged().items()}
        self.asked: list[str] = []

    def resource(self, name: str) -> Any:
        self.asked.append(name)
        rows = self.lists[name]
        if isinstance(rows, Exception):
            raise rows
        return rows


class Stage:
    def __init__(self) -> None:
        self.nrs, self.notes, self.blobs, self.clock = Nrs(), FakeListNotes(), FakeBlobs(), FakeClock()
        self.alerts, self.connections = FakeAlerts(), FakeConnectionStore()
        self.packaged = packaged()
        self.source = CurrentLists(self.notes, self.blobs, self.clock, code_lists())

    def refresh(self, *accept: str) -> Mapping[str, int]:
        return RefreshCodeLists(
            self.nrs.resource, self.packaged, self.notes, self.blobs, self.connections, self.alerts, self.clock
        )(accept)

    def later(self, **time: float) -> None:
        self.clock.move(**time)

    def kept(self) -> Any:
        assert self.notes.note is not None
        return from_bytes(self.blobs.get(key_of(self.notes.note.version)))


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_the_first_run_fetches_every_list_and_makes_it_current(stage: Stage) -> None:
    assert stage.refresh() == {"fetched": 11, "problems": 0, "changed": 1}
    lists = stage.source.current()
    assert lists.version == version_of(to_bytes(stage.kept()))
    assert lists.hs_codes.complete
    assert lists != code_lists()


def test_before_anything_was_fetched_the_packaged_copy_serves(stage: Stage) -> None:
    assert stage.source.current() == code_lists()
    assert stage.source.of(None) == code_lists()


def test_the_packaged_copy_is_kept_too_so_that_a_later_release_can_rebuild_with_it(stage: Stage) -> None:
    stage.refresh()
    other_release = CurrentLists(stage.notes, stage.blobs, stage.clock, stage.source.current())
    assert other_release.of(code_lists().version) == code_lists()


def test_nrs_is_asked_once_a_day(stage: Stage) -> None:
    stage.refresh()
    for _ in range(22):
        stage.later(hours=1)
        stage.refresh()
    assert len(stage.nrs.asked) == 11
    stage.later(hours=1)
    assert stage.refresh() == {"fetched": 11, "problems": 0, "changed": 0}


def test_a_deploy_that_brings_other_lists_asks_at_once(stage: Stage) -> None:
    stage.refresh()
    stage.packaged = {**packaged(), "states": packaged()["countries"]}
    assert stage.refresh()["fetched"] == 11


def test_a_new_code_reaches_a_warm_environment_within_a_minute(stage: Stage) -> None:
    stage.refresh()
    assert "NG-XX-NEW" not in stage.source.current().lgas
    stage.nrs.lists["lgas"].append({"code": "NG-XX-NEW", "name": "New"})
    stage.later(days=1)
    assert stage.refresh()["changed"] == 1
    stage.later(seconds=LOOK_AGAIN.total_seconds())
    assert "NG-XX-NEW" in stage.source.current().lgas


BAD: list[Any] = [[], None, "<html>", {"rows": []}, [{"wrong": 1}], "short"]


@pytest.mark.parametrize("bad", BAD, ids=["empty", "nothing", "page", "object", "no codes", "less than half"])
def test_a_list_that_cannot_be_believed_is_refused_and_told_and_the_others_go_on(stage: Stage, bad: Any) -> None:
    stage.refresh()
    states = stage.kept()["states"]
    stage.nrs.lists["states"] = stage.nrs.lists["states"][:18] if bad == "short" else bad
    stage.nrs.lists["lgas"].append({"code": "NG-XX-NEW", "name": "New"})
    stage.later(days=1)
    assert stage.refresh() == {"fetched": 10, "problems": 1, "changed": 1}
    assert stage.kept()["states"] == states
    assert "NG-XX-NEW" in lists_of(stage.kept()).lgas
    [(subject, text)] = stage.alerts.sent
    assert "code lists" in subject
    assert "states: came" in text


def test_half_a_list_is_still_believed(stage: Stage) -> None:
    stage.refresh()
    stage.nrs.lists["states"] = stage.nrs.lists["states"][:19]
    stage.later(days=1)
    assert stage.refresh()["problems"] == 0
    assert len(stage.kept()["states"].rows) == 19


def test_an_operator_can_say_that_a_list_may_shrink(stage: Stage) -> None:
    stage.refresh()
    stage.nrs.lists["states"] = stage.nrs.lists["states"][:3]
    assert stage.refresh("states") == {"fetched": 11, "problems": 0, "changed": 1}
    assert len(stage.kept()["states"].rows) == 3


def test_nobody_can_make_an_empty_list_good(stage: Stage) -> None:
    stage.refresh()
    stage.nrs.lists["states"] = []
    assert stage.refresh("states")["problems"] == 1


def test_an_unreachable_nrs_changes_nothing_and_is_told_after_three_days(stage: Stage) -> None:
    stage.refresh()
    version = stage.source.current().version
    stage.nrs.lists = dict.fromkeys(stage.nrs.lists, NrsUnavailable("gone"))
    told_after = None
    for hours in range(0, 96, 4):
        stage.later(hours=4)
        stage.refresh()
        told_after = told_after or (hours + 4 if stage.alerts.sent else None)
    stage.later(minutes=2)
    assert stage.source.current().version == version
    assert told_after == 76


def test_an_nrs_that_was_never_reached_leaves_the_packaged_copy_current(stage: Stage) -> None:
    stage.nrs.lists = dict.fromkeys(stage.nrs.lists, NrsUnavailable("gone"))
    assert stage.refresh() == {"fetched": 0, "problems": 11, "changed": 1}
    assert stage.source.current() == code_lists()


def test_after_a_bad_answer_nrs_is_asked_again_within_hours(stage: Stage) -> None:
    stage.nrs.lists["states"] = NrsUnavailable("gone")
    stage.refresh()
    stage.nrs.lists["states"] = list(packaged()["states"].rows)
    stage.later(hours=3)
    assert stage.refresh()["fetched"] == 0
    stage.later(hours=1)
    assert stage.refresh()["fetched"] == 11


def test_a_warm_environment_goes_on_while_the_note_cannot_be_read(stage: Stage) -> None:
    stage.refresh()
    lists = stage.source.current()
    stage.notes.broken = PlatformUnavailable("no table")
    stage.later(minutes=5)
    assert stage.source.current() is lists


def test_a_cold_environment_that_can_read_nothing_tries_again(stage: Stage) -> None:
    stage.notes.broken = Retryable("no table")
    with pytest.raises(Retryable):
        stage.source.current()


@pytest.mark.parametrize("damage", ["lost", "changed"])
def test_a_kept_copy_that_is_lost_or_changed_is_not_used(stage: Stage, damage: str) -> None:
    stage.refresh()
    assert stage.notes.note is not None
    key = key_of(stage.notes.note.version)
    if damage == "lost":
        del stage.blobs.blobs[key]
    else:
        stage.blobs.blobs[key] = stage.blobs.blobs[key].replace(b"Lagos", b"Logas")
    assert stage.source.current() == code_lists()
    with pytest.raises(NotFound if damage == "lost" else BadInput):
        stage.source.of(stage.notes.note.version)


def test_the_command_line_has_the_packaged_lists_only() -> None:
    source = FixedLists(code_lists())
    assert source.current() is source.of(None) is source.of(code_lists().version)
    with pytest.raises(NotFound):
        source.of("0123456789abcdef")
