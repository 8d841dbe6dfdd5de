"""Wiring of receive_webhook. Everything imported here is on the ack path: no models, no pydantic, no resource layer."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from taxpoynt.connector_kit.folders import kind_of
from taxpoynt.connector_kit.webhook import reply_policy
from taxpoynt.services.receive_webhook import ReceiveWebhook
from taxpoynt.services.signing_secrets import SigningSecrets
from taxpoynt.settings import ReceiveWebhookSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.endpoints import DynamoEndpoints
from taxpoynt.storage.queue import SqsJobQueue
from taxpoynt.web import Request, Response

if TYPE_CHECKING:
    from datetime import timedelta

    from taxpoynt.storage.blobs import S3BlobStore
    from taxpoynt.storage.secret_store import SecretsManagerStore

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
        kind_of=cache(kind_of),
        signing=SigningSecrets(_Secrets(), settings.platform_secret_prefix),
        public_url=settings.public_url,
    )

    def route(request: Request) -> Response:
        connector = request.params.get("connector", "")
        endpoint = request.params.get("endpoint")
        return receive(connector, endpoint, request.headers, request.body, request.raw_query)

    return route


class _Secrets:
    """Only a platform that signs needs Secrets Manager, so its client is made then."""

    def accepted(self, name: str, overlap: timedelta) -> Sequence[Mapping[str, str]]:
        return _secret_store().accepted(name, overlap)


@cache
def _secret_store() -> SecretsManagerStore:
    from taxpoynt.storage.secret_store import SecretsManagerStore

    return SecretsManagerStore(client("secretsmanager", read_timeout=ANSWER_IN))


@cache
def _blobs(bucket: str) -> S3BlobStore:
    """Only a body too large for the queue needs the bucket, so its client is made then."""
    from taxpoynt.storage.blobs import S3BlobStore

    return S3BlobStore(client("s3", read_timeout=ANSWER_IN), bucket)
