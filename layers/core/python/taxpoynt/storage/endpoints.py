"""The one lookup of the webhook path: whose endpoint is this, and how does its platform authenticate.

Apart from the other connection items so that the webhook path imports neither models nor pydantic.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

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
        return Endpoint(
            endpoint=endpoint,
            merchant=item["merchant"],
            connection=item["connection"],
            connector=item["connector"],
            secrets=tuple(json.loads(item["secrets"])),
            active=item["active"],
        )

    def put_endpoint(self, endpoint: Endpoint) -> None:
        """Writes or replaces it."""
        self._table.put(
            {
                "pk": key("ENDPOINT", endpoint.endpoint),
                "sk": SK,
                "merchant": endpoint.merchant,
                "connection": endpoint.connection,
                "connector": endpoint.connector,
                "secrets": list(endpoint.secrets),
                "active": endpoint.active,
            }
        )
