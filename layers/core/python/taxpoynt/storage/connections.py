"""Merchants, connections and what expires around them, in the connections table (docs/decisions/0003)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from taxpoynt.domain.connection import Connection, ConnectionStatus, Endpoint
from taxpoynt.domain.keys import SEPARATOR, key
from taxpoynt.domain.party import Merchant
from taxpoynt.errors import NotFound, StoreConflict
from taxpoynt.ports import StoredMerchant
from taxpoynt.storage.endpoints import DynamoEndpoints
from taxpoynt.storage.items import iso, moment_of, up_to
from taxpoynt.storage.once import DynamoOnce
from taxpoynt.storage.table import Table, shard

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MERCHANTS = "MERCHANTS"
PROFILE = "PROFILE"
CLAIM = "CLAIM"
TASK_SHARDS = 4


class DynamoConnectionStore:
    """ports.ConnectionStore."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._table = Table(dynamodb, table)
        self._endpoints = DynamoEndpoints(dynamodb, table)
        self._once = DynamoOnce(self._table)
        self.get_endpoint = self._endpoints.get_endpoint
        self.put_once = self._once.put
        self.take_once = self._once.take
        self.peek = self._once.peek
        self.forget = self._once.forget

    def put_endpoint(self, endpoint: Endpoint) -> None:
        """Writes or replaces it."""
        self._endpoints.put_endpoint(endpoint)

    def get_merchant(self, merchant: str) -> StoredMerchant:
        """The profile; NotFound for an unknown merchant."""
        item = self._table.get(key("M", merchant), PROFILE)
        if item is None:
            raise NotFound("no such merchant")
        return _merchant(item)

    def put_merchant(self, merchant: str, profile: Merchant, *, expected_version: int) -> StoredMerchant:
        """Writes over `expected_version` (0: the merchant is new); StoreConflict otherwise."""
        version = expected_version + 1
        item = {
            "pk": key("M", merchant),
            "sk": PROFILE,
            "merchant": merchant,
            "profile": profile.model_dump_json(exclude_none=True),
            "version": version,
        }
        put = self._table.put_request(item, **_over(expected_version))
        listed = self._table.put_request({"pk": MERCHANTS, "sk": merchant})
        self._table.transact(puts=[put, listed] if version == 1 else [put])
        return StoredMerchant(merchant=merchant, profile=profile, version=version)

    def list_merchants(self, *, limit: int, cursor: str | None) -> tuple[list[StoredMerchant], str | None]:
        """By id; the cursor is the last id seen."""
        start = {"pk": {"S": MERCHANTS}, "sk": {"S": cursor}} if cursor else None
        page, more = self._table.query("pk = :pk", pk=MERCHANTS, limit=limit, start=start)
        items = self._table.get_many([(key("M", entry["sk"]), PROFILE) for entry in page])
        return [_merchant(item) for item in items], page[-1]["sk"] if more else None

    def get_connection(self, merchant: str, connection: str) -> Connection:
        """The connection; NotFound when unknown or somebody else's."""
        item = self._table.get(key("M", merchant), _connection_sk(connection))
        if item is None:
            raise NotFound("no such connection")
        return _connection(item)

    def list_connections(self, merchant: str) -> list[Connection]:
        """All of a merchant's connections; there are few."""
        condition = "pk = :pk AND begins_with(sk, :prefix)"
        items = self._table.query_all(condition, pk=key("M", merchant), prefix="CONNECTION#")
        return [_connection(item) for item in items]

    def save_connection(self, connection: Connection) -> Connection:
        """Writes over the version it was read at; StoreConflict otherwise."""
        stored = replace(connection, version=connection.version + 1)
        self._table.put(_connection_item(stored), **_over(connection.version))
        return stored

    def due_connections(self, now: datetime, *, limit: int) -> list[Connection]:
        """Active connections with something due, oldest first, over all shards."""
        due: list[dict[str, Any]] = []
        for number in range(TASK_SHARDS):
            page, _ = self._table.query(
                "task_pk = :pk AND task_sk <= :now", index="by_task", limit=limit, pk=f"TASK#{number}", now=up_to(now)
            )
            due += page
        due.sort(key=lambda item: str(item["task_sk"]))
        return [_connection(item) for item in due[:limit]]

    def claim_account(self, connector: str, account_id: str, merchant: str, connection: str) -> bool:
        """Exactly one connection ever holds an account."""
        claim = {"pk": key("ACCOUNT", connector, account_id), "sk": CLAIM, "holder": key(merchant, connection)}
        try:
            self._table.put(claim, only_if="attribute_not_exists(pk) OR holder = :us", us=claim["holder"])
        except StoreConflict:
            return False
        return True

    def release_account(self, connector: str, account_id: str, merchant: str, connection: str) -> None:
        """Gives it free, if it is this connection's."""
        pk, us = key("ACCOUNT", connector, account_id), key(merchant, connection)
        with suppress(StoreConflict):
            self._table.delete(pk, CLAIM, only_if="attribute_not_exists(pk) OR holder = :us", us=us)

    def find_account(self, connector: str, account_id: str) -> tuple[str, str] | None:
        """(merchant, connection) that holds it."""
        item = self._table.get(key("ACCOUNT", connector, account_id), CLAIM)
        if item is None:
            return None
        merchant, _, connection = str(item["holder"]).partition(SEPARATOR)
        return merchant, connection


def _over(version: int) -> dict[str, Any]:
    return {"only_if": "attribute_not_exists(pk)"} if version == 0 else {"only_if": "version = :was", "was": version}


def _merchant(item: Mapping[str, Any]) -> StoredMerchant:
    profile = Merchant.model_validate_json(item["profile"])
    return StoredMerchant(merchant=item["merchant"], profile=profile, version=item["version"])


def _connection_sk(connection: str) -> str:
    return key("CONNECTION", connection)


def _connection_item(connection: Connection) -> dict[str, Any]:
    item = {
        "pk": key("M", connection.merchant),
        "sk": _connection_sk(connection.connection),
        "merchant": connection.merchant,
        "connection": connection.connection,
        "connector": connection.connector,
        "status": connection.status.value,
        "account_id": connection.account_id,
        "api_base": connection.api_base,
        "account": connection.account,
        "endpoint": connection.endpoint,
        "subscriptions": list(connection.subscriptions),
        "mapping": connection.mapping,
        "cursor": connection.cursor,
        "next_poll_at": connection.next_poll_at,
        "next_refresh_at": connection.next_refresh_at,
        "created_at": connection.created_at,
        "version": connection.version,
    }
    due = [moment for moment in (connection.next_poll_at, connection.next_refresh_at) if moment]
    if connection.status is ConnectionStatus.ACTIVE and due:
        item["task_pk"] = f"TASK#{shard(connection.connection, TASK_SHARDS)}"
        item["task_sk"] = key(iso(min(due)), connection.merchant, connection.connection)
    return item


def _connection(item: Mapping[str, Any]) -> Connection:
    return Connection(
        merchant=item["merchant"],
        connection=item["connection"],
        connector=item["connector"],
        status=ConnectionStatus(item["status"]),
        account_id=item["account_id"],
        api_base=item["api_base"],
        account=json.loads(item["account"]),
        endpoint=item.get("endpoint"),
        subscriptions=tuple(json.loads(item["subscriptions"])),
        mapping=json.loads(item["mapping"]),
        cursor=item.get("cursor"),
        next_poll_at=moment_of(item.get("next_poll_at")),
        next_refresh_at=moment_of(item.get("next_refresh_at")),
        created_at=moment_of(item.get("created_at")),
        version=item["version"],
    )
