"""`taxpoynt ops` against a stage on the AWS mock, as an operator would use it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, NoRegionError

from taxpoynt.bootstrap import ops as wiring
from taxpoynt.cli import main
from taxpoynt.domain.connection import Event
from taxpoynt.domain.ledger import Head
from taxpoynt.errors import NrsUnavailable
from taxpoynt.ports import SaleRecord
from taxpoynt.services import jobs
from taxpoynt.services.seal_ledger import place
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.events import DynamoEventStore
from taxpoynt.storage.ledger import DynamoLedger
from taxpoynt.storage.sales import DynamoSaleStore
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, PROFILE, World, won
from tests.unit.storage.aws import aws

OUTPUTS = {
    "CatalogueTable": "catalogue",
    "ConnectionsTable": "connections",
    "EventsTable": "events",
    "InvoicesTable": "invoices",
    "RawBucket": "raw",
    "NrsBaseUrl": "https://nrs.example",
    "NrsSecret": "taxpoynt/dev/nrs",
}


class Stage(World):
    """The pipeline on fakes, its sales, merchants and files on the mock."""

    def __post_init__(self) -> None:
        super().__post_init__()
        dynamodb = client("dynamodb")
        client("s3").create_bucket(Bucket="raw")
        known = self.connections.get_connection(MERCHANT, CONNECTION)
        self.connections = DynamoConnectionStore(dynamodb, "connections")  # type: ignore[assignment]  # the same port
        self.connections.put_merchant(MERCHANT, PROFILE, expected_version=0)
        self.connections.claim_account(CONNECTOR, "4711", MERCHANT, CONNECTION)
        self.connections.save_connection(known.__class__(**{**_fields(known), "version": 0}))
        self.sales = DynamoSaleStore(dynamodb, "invoices", self.clock)  # type: ignore[assignment]  # the same port
        self.blobs = S3BlobStore(client("s3"), "raw")  # type: ignore[assignment]  # the same port
        self.wire()


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with aws():
        stage = Stage()
        monkeypatch.setattr(wiring, "stack_outputs", lambda name: OUTPUTS)
        monkeypatch.setattr(wiring, "load", lambda name: stage.platform)
        yield stage


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    code = main(["ops", *arguments, "--stage", "dev"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


def accepted(stage: World) -> SaleRecord:
    stage.platform.won("8")
    stage.run(stage.deliver(won()))
    record: SaleRecord = stage.sale()
    assert record.irn in stage.nrs.signed
    return record


def test_an_irn_is_explained_without_being_told_whose_it_is(stage: World, capsys: pytest.CaptureFixture[str]) -> None:
    record = accepted(stage)
    code, told, words = run(capsys, "explain", str(record.irn))
    assert (code, told["merchant"], told["rebuilt"]["same"]) == (0, MERCHANT, True)
    assert "the same bytes come out" in words
    code, _, words = run(capsys, "explain", "PD9-94ND90NR-20260302")
    assert (code, "no merchant of this stage" in words) == (2, True)


def test_an_operator_sees_the_buyer_only_when_asking_for_it(stage: World, capsys: pytest.CaptureFixture[str]) -> None:
    record = accepted(stage)
    _, told, words = run(capsys, "explain", str(record.irn))
    name = "accounting_customer_party.party_name"
    shown = {one["field"]: one["value"] for one in told["fields"]}
    assert (told["masked"], shown[name]) == (True, "[personal]")
    assert "--unmasked shows them" in words
    _, told, words = run(capsys, "explain", str(record.irn), "--unmasked")
    asked = {one["field"]: one["value"] for one in told["fields"]}
    assert (told["masked"], asked[name] != "[personal]", "--unmasked" in words) == (False, True, False)
    assert shown["legal_monetary_total.payable_amount"] == asked["legal_monetary_total.payable_amount"]


def test_evidence_is_sealed_written_and_verified_by_its_own_script(
    stage: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    accepted(stage)
    target = tmp_path / "q1.zip"
    period = ("--merchant", MERCHANT, "--from", "2026-01-01", "--to", "2026-03-31")
    code, told, _ = run(capsys, "evidence", *period, "--dry-run")
    assert (code, told["ledger"]["last_block"], target.exists()) == (0, 0, False), "a dry run seals and writes nothing"
    code, told, words = run(capsys, "evidence", *period, "--out", str(target))
    assert (code, told["accepted"]) == (0, 1)
    assert f"block 1 {told['ledger']['head']}" in words
    script = str(Path(str(wiring.__file__)).parents[1] / "evidence_pack" / "verify.py")
    command = [sys.executable, "-I", script, str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert done.returncode == 0, done.stdout
    assert not list(tmp_path.glob("*.part"))


def test_the_doctor_finds_a_ledger_that_does_not_end_where_its_head_says(
    stage: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    accepted(stage)
    assert run(capsys, "evidence", "--merchant", MERCHANT, "--from", "2026-03-02", "--to", "2026-03-02")[0] == 0
    assert Path(f"evidence-{MERCHANT}-2026-03-02-2026-03-02.zip").is_file()
    code, told, _ = run(capsys, "doctor")
    assert (code, told["ok"]) == (0, True)
    s3, block = client("s3"), place(MERCHANT, 1)
    whole = s3.get_object(Bucket="raw", Key=block)["Body"].read()
    s3.put_object(Bucket="raw", Key=block, Body=whole.replace(b'"claimed"', b'"checked"', 1))
    code, told, _ = run(capsys, "doctor")
    assert code == 1
    assert [row["why"] for row in told["checks"] if not row["ok"]] == [
        "block 1 holds an entry that is not as it was written"
    ]
    ledger = DynamoLedger(client("dynamodb"), "invoices", stage.clock)
    ledger.advance(Head(merchant=MERCHANT, number=2, hash="a" * 64))
    assert "block 2 is missing" in json.dumps(run(capsys, "doctor")[1])


def test_connections_and_events_are_listed(stage: World, capsys: pytest.CaptureFixture[str]) -> None:
    code, told, _ = run(capsys, "connections")
    assert (code, [row["status"] for row in told["connections"]]) == (0, ["active"])
    kinds = {one["kind"]: (one["phase"], one["rows"]) for one in told["connections"][0]["catalogue"]}
    assert kinds == {"items": ("waiting", 0), "companies": ("waiting", 0)}
    assert run(capsys, "events", "--merchant", MERCHANT)[1] == {"events": [], "cursor": None}


def test_how_a_connection_is_can_be_read_and_asked_for(
    stage: World, queues: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    stage.health = {"token": "works", "subscriptions": "4 of 5", "problem": "SubscriptionsMissing"}
    stage.do(jobs.make("keep_alive", MERCHANT, CONNECTION, CONNECTOR))
    stage.do(jobs.make("poll", MERCHANT, CONNECTION, CONNECTOR))
    clock = SystemClock()  # the command looks back from today
    events = DynamoEventStore(client("dynamodb"), "events", clock)
    for event in (sent("e1", "deal.won"), sent("poll:1", "fetch")):
        events.claim(MERCHANT, CONNECTOR, event, owner="a", now=clock.now(), lease_seconds=9)
    [row] = run(capsys, "connections")[1]["connections"]
    assert (row["health"]["token"], row["health"]["problem"]) == ("works", "SubscriptionsMissing")
    assert row["health"]["at"].startswith("2026-")
    assert row["polled_at"] is not None
    assert row["last_event"]["event_id"] == "e1", "what we found ourselves says nothing about the webhook"
    assert bodies(queues["BulkQueueUrl"]) == []
    _, _, words = run(capsys, "connections", "--check")
    assert "1 connections are asked now" in words
    assert [job["job"] for job in bodies(queues["BulkQueueUrl"])] == ["keep_alive"]


def sent(event_id: str, kind: str) -> Event:
    return Event(id=event_id, type=kind, resource="deal", resource_id="8", account="4711")


@pytest.fixture
def queues(stage: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    sqs = client("sqs")
    made = {}
    for name in ("Pos", "Crm", "Bulk"):
        for kind in ("QueueUrl", "DeadLetterUrl"):
            made[f"{name}{kind}"] = sqs.create_queue(QueueName=f"{name}{kind}")["QueueUrl"]
    made["SchedulesDeadLetterUrl"] = sqs.create_queue(QueueName="schedules")["QueueUrl"]
    monkeypatch.setattr(wiring, "stack_outputs", lambda name: {**OUTPUTS, **made})
    return made


def bodies(url: str) -> list[Any]:
    page = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in page]


def test_dead_letters_are_counted_and_sent_again_once(
    queues: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(12):
        client("sqs").send_message(QueueUrl=queues["CrmDeadLetterUrl"], MessageBody=json.dumps({"n": number}))
    assert run(capsys, "dlq", "--redrive", "crm", "--dry-run")[1] == {
        "queues": {"pos": 0, "crm": 12, "bulk": 0, "schedules": 0}
    }
    assert run(capsys, "dlq", "--redrive", "crm", "--most", "11")[1]["redriven"] == 11
    assert run(capsys, "dlq", "--redrive", "crm")[1]["redriven"] == 1
    assert run(capsys, "dlq")[1]["queues"]["crm"] == 0
    assert bodies(queues["CrmQueueUrl"])


def test_a_sale_is_replayed_and_a_connection_revoked_only_when_it_is_meant(
    stage: World, queues: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    accepted(stage)
    sale = ("--merchant", MERCHANT, "--connector", CONNECTOR, "--sale", "8")
    link = ("--merchant", MERCHANT, "--connection", CONNECTION, "--who", "Ada", "--why", "stolen laptop")
    assert run(capsys, "replay", *sale, "--dry-run")[1]["queued"] is False
    assert run(capsys, "revoke", *link, "--dry-run")[1]["queued"] is False
    assert bodies(queues["BulkQueueUrl"]) == []
    assert run(capsys, "replay", *sale)[1]["queued"] is True
    assert run(capsys, "revoke", *link)[1]["queued"] is True
    assert {job["job"] for job in bodies(queues["BulkQueueUrl"])} == {"fetch", "disconnect"}
    noted = DynamoLedger(client("dynamodb"), "invoices", stage.clock).waiting(MERCHANT, limit=100)
    (entry,) = [one for one in noted if one["action"] == "connection_revoked"]
    assert (entry["by"], entry["detail"]) == ("Ada", {"why": "stolen laptop"})


def test_open_claims_are_asked_for_at_nrs(
    stage: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.nrs.next = ["commit_then_unknown"]
    stage.platform.won("8")
    stage.inbox.append(stage.deliver(won()))
    stage.do(stage.inbox.pop())
    assert stage.convert("8") == "recovering"
    monkeypatch.setattr(wiring, "nrs_desks", lambda settings, kept: lambda: lambda merchant, keys: stage.nrs)
    code, told, words = run(capsys, "reconcile")
    (claim,) = told["merchants"][0]["claims"]
    assert (code, claim["state"], claim["nrs"]) == (0, "unknown", "holds it")
    assert "1 open claims, 0 without an answer" in words

    def silent(irn: str, business_id: str) -> Any:
        raise NrsUnavailable("down")

    monkeypatch.setattr(stage.nrs, "look_up", silent)
    stage.blobs.put(place(MERCHANT, 1), b"{}", content_type="application/json")
    code, told, _ = run(capsys, "reconcile", "--merchant", MERCHANT)
    assert (code, told["merchants"][0]["blocks_ahead"]) == (1, 1)
    assert told["merchants"][0]["claims"][0]["nrs"] == "no answer"


def _refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "secret words"}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (_refusal("ValidationError"), "there is no stack TaxPoynt-prod in this account and region"),
        (_refusal("ExpiredToken"), "sign in again"),
        (_refusal("AccessDenied"), "AWS refuses: AccessDenied"),
        (NoCredentialsError(), "no AWS credentials: sign in first"),
        (NoRegionError(), "set AWS_REGION"),
        (EndpointConnectionError(endpoint_url="https://x"), "AWS cannot be reached"),
    ],
)
def test_a_stage_that_cannot_be_reached_is_told_in_plain_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], problem: Exception, words: str
) -> None:
    class Refusing:
        def describe_stacks(self, **_: str) -> None:
            raise problem

    monkeypatch.setattr(wiring, "client", lambda service: Refusing())
    assert main(["ops", "doctor", "--stage", "prod"]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "secret words" not in said


def test_without_a_local_stage_the_words_say_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("TAXPOYNT_STAGE", raising=False)
    monkeypatch.setenv("TAXPOYNT_LOCAL_HOME", str(tmp_path))
    assert main(["ops", "doctor"]) == 2
    assert "no local stage is up" in capsys.readouterr().err
