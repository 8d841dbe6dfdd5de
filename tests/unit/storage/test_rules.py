"""Versions of rules: written once, numbered, pointed to, and every change in the ledger."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from taxpoynt.domain.rules import RuleHead, Scope, code_table, digest_of, merchant_mapping, operator_mapping
from taxpoynt.errors import BadInput, ConfigurationError, NotFound, StoreConflict
from taxpoynt.storage.clients import client
from taxpoynt.storage.ledger import DynamoLedger
from taxpoynt.storage.noting import Noting
from taxpoynt.storage.rules import DynamoRuleStore
from taxpoynt.storage.table import Table
from tests.fakes.clock import FakeClock
from tests.fakes.rules import FakeRuleStore

MINE, THEIRS = merchant_mapping("m_a", "c_1"), merchant_mapping("m_b", "c_1")
ONE = {"version": 1, "rules": [{"target": "buyer.tin", "source": "organization.secret_words"}]}
TWO = {"version": 1, "rules": []}


@pytest.fixture
def rules(kind: str, clock: FakeClock) -> Any:
    return FakeRuleStore(clock) if kind == "fake" else real(clock)


def real(clock: FakeClock) -> DynamoRuleStore:
    noting = Noting(Table(client("dynamodb"), "invoices"), "merchant", clock.now)
    return DynamoRuleStore(client("dynamodb"), "connections", noting)


def add(store: Any, body: Any, *, scope: Scope = MINE, activate: bool = True, **more: Any) -> Any:
    about = {"author": "Ada", "note": "why", "seen": store.head(scope), **more}
    return store.add(scope, body, activate=activate, **about)


def test_versions_are_numbered_from_one_and_come_back_as_they_were_written(rules: Any, clock: FakeClock) -> None:
    first, second = add(rules, ONE), add(rules, TWO, author="Bisi", note="without")
    assert (first.number, second.number) == (1, 2)
    assert rules.version(MINE, 1) == first
    assert (first.body, first.author, first.by, first.note) == (ONE, "Ada", "merchant", "why")
    assert first.at == clock.now()
    assert first.digest == digest_of(ONE) != second.digest
    assert [one.number for one in rules.versions(MINE, limit=9)] == [2, 1]
    assert [one.number for one in rules.versions(MINE, limit=1)] == [2]
    assert [one.number for one in rules.versions(MINE, limit=9, before=2)] == [1]
    with pytest.raises(NotFound):
        rules.version(MINE, 3)


def test_the_active_version_is_a_pointer_that_moves_back_and_forth_and_to_none(rules: Any, clock: FakeClock) -> None:
    assert rules.active([MINE]) == [None]
    add(rules, ONE)
    add(rules, TWO, activate=False)
    assert rules.active([MINE])[0].body == ONE
    clock.move(minutes=1)
    for number in (2, 1):
        head = rules.activate(MINE, number, author="Ada", note="try", seen=rules.head(MINE))
        assert (head.active, head.since, head.author) == (number, clock.now(), "Ada")
        assert rules.head(MINE) == head
        assert rules.active([MINE])[0].number == number
    rules.activate(MINE, None, author="Ada", note="none", seen=rules.head(MINE))
    assert rules.active([MINE]) == [None]
    assert rules.head(MINE).latest == 2
    with pytest.raises(NotFound):
        rules.activate(MINE, 7, author="Ada", note="", seen=rules.head(MINE))


def test_scopes_are_told_apart_and_asked_together(rules: Any) -> None:
    add(rules, ONE)
    add(rules, TWO, scope=operator_mapping("pipedrive"))
    asked = [operator_mapping("pipedrive"), THEIRS, MINE, code_table("m_a")]
    assert [one and one.body for one in rules.active(asked)] == [TWO, None, ONE, None]
    assert rules.head(THEIRS) == RuleHead(scope=THEIRS)
    for bad in (Scope("m_a", "mapping", "c#1"), Scope("", "codes")):
        with pytest.raises(BadInput):
            rules.head(bad)


def test_a_merchants_rules_are_forgotten_and_nobody_elses(rules: Any) -> None:
    add(rules, ONE)
    add(rules, TWO)
    add(rules, ONE, scope=THEIRS)
    for _ in range(2):
        rules.erase(MINE)
        assert (rules.head(MINE), rules.versions(MINE, limit=9)) == (RuleHead(scope=MINE), [])
    assert rules.active([MINE, THEIRS])[1].body == ONE
    assert add(rules, TWO).number == 1


def test_who_saw_an_older_state_neither_adds_nor_activates(rules: Any) -> None:
    before = rules.head(MINE)
    add(rules, ONE)
    stale = rules.head(MINE)
    add(rules, TWO)
    for seen in (before, stale):
        with pytest.raises(StoreConflict):
            add(rules, {"version": 1}, seen=seen)
        with pytest.raises(StoreConflict):
            rules.activate(MINE, 1, author="Ada", note="", seen=seen)
    assert [one.body for one in rules.versions(MINE, limit=9)] == [TWO, ONE]


def test_of_many_who_write_at_once_each_number_is_won_by_one(clock: FakeClock) -> None:
    store, won = FakeRuleStore(clock), []
    seen = store.head(MINE)

    def write(name: str) -> None:
        try:
            won.append(store.add(MINE, {"version": 1, "by": name}, author=name, note="", seen=seen, activate=True))
        except StoreConflict:
            return

    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store.active([MINE]) == won


def test_every_change_is_an_entry_of_the_owners_ledger_without_the_rules_themselves(
    on_aws: None, clock: FakeClock
) -> None:
    store = real(clock)
    add(store, ONE)
    clock.move(seconds=1)
    add(store, TWO, activate=False)
    clock.move(seconds=1)
    store.activate(MINE, None, author="Ada", note="off", seen=store.head(MINE))
    add(store, ONE, scope=operator_mapping("pipedrive"))
    ledger = DynamoLedger(client("dynamodb"), "invoices", clock)
    entries = ledger.waiting("m_a", limit=50)
    assert sorted((one["action"], one["detail"]["number"]) for one in entries) == [
        ("rules_activated", ""),
        ("rules_activated", "1"),
        ("rules_added", "1"),
        ("rules_added", "2"),
    ]
    assert entries[-1]["detail"] == {"number": "", "digest": "", "author": "Ada", "was": "1"}
    assert {entry["subject"] for entry in entries} == {"mapping:c_1"}
    assert "secret_words" not in json.dumps(entries)
    assert len(ledger.waiting("operator", limit=50)) == 2


def test_a_change_that_lost_leaves_no_entry_and_no_version(on_aws: None, clock: FakeClock) -> None:
    store = real(clock)
    stale = store.head(MINE)
    add(store, ONE)
    with pytest.raises(StoreConflict):
        add(store, TWO, seen=stale)
    assert len(DynamoLedger(client("dynamodb"), "invoices", clock).waiting("m_a", limit=50)) == 2
    assert len(store.versions(MINE, limit=9)) == 1


def test_a_version_that_was_read_is_not_read_again_and_the_pointer_always_is(on_aws: None, clock: FakeClock) -> None:
    writer = real(clock)
    add(writer, ONE)
    reader = DynamoRuleStore(client("dynamodb"), "connections")
    asked: list[int] = []
    many = reader._table.get_many

    def counted(keys: Sequence[tuple[str, str]], *, only: Sequence[str] = ()) -> list[dict[str, Any]]:
        asked.append(len(keys))
        return many(keys, only=only)

    reader._table.get_many = counted  # type: ignore[method-assign]  # counts and passes on
    assert [reader.active([MINE])[0].number for _ in range(2)] == [1, 1]  # type: ignore[union-attr]
    assert asked == [1, 1, 1, 0]
    add(writer, TWO)
    assert reader.active([MINE])[0].number == 2  # type: ignore[union-attr]
    with pytest.raises(ConfigurationError):
        add(reader, ONE)
