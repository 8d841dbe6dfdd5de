"""Wiring of answer_health."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from taxpoynt.portal.health import HealthAnswer
from taxpoynt.settings import AnswerHealthSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.endpoints import DynamoEndpoints
from taxpoynt.web import Request, Response


@cache
def answer_health() -> Callable[[Request], Response]:
    """Alive means that the database answers for an endpoint nobody has."""
    settings = load(AnswerHealthSettings, os.environ)
    endpoints = DynamoEndpoints(client("dynamodb"), settings.connections_table)

    def probe() -> None:
        endpoints.get_endpoint("health")

    return HealthAnswer(settings.stage, probe)
