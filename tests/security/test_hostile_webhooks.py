"""Bodies and headers a hostile or broken sender could send, through the handler and through what reads them later."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from functions.receive_webhook.handler import handler
from taxpoynt.connector_kit import loader
from taxpoynt.connector_kit.webhook import basic_header, basic_secret, reply_policy
from taxpoynt.domain.connection import Endpoint
from taxpoynt.services import jobs
from taxpoynt.services.read_delivery import ReadDelivery
from taxpoynt.storage.clients import client
from taxpoynt.storage.connections import DynamoConnectionStore
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World
from tests.functions.lambda_context import LambdaContext, event

USER, PASSWORD = "3bf1d0ef1b8e4d2e", "9e0c7a1f5d2b4a63b1c8"
MOST = reply_policy("pipedrive").max_body_bytes
PLAIN = b'{"meta":{"id":"e","version":"2.0","action":"change","entity":"deal","entity_id":"8"},"data":{}}'


def filled(start: bytes, piece: bytes, end: bytes = b"") -> bytes:
    """As large as a delivery may be."""
    return start + piece * ((MOST - len(start) - len(end)) // len(piece)) + end


UNREADABLE = {
    "empty": b"",
    "a form": b"meta=1&data=2",
    "not utf-8": b"\xff\xfe{\x00}\x00",
    "half an object": b'{"meta": {',
    "a bare number": b"1",
    "NaN": b'{"meta": {"id": NaN}}',
    "infinity": b'{"meta": {"id": -Infinity}}',
    "a lone surrogate": b'{"meta": {"id": "\\ud800"}}',
    "a lone surrogate as key": b'{"\\udfff": {}}',
    "a duplicate key": b'{"meta": {}, "meta": {}}',
    "a duplicate money key": b'{"meta": {"version": "2.0"}, "data": {"value": 1, "value": 1000000}}',
    "an exponent": b'{"meta": {"id": 1e99}}',
    "an exponent no decimal holds": b'{"meta": {"id": 1e99999999999999999999}}',
    "a negative exponent no decimal holds": b'{"meta": {"id": 1e-99999999999999999999}}',
    "a long integer": filled(b'{"meta": ', b"9", b"}"),
    "a long fraction": filled(b'{"meta": 0.', b"9", b"}"),
    "lists in lists": filled(b"", b"["),
    "objects in objects": filled(b"", b'{"a":'),
    "closed lists in lists": b"[" * (MOST // 2) + b"]" * (MOST // 2),
    "quotes and backslashes": filled(b"", b'"\\"'),
    "backslashes only": filled(b'"', b"\\"),
    "the same key for ever": filled(b"{", b'"a":1,', b'"a":1}'),
    "zeros": b"\x00" * MOST,
}


def door() -> None:
    secret = basic_secret(USER, PASSWORD)
    DynamoConnectionStore(client("dynamodb"), "connections").put_endpoint(
        Endpoint(endpoint="tok", merchant=MERCHANT, connection=CONNECTION, connector=CONNECTOR, secrets=(secret,))
    )


def knock(body: bytes, **headers: str) -> dict[str, Any]:
    raw = event("http_webhook")
    raw["headers"] |= {
        "authorization": basic_header(USER, PASSWORD),
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    text = base64.b64encode(body).decode()
    return handler({**raw, "body": text, "isBase64Encoded": True}, LambdaContext())


def test_every_genuine_body_is_taken_byte_for_byte_however_broken(stage: dict[str, str]) -> None:
    door()
    for name, body in UNREADABLE.items():
        assert knock(body)["statusCode"] == 200, name
        assert knock(body, authorization=basic_header(USER, "wrong"))["statusCode"] == 401, name
    sqs, got = client("sqs"), []
    while messages := sqs.receive_message(QueueUrl=stage["CRM_QUEUE_URL"], MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            got.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=stage["CRM_QUEUE_URL"], ReceiptHandle=message["ReceiptHandle"])
    inline = {base64.b64decode(job["body_b64"]) for job in got if "body_b64" in job}
    kept = {
        client("s3").get_object(Bucket="raw", Key=job["body_key"])["Body"].read() for job in got if "body_key" in job
    }
    assert inline | kept == set(UNREADABLE.values())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content_encoding": "gzip"}, 415),
        ({"content_encoding": "identity, br"}, 415),
        ({"authorization": f"{basic_header(USER, PASSWORD)}, {basic_header('a', 'b')}"}, 401),
        ({"authorization": "Basic"}, 401),
        ({"authorization": "Basic !!!!"}, 401),
        ({"authorization": "Basic " + "A" * 100_000}, 401),
        ({"authorization": "Basic \ud800"}, 401),
        ({"authorization": ""}, 401),
        ({"content_type": "\ud800\ufffe\x00" * 90}, 200),
        ({"content_type": "application/x-www-form-urlencoded"}, 200),
    ],
)
def test_odd_headers_are_refused_or_do_not_matter(
    stage: dict[str, str],
    headers: dict[str, str],
    status: int,
) -> None:
    door()
    assert knock(PLAIN, **headers)["statusCode"] == status


def test_what_the_gateway_spoilt_or_is_too_large_is_refused_before_anything_is_stored(stage: dict[str, str]) -> None:
    door()
    assert knock(b"x" * (MOST + 1))["statusCode"] == 413
    raw = event("http_webhook") | {"body": "not base64!", "isBase64Encoded": True}
    assert handler(raw, LambdaContext())["statusCode"] == 400
    assert handler(raw | {"pathParameters": None, "headers": None, "body": None}, LambdaContext())["statusCode"] == 404
    odd = raw | {"pathParameters": {"connector": "pipedrive", "endpoint": "#\x00\ud800"}, "isBase64Encoded": False}
    assert handler(odd, LambdaContext())["statusCode"] == 401
    assert "Messages" not in client("sqs").receive_message(QueueUrl=stage["CRM_QUEUE_URL"])


def reader(world: World) -> ReadDelivery:
    """The world's own consumer, with the real connector instead of the fake one."""
    deliveries = world.job.deliveries
    real = loader.load("pipedrive")
    return ReadDelivery(
        deliveries.connections, deliveries.events, deliveries.sales, deliveries.blobs, world.clock, lambda _: real,
        deliveries.take, deliveries.queue, deliveries.watch,
    )  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_genuine_but_unreadable_body_is_parked_with_its_bytes(name: str) -> None:
    world = World()
    text = base64.b64encode(UNREADABLE[name]).decode()
    message = jobs.make("webhook", MERCHANT, CONNECTION, CONNECTOR, body_b64=text, content_type="application/json")
    assert reader(world).webhook(jobs.read(message), lambda: 30.0) == "parked"
    [parked] = world.events.events.values()
    assert parked["outcome"] == "parked"
    assert world.blobs.get(parked["body_key"]) == UNREADABLE[name]
