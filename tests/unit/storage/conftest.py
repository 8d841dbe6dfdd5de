"""Every contract test runs on the fake and on the real store over moto: that is what makes the fakes worth trusting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from taxpoynt.storage.clients import client
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.events import DynamoEventStore
from taxpoynt.storage.sales import DynamoSaleStore
from taxpoynt.storage.tokens import DynamoTokenStore
from tests.fakes.clock import FakeClock
from tests.fakes.stores import FakeConnectionStore, FakeEventStore, FakeSaleStore, FakeTokenStore
from tests.unit.storage.aws import aws, make_key


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def on_aws() -> Iterator[None]:
    with aws():
        yield


@pytest.fixture(params=["fake", "moto"])
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "fake":
        yield "fake"
        return
    with aws():
        yield "moto"


@pytest.fixture
def sales(kind: str, clock: FakeClock) -> Any:
    return FakeSaleStore(clock) if kind == "fake" else DynamoSaleStore(client("dynamodb"), "invoices", clock)


@pytest.fixture
def events(kind: str, clock: FakeClock) -> Any:
    return FakeEventStore(clock) if kind == "fake" else DynamoEventStore(client("dynamodb"), "events", clock)


@pytest.fixture
def connections(kind: str) -> Any:
    return FakeConnectionStore() if kind == "fake" else DynamoConnectionStore(client("dynamodb"), "connections")


@pytest.fixture
def tokens(kind: str) -> Any:
    if kind == "fake":
        return FakeTokenStore()
    return DynamoTokenStore(client("dynamodb"), "connections", client("kms"), make_key())
