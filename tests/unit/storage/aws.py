"""The tables, bucket, queues and keys on moto, as infra_cdk makes them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto import mock_aws

from taxpoynt.storage.clients import client

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
}

INDEXES: dict[str, dict[str, tuple[str, str, Any]]] = {
    "catalogue": {"by_sku": ("sku_pk", "sku_sk", {"ProjectionType": "KEYS_ONLY"})},
    "connections": {"by_task": ("task_pk", "task_sk", {"ProjectionType": "ALL"})},
    "events": {"by_day": ("day_pk", "day_sk", {"ProjectionType": "ALL"})},
    "invoices": {
        "by_due": ("due_pk", "due_sk", {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["legal_due_at"]}),
        "by_day": ("day_pk", "day_sk", {"ProjectionType": "ALL"}),
        "by_legal": ("legal_pk", "legal_sk", {"ProjectionType": "KEYS_ONLY"}),
    },
}


@contextmanager
def aws() -> Iterator[None]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with mock.patch.dict(os.environ, clean | ENVIRONMENT, clear=True), mock_aws():
        make_tables()
        yield


def make_tables() -> None:
    dynamodb = client("dynamodb")
    for table, indexes in INDEXES.items():
        names = {"pk", "sk", *(name for pk, sk, _ in indexes.values() for name in (pk, sk))}
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
            KeySchema=_schema("pk", "sk"),
            GlobalSecondaryIndexes=[
                {"IndexName": name, "KeySchema": _schema(pk, sk), "Projection": projection}
                for name, (pk, sk, projection) in indexes.items()
            ],
        )


def _schema(pk: str, sk: str) -> Any:
    return [{"AttributeName": pk, "KeyType": "HASH"}, {"AttributeName": sk, "KeyType": "RANGE"}]


def make_key() -> str:
    return client("kms").create_key()["KeyMetadata"]["Arn"]
