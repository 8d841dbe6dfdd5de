from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from taxpoynt.domain.gap import Gap, Missed, Watch
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import StoreConflict
from taxpoynt.storage.clients import client
from taxpoynt.storage.watch import DynamoWatchStore
from tests.fakes.clock import START
from tests.fakes.watch import FakeWatchStore

IDS = ("m_a", "c_a")
GAP = Gap(cause="silent", since=START, noticed_at=START, remade_at=START, found=2, found_at=START)


@pytest.fixture
def watches(kind: str) -> Any:
    return FakeWatchStore() if kind == "fake" else DynamoWatchStore(client("dynamodb"), "connections")


def missed(number: int = 1, **more: Any) -> Missed:
    return Missed(ref=RecordRef(resource="deal", id=str(number)), found_at=START, **more)


def test_nothing_is_known_before_the_first_write(watches: Any) -> None:
    assert watches.get(*IDS) == Watch()
    assert watches.missed(*IDS, limit=10) == []


def test_a_watch_comes_back_as_it_was_saved(watches: Any) -> None:
    for gap in (None, GAP, replace(GAP, since=None, remade_at=None, found_at=None, closed_at=START)):
        saved = watches.save(*IDS, replace(watches.get(*IDS), missed=3, gap=gap))
        assert watches.get(*IDS) == saved
        assert (saved.missed, saved.gap) == (3, gap)


def test_a_watch_read_before_somebody_elses_write_is_a_conflict(watches: Any) -> None:
    first = watches.get(*IDS)
    watches.save(*IDS, first)
    with pytest.raises(StoreConflict):
        watches.save(*IDS, first)


def test_a_note_is_counted_once(watches: Any) -> None:
    watches.note(*IDS, missed(1))
    watches.note(*IDS, missed(2, in_gap=True))
    watches.note(*IDS, replace(missed(1), found_at=START + timedelta(hours=1)))
    found = watches.missed(*IDS, limit=10)
    assert found == [missed(1), missed(2, in_gap=True)], "the first note stays"
    saved = watches.save(*IDS, replace(watches.get(*IDS), missed=1), found[:1])
    assert watches.missed(*IDS, limit=10) == found[1:]
    with pytest.raises(StoreConflict):
        watches.save(*IDS, replace(saved, missed=2), found[:1])
    assert watches.get(*IDS).missed == 1


def test_what_a_webhook_tells_of_is_forgotten(watches: Any) -> None:
    watches.note(*IDS, missed(1))
    watches.told(*IDS, missed(1).ref)
    watches.told(*IDS, missed(2).ref)
    assert watches.missed(*IDS, limit=10) == []


def test_hearing_is_kept_to_the_minute_and_disturbs_no_counting(watches: Any) -> None:
    before = watches.get(*IDS)
    for seconds in (0, 30, 90):
        watches.heard(*IDS, START + timedelta(seconds=seconds))
    watches.heard(*IDS, START)
    assert watches.get(*IDS).heard_at == START + timedelta(seconds=90)
    watches.save(*IDS, before)
    assert watches.get(*IDS).heard_at == START + timedelta(seconds=90)


def test_notes_of_others_are_not_seen(watches: Any) -> None:
    watches.note("m_b", "c_a", missed(1))
    watches.note("m_a", "c_aa", missed(1))
    assert watches.missed(*IDS, limit=10) == []


def test_of_many_notes_the_asked_number_comes(watches: Any) -> None:
    for number in range(5):
        watches.note(*IDS, missed(number))
    assert len(watches.missed(*IDS, limit=3)) == 3
