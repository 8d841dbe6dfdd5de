from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from taxpoynt.domain.connection import ConnectionStatus, Endpoint
from taxpoynt.domain.party import Merchant
from taxpoynt.errors import NotFound, StoreConflict
from tests.fakes.clock import FakeClock
from tests.unit.storage.records import connection

PROFILE = Merchant(name="Seller Ltd", tin="23456789-0001")


def test_a_profile_is_written_over_the_version_it_was_read_at(connections: Any) -> None:
    first = connections.put_merchant("m_a", PROFILE, expected_version=0)
    second = connections.put_merchant("m_a", Merchant(name="Renamed"), expected_version=1)
    assert (first.version, second.version) == (1, 2)
    assert connections.get_merchant("m_a") == second
    for stale in (0, 1, 3):
        with pytest.raises(StoreConflict):
            connections.put_merchant("m_a", PROFILE, expected_version=stale)


def test_an_unknown_merchant_is_not_found(connections: Any) -> None:
    with pytest.raises(NotFound):
        connections.get_merchant("m_x")


def test_merchants_are_listed_in_pages(connections: Any) -> None:
    for number in range(5):
        connections.put_merchant(f"m_{number}", PROFILE, expected_version=0)
    found, cursor = [], None
    while True:
        page, cursor = connections.list_merchants(limit=2, cursor=cursor)
        found += [one.merchant for one in page]
        if cursor is None:
            break
    assert found == [f"m_{number}" for number in range(5)]


def test_a_connection_comes_back_as_it_was_stored(connections: Any, clock: FakeClock) -> None:
    whole = connection(endpoint="e", subscriptions=("1", "2"), cursor="c", next_poll_at=clock.now())
    stored = connections.save_connection(whole)
    assert connections.get_connection("m_a", "c_a") == stored == replace(whole, version=1)


def test_connections_of_others_are_not_found(connections: Any) -> None:
    connections.save_connection(connection())
    with pytest.raises(NotFound):
        connections.get_connection("m_b", "c_a")
    assert connections.list_connections("m_b") == []


def test_a_stale_connection_is_a_conflict(connections: Any) -> None:
    stored = connections.save_connection(connection())
    connections.save_connection(stored)
    for stale in (stored, connection()):
        with pytest.raises(StoreConflict):
            connections.save_connection(stale)


def test_a_merchants_connections_are_listed(connections: Any) -> None:
    for name in ("c_a", "c_b"):
        connections.save_connection(connection(name))
    assert [one.connection for one in connections.list_connections("m_a")] == ["c_a", "c_b"]


def test_only_active_connections_with_something_due_are_due(connections: Any, clock: FakeClock) -> None:
    now, later = clock.now(), clock.now() + timedelta(hours=1)
    connections.save_connection(connection("c_poll", next_poll_at=now, next_refresh_at=later))
    connections.save_connection(connection("c_care", next_poll_at=later, next_refresh_at=now - timedelta(minutes=1)))
    connections.save_connection(connection("c_later", next_poll_at=later))
    connections.save_connection(connection("c_never"))
    connections.save_connection(connection("c_gone", next_poll_at=now, status=ConnectionStatus.DISCONNECTED))
    assert [one.connection for one in connections.due_connections(now, limit=9)] == ["c_care", "c_poll"]
    assert [one.connection for one in connections.due_connections(now, limit=1)] == ["c_care"]
    stopped = connections.get_connection("m_a", "c_care")
    connections.save_connection(replace(stopped, status=ConnectionStatus.NEEDS_REAUTH))
    assert [one.connection for one in connections.due_connections(now, limit=9)] == ["c_poll"]


def test_an_account_belongs_to_one_connection(connections: Any) -> None:
    assert connections.claim_account("pipedrive", "1", "m_a", "c_a")
    assert connections.claim_account("pipedrive", "1", "m_a", "c_a")
    assert not connections.claim_account("pipedrive", "1", "m_b", "c_b")
    assert not connections.claim_account("pipedrive", "1", "m_a", "c_other")
    connections.release_account("pipedrive", "1", "m_b", "c_b")
    assert connections.find_account("pipedrive", "1") == ("m_a", "c_a")
    connections.release_account("pipedrive", "1", "m_a", "c_a")
    assert connections.find_account("pipedrive", "1") is None
    assert connections.claim_account("pipedrive", "1", "m_b", "c_b")


def test_an_endpoint_is_found_by_its_token_only(connections: Any) -> None:
    endpoint = Endpoint(endpoint="tok", merchant="m_a", connection="c_a", connector="pipedrive", secrets=("a", "b"))
    stored = connections.put_endpoint(endpoint)
    now = FakeClock().now()
    uses: dict[str, tuple[str, ...]] = {"a": ("1", "2"), "b": ()}
    closed = connections.put_endpoint(replace(stored, active=False, until={"b": now}, uses=uses))
    assert connections.get_endpoint("tok") == closed
    assert (closed.version, closed.until, closed.uses["a"]) == (2, {"b": now}, ("1", "2"))
    assert connections.get_endpoint("other") is None


def test_an_endpoint_that_somebody_else_wrote_meanwhile_is_not_written_over(connections: Any) -> None:
    endpoint = Endpoint(endpoint="tok", merchant="m_a", connection="c_a", connector="pipedrive", secrets=("a",))
    stored = connections.put_endpoint(endpoint)
    theirs = connections.put_endpoint(replace(stored, secrets=("theirs", "a")))
    for stale in (endpoint, replace(stored, secrets=("ours", "a"))):
        with pytest.raises(StoreConflict):
            connections.put_endpoint(stale)
    assert connections.get_endpoint("tok") == theirs


@pytest.mark.parametrize("token", ["a#b", " ", "x" * 3 + "\n", "\x00"])
def test_an_endpoint_that_could_not_be_a_key_is_simply_unknown(connections: Any, token: str) -> None:
    assert connections.get_endpoint(token) is None


def test_what_may_be_used_once_is_given_once(connections: Any, clock: FakeClock) -> None:
    until = clock.now() + timedelta(minutes=10)
    connections.put_once("oauth_state", "secret", {"merchant": "m_a"}, until)
    with pytest.raises(StoreConflict):
        connections.put_once("oauth_state", "secret", {"merchant": "m_b"}, until)
    assert connections.take_once("session", "secret", clock.now()) is None
    assert connections.peek("oauth_state", "secret", clock.now()) == {"merchant": "m_a"}
    assert connections.take_once("oauth_state", "secret", clock.now()) == {"merchant": "m_a"}
    assert connections.take_once("oauth_state", "secret", clock.now()) is None
    assert connections.peek("oauth_state", "secret", clock.now()) is None


def test_what_expired_is_not_given(connections: Any, clock: FakeClock) -> None:
    connections.put_once("session", "a", {}, clock.now() + timedelta(minutes=1))
    connections.put_once("session", "b", {}, clock.now() + timedelta(minutes=1))
    connections.put_once("session", "c", {}, clock.now() + timedelta(minutes=9))
    clock.move(minutes=1)
    assert connections.peek("session", "a", clock.now()) is None
    assert connections.take_once("session", "b", clock.now()) is None
    connections.forget("session", "c")
    connections.forget("session", "never there")
    assert connections.peek("session", "c", clock.now()) is None


def test_secrets_are_kept_as_digests_only(on_aws: None, clock: FakeClock) -> None:
    from taxpoynt.storage.clients import client
    from taxpoynt.storage.connections import DynamoConnectionStore

    dynamodb = client("dynamodb")
    store = DynamoConnectionStore(dynamodb, "connections")
    store.put_once("session", "canary-secret", {"merchant": "m_a"}, clock.now())
    assert "canary-secret" not in str(dynamodb.scan(TableName="connections")["Items"])
