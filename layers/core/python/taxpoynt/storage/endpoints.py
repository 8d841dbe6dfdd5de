"""The one lookup of the webhook path: whose endpoint is this, and how does its platform authenticate.

Apart from the other connection items so that the webhook path imports neither models nor pydantic.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from taxpoynt.domain.connection import Endpoint
from taxpoynt.domain.keys import key
from taxpoynt.errors import BadInput
from taxpoynt.storage.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SK = "ENDPOINT"


class DynamoEndpoints:
    """Endpoints in the connections table, each in a partition of its own."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._table = Table(dynamodb, table)

    def get_endpoint(self, endpoint: str) -> Endpoint | None:
        """The endpoint, None for a token nobody made (or one that could not be a key)."""
        try:
            item = self._table.get(key("ENDPOINT", endpoint), SK)
        except BadInput:
            return None
        if item is None:
            return None
        until = json.loads(item.get("until", "{}"))
        uses = json.loads(item.get("uses", "{}"))
        return Endpoint(
            endpoint=endpoint,
            merchant=item["merchant"],
            connection=item["connection"],
            connector=item["connector"],
            secrets=tuple(json.loads(item["secrets"])),
            active=item["active"],
            until={secret: datetime.fromisoformat(moment) for secret, moment in until.items()},
            uses={secret: tuple(subscriptions) for secret, subscriptions in uses.items()},
            version=item.get("version", 0),
        )

    def put_endpoint(self, endpoint: Endpoint) -> Endpoint:
        """Writes over the version it was read at and returns it with the next one; StoreConflict otherwise."""
        stored = replace(endpoint, version=endpoint.version + 1)
        over: dict[str, Any] = {"only_if": "attribute_not_exists(pk)"}
        if endpoint.version:
            over = {"only_if": "version = :was", "was": endpoint.version}
        self._table.put(
            {
                "pk": key("ENDPOINT", stored.endpoint),
                "sk": SK,
                "merchant": stored.merchant,
                "connection": stored.connection,
                "connector": stored.connector,
                "secrets": list(stored.secrets),
                "active": stored.active,
                "until": {secret: moment.isoformat() for secret, moment in stored.until.items()},
                "uses": {secret: list(subscriptions) for secret, subscriptions in stored.uses.items()},
                "version": stored.version,
            },
            **over,
        )
        return stored
