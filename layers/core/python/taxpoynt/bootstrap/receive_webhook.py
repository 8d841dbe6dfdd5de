"""Wiring of receive_webhook. Everything imported here is on the ack path: no models, no pydantic, no resource layer."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from taxpoynt.connector_kit.webhook import reply_policy
from taxpoynt.errors import NotFound
from taxpoynt.services.receive_webhook import ReceiveWebhook
from taxpoynt.settings import ReceiveWebhookSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.endpoints import DynamoEndpoints
from taxpoynt.storage.queue import SqsJobQueue
from taxpoynt.web import Request, Response

if TYPE_CHECKING:
    from taxpoynt.storage.blobs import S3BlobStore

ANSWER_IN = 3
"""Seconds a store may take to answer before it is asked again: the sender waits ten at most, some only two."""


@cache
def receive_webhook() -> Callable[[Request], Response]:
    """The ready route."""
    settings = load(ReceiveWebhookSettings, os.environ)
    queues = {"pos": settings.pos_queue_url, "crm": settings.crm_queue_url}
    receive = ReceiveWebhook(
        endpoints=DynamoEndpoints(client("dynamodb", read_timeout=ANSWER_IN), settings.connections_table),
        blobs=lambda: _blobs(settings.raw_bucket),
        queue=SqsJobQueue(client("sqs", read_timeout=ANSWER_IN), queues),
        clock=SystemClock(),
        policy=reply_policy,
        kind_of=kind_of,
    )

    def route(request: Request) -> Response:
        connector = request.params.get("connector", "")
        return receive(connector, request.params.get("endpoint"), request.headers, request.body)

    return route


@cache
def kind_of(connector: str) -> Literal["crm", "pos"]:
    """The template's `kind`, read without parsing the rest of it."""
    text = (files("taxpoynt.connectors") / connector / "connector.yaml").read_text("utf-8")
    found = re.search(r"^kind: *(crm|pos)\b", text, re.MULTILINE)
    if found is None:
        raise NotFound(f"the template of {connector} names no kind")
    return "pos" if found.group(1) == "pos" else "crm"


@cache
def _blobs(bucket: str) -> S3BlobStore:
    """Only a body too large for the queue needs the bucket, so its client is made then."""
    from taxpoynt.storage.blobs import S3BlobStore

    return S3BlobStore(client("s3", read_timeout=ANSWER_IN), bucket)
