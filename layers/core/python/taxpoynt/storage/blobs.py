"""The raw bucket: content addressed, written once. Encryption, object lock and lifecycle are the bucket's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from taxpoynt.errors import NotFound
from taxpoynt.storage.aws_errors import verdicts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3BlobStore:
    """ports.BlobStore on one bucket. Needs PutObject and GetObject, nothing else."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def put(self, key: str, data: bytes, *, content_type: str) -> str:
        """Writes unless it is there: the key names the content, so what is there is the same."""
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
        return key

    def get(self, key: str) -> bytes:
        """The bytes; NotFound when nothing was kept under `key`."""
        with verdicts("read a blob"):
            try:
                return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "404"):
                    raise NotFound("no such blob") from None
                raise


def _class_of(key: str) -> str:
    """The second part of the key (`webhooks`, `records` …): lifecycle rules tell data classes apart by this tag."""
    return key.split("/", 2)[1]
