"""The raw bucket: source records, frozen submissions, answers, documents (docs/decisions/0006)."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra_cdk.findings import accept
from taxpoynt.retention import Rule

COLD = s3.StorageClass.GLACIER_INSTANT_RETRIEVAL  # cheap to keep, still read at once


class RawBucket(Construct):
    """Versioned, encrypted, locked: what is written cannot be changed, and not be deleted for the first days."""

    def __init__(
        self, scope: Construct, *, key: kms.IKey, lock: s3.ObjectLockRetention, keep: bool, periods: Mapping[str, Rule]
    ) -> None:
        super().__init__(scope, "Raw")
        removal = RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY
        access_logs = s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,  # S3 delivers access logs to no other kind
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=False,
            lifecycle_rules=[s3.LifecycleRule(id="forget", expiration=Duration.days(periods["access logs"].days or 1))],
            removal_policy=removal,
        )
        accept(access_logs, "It holds the access logs; logging it into itself would never end.", "AwsSolutions-S1")
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            versioned=True,
            object_lock_default_retention=lock,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="raw/",
            lifecycle_rules=_lifecycle(periods),
            removal_policy=removal,
        )


def _lifecycle(periods: Mapping[str, Rule]) -> list[s3.LifecycleRule]:
    # Keys start with the merchant, and a rule's prefix knows no wildcard: classes are object tags. What carries no tag,
    # or the tag of a legal class, is kept: a mistake costs storage and never evidence. The purge marks what is past its
    # legal period `expired`. A version under the bucket's default lock goes when the lock ends.
    return [
        *[
            s3.LifecycleRule(
                id=f"forget-{name}",
                tag_filters={"class": name},
                expiration=Duration.days(rule.days),
                noncurrent_version_expiration=Duration.days(1),
            )
            for name, rule in periods.items()
            if rule.by == "lifecycle" and rule.days and name != "access logs"
        ],
        # Most objects are a few kilobytes, and S3 leaves those where they are: a move pays from 128 KB on.
        # Documents and large records move once the month they belong to is settled.
        s3.LifecycleRule(
            id="cold-storage",
            transitions=[s3.Transition(storage_class=COLD, transition_after=Duration.days(90))],
        ),
        s3.LifecycleRule(id="abandoned-uploads", abort_incomplete_multipart_upload_after=Duration.days(1)),
    ]
