"""Wiring of serve_api; `operator_desk` serves the console too."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from taxpoynt.bootstrap.merchant_desk import merchant_desk
from taxpoynt.services.serve_api import ServeApi
from taxpoynt.settings import ServeApiSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.events import DynamoEventStore
from taxpoynt.storage.secret_store import SecretsManagerStore


def operator_desk(settings: ServeApiSettings) -> ServeApi:
    """What the operator may do."""
    desk, sessions = merchant_desk(settings)
    return ServeApi(
        connections=desk.connections,
        sales=desk.sales,
        events=DynamoEventStore(client("dynamodb"), settings.events_table, SystemClock()),
        secrets=SecretsManagerStore(client("secretsmanager")),
        operator_secret=settings.operator_secret,
        sessions=sessions,
        portal=desk,
    )


@cache
def serve_api() -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """The ready resolver; it reads the gateway's event itself."""
    from taxpoynt.mapping import rules
    from taxpoynt.portal.api import build

    settings = load(ServeApiSettings, os.environ)
    desk = operator_desk(settings)

    def check(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
        return rules.read(mapping).model_dump(mode="json")

    return build(desk, desk.portal, check, settings.public_url)
