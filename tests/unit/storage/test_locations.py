"""The list of shops in the catalogue table: kept whole, never put back, gone with the connection."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from taxpoynt.domain.locations import Location, LocationList, merged
from taxpoynt.retention import RULES
from taxpoynt.storage.catalogue import DynamoCatalogueStore, life_of
from taxpoynt.storage.clients import client
from taxpoynt.storage.locations import DynamoLocationStore
from tests.fakes.clock import START, FakeClock
from tests.fakes.locations import FakeLocationStore
from tests.unit.storage.aws import aws

IKEJA = Location(id="1", name="Ikeja", currency="NGN", time_zone="Africa/Lagos", address="3 Example Marina, Lagos")
FIRST = merged(None, [IKEJA], START)
LATER = merged(FIRST, [Location(id="2", name="Lekki", active=False)], START + timedelta(days=1))

Store = DynamoLocationStore | FakeLocationStore


@pytest.fixture(params=["fake", "dynamo"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "fake":
        yield FakeLocationStore()
        return
    with aws():
        yield DynamoLocationStore(client("dynamodb"), "catalogue")


def test_a_list_comes_back_as_it_was_and_is_nobody_elses(store: Store) -> None:
    assert store.get("m_a", "c_a") is None
    store.put("m_a", "c_a", LATER)
    assert store.get("m_a", "c_a") == LATER
    assert store.get("m_b", "c_a") is None
    assert store.get("m_a", "c_b") is None


def test_a_slower_job_puts_no_older_list_back(store: Store) -> None:
    store.put("m_a", "c_a", LATER)
    store.put("m_a", "c_a", FIRST)
    assert store.get("m_a", "c_a") == LATER
    store.put("m_a", "c_a", LATER)


def test_two_thousand_shops_with_long_names_fit_and_are_forgotten_with_the_connection() -> None:
    many = [Location(id=str(UUID(int=(n * 2**97 + n**9) % 2**128)), name=f"Shop {n} " + "x" * 200) for n in range(2000)]
    with aws():
        store = DynamoLocationStore(client("dynamodb"), "catalogue")
        whole = merged(None, many, START)
        store.put("m_a", "c_a", whole)
        assert store.get("m_a", "c_a") == whole
        catalogue = DynamoCatalogueStore(client("dynamodb"), "catalogue", FakeClock(), life_of(RULES))
        assert catalogue.states("m_a", "c_a") == {}, "no state of a synchronisation"
        assert catalogue.forget_all("m_a", "c_a", limit=500) == 1
        assert store.get("m_a", "c_a") is None


def test_what_a_later_version_adds_with_a_default_reads_old_lists() -> None:
    assert LocationList.model_validate_json(FIRST.model_dump_json(exclude_defaults=True)) == FIRST
