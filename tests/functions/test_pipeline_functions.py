"""The pipeline's handlers, wired by bootstrap, over moto."""

from __future__ import annotations

import base64
import importlib
import json
from typing import Any

import pytest

from taxpoynt.bootstrap import submissions
from taxpoynt.connector_kit.folders import kind_of
from taxpoynt.connector_kit.webhook import basic_secret
from taxpoynt.domain.connection import Endpoint
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.source import SourceBundle
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Rejected
from taxpoynt.ports import SaleRecord
from taxpoynt.services.sale_files import put_sale, put_source
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.sales import DynamoSaleStore
from tests.fakes.outside import FakeNrs, FakePlatform
from tests.fakes.world import PROFILE
from tests.functions.lambda_context import LambdaContext, event
from tests.unit.storage.records import connection, sale

STEPS = ("convert_sale", "check_invoice", "reserve_invoice", "submit_invoice", "record_outcome")
IDS = {"merchant": "m_a", "connector": "pipedrive", "sale_id": "8"}


def call(function: str, payload: dict[str, Any]) -> dict[str, Any]:
    module = importlib.import_module(f"functions.{function}.handler")
    answer: dict[str, Any] = module.handler(payload, LambdaContext())
    return answer


def connections() -> DynamoConnectionStore:
    return DynamoConnectionStore(client("dynamodb"), "connections")


def sales() -> DynamoSaleStore:
    return DynamoSaleStore(client("dynamodb"), "invoices", SystemClock())


def claimed(**deal: Any) -> SaleRecord:
    platform = FakePlatform()
    platform.won("8", **deal)
    bundle: SourceBundle = platform.fetch(None, sale().depends_on[0])  # type: ignore[arg-type]  # asks nobody
    key = put_sale(S3BlobStore(client("s3"), "raw"), "m_a", platform.sale(bundle, account={}, mapping={}))
    connections().put_merchant("m_a", PROFILE.model_copy(update={"crypto_keys": None}), expected_version=0)
    kept = put_source(S3BlobStore(client("s3"), "raw"), "m_a", bundle)
    return sales().claim(sale(sale_key=key, record_key=kept), action="claimed")[0]


def test_a_webhook_ends_in_the_queue_of_its_kind(stage: dict[str, str]) -> None:
    secret = basic_secret("3bf1d0ef1b8e4d2e", "9e0c7a1f5d2b4a63b1c8")
    connections().put_endpoint(
        Endpoint(endpoint="tok", merchant="m_a", connection="c_a", connector="pipedrive", secrets=(secret,))
    )
    raw = event("http_webhook")
    assert call("receive_webhook", raw)["statusCode"] == 200
    coded = {**raw, "body": base64.b64encode(raw["body"].encode()).decode(), "isBase64Encoded": True}
    assert call("receive_webhook", coded)["statusCode"] == 200
    got = client("sqs").receive_message(QueueUrl=stage["CRM_QUEUE_URL"], MaxNumberOfMessages=10)["Messages"]
    bodies = {base64.b64decode(json.loads(message["Body"])["body_b64"]) for message in got}
    assert (len(got), bodies) == (2, {raw["body"].encode()})


def test_a_stranger_is_refused_without_a_word(stage: dict[str, str]) -> None:
    answer = call("receive_webhook", event("http_webhook"))
    assert (answer["statusCode"], answer["body"]) == (401, "refused\n")
    assert "Messages" not in client("sqs").receive_message(QueueUrl=stage["CRM_QUEUE_URL"])


def test_a_large_genuine_body_goes_to_the_bucket(stage: dict[str, str]) -> None:
    secret = basic_secret("3bf1d0ef1b8e4d2e", "9e0c7a1f5d2b4a63b1c8")
    connections().put_endpoint(
        Endpoint(endpoint="tok", merchant="m_a", connection="c_a", connector="pipedrive", secrets=(secret,))
    )
    assert call("receive_webhook", {**event("http_webhook"), "body": "x" * 200_000})["statusCode"] == 200
    [kept] = client("s3").list_objects_v2(Bucket="raw")["Contents"]
    assert kept["Key"].startswith("m_a/webhooks/")
    tags = client("s3").get_object_tagging(Bucket="raw", Key=kept["Key"])["TagSet"]
    assert tags == [{"Key": "class", "Value": "webhooks"}]


def test_the_queue_of_a_connector_comes_from_its_template() -> None:
    assert kind_of("pipedrive") == "crm"


def test_the_five_steps_take_a_claimed_sale_to_acceptance(
    stage: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nrs = FakeNrs()
    monkeypatch.setattr(submissions, "_gateway", lambda base_url, secret: nrs)
    claimed()
    payload: dict[str, Any] = dict(IDS)
    states = []
    for name in STEPS:
        payload = call(name, payload)
        states.append(payload["state"])
    assert states == ["claimed", "claimed", "reserved", "accepted", "accepted"]
    record = sales().get("m_a", "pipedrive", "8")
    assert [fault.code for fault in record.faults] == ["STAMP-001"]
    assert list(nrs.signed) == [record.irn]
    assert call("recover_submission", IDS)["settled"] is True


def test_faults_reach_the_hold_and_the_merchant(stage: dict[str, str]) -> None:
    claimed(tin=None)
    with pytest.raises(Rejected, match=r"^FaultsFound: "):
        call("convert_sale", IDS)
    cause = json.dumps({"errorType": "Rejected", "errorMessage": "FaultsFound: faults: X"})
    assert call("hold_invoice", {**IDS, "cause": cause})["state"] == "needs_attention"
    assert sales().get("m_a", "pipedrive", "8").faults


def test_the_sweeper_and_the_scheduler_run_on_the_schedulers_event(stage: dict[str, str]) -> None:
    now = SystemClock().now()
    connections().save_connection(connection(next_poll_at=now))
    record = sales().claim(sale(next_action_at=now, state=SaleState.CLAIMED), action="claimed")[0]
    held = sales().claim(sale("9", next_action_at=now), action="claimed")[0]
    from dataclasses import replace

    sales().change(replace(held, state=SaleState.NEEDS_ATTENTION), action="held")
    client("stepfunctions").create_state_machine(
        name="conversion", definition='{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}', roleArn=ROLE
    )
    assert call("schedule_syncs", event("scheduler")) == {"due": 1, "jobs": 1}
    counts = call("sweep_stalled", event("scheduler"))
    assert (counts["due"], counts["driven"], counts["late"]) == (2, 2, 2)
    assert sales().get("m_a", "pipedrive", "8").attempt == record.attempt + 1
    got = client("sqs").receive_message(QueueUrl=stage["BULK_QUEUE_URL"], MaxNumberOfMessages=10)["Messages"]
    assert sorted(json.loads(message["Body"])["job"] for message in got) == ["fetch", "poll"]


ROLE = "arn:aws:iam::123456789012:role/unknown_sf_role"


def test_a_job_for_an_unknown_connection_is_parked_by_the_wired_function(stage: dict[str, str]) -> None:
    message = {"v": 1, "job": "webhook", "id": "j", "merchant": "m_a", "connection": "c_a", "connector": "pipedrive"}
    raw = event("sqs_batch")
    raw["Records"] = [{**raw["Records"][0], "body": json.dumps({**message, "body_b64": "e30="})}]
    assert call("run_sync_job", raw) == {"batchItemFailures": []}
    [parked] = client("dynamodb").scan(TableName="events")["Items"]
    assert parked["outcome"]["S"] == "parked"


@pytest.mark.parametrize("name", [*STEPS, "hold_invoice", "recover_submission"])
def test_a_missing_setting_is_named_and_never_takes_a_step_down_silently(
    name: str, monkeypatch: pytest.MonkeyPatch, stage: dict[str, str]
) -> None:
    monkeypatch.delenv("INVOICES_TABLE")
    with pytest.raises(Rejected, match=r"ConfigurationError: .*INVOICES_TABLE"):
        call(name, IDS)


def test_a_merchant_profile_is_what_the_steps_read(stage: dict[str, str]) -> None:
    connections().put_merchant("m_a", Merchant(name="Ada"), expected_version=0)
    assert connections().get_merchant("m_a").profile.name == "Ada"
