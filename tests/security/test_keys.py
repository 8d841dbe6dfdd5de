"""Keys that tell merchants apart are made by `domain.keys.key`, which refuses an empty part, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import taxpoynt
from taxpoynt.domain.connection import Event, TokenSet
from taxpoynt.domain.keys import event_key, execution_name, key, sale_key
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import BadInput
from taxpoynt.storage.clients import client
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.events import DynamoEventStore
from taxpoynt.storage.sales import DynamoSaleStore
from taxpoynt.storage.tokens import DynamoTokenStore
from tests.fakes.clock import FakeClock
from tests.unit.storage.aws import aws, make_key
from tests.unit.storage.records import connection, sale

PACKAGE = Path(taxpoynt.__file__).parent
ORDER_ONLY = {
    "f'TASK#{shard(connection.connection, TASK_SHARDS)}'",  # a shard's number: the scheduler works for everybody
    "f'TASK#{number}'",  # the same
    "f'HISTORY#{one.sequence:06}'",  # a number below a partition that is a claim key
    "f'DUE#{number:02}'",  # a shard's number
    "f\"{iso(record.next_action_at)}#{item['pk']}\"",  # order within a shard; the pk is a claim key
    "f'{record.clock.issue_time}#{pk_of(record)}'",  # order within a merchant's day; the pk is a claim key
    "f'{record.clock.issue_date.isoformat()}#{pk_of(record)}'",  # order of a merchant's held sales; the same
    "f'LEGAL#{kind}#{number:02}'",  # a shard's number: the legal clock looks at everybody's earliest
    "f'{iso(record.clock.due_at)}#{pk}'",  # order within such a shard; the pk is a claim key
    "f'LEDGER#{number:02}'",  # a shard's number: entries wait there for the ledger
    "f\"{merchant}#{entry['at']}#{pk}#{entry['sequence']:06}\"",  # order within it, by merchant; the pk is a claim key
    "f'{merchant}#'",  # all of one merchant within it: the separator ends the id, so no other id begins with it
    "f'{sk}#{pk}'",  # order of days to purge; the pk is a key
}
"""Texts with a separator that are no merchant's key. A new one must be argued for here, or be made by `key`."""


def glued(tree: ast.AST) -> Iterator[str]:
    """Every expression that joins a `#` to something that is not constant."""
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=parts):
                joined = parts
            case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
                joined = [left, right]
            case ast.Call(func=ast.Attribute(value=text, attr="join" | "format")):
                joined = [text]
            case _:
                continue
        if any(_separates(part) for part in joined):
            yield ast.unparse(node)


def _separates(node: ast.AST) -> bool:
    named = isinstance(node, ast.Name) and node.id == "SEPARATOR"
    return named or (isinstance(node, ast.Constant) and isinstance(node.value, str) and "#" in node.value)


def test_no_key_is_glued_together_outside_domain_keys() -> None:
    found = {
        text
        for folder in ("storage", "services", "bootstrap")
        for file in sorted((PACKAGE / folder).glob("*.py"))
        for text in glued(ast.parse(file.read_text("utf-8")))
    }
    assert found == ORDER_ONLY


@pytest.mark.parametrize(
    "code", ["f'M#{merchant}'", "'M#' + merchant", "'#'.join(parts)", "'M#%s' % merchant", "SEPARATOR.join(parts)"]
)
def test_the_search_finds_every_way_to_glue(code: str) -> None:
    assert list(glued(ast.parse(code)))


def ref(number: str) -> RecordRef:
    return RecordRef(resource="deal", id=number)


def notice(name: str) -> Event:
    return Event(id=name, type="deal.won", resource="deal", resource_id="8", account=None)


NOW = datetime(2026, 3, 2, tzinfo=UTC)
TOKENS = TokenSet(access_token="a", refresh_token="r", expires_at=NOW)
CALLS: dict[str, Callable[[Any, Any, Any, Any, str], Any]] = {
    "sale key": lambda *a: sale_key(a[-1], "pipedrive", "8"),
    "sale key without id": lambda *a: sale_key("m_a", "pipedrive", a[-1]),
    "event key": lambda *a: event_key("m_a", a[-1], "e"),
    "execution name": lambda *a: execution_name("m_a", "pipedrive", a[-1], "1"),
    "get a merchant": lambda c, e, s, t, odd: c.get_merchant(odd),
    "get a connection": lambda c, e, s, t, odd: c.get_connection("m_a", odd),
    "a connection of nobody": lambda c, e, s, t, odd: c.get_connection(odd, "c_a"),
    "list connections": lambda c, e, s, t, odd: c.list_connections(odd),
    "save a connection": lambda c, e, s, t, odd: c.save_connection(connection(merchant=odd)),
    "claim an account": lambda c, e, s, t, odd: c.claim_account("pipedrive", odd, "m_a", "c_a"),
    "claim for nobody": lambda c, e, s, t, odd: c.claim_account("pipedrive", "1", odd, "c_a"),
    "put once": lambda c, e, s, t, odd: c.put_once(odd, "secret", {}, NOW),
    "claim an event": lambda c, e, s, t, odd: e.claim("m_a", "x", notice(odd), owner="o", now=NOW, lease_seconds=1),
    "claim an event of nobody": lambda c, e, s, t, odd: e.claim(
        odd, "x", notice("e"), owner="o", now=NOW, lease_seconds=1
    ),
    "park": lambda c, e, s, t, odd: e.park(odd, "pipedrive", "e", "why", None),
    "settle": lambda c, e, s, t, odd: e.settle(odd, "pipedrive", "e", None, "why"),
    "list events": lambda c, e, s, t, odd: e.list_events(odd, limit=1, cursor=None),
    "claim a sale": lambda c, e, s, t, odd: s.claim(sale(odd), action="claimed"),
    "claim a sale of nobody": lambda c, e, s, t, odd: s.claim(sale(merchant=odd), action="claimed"),
    "get a sale": lambda c, e, s, t, odd: s.get("m_a", odd, "8"),
    "find by irn": lambda c, e, s, t, odd: s.find_by_irn("m_a", odd),
    "held by": lambda c, e, s, t, odd: s.held_by(odd, "pipedrive", ref("1")),
    "list sales": lambda c, e, s, t, odd: s.list_sales(odd, limit=1, cursor=None),
    "history": lambda c, e, s, t, odd: s.history(odd, "pipedrive", "8"),
    "load tokens": lambda c, e, s, t, odd: t.load("m_a", odd, "pipedrive"),
    "save tokens": lambda c, e, s, t, odd: t.save("m_a", "c_a", odd, TOKENS, expected_generation=0),
    "lease": lambda c, e, s, t, odd: t.lease(odd, "c_a", owner="o", now=NOW, seconds=1),
}


def test_every_store_refuses_an_empty_part_and_one_that_could_pass_for_two() -> None:
    with aws():
        dynamodb, clock = client("dynamodb"), FakeClock()
        stores = (
            DynamoConnectionStore(dynamodb, "connections"),
            DynamoEventStore(dynamodb, "events", clock),
            DynamoSaleStore(dynamodb, "invoices", clock),
            DynamoTokenStore(dynamodb, "connections", client("kms"), make_key()),
        )
        for name, call in CALLS.items():
            for odd in ("", " ", "a#b", "a\n"):
                assert refuses(lambda: call(*stores, odd)), f"{name} takes {odd!r}"  # noqa: B023 (called at once)
        for table in ("connections", "events", "invoices"):
            assert dynamodb.scan(TableName=table)["Items"] == [], "a refused call has written something"


def refuses(call: Callable[[], object]) -> bool:
    try:
        call()
    except BadInput:
        return True
    return False


def test_a_key_function_that_takes_anything_would_be_noticed() -> None:
    def careless(*parts: str) -> str:
        return "#".join(parts)

    assert careless("m_a", "", "8") == careless("m_a", "", "8")
    assert not refuses(lambda: careless("m_a", ""))
    assert refuses(lambda: key("m_a", ""))
