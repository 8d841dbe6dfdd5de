"""A platform that signs for its whole application, through the real function: its events, its secrets, its log."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from functions.receive_webhook.handler import handler
from taxpoynt.storage.clients import client
from tests.functions.lambda_context import LambdaContext, event
from tests.unit.connector_kit.schemes import folder

NAME = "square_outside"
SECRET = f"taxpoynt/dev/platforms/{NAME}"
OLD, NEW = "o" * 40, "n" * 40
BODY = '{"merchant_id":"4711","type":"order.updated","event_id":"e1","note":"Zoë"}'.encode()


@pytest.fixture
def square(stage: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    folder("square", tmp_path, NAME)
    monkeypatch.setenv("TAXPOYNT_CONNECTORS", str(tmp_path))
    kept = json.dumps({"client_id": "id", "webhook_signature_key": OLD})
    client("secretsmanager").create_secret(Name=SECRET, SecretString=kept)
    return stage


def signed(key: str, query: str = "", body: bytes = BODY) -> str:
    url = f"https://connect.example/webhooks/{NAME}" + (f"?{query}" if query else "")
    return base64.b64encode(hmac.new(key.encode(), url.encode() + body, hashlib.sha256).digest()).decode()


def knock(signature: str, *, query: str = "", coded: bool = True, host: str = "connect.example") -> dict[str, Any]:
    raw = event("http_webhook") | {"pathParameters": {"connector": NAME}, "rawQueryString": query}
    raw["headers"] = {"x-square-hmacsha256-signature": signature, "host": host}
    raw |= {"body": base64.b64encode(BODY).decode() if coded else BODY.decode(), "isBase64Encoded": coded}
    return handler(raw, LambdaContext())


def taken(stage: dict[str, str]) -> list[dict[str, Any]]:
    found = client("sqs").receive_message(QueueUrl=stage["CRM_QUEUE_URL"], MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def test_a_signed_delivery_is_taken_however_the_gateway_hands_it_over(square: dict[str, str]) -> None:
    for coded in (True, False):
        assert knock(signed(OLD), coded=coded)["statusCode"] == 200
    assert knock(signed(OLD, "a=%20b"), query="a=%20b", host="internal.invalid")["statusCode"] == 200
    jobs = taken(square)
    assert [base64.b64decode(job["body_b64"]) for job in jobs] == [BODY] * 3
    assert not any("merchant" in job for job in jobs)


def test_after_a_rotation_both_secrets_are_right_and_nobody_sees_either(
    square: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    kept = json.dumps({"client_id": "id", "webhook_signature_key": NEW})
    client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=kept)
    assert knock(signed(NEW))["statusCode"] == 200
    assert knock(signed(OLD))["statusCode"] == 200
    assert knock(signed("x" * 40))["statusCode"] == 401
    written = capsys.readouterr().out + json.dumps(taken(square))
    assert OLD not in written
    assert NEW not in written


def test_a_stranger_learns_nothing_and_our_log_says_why(
    square: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [knock(signed(OLD), query="a=b"), knock(""), knock(signed(NEW))]
    assert {(answer["statusCode"], answer["body"]) for answer in answers} == {(401, "refused\n")}
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    notes = [line["note"] for line in logged if "note" in line]
    assert notes == ["wrong_signature", "malformed_signature", "wrong_signature"]
    assert taken(square) == []


def test_an_empty_secret_takes_nothing_and_asks_the_sender_to_come_again(square: dict[str, str]) -> None:
    client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString='{"webhook_signature_key":""}')
    assert knock(signed(OLD))["statusCode"] == 503
    assert taken(square) == []
