"""Merchants, connections and what expires around them, in the connections table (docs/decisions/0003)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.keys import SEPARATOR, key
from taxpoynt.domain.party import Merchant
from taxpoynt.errors import NotFound, StoreConflict
from taxpoynt.ports import StoredMerchant
from taxpoynt.storage.endpoints import DynamoEndpoints
from taxpoynt.storage.items import iso, moment_of, up_to
from taxpoynt.storage.noting import Noting
from taxpoynt.storage.once import DynamoOnce
from taxpoynt.storage.table import Table, shard

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MERCHANTS = "MERCHANTS"
PROFILE = "PROFILE"
CLAIM = "CLAIM"
TASK_SHARDS = 4


class DynamoConnectionStore:
    """ports.ConnectionStore. With `noting`, changes of profiles and connections are entries of the ledger too."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, noting: Noting | None = None) -> None:
        self._table = Table(dynamodb, table)
        self._noting = noting
        self._endpoints = DynamoEndpoints(dynamodb, table)
        self._once = DynamoOnce(self._table)
        self.get_endpoint = self._endpoints.get_endpoint
        self.put_endpoint = self._endpoints.put_endpoint
        self.put_once = self._once.put
        self.take_once = self._once.take
        self.peek = self._once.peek
        self.forget = self._once.forget

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
        noted = self._noting.profile(merchant, self._profile_before(merchant), profile, version) if self._noting else []
        self._table.transact(puts=[put, *noted, *([listed] if version == 1 else [])])
        return StoredMerchant(merchant=merchant, profile=profile, version=version)

    def _profile_before(self, merchant: str) -> Merchant | None:
        with suppress(NotFound):
            return self.get_merchant(merchant).profile
        return None

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
        put = self._table.put_request(_connection_item(stored), **_over(connection.version))
        noted = self._noting.connection(self._connection_before(stored), stored) if self._noting else []
        if noted:
            self._table.transact(puts=[put, *noted])
        else:
            self._table.put(_connection_item(stored), **_over(connection.version))
        return stored

    def _connection_before(self, connection: Connection) -> Connection | None:
        with suppress(NotFound):
            return self.get_connection(connection.merchant, connection.connection)
        return None

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
        "cursor": connection.cursor,
        "next_poll_at": connection.next_poll_at,
        "next_refresh_at": connection.next_refresh_at,
        "next_sync_at": connection.next_sync_at,
        "polled_at": connection.polled_at,
        "found_at": connection.found_at,
        "health": dict(connection.health) or None,
        "created_at": connection.created_at,
        "version": connection.version,
    }
    times = (connection.next_poll_at, connection.next_refresh_at, connection.next_sync_at)
    due = [moment for moment in times if moment]
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
        cursor=item.get("cursor"),
        next_poll_at=moment_of(item.get("next_poll_at")),
        next_refresh_at=moment_of(item.get("next_refresh_at")),
        next_sync_at=moment_of(item.get("next_sync_at")),
        polled_at=moment_of(item.get("polled_at")),
        found_at=moment_of(item.get("found_at")),
        health=json.loads(item.get("health") or "{}"),
        created_at=moment_of(item.get("created_at")),
        version=item["version"],
    )
