"""Bucket, queues, workflows, secrets, alerts and the verdicts on AWS's errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from taxpoynt.errors import ConfigurationError, NotFound, Retryable, StoreConflict
from taxpoynt.storage.alerts import SnsAlerts
from taxpoynt.storage.aws_errors import verdicts
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.queue import SqsJobQueue
from taxpoynt.storage.secret_store import FRESH_SECONDS, SecretsManagerStore
from taxpoynt.storage.table import Table, shard
from taxpoynt.storage.workflows import StepFunctionsStarter


@pytest.fixture
def blobs(on_aws: None) -> S3BlobStore:
    client("s3").create_bucket(Bucket="raw")
    return S3BlobStore(client("s3"), "raw")


def test_a_blob_is_written_once_and_stays_what_it_was(blobs: S3BlobStore) -> None:
    key = "m_a/sales/abc.json"
    assert blobs.put(key, b"first", content_type="application/json") == key
    assert blobs.put(key, b"second", content_type="application/json") == key
    assert blobs.get(key) == b"first"
    tags = client("s3").get_object_tagging(Bucket="raw", Key=key)["TagSet"]
    assert tags == [{"Key": "class", "Value": "sales"}]


def test_a_blob_nobody_kept_is_not_found(blobs: S3BlobStore) -> None:
    with pytest.raises(NotFound):
        blobs.get("m_a/sales/none.json")


def test_a_bucket_that_is_not_there_is_a_defect_and_not_a_missing_blob(on_aws: None) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        S3BlobStore(client("s3"), "nowhere").get("m_a/sales/none.json")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        S3BlobStore(client("s3"), "nowhere").put("m_a/sales/x.json", b"", content_type="x")


@pytest.mark.parametrize(("asked", "given"), [(0, 0), (30, 30), (99_999, 900), (-1, 0)])
def test_a_job_is_json_and_its_delay_within_what_sqs_takes(on_aws: None, asked: int, given: int) -> None:
    calls: list[dict[str, Any]] = []

    class Sqs:
        def send_message(self, **request: Any) -> None:
            calls.append(request)

    SqsJobQueue(Sqs(), {"bulk": "url"}).send("bulk", {"v": 1, "name": "Adé"}, delay_seconds=asked)  # type: ignore[arg-type]
    assert calls == [{"QueueUrl": "url", "MessageBody": r'{"v":1,"name":"Ad\u00e9"}', "DelaySeconds": given}]


def test_a_job_arrives(on_aws: None) -> None:
    url = client("sqs").create_queue(QueueName="pos")["QueueUrl"]
    SqsJobQueue(client("sqs"), {"pos": url}).send("pos", {"job": "poll"})
    [message] = client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"job": "poll"}


def test_many_jobs_go_in_few_calls_and_all_arrive(on_aws: None) -> None:
    url = client("sqs").create_queue(QueueName="crm")["QueueUrl"]
    SqsJobQueue(client("sqs"), {"crm": url}).send_many("crm", [{"number": number} for number in range(23)])
    found: set[int] = set()
    while messages := client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found |= {json.loads(one["Body"])["number"] for one in messages}
    assert found == set(range(23))
    SqsJobQueue(client("sqs"), {"crm": url}).send_many("crm", [])


def test_a_job_that_a_batch_did_not_take_comes_again_with_the_others() -> None:
    class Sqs:
        def send_message_batch(self, **_: Any) -> dict[str, Any]:
            return {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "SenderFault": False, "Code": "InternalError"}]}

    with pytest.raises(Retryable, match="1 messages were not taken"):
        SqsJobQueue(Sqs(), {"crm": "url"}).send_many("crm", [{}, {}])  # type: ignore[arg-type]


def test_an_execution_that_is_there_already_counts_as_started(on_aws: None) -> None:
    machines = client("stepfunctions")
    arn = machines.create_state_machine(
        name="conversion",
        definition='{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}',
        roleArn="arn:aws:iam::123456789012:role/unknown_sf_role",
    )["stateMachineArn"]
    starter = StepFunctionsStarter(machines, conversion=arn, recovery=arn)
    starter.start_conversion("m_a", "pipedrive", "8", 1)
    starter.start_conversion("m_a", "pipedrive", "8", 1)
    starter.start_recovery("m_a", "pipedrive", "8", 2)
    names = sorted(one["name"] for one in machines.list_executions(stateMachineArn=arn)["executions"])
    assert [name.rpartition("-")[2] for name in names] == ["1", "2"]
    [one, _] = machines.list_executions(stateMachineArn=arn)["executions"]
    given = json.loads(machines.describe_execution(executionArn=one["executionArn"])["input"])
    assert given == {"merchant": "m_a", "connector": "pipedrive", "sale_id": "8"}


def test_a_function_without_a_machine_cannot_start_one(on_aws: None) -> None:
    with pytest.raises(ConfigurationError):
        StepFunctionsStarter(client("stepfunctions")).start_recovery("m_a", "pipedrive", "8", 1)


def test_a_missing_machine_is_a_defect(on_aws: None) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:none"
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        StepFunctionsStarter(client("stepfunctions"), conversion=arn).start_conversion("m_a", "pipedrive", "8", 1)


def test_a_secret_is_read_once_and_again_when_it_is_old(on_aws: None) -> None:
    manager, now = client("secretsmanager"), [0.0]
    manager.create_secret(Name="nrs", SecretString='{"api_key":"one"}')
    secrets = SecretsManagerStore(manager, monotonic=lambda: now[0])
    assert secrets.get("nrs") == {"api_key": "one"}
    manager.put_secret_value(SecretId="nrs", SecretString='{"api_key":"two"}')
    assert secrets.get("nrs") == {"api_key": "one"}
    now[0] = FRESH_SECONDS
    assert secrets.get("nrs") == {"api_key": "two"}


def test_the_version_before_is_accepted_for_a_day_after_the_current_one_came(on_aws: None) -> None:
    manager, tick, at = client("secretsmanager"), [0.0], [datetime.now(UTC)]
    manager.create_secret(Name="app", SecretString='{"client_secret":"one"}')
    secrets = SecretsManagerStore(manager, monotonic=lambda: tick[0], now=lambda: at[0])
    day = timedelta(hours=24)
    assert secrets.accepted("app", day) == ({"client_secret": "one"},)
    manager.put_secret_value(SecretId="app", SecretString='{"client_secret":"two"}')
    assert secrets.accepted("app", day) == ({"client_secret": "one"},)
    tick[0] += FRESH_SECONDS
    both = ({"client_secret": "two"}, {"client_secret": "one"})
    assert secrets.accepted("app", day) == both
    for away, found in ((timedelta(hours=23, minutes=59), both), (timedelta(hours=24, minutes=1), both[:1])):
        at[0], tick[0] = datetime.now(UTC) + away, tick[0] + FRESH_SECONDS
        assert secrets.accepted("app", day) == found, away


@pytest.mark.parametrize("value", ["canary", "[]", '"canary"', ""])
def test_a_secret_that_is_no_object_is_named_and_never_shown(on_aws: None, value: str) -> None:
    client("secretsmanager").create_secret(Name="nrs", SecretString=value or " ")
    with pytest.raises(ConfigurationError, match="the secret nrs is not a JSON object") as raised:
        SecretsManagerStore(client("secretsmanager")).get("nrs")
    assert "canary" not in str(raised.value)


def test_a_secret_that_is_not_there_is_named(on_aws: None) -> None:
    with pytest.raises(ConfigurationError, match="fill the secret nrs"):
        SecretsManagerStore(client("secretsmanager")).get("nrs")


def test_an_alert_has_a_subject_sns_takes(on_aws: None) -> None:
    calls: list[dict[str, Any]] = []

    class Sns:
        def publish(self, **request: Any) -> None:
            calls.append(request)

    SnsAlerts(Sns(), "arn").send("₦ stopped\n" + "x" * 200, "m_a pipedrive 8")  # type: ignore[arg-type]
    [call] = calls
    assert call["Subject"].startswith("? stopped?xxx")
    assert (len(call["Subject"]), call["Message"]) == (100, "m_a pipedrive 8")


def test_the_clock_is_aware_and_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def error(code: str, *, status: int = 400, **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(response, "PutItem")


def cancelled(*codes: str) -> ClientError:
    return error("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


@pytest.mark.parametrize(
    ("raised", "verdict"),
    [
        (error("ConditionalCheckFailedException"), StoreConflict),
        (cancelled("None", "ConditionalCheckFailed"), StoreConflict),
        (cancelled("TransactionConflict"), StoreConflict),
        (cancelled("None", "ThrottlingError"), Retryable),
        (error("ProvisionedThroughputExceededException"), Retryable),
        (error("SlowDown", status=503), Retryable),
        (error("Odd", status=500), Retryable),
        (ConnectTimeoutError(endpoint_url="https://x"), Retryable),
        (ReadTimeoutError(endpoint_url="https://x"), Retryable),
        (error("AccessDeniedException"), ClientError),
        (error("ValidationException"), ClientError),
        (cancelled("ItemCollectionSizeLimitExceeded"), ClientError),
    ],
    ids=str,
)
def test_what_aws_says_becomes_a_verdict_or_stays_a_defect(raised: Exception, verdict: type[Exception]) -> None:
    with pytest.raises(verdict) as got, verdicts("write"):
        raise raised
    assert type(got.value) is verdict


def test_a_batch_read_gives_up_on_a_table_that_stays_throttled() -> None:
    class Throttled:
        def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 - boto's name
            return {"Responses": {}, "UnprocessedKeys": RequestItems}

    with pytest.raises(Retryable, match="throttled"):
        Table(Throttled(), "t").get_many([("a", "b")])  # type: ignore[arg-type]


def test_a_batch_read_takes_more_than_one_batch_and_keeps_the_order(on_aws: None) -> None:
    table = Table(client("dynamodb"), "invoices")
    keys = [(f"pk{number}", "sk") for number in range(130)]
    for pk, sk in keys:
        table.put({"pk": pk, "sk": sk})
    wanted = [*reversed(keys), ("none", "sk")]
    assert [(item["pk"], item["sk"]) for item in table.get_many(wanted)] == list(reversed(keys))


def test_shards_are_even_and_stay_where_they_are() -> None:
    counts = [0] * 16
    for number in range(16_000):
        counts[shard(f"M#m#S#pipedrive#{number}", 16)] += 1
    assert min(counts) > 850
    assert max(counts) < 1150
    assert shard("M#m_a#S#pipedrive#8", 16) == 4
