"""Tables, bucket, queues and keys keep what they are given."""

from __future__ import annotations

from typing import Any

import pytest

from infra_cdk.constructs.queues import RECEIVES
from taxpoynt.retention import RULES
from tests.infra.templates import Assembly

DAY = 24 * 3600


def test_every_table_recovers_to_any_second_forgets_by_ttl_and_is_encrypted_with_our_key(any_stage: Assembly) -> None:
    tables = any_stage.props("AWS::DynamoDB::Table")
    assert len(tables) == 4
    copies = any_stage.id_of("AWS::DynamoDB::Table", "TablesCatalogue")
    for name, table in tables.items():
        # a copy of what platforms have is read again; a backup of it would keep what was erased
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": name != copies}
        assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
        assert table["SSESpecification"]["SSEType"] == "KMS"
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
        assert {kind["AttributeType"] for kind in table["AttributeDefinitions"]} == {"S"}


@pytest.mark.parametrize(
    ("table", "indexes"),
    [
        ("TablesCatalogue", {"by_sku": "KEYS_ONLY"}),
        ("TablesConnections", {"by_task": "ALL"}),
        ("TablesEvents", {"by_day": "ALL"}),
        ("TablesInvoices", {"by_day": "ALL", "by_due": "INCLUDE", "by_legal": "KEYS_ONLY"}),
    ],
)
def test_tables_have_exactly_the_indexes_that_the_stores_query(
    prod: Assembly, table: str, indexes: dict[str, str]
) -> None:
    found = prod.props("AWS::DynamoDB::Table")[prod.id_of("AWS::DynamoDB::Table", table)]
    assert {
        index["IndexName"]: index["Projection"]["ProjectionType"] for index in found["GlobalSecondaryIndexes"]
    } == indexes
    for index in found["GlobalSecondaryIndexes"]:
        start = index["IndexName"].removeprefix("by_")
        assert [key["AttributeName"] for key in index["KeySchema"]] == [f"{start}_pk", f"{start}_sk"]


def test_production_data_outlives_the_stack_and_cannot_be_deleted_by_accident(prod: Assembly) -> None:
    for kind in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SecretsManager::Secret"):
        for resource in prod.of_type(kind).values():
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert all(table["DeletionProtectionEnabled"] for table in prod.props("AWS::DynamoDB::Table").values())


def _raw(assembly: Assembly) -> dict[str, Any]:
    found: dict[str, Any] = assembly.props("AWS::S3::Bucket")[assembly.id_of("AWS::S3::Bucket", "RawBucket")]
    return found


def test_the_raw_bucket_is_versioned_locked_encrypted_private_and_logged(any_stage: Assembly) -> None:
    raw = _raw(any_stage)
    assert raw["VersioningConfiguration"] == {"Status": "Enabled"}
    assert raw["ObjectLockEnabled"] is True
    rule = raw["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert set(raw["PublicAccessBlockConfiguration"].values()) == {True}
    assert "DestinationBucketName" in raw["LoggingConfiguration"]


def test_nobody_can_delete_from_the_production_bucket_within_thirty_days(prod: Assembly) -> None:
    retention = _raw(prod)["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention == {"Mode": "COMPLIANCE", "Days": 30}


def test_only_short_lived_classes_expire_by_age_and_legal_ones_never_do(any_stage: Assembly) -> None:
    rules = _raw(any_stage)["LifecycleConfiguration"]["Rules"]
    expiring = {r["TagFilters"][0]["Value"]: r["ExpirationInDays"] for r in rules if "ExpirationInDays" in r}
    drafts = dict.fromkeys(("sales", "invoices", "inputs", "supplied"), 180)
    assert expiring == {"webhooks": 30, "records": 30, "expired": 1, **drafts}
    assert all(rule.days or rule.sale_years for rule in RULES.values() if rule.by == "lifecycle")
    legal = {name for name, rule in RULES.items() if rule.by == "purge"}
    assert {"evidence", "submissions", "answers", "documents", "ledger"} <= legal
    assert not legal & set(expiring)  # they go when the purge has marked them, never by their age
    assert any("Transitions" in rule for rule in rules)


def test_buckets_queues_and_topics_refuse_plain_http(any_stage: Assembly) -> None:
    policies = [
        policy
        for kind in ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
        for policy in any_stage.props(kind).values()
    ]
    assert len(policies) == 2 + 7 + 1
    for policy in policies:
        denied = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert any(s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for s in denied)


@pytest.mark.parametrize("name", ["Pos", "Crm", "Bulk"])
def test_a_work_queue_shows_a_message_again_only_when_its_consumer_must_be_dead(any_stage: Assembly, name: str) -> None:
    queues = any_stage.props("AWS::SQS::Queue")
    queue_id = any_stage.id_of("AWS::SQS::Queue", f"{name}Queue")
    mapping = any_stage.props("AWS::Lambda::EventSourceMapping")[
        any_stage.id_of("AWS::Lambda::EventSourceMapping", f"{name}QueueConsumer")
    ]
    window = mapping.get("MaximumBatchingWindowInSeconds", 0)
    assert queues[queue_id]["VisibilityTimeout"] >= 6 * any_stage.functions()["run_sync_job"]["Timeout"] + window
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [queue_id, "Arn"]}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2
    assert mapping["BatchSize"] == 1


@pytest.mark.parametrize("name", ["Pos", "Crm", "Bulk"])
def test_a_work_queue_gives_up_after_five_receives_into_its_own_dead_letter_queue(prod: Assembly, name: str) -> None:
    queues = prod.props("AWS::SQS::Queue")
    work = queues[prod.id_of("AWS::SQS::Queue", f"{name}Queue")]
    dead_id = prod.id_of("AWS::SQS::Queue", f"{name}QueueDeadLetters")
    assert work["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [dead_id, "Arn"]},
        "maxReceiveCount": RECEIVES,
    }
    assert RECEIVES >= 5
    assert queues[dead_id]["MessageRetentionPeriod"] == 14 * DAY
    assert queues[dead_id]["MessageRetentionPeriod"] - work["MessageRetentionPeriod"] >= 7 * DAY


def test_every_queue_is_encrypted_with_our_key(any_stage: Assembly) -> None:
    key = any_stage.id_of("AWS::KMS::Key", "DataKey")
    for queue in any_stage.props("AWS::SQS::Queue").values():
        assert queue["KmsMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}


def test_both_keys_rotate(any_stage: Assembly) -> None:
    keys = any_stage.props("AWS::KMS::Key")
    assert len(keys) == 2
    assert all(key["EnableKeyRotation"] for key in keys.values())


def test_secrets_are_placeholders_with_names_of_the_contract(any_stage: Assembly) -> None:
    secrets = any_stage.props("AWS::SecretsManager::Secret")
    names = {secret["Name"] for secret in secrets.values()}
    start = f"taxpoynt/{any_stage.stage}"
    assert {f"{start}/operator", f"{start}/nrs", f"{start}/platforms/pipedrive"} <= names
    assert not any("SecretString" in secret for secret in secrets.values())
