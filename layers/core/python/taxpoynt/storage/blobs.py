"""The raw bucket: content addressed, written once. Encryption, object lock and lifecycle are the bucket's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from taxpoynt.errors import NotFound
from taxpoynt.storage.aws_errors import verdicts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import TaggingTypeDef

MOST_LISTED = 5000
"""Keys that one listing looks at."""


class S3BlobStore:
    """ports.BlobStore on one bucket.

    Needs PutObject and GetObject, to change a class the right to tag, to tell the newest the right to list.
    """

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def put(self, key: str, data: bytes, *, content_type: str) -> str:
        """Writes unless it is there: the key names the content, so what is there is the same."""
        self.put_new(key, data, content_type=content_type)
        return key

    def put_new(self, key: str, data: bytes, *, content_type: str) -> bool:
        """Writes unless something is there. After a lost answer the bytes tell whether it was this call that wrote."""
        with verdicts("keep a blob"):
            try:
                self._s3.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=data,
                    ContentType=content_type,
                    IfNoneMatch="*",
                    Tagging=f"class={_class_of(key)}",
                )
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") != "PreconditionFailed":
                    raise
                return False
        return True

    def get(self, key: str) -> bytes:
        """The bytes; NotFound when nothing was kept under `key`."""
        with verdicts("read a blob"):
            try:
                return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "404"):
                    raise NotFound("no such blob") from None
                raise

    def newest(self, prefix: str, *, limit: int) -> list[str]:
        """Lists a few pages at most: for looking at what is there, never for finding everything."""
        found: list[tuple[datetime, str]] = []
        with verdicts("list blobs"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix, PaginationConfig={"MaxItems": MOST_LISTED}
            )
            for page in pages:
                found += [(one["LastModified"], one["Key"]) for one in page.get("Contents", ())]
        return [key for _, key in sorted(found, reverse=True)[:limit]]

    def mark(self, keys: Sequence[str], data_class: str) -> int:
        """Gives each object this retention class; counts those that are there."""
        return sum(self._tag(key, data_class) for key in dict.fromkeys(keys))

    def _tag(self, key: str, data_class: str) -> bool:
        with verdicts("mark a blob"):
            try:
                tags: TaggingTypeDef = {"TagSet": [{"Key": "class", "Value": data_class}]}
                self._s3.put_object_tagging(Bucket=self._bucket, Key=key, Tagging=tags)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "404", "MethodNotAllowed"):
                    return False
                raise
        return True


def _class_of(key: str) -> str:
    """The second part of the key (`webhooks`, `records` …): lifecycle rules tell data classes apart by this tag."""
    return key.split("/", 2)[1]
