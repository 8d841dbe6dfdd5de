"""Tokens of NRS's notices."""

from __future__ import annotations

import pytest

from taxpoynt.storage.clients import client
from taxpoynt.storage.notice_tokens import DynamoNoticeTokens
from taxpoynt.storage.table import Table


@pytest.fixture
def tokens(on_aws: None) -> DynamoNoticeTokens:
    return DynamoNoticeTokens(Table(client("dynamodb"), "connections"))


def test_a_merchant_has_one_token_for_ever_and_it_is_long(tokens: DynamoNoticeTokens) -> None:
    first = tokens.token_of("m_a")
    assert tokens.token_of("m_a") == first
    assert len(first) >= 32
    assert tokens.token_of("m_b") != first
    assert (tokens.merchant_of(first), tokens.merchant_of(tokens.token_of("m_b"))) == ("m_a", "m_b")


@pytest.mark.parametrize("token", ["guess", "", "a#b", " ", "\n", "x" * 1000])
def test_what_nobody_made_is_nobodys(tokens: DynamoNoticeTokens, token: str) -> None:
    assert tokens.merchant_of(token) is None


def test_who_asks_second_in_the_same_moment_gets_the_same(
    tokens: DynamoNoticeTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tokens.token_of("m_a")
    table = tokens._table
    answers = iter([None, table.get("M#m_a", "NRS_NOTICES")])
    monkeypatch.setattr(table, "get", lambda pk, sk: next(answers))
    assert tokens.token_of("m_a") == first
