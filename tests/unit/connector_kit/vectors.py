"""A test vector put to the verifier."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from taxpoynt.connector_kit import vector_checks
from taxpoynt.connector_kit.template_signatures import Vector
from taxpoynt.connector_kit.webhook import Delivery, ReplyPolicy

ANY_TIME = datetime(2026, 5, 15, 21, 30, tzinfo=UTC)


def delivery(vector: Vector) -> Delivery:
    body = base64.b64decode(vector.body_base64) if vector.body_base64 is not None else (vector.body or "").encode()
    return Delivery(headers=vector.headers, body=body, method=vector.method, url=vector.url)


def judged(policy: ReplyPolicy, vector: Vector) -> None:
    """The vector's verdict, status and reason."""
    verdict = vector_checks.judged(policy, vector)
    assert verdict.genuine is vector.genuine, (vector.name, verdict.reason)
    assert verdict.status == (policy.accepted if vector.genuine else policy.refused), vector.name
    if vector.reason:
        assert verdict.reason == vector.reason, vector.name
