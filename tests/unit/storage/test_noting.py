"""Changes of profiles and connections are entries of the ledger, in the same transaction and without values."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from taxpoynt.domain.connection import ConnectionStatus
from taxpoynt.domain.ledger import Entry
from taxpoynt.domain.party import Address, Classification, Merchant, MerchantDefaults
from taxpoynt.errors import StoreConflict
from taxpoynt.storage.clients import client
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.ledger import DynamoLedger
from taxpoynt.storage.noting import Noting, changes
from taxpoynt.storage.table import Table
from tests.fakes.clock import FakeClock
from tests.unit.storage.records import connection

SELLER = Merchant(name="Seller Ltd", tin="23456789-0001", address=Address(city="Lagos", country="NG"))


@pytest.fixture
def store(on_aws: None, clock: FakeClock) -> Any:
    noting = Noting(Table(client("dynamodb"), "invoices"), "merchant", clock.now)
    return DynamoConnectionStore(client("dynamodb"), "connections", noting)


def noted(clock: FakeClock, merchant: str = "m_a") -> list[Entry]:
    found = DynamoLedger(client("dynamodb"), "invoices", clock).waiting(merchant, limit=50)
    return list(found)


def test_a_changed_profile_is_noted_with_the_names_of_its_fields_and_no_value(store: Any, clock: FakeClock) -> None:
    store.put_merchant("m_a", SELLER, expected_version=0)
    clock.move(seconds=1)
    moved = SELLER.model_copy(update={"tin": "99999999-0001", "address": Address(city="Abuja", country="NG")})
    store.put_merchant("m_a", moved, expected_version=1)
    created, changed = noted(clock)
    assert (created["action"], changed["action"], changed["by"]) == ("merchant_created", "profile_changed", "merchant")
    assert changed["detail"]["fields"] == "address.city,tin"
    assert changed["detail"]["version"] == "2"
    assert changed["detail"]["before_sha256"] == created["detail"]["after_sha256"]
    assert changed["detail"]["before_sha256"] != changed["detail"]["after_sha256"]
    for value in ("Seller", "99999999", "23456789", "Abuja", "Lagos"):
        assert value not in json.dumps(noted(clock))


def test_a_change_that_lost_leaves_no_entry(store: Any, clock: FakeClock) -> None:
    store.put_merchant("m_a", SELLER, expected_version=0)
    with pytest.raises(StoreConflict):
        store.put_merchant("m_a", SELLER.model_copy(update={"tin": "1"}), expected_version=5)
    stored = store.save_connection(connection())
    with pytest.raises(StoreConflict):
        store.save_connection(replace(stored, version=7, status=ConnectionStatus.DISCONNECTED))
    assert {entry["action"] for entry in noted(clock)} == {"merchant_created", "connection_active"}
    assert len(noted(clock)) == 2


def test_a_profile_saved_as_it_was_is_no_act(store: Any, clock: FakeClock) -> None:
    store.put_merchant("m_a", SELLER, expected_version=0)
    store.put_merchant("m_a", SELLER, expected_version=1)
    assert len(noted(clock)) == 1


def test_the_life_of_a_connection_is_noted_and_its_polling_is_not(store: Any, clock: FakeClock) -> None:
    stored = store.save_connection(connection(status=ConnectionStatus.PENDING))
    for change in (
        {"status": ConnectionStatus.ACTIVE},
        {"cursor": "c-2", "next_poll_at": clock.now()},
        {"status": ConnectionStatus.NEEDS_REAUTH},
        {"status": ConnectionStatus.DISCONNECTED},
    ):
        clock.move(seconds=1)
        stored = store.save_connection(replace(stored, **change))
    entries = noted(clock)
    assert [(entry["action"], entry["subject"]) for entry in entries] == [
        ("connection_pending", "c_a"),
        ("connection_active", "c_a"),
        ("connection_needs_reauth", "c_a"),
        ("connection_disconnected", "c_a"),
    ]
    assert entries[1]["detail"] == {"connector": "pipedrive", "version": "2", "account": "4711", "was": "pending"}


def test_names_that_a_merchant_chose_are_not_shown() -> None:
    mine = MerchantDefaults(classifications={"Mrs Ada's cakes": Classification(hsn_code="1905.90")}, unit="KGM")
    detail = changes(SELLER, SELLER.model_copy(update={"defaults": mine}))
    assert detail["fields"] == "defaults.classifications,defaults.unit"
