"""The ledger keeps every entry exactly once, whatever dies or races; the broken twins are caught by the same checks."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taxpoynt.domain.ledger import FIRST, Block, Head, after, chain_faults, from_bytes, to_bytes
from taxpoynt.errors import BadInput, StoreConflict
from taxpoynt.services import seal_ledger
from taxpoynt.services.seal_ledger import SealLedger, place
from tests.fakes.clock import FakeClock
from tests.fakes.crash import Crash, Mortal, Switch
from tests.fakes.ledger import FakeLedger
from tests.fakes.outside import FakeBlobs


class Place:
    """A ledger store, a bucket and a sealer over them that can die after any call."""

    def __init__(self) -> None:
        self.clock, self.switch = FakeClock(), Switch()
        self.ledger, self.blobs = FakeLedger(self.clock), FakeBlobs()
        self.seal = SealLedger(Mortal(self.ledger, self.switch), Mortal(self.blobs, self.switch), self.clock)
        self.written: list[tuple[str, str]] = []

    def note(self, merchant: str = "m_a", count: int = 1) -> None:
        for _ in range(count):
            self.clock.move(seconds=1)
            self.ledger.note(merchant, "profile_changed", "profile", {"version": str(len(self.written))}, "merchant")
            self.written.append((merchant, self.ledger.noted[-1]["hash"]))

    def blocks(self, merchant: str = "m_a") -> list[tuple[Block, bytes]]:
        kept = sorted(key for key in self.blobs.blobs if key.startswith(f"{merchant}/ledger/"))
        return [(from_bytes(self.blobs.blobs[key]), self.blobs.blobs[key]) for key in kept]

    def whole(self, merchant: str = "m_a") -> list[str]:
        """What is wrong with the merchant's ledger: broken chain, lost or doubled entries."""
        blocks = self.blocks(merchant)
        faults = chain_faults(blocks, merchant=merchant, head=self.ledger.head(merchant))
        sealed = [entry["hash"] for block, _ in blocks for entry in block.entries]
        wanted = [digest for owner, digest in self.written if owner == merchant]
        return faults + ([] if sorted(sealed) == sorted(wanted) else ["entries were lost or doubled"])


def test_what_waits_becomes_one_block_a_merchant_and_nothing_waits_afterwards() -> None:
    here = Place()
    here.note("m_a", 3)
    here.note("m_b", 2)
    assert here.seal() == {"merchants": 2, "blocks": 2, "entries": 5, "beaten": 0}
    assert here.whole("m_a") == here.whole("m_b") == []
    assert here.ledger.waits == {}
    assert here.ledger.head("m_a") == Head(
        merchant="m_a", number=1, hash=here.ledger.head("m_a").hash, entries=3, settled=True
    )
    assert here.seal() == {"merchants": 0, "blocks": 0, "entries": 0, "beaten": 0}


def test_later_entries_follow_in_the_next_block() -> None:
    here = Place()
    for _ in range(4):
        here.note(count=2)
        here.seal()
    assert [block.number for block, _ in here.blocks()] == [1, 2, 3, 4]
    assert here.whole() == []


def test_a_busy_merchant_does_not_keep_the_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal_ledger, "MAX_ENTRIES", 3)
    here = Place()
    here.note("m_busy", 40)
    here.note("m_a", 1)
    here.note("m_b", 1)
    spent = 0

    def put_new(key: str, data: bytes, *, content_type: str) -> bool:
        nonlocal spent
        spent += 1
        here.clock.move(seconds=10)
        return FakeBlobs.put_new(here.blobs, key, data, content_type=content_type)

    monkeypatch.setattr(here.blobs, "put_new", put_new)
    here.seal()
    assert here.whole("m_a") == here.whole("m_b") == []
    assert spent <= 5, "a run ends in its own minute"
    while here.ledger.waits:
        here.seal()
    assert here.whole("m_busy") == []
    assert all(len(block.entries) <= 3 for block, _ in here.blocks("m_busy"))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 12)), min_size=1, max_size=8))
def test_killed_after_any_call_nothing_is_lost_or_sealed_twice(runs: list[tuple[int, int]]) -> None:
    here = Place()
    for count, die_after in runs:
        here.note(count=count)
        here.switch.arm(die_after)
        with contextlib.suppress(Crash):
            here.seal()
    here.switch.arm(None)
    here.seal()
    assert here.whole() == []
    assert here.ledger.waits == {}


class ForgetsFirst(SealLedger):
    """Broken twin: clears the waiting entries before the block is written."""

    def seal(self, merchant: str) -> int:
        entries = self.ledger.waiting(merchant, limit=500)
        self.ledger.forget(merchant, entries)
        for entry in entries:
            self.ledger.waits[entry["chain"], 1] = (merchant, entry)  # type: ignore[attr-defined]
            break
        return super().seal(merchant)


class AdvancesAndTrusts(SealLedger):
    """Broken twin: the usual order, but an unsettled head is not finished before going on."""

    def _settled(self, head: Head) -> Head:
        return head


@pytest.mark.parametrize("twin", [ForgetsFirst, AdvancesAndTrusts])
def test_the_broken_twins_are_caught(twin: Any) -> None:
    caught = False
    for die_after in range(1, 14):
        here = Place()
        here.seal = twin(here.seal.ledger, here.seal.blobs, here.clock)
        for _ in range(3):
            here.note(count=2)
            here.switch.arm(die_after)
            with contextlib.suppress(Crash, BadInput):
                here.seal()
        here.switch.arm(None)
        here.seal()
        caught = caught or bool(here.whole())
    assert caught


def test_many_sealers_at_once_write_one_ledger() -> None:
    here = Place()
    go = threading.Barrier(8)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            go.wait()
            for _ in range(20):
                here.seal()
        except BaseException as error:  # noqa: BLE001 - a thread's error would vanish otherwise
            errors.append(error)

    here.note(count=30)
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        here.note()
    for thread in threads:
        thread.join()
    here.seal()
    assert errors == []
    assert here.whole() == []


def test_a_sealer_that_was_overtaken_writes_nothing() -> None:
    here = Place()
    here.note(count=2)
    stale = here.ledger.head("m_a")
    here.seal()
    with pytest.raises(StoreConflict):
        here.ledger.advance(replace(stale, number=1))
    assert here.whole() == []


def test_a_block_of_another_chain_is_not_taken_for_the_next_one() -> None:
    here = Place()
    here.note("m_b", 1)
    here.seal()
    here.blobs.blobs[place("m_a", 1)] = here.blobs.blobs[place("m_b", 1)]
    here.blobs._new[place("m_a", 1)] = (b"", object())
    here.note("m_a", 1)
    with pytest.raises(BadInput, match="does not follow"):
        here.seal()


def test_a_ledger_that_cannot_go_on_stops_its_merchant_only() -> None:
    here = Place()
    for merchant in ("m_a", "m_b", "m_c", "m_d"):
        here.note(merchant, 2)
    here.blobs.put_new(place("m_b", 1), b"somebody wrote here", content_type="text/plain")
    with pytest.raises(BadInput, match="cannot be read"):
        here.seal()
    assert here.whole("m_a") == here.whole("m_c") == here.whole("m_d") == []
    assert len(here.ledger.waiting("m_b", limit=9)) == 2, "nothing of it is lost"


# --- the chain itself -----------------------------------------------------------------------------------------------


def ledger_of(sizes: list[int], merchant: str = "m_a") -> Place:
    here = Place()
    for size in sizes:
        here.note(merchant, size)
        here.seal()
    return here


sizes = st.lists(st.integers(1, 4), min_size=2, max_size=6)


@settings(max_examples=60)
@given(sizes, st.data())
def test_reordering_dropping_and_cutting_blocks_is_found(many: list[int], data: st.DataObject) -> None:
    here = ledger_of(many)
    blocks, head = here.blocks(), here.ledger.head("m_a")
    one, two = sorted(data.draw(st.lists(st.integers(0, len(blocks) - 1), min_size=2, max_size=2, unique=True)))
    swapped = list(blocks)
    swapped[one], swapped[two] = swapped[two], swapped[one]
    assert chain_faults(swapped, merchant="m_a", head=head)
    assert chain_faults(blocks[:one] + blocks[one + 1 :], merchant="m_a", head=head) or one == 0
    assert chain_faults(blocks[:-1], merchant="m_a", head=head), "the end was cut off"
    assert not chain_faults(blocks[one:], merchant="m_a", head=head), "a run may begin anywhere"


@settings(max_examples=100)
@given(sizes, st.data())
def test_one_altered_byte_is_found(many: list[int], data: st.DataObject) -> None:
    here = ledger_of(many)
    blocks, head = here.blocks(), here.ledger.head("m_a")
    which = data.draw(st.integers(0, len(blocks) - 1))
    raw = bytearray(blocks[which][1])
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    try:
        changed = from_bytes(bytes(raw))
    except (BadInput, UnicodeDecodeError):
        return
    altered = [*blocks[:which], (changed, bytes(raw)), *blocks[which + 1 :]]
    assert chain_faults(altered, merchant="m_a", head=head)


def test_an_altered_entry_is_found_even_by_who_mends_every_block_after_it() -> None:
    here = ledger_of([2, 2])
    head = here.ledger.head("m_a")
    first = here.blocks()[0][0]
    entry = {**first.entries[0], "by": "operator"}
    forged = replace(first, entries=(entry, *first.entries[1:]))
    at = after(Head(merchant="m_a"), forged, to_bytes(forged))
    second = replace(here.blocks()[1][0], previous=at.hash)
    run = [(forged, to_bytes(forged)), (second, to_bytes(second))]
    faults = chain_faults(run, merchant="m_a", head=head)
    assert any("not as it was written" in fault for fault in faults)
    assert any("head" in fault for fault in faults)


def test_blocks_swapped_between_merchants_are_found() -> None:
    here = Place()
    for merchant in ("m_a", "m_b"):
        here.note(merchant, 2)
    here.seal()
    faults = chain_faults(here.blocks("m_b"), merchant="m_a", head=here.ledger.head("m_b"))
    assert "block 1 is another merchant's" in faults


def test_an_empty_ledger_is_whole_and_a_missing_one_is_not() -> None:
    assert chain_faults([], merchant="m_a", head=Head(merchant="m_a")) == []
    assert chain_faults([], merchant="m_a", head=Head(merchant="m_a", number=2, hash=FIRST)) != []
