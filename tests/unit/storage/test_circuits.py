"""Circuits on the connections table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from taxpoynt.errors import CircuitOpen
from taxpoynt.storage.circuits import DynamoCircuits, Limits
from taxpoynt.storage.clients import client
from taxpoynt.storage.table import Table
from tests.fakes.clock import START

LIMITS = Limits(row=3)


@pytest.fixture
def circuits(on_aws: None) -> DynamoCircuits:
    return DynamoCircuits(Table(client("dynamodb"), "connections"), lambda: 0.0, LIMITS)


def fail(circuits: DynamoCircuits, times: int, *, name: str = "nrs", apart: float = 1.0) -> None:
    for number in range(times):
        circuits.failed(name, START + timedelta(seconds=number * apart))


def test_nothing_is_written_while_all_goes_well(circuits: DynamoCircuits) -> None:
    assert circuits.permit("nrs", START) is False
    assert client("dynamodb").scan(TableName="connections")["Count"] == 0


def test_a_row_of_failures_opens_and_says_when_to_come_back(circuits: DynamoCircuits) -> None:
    fail(circuits, 2)
    assert circuits.permit("nrs", START) is True
    fail(circuits, 1)
    with pytest.raises(CircuitOpen) as caught:
        circuits.permit("nrs", START + timedelta(seconds=5))
    assert caught.value.retry_after == pytest.approx(10.0)
    assert circuits.permit("key:ours", START) is False


def test_a_success_between_ends_the_row(circuits: DynamoCircuits) -> None:
    fail(circuits, 2)
    circuits.succeeded("nrs")
    fail(circuits, 2)
    assert circuits.permit("nrs", START) is True


def test_failures_far_apart_are_no_outage(circuits: DynamoCircuits) -> None:
    fail(circuits, 10, apart=LIMITS.window.total_seconds())
    assert circuits.permit("nrs", START + timedelta(days=1)) is True


def test_when_the_pause_is_over_exactly_one_caller_probes(circuits: DynamoCircuits) -> None:
    fail(circuits, 3)
    later = START + timedelta(minutes=1)
    assert circuits.permit("nrs", later) is True
    for _ in range(5):
        with pytest.raises(CircuitOpen):
            circuits.permit("nrs", later)
    assert circuits.permit("nrs", later + LIMITS.probe) is True, "a probe that died is followed by another"


def test_a_probe_that_works_closes_and_one_that_fails_doubles_the_pause(circuits: DynamoCircuits) -> None:
    fail(circuits, 3)
    now = START
    pauses = []
    for _ in range(8):
        now += timedelta(minutes=10)
        circuits.permit("nrs", now)
        circuits.failed("nrs", now)
        with pytest.raises(CircuitOpen) as caught:
            circuits.permit("nrs", now)
        pauses.append(caught.value.retry_after or 0.0)
    assert pauses == sorted(pauses)
    assert pauses[0] == 30.0
    assert pauses[-1] == LIMITS.longest_pause.total_seconds()
    now += timedelta(minutes=10)
    circuits.permit("nrs", now)
    circuits.succeeded("nrs")
    assert circuits.permit("nrs", now) is False


def test_a_call_that_began_before_it_opened_changes_nothing(circuits: DynamoCircuits) -> None:
    fail(circuits, 3)
    fail(circuits, 20, apart=0.1)
    with pytest.raises(CircuitOpen) as caught:
        circuits.permit("nrs", START + timedelta(seconds=3))
    assert caught.value.retry_after is not None
    assert caught.value.retry_after <= LIMITS.first_pause.total_seconds()


def test_a_refused_key_opens_at_once_and_for_that_key_only(circuits: DynamoCircuits) -> None:
    circuits.refused("key:taxpoynt/dev/nrs/m_a", START)
    with pytest.raises(CircuitOpen):
        circuits.permit("key:taxpoynt/dev/nrs/m_a", START)
    assert circuits.permit("key:taxpoynt/dev/nrs", START) is False
    assert circuits.permit("nrs", START) is False


def test_the_waits_are_spread(circuits: DynamoCircuits) -> None:
    fail(circuits, 3)
    spread = DynamoCircuits(Table(client("dynamodb"), "connections"), lambda: 0.9, LIMITS)
    waits = []
    for one in (circuits, spread):
        with pytest.raises(CircuitOpen) as caught:
            one.permit("nrs", START + timedelta(seconds=3))
        waits.append(caught.value.retry_after or 0.0)
    assert waits[1] > waits[0] + 10


def test_who_probes_and_learns_nothing_lets_the_next_one_probe_at_once(circuits: DynamoCircuits) -> None:
    fail(circuits, 3)
    later = START + timedelta(minutes=1)
    circuits.permit("nrs", later)
    circuits.released("nrs")
    assert circuits.permit("nrs", later) is True
    with pytest.raises(CircuitOpen):
        circuits.permit("nrs", later)


def test_releasing_what_nobody_probes_changes_nothing(circuits: DynamoCircuits) -> None:
    circuits.released("nrs")
    assert circuits.permit("nrs", START) is False
    fail(circuits, 3)
    circuits.released("nrs")
    with pytest.raises(CircuitOpen):
        circuits.permit("nrs", START + timedelta(seconds=5))
