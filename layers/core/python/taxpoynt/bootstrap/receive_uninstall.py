"""Wiring of receive_uninstall."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from taxpoynt.bootstrap.authorisers import authorisers
from taxpoynt.portal.oauth import UninstallAnswer
from taxpoynt.services.receive_uninstall import ReceiveUninstall
from taxpoynt.settings import ReceiveUninstallSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.queue import SqsJobQueue
from taxpoynt.storage.secret_store import SecretsManagerStore
from taxpoynt.web import Request, Response


@cache
def receive_uninstall() -> Callable[[Request], Response]:
    """The ready answer."""
    settings = load(ReceiveUninstallSettings, os.environ)
    platforms = authorisers(
        secrets=SecretsManagerStore(client("secretsmanager")),
        prefix=settings.platform_secret_prefix,
        endpoints="{}",  # reading a signal asks nobody
        clock=SystemClock(),
    )
    store = DynamoConnectionStore(client("dynamodb"), settings.connections_table)
    queue = SqsJobQueue(client("sqs"), {"bulk": settings.bulk_queue_url})
    return UninstallAnswer(ReceiveUninstall(store, queue, platforms))
