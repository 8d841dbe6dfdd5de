"""The note of the current code lists, one item in the connections table."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from taxpoynt.domain.keys import key
from taxpoynt.ports.lists import ListsNote
from taxpoynt.storage.items import moment_of
from taxpoynt.storage.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PK, SK = key("SHARED", "LISTS"), "CURRENT"


class DynamoListNotes:
    """ports.ListNotes. Needs GetItem; PutItem to keep."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._table = Table(dynamodb, table)

    def current(self) -> ListsNote | None:
        """The note as last written; None before the first one."""
        item = self._table.get(PK, SK)
        if item is None:
            return None
        return ListsNote(
            version=item["version"],
            packaged=item["packaged"],
            fetched_at=moment_of(item.get("fetched_at")),
            tried_at=datetime.fromisoformat(item["tried_at"]),
            problems=tuple(json.loads(item["problems"])),
        )

    def keep(self, note: ListsNote) -> None:
        """Over whatever was there: two writers have asked the same NRS."""
        self._table.put(
            {
                "pk": PK,
                "sk": SK,
                "version": note.version,
                "packaged": note.packaged,
                "fetched_at": note.fetched_at,
                "tried_at": note.tried_at,
                "problems": list(note.problems),
            }
        )
