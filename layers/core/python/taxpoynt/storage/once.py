"""What may be used once or for a while: OAuth state, connect links, sessions. Kept under the SHA-256 of its secret."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from taxpoynt.domain.keys import key
from taxpoynt.errors import StoreConflict
from taxpoynt.storage.table import Table

SK = "ONCE"


class DynamoOnce:
    """Items that expire by their own time; the table's TTL only tidies up, up to days later."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, kind: str, secret: str, data: Mapping[str, str], expires_at: datetime) -> None:
        """Keeps `data`; StoreConflict when this secret is in use."""
        item = {"pk": _pk(kind, secret), "sk": SK, "data": dict(data), "expires_at": expires_at}
        self._table.put({**item, "ttl": int(expires_at.timestamp())}, only_if="attribute_not_exists(pk)")

    def take(self, kind: str, secret: str, now: datetime) -> dict[str, str] | None:
        """Deletes and returns in one step, so that exactly one caller gets it."""
        try:
            item = self._table.delete(_pk(kind, secret), SK, only_if="attribute_exists(pk)")
        except StoreConflict:
            return None
        return _data(item, now)

    def peek(self, kind: str, secret: str, now: datetime) -> dict[str, str] | None:
        """Reads it."""
        return _data(self._table.get(_pk(kind, secret), SK), now)

    def forget(self, kind: str, secret: str) -> None:
        """Deletes it, there or not."""
        self._table.delete(_pk(kind, secret), SK)


def _pk(kind: str, secret: str) -> str:
    return key("ONCE", kind, hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest())


def _data(item: Mapping[str, Any] | None, now: datetime) -> dict[str, str] | None:
    if item is None or datetime.fromisoformat(item["expires_at"]) <= now:
        return None
    return {str(name): str(value) for name, value in json.loads(item["data"]).items()}
