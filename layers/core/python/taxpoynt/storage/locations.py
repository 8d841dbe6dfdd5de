"""The list of a connection's shops, one item in the catalogue table: packed, as names of 2,000 shops are 400 KB."""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from taxpoynt.domain.locations import LocationList
from taxpoynt.errors import StoreConflict
from taxpoynt.storage.catalogue_keys import LIST, locations_pk
from taxpoynt.storage.items import iso
from taxpoynt.storage.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoLocationStore:
    """ports.LocationStore. Read by Query, which every role that reads the catalogue may do."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._table = Table(dynamodb, table)

    def get(self, merchant: str, connection: str) -> LocationList | None:
        """None before the first time."""
        items, _ = self._table.query("pk = :pk", limit=1, pk=locations_pk(merchant, connection))
        return LocationList.model_validate_json(zlib.decompress(items[0]["packed"])) if items else None

    def put(self, merchant: str, connection: str, found: LocationList) -> None:
        """A job that is slower than the next one changes nothing any more."""
        packed = zlib.compress(found.model_dump_json(exclude_defaults=True).encode(), 6)
        item = {"pk": locations_pk(merchant, connection), "sk": LIST, "packed": packed, "asked_at": found.asked_at}
        with suppress(StoreConflict):
            later = "attribute_not_exists(pk) OR asked_at <= :at"
            self._table.put(item, only_if=later, at=iso(found.asked_at))
