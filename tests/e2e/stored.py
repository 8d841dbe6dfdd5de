"""Everything that the stage has stored or logged, for tests that look for what must not be there."""

from collections.abc import Iterator

from taxpoynt.storage.tokens import DynamoTokenStore
from tests.e2e.harness import Slice

TABLES = ("CatalogueTable", "ConnectionsTable", "EventsTable", "InvoicesTable")


def platform_tokens(stage: Slice) -> list[str]:
    """The merchant's tokens in plain, as root can read them on this machine."""
    outputs = stage.deployed.outputs
    store = DynamoTokenStore(
        stage.aws("dynamodb"), outputs["ConnectionsTable"], stage.aws("kms"), outputs["TokensKeyArn"]
    )
    tokens = store.load(stage.merchant, stage.connection, stage.connector.name)
    return [tokens.access_token, str(tokens.refresh_token)]


def count(stage: Slice) -> dict[str, int]:
    """How much there is, by table and in the bucket."""
    tables = {name: sum(1 for _ in items(stage, name)) for name in TABLES}
    return tables | {"RawBucket": sum(1 for _ in objects(stage))}


def items(stage: Slice, table: str) -> Iterator[str]:
    """Every item of a table as text; binary values as they are."""
    pages = stage.aws("dynamodb").get_paginator("scan").paginate(TableName=stage.deployed.outputs[table])
    for page in pages:
        for item in page["Items"]:
            yield " ".join(readable(value) for value in item.values())


def readable(value: dict[str, object]) -> str:
    """An attribute value; bytes one to one, so that a search sees through them."""
    [inner] = value.values()
    return inner.decode("latin-1") if isinstance(inner, bytes) else str(inner)


def objects(stage: Slice) -> Iterator[tuple[str, str]]:
    """Every object of the raw bucket: key and content."""
    store, bucket = stage.aws("s3"), stage.deployed.outputs["RawBucket"]
    for page in store.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in page.get("Contents", []):
            body = store.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
            yield found["Key"], body.decode("latin-1")


def everything(stage: Slice) -> Iterator[tuple[str, str]]:
    """Where and what: tables, bucket, logs."""
    for table in TABLES:
        for text in items(stage, table):
            yield table, text
    yield from objects(stage)
    for path in stage.layout.logs.glob("*.log"):
        yield path.name, path.read_text(errors="replace")
