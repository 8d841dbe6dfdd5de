from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import Busy, NotFound, Rejected, StoreConflict
from tests.fakes.clock import FakeClock
from tests.unit.storage.records import tokens as token_set

OURS = ("m_a", "c_a", "pipedrive")


def save(tokens: Any, generation: int, access: str = "access-1") -> TokenSet:
    stored: TokenSet = tokens.save(*OURS, token_set(access), expected_generation=generation)
    return stored


def test_tokens_come_back_with_their_generation(tokens: Any) -> None:
    assert save(tokens, 0) == replace(token_set(), generation=1)
    assert save(tokens, 1, "access-2").generation == 2
    assert tokens.load(*OURS) == replace(token_set("access-2"), generation=2)


def test_the_slower_of_two_savers_is_told(tokens: Any) -> None:
    save(tokens, 0)
    for stale in (0, 5):
        with pytest.raises(StoreConflict):
            save(tokens, stale, "stale")
    assert tokens.load(*OURS).access_token == "access-1"


def test_without_tokens_there_is_nothing_to_load(tokens: Any, clock: FakeClock) -> None:
    with pytest.raises(NotFound):
        tokens.load(*OURS)
    tokens.lease("m_a", "c_a", owner="a", now=clock.now(), seconds=60)
    with pytest.raises(NotFound):
        tokens.load(*OURS)


def test_one_owner_holds_the_lease_until_it_expires(tokens: Any, clock: FakeClock) -> None:
    save(tokens, 0)
    lease = tokens.lease("m_a", "c_a", owner="a", now=clock.now(), seconds=60)
    assert lease.generation == 1
    assert tokens.lease("m_a", "c_a", owner="a", now=clock.now(), seconds=60) == lease
    with pytest.raises(Busy):
        tokens.lease("m_a", "c_a", owner="b", now=clock.now(), seconds=60)
    clock.move(seconds=60)
    assert tokens.lease("m_a", "c_a", owner="b", now=clock.now(), seconds=60).owner == "b"


def test_only_ones_own_lease_is_released(tokens: Any, clock: FakeClock) -> None:
    first = tokens.lease("m_a", "c_a", owner="a", now=clock.now(), seconds=60)
    clock.move(seconds=61)
    second = tokens.lease("m_a", "c_a", owner="b", now=clock.now(), seconds=60)
    tokens.release(first)
    with pytest.raises(Busy):
        tokens.lease("m_a", "c_a", owner="c", now=clock.now(), seconds=60)
    tokens.release(second)
    tokens.release(second)
    assert tokens.lease("m_a", "c_a", owner="c", now=clock.now(), seconds=60).owner == "c"


def test_a_refresh_that_was_tried_and_never_stored_is_known(tokens: Any, clock: FakeClock) -> None:
    save(tokens, 0)
    lease = tokens.lease("m_a", "c_a", owner="a", now=clock.now(), seconds=60)
    assert tokens.trying(lease, 1) is False
    assert tokens.trying(lease, 1) is True
    save(tokens, 1)
    assert tokens.trying(lease, 2) is False


def test_who_lost_the_lease_may_not_try(tokens: Any, clock: FakeClock) -> None:
    save(tokens, 0)
    slow = tokens.lease("m_a", "c_a", owner="a", now=clock.now(), seconds=60)
    clock.move(seconds=61)
    quick = tokens.lease("m_a", "c_a", owner="b", now=clock.now(), seconds=60)
    with pytest.raises(Busy):
        tokens.trying(slow, 1)
    assert tokens.trying(quick, 1) is False
    tokens.release(quick)
    with pytest.raises(Busy):
        tokens.trying(quick, 1)


def test_the_age_of_tokens_is_kept(tokens: Any, clock: FakeClock) -> None:
    dated = replace(token_set(), issued_at=clock.now())
    tokens.save(*OURS, dated, expected_generation=0)
    assert tokens.load(*OURS).issued_at == clock.now()


def test_a_lease_may_come_before_the_first_tokens(tokens: Any, clock: FakeClock) -> None:
    lease = tokens.lease("m_a", "c_a", owner="a", now=clock.now(), seconds=60)
    assert lease.generation == 0
    assert save(tokens, lease.generation).generation == 1


def test_deleted_tokens_are_gone(tokens: Any) -> None:
    save(tokens, 0)
    tokens.delete("m_a", "c_a")
    tokens.delete("m_a", "c_a")
    with pytest.raises(NotFound):
        tokens.load(*OURS)


@pytest.fixture
def sealed(on_aws: None) -> Any:
    from taxpoynt.storage.clients import client
    from taxpoynt.storage.tokens import DynamoTokenStore
    from tests.unit.storage.aws import make_key

    store = DynamoTokenStore(client("dynamodb"), "connections", client("kms"), make_key())
    store.save(*OURS, token_set("canary-access"), expected_generation=0)
    return store


def _item() -> tuple[Any, dict[str, Any]]:
    from taxpoynt.storage.clients import client

    dynamodb = client("dynamodb")
    return dynamodb, dynamodb.scan(TableName="connections")["Items"][0]


def test_no_token_stands_in_the_table_in_plain(sealed: Any) -> None:
    kept = str(_item()[1])
    assert "canary-access" not in kept
    assert "refresh-1" not in kept


def test_tokens_open_only_for_the_connection_they_were_sealed_for(sealed: Any) -> None:
    dynamodb, item = _item()
    moved = {**item, "pk": {"S": "M#m_b"}}
    dynamodb.put_item(TableName="connections", Item=moved)
    with pytest.raises(Rejected, match="another connection"):
        sealed.load("m_b", "c_a", "pipedrive")
    with pytest.raises(Rejected, match="another connection"):
        sealed.load("m_a", "c_a", "hubspot")


def test_changed_ciphertext_is_noticed(sealed: Any) -> None:
    dynamodb, item = _item()
    changed = bytearray(bytes(item["sealed"]["B"]))
    changed[-1] ^= 1
    dynamodb.put_item(TableName="connections", Item={**item, "sealed": {"B": bytes(changed)}})
    with pytest.raises(Rejected, match="changed in storage"):
        sealed.load(*OURS)


def test_a_repr_shows_no_token() -> None:
    assert "access-1" not in repr(token_set())
    assert "refresh-1" not in repr(token_set())
