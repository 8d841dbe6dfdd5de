"""The few DynamoDB calls the stores make, on one table, with our verdicts. Low-level client, passed in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from taxpoynt.errors import Retryable
from taxpoynt.storage.aws_errors import verdicts
from taxpoynt.storage.items import Item, from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH = 100
"""Keys in one BatchGetItem; what DynamoDB allows."""
RESERVED = {"ttl": "#ttl"}
"""Attributes of ours that are words of DynamoDB's language, and what they are called in expressions."""
WRITES = 25
"""The same for BatchWriteItem."""


class Table:
    """One table. Values go in and come out plain; expressions are DynamoDB's own."""

    def __init__(self, dynamodb: DynamoDBClient, name: str) -> None:
        self._dynamodb = dynamodb
        self.name = name

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        """The item as it is now (consistent read), None when absent."""
        with verdicts("read"):
            found = self._dynamodb.get_item(TableName=self.name, Key=to_item({"pk": pk, "sk": sk}), ConsistentRead=True)
        return from_item(found["Item"]) if "Item" in found else None

    def put(self, item: Mapping[str, Any], *, only_if: str | None = None, **values: Any) -> None:
        """Writes the whole item; StoreConflict when `only_if` does not hold."""
        with verdicts("write"):
            self._dynamodb.put_item(**self.put_request(item, only_if=only_if, **values))

    def put_request(self, item: Mapping[str, Any], *, only_if: str | None = None, **values: Any) -> dict[str, Any]:
        """The same as the part of a transaction."""
        return {"TableName": self.name, "Item": to_item(item), **_condition(only_if, values)}

    def delete_request(self, pk: str, sk: str, *, only_if: str | None = None, **values: Any) -> dict[str, Any]:
        """A delete as the part of a transaction."""
        return {"TableName": self.name, "Key": to_item({"pk": pk, "sk": sk}), **_condition(only_if, values)}

    def update(self, pk: str, sk: str, change: str, *, only_if: str | None = None, **values: Any) -> dict[str, Any]:
        """Changes attributes and returns the whole item afterwards; StoreConflict when `only_if` does not hold."""
        with verdicts("change"):
            after = self._dynamodb.update_item(
                TableName=self.name,
                Key=to_item({"pk": pk, "sk": sk}),
                UpdateExpression=change,
                ReturnValues="ALL_NEW",
                **_condition(only_if, values),
            )
        return from_item(after["Attributes"])

    def delete(self, pk: str, sk: str, *, only_if: str | None = None, **values: Any) -> dict[str, Any] | None:
        """Deletes and returns what was there; StoreConflict when `only_if` does not hold."""
        with verdicts("delete"):
            before = self._dynamodb.delete_item(
                **self.delete_request(pk, sk, only_if=only_if, **values), ReturnValues="ALL_OLD"
            )
        return from_item(before["Attributes"]) if before.get("Attributes") else None

    def transact(self, *, puts: Sequence[dict[str, Any]] = (), deletes: Sequence[dict[str, Any]] = ()) -> None:
        """All or nothing; StoreConflict when a condition fails. botocore repeats a lost call under one token."""
        parts: list[Any] = [{"Put": put} for put in puts] + [{"Delete": delete} for delete in deletes]
        with verdicts("transaction"):
            self._dynamodb.transact_write_items(TransactItems=parts)

    def query(
        self,
        condition: str,
        *,
        index: str | None = None,
        limit: int | None = None,
        start: Item | None = None,
        newest_first: bool = False,
        only: str | None = None,
        **values: Any,
    ) -> tuple[list[dict[str, Any]], Item | None]:
        """One page: items and the key to go on from (None at the end). `only` filters after reading, and costs."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ScanIndexForward": not newest_first,
            "ExpressionAttributeValues": to_item({f":{name}": value for name, value in values.items()}),
            "IndexName": index,
            "Limit": limit,
            "ExclusiveStartKey": start,
            "FilterExpression": only,
            "ConsistentRead": True if index is None else None,
        }
        with verdicts("query"):
            page = self._dynamodb.query(**{name: value for name, value in request.items() if value is not None})
        return [from_item(item) for item in page["Items"]], page.get("LastEvaluatedKey")

    def query_all(self, condition: str, *, index: str | None = None, **values: Any) -> Iterator[dict[str, Any]]:
        """Every item of a partition, page by page; only for partitions that stay small."""
        start: Item | None = None
        while True:
            items, start = self.query(condition, index=index, start=start, **values)
            yield from items
            if start is None:
                return

    def get_many(self, keys: Sequence[tuple[str, str]], *, only: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The items of `keys` that exist, in the order of `keys`, as they are now. `only` these attributes."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for begin in range(0, len(keys), BATCH):
            for item in self._get_batch(keys[begin : begin + BATCH], only):
                found[item["pk"], item["sk"]] = item
        return [found[key] for key in keys if key in found]

    def count(self, condition: str, *, only: str | None = None, **values: Any) -> int:
        """How many items fit; reads them all, page by page, without sending them."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "Select": "COUNT",
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": to_item({f":{name}": value for name, value in values.items()}),
            **({"FilterExpression": only} if only else {}),
        }
        counted = 0
        while True:
            with verdicts("count"):
                page = self._dynamodb.query(**request)
            counted += page["Count"]
            if not page.get("LastEvaluatedKey"):
                return counted
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def put_many(self, items: Sequence[Mapping[str, Any]]) -> None:
        """Writes whole items, whatever is there: BatchWriteItem knows no conditions, and no item twice in one call."""
        self._write_many([{"PutRequest": {"Item": to_item(item)}} for item in items], "write many")

    def delete_many(self, keys: Sequence[tuple[str, str]]) -> None:
        """Deletes the items of `keys`; those that are not there are passed over."""
        gone = [{"DeleteRequest": {"Key": to_item({"pk": pk, "sk": sk})}} for pk, sk in keys]
        self._write_many(gone, "delete many")

    def _write_many(self, requests: Sequence[dict[str, Any]], what: str) -> None:
        for begin in range(0, len(requests), WRITES):
            wanted: Any = {self.name: list(requests[begin : begin + WRITES])}
            for _ in range(8):
                with verdicts(what):
                    wanted = self._dynamodb.batch_write_item(RequestItems=wanted).get("UnprocessedItems")
                if not wanted:
                    break
            else:
                raise Retryable(f"{what}: the table is throttled")

    def _get_batch(self, keys: Sequence[tuple[str, str]], only: Sequence[str]) -> list[dict[str, Any]]:
        asked: Any = {"Keys": [to_item({"pk": pk, "sk": sk}) for pk, sk in keys], "ConsistentRead": True}
        if only:
            asked["ProjectionExpression"] = ", ".join(RESERVED.get(name, name) for name in only)
            if renamed := {alias: name for name, alias in RESERVED.items() if name in only}:
                asked["ExpressionAttributeNames"] = renamed
        wanted: Any = {self.name: asked}
        items: list[dict[str, Any]] = []
        for _ in range(8):
            with verdicts("read many"):
                answer = self._dynamodb.batch_get_item(RequestItems=wanted)
            items += [from_item(item) for item in answer["Responses"].get(self.name, [])]
            wanted = answer.get("UnprocessedKeys")
            if not wanted:
                return items
        raise Retryable("read many: the table is throttled")


def _condition(only_if: str | None, values: Mapping[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if only_if:
        parts["ConditionExpression"] = only_if
    if values:
        parts["ExpressionAttributeValues"] = to_item({f":{name}": value for name, value in values.items()})
    return parts


def shard(text: str, count: int) -> int:
    """The shard of a key: evenly spread, the same for ever."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % count
