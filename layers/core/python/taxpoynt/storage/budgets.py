"""Rate budgets in the connections table: one item a connection, one conditional update a request."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from taxpoynt.domain.keys import key
from taxpoynt.storage.aws_errors import CONFLICTS, code_of, verdicts
from taxpoynt.storage.items import from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoRateBudget:
    """ports.RateBudget. A connection is the unit that platforms limit, so no item is shared by two of them."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._name = table

    def swap(self, merchant: str, connection: str, held: str, wanted: str, *, seconds: int) -> str | None:
        """A lost swap brings the item with its refusal: no read of its own."""
        place = {"pk": key("M", merchant), "sk": key("BUDGET", connection)}
        values = {":wanted": wanted, ":ttl": int(time.time()) + seconds, ":held": held or None}
        with verdicts("rate budget"):
            try:
                self._dynamodb.update_item(
                    TableName=self._name,
                    Key=to_item(place),
                    UpdateExpression="SET budget = :wanted, #ttl = :ttl",
                    ConditionExpression="budget = :held" if held else "attribute_not_exists(budget)",
                    ExpressionAttributeNames={"#ttl": "ttl"},
                    ExpressionAttributeValues=to_item(values),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                if code_of(error) not in CONFLICTS:
                    raise
                found: Any = error.response.get("Item")
                return str(from_item(found).get("budget", "")) if found else self._stored(place)
        return None

    def _stored(self, place: dict[str, str]) -> str:
        """For stores that refuse without saying what stands there."""
        item = self._dynamodb.get_item(TableName=self._name, Key=to_item(place), ConsistentRead=True).get("Item")
        return str(from_item(item).get("budget", "")) if item else ""
