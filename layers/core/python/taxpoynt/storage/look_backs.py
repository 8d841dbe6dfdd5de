"""How far looking back has come, one item a connection in the connections table. It expires with what it fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from taxpoynt import retention
from taxpoynt.domain.keys import key
from taxpoynt.domain.look_back import LookBack
from taxpoynt.storage.items import iso
from taxpoynt.storage.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEEP = timedelta(days=retention.RULES["records"].days or 30)
_TIMES = ("asked_at", "as_of", "reached")
_LISTS = ("waiting", "seen")


class DynamoLookBacks:
    """ports.LookBackStore. Needs GetItem; PutItem to save."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._table = Table(dynamodb, table)

    def get(self, merchant: str, connection: str) -> LookBack | None:
        """The last one."""
        item = self._table.get(key("M", merchant), _sk(connection))
        return None if item is None else _look_back(json.loads(item["data"]))

    def save(self, look_back: LookBack) -> LookBack:
        """Writes over the version it was read at."""
        stored = replace(look_back, version=look_back.version + 1)
        data = {name: iso(one) if isinstance(one, datetime) else one for name, one in asdict(stored).items()}
        item = {"pk": key("M", stored.merchant), "sk": _sk(stored.connection), "data": data, "version": stored.version}
        item["ttl"] = int((stored.as_of + KEEP).timestamp())
        if look_back.version == 0:
            self._table.put(item, only_if="attribute_not_exists(pk)")
        else:
            self._table.put(item, only_if="version = :was", was=look_back.version)
        return stored


def _sk(connection: str) -> str:
    return key("LOOKBACK", connection)


def _look_back(data: Mapping[str, Any]) -> LookBack:
    times = {name: datetime.fromisoformat(data[name]) if data[name] else None for name in _TIMES}
    lists = {name: tuple(data[name]) for name in _LISTS}
    return LookBack(**{**data, **times, **lists})
