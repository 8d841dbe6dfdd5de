"""Do the test vectors of a template have the verdict they say? The same verifier as on the ack path judges them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from taxpoynt.connector_kit.findings import Finding, Place
from taxpoynt.connector_kit.schemes import Delivery
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_signatures import Vector
from taxpoynt.connector_kit.webhook import ReplyPolicy, Verdict, policy_of, verify
from taxpoynt.errors import ConfigurationError

_NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""When a vector of a scheme without timestamps is judged; it does not matter."""


def vector_checks(template: Template) -> Iterator[Finding]:
    """What the vectors of a sound template get wrong; nothing for a platform without webhooks."""
    if template.webhooks is None:
        return
    block = template.webhooks.model_dump(mode="json", exclude_unset=True)
    try:
        policy = policy_of(template.name, block)
    except ConfigurationError as problem:
        yield Finding(("webhooks", "signature"), "TPL-008", str(problem))
        return
    for index, vector in enumerate(template.webhooks.vectors):
        yield from _wrong(policy, vector, ("webhooks", "vectors", index))


def _wrong(policy: ReplyPolicy, vector: Vector, place: Place) -> Iterator[Finding]:
    try:
        verdict = judged(policy, vector)
    except (binascii.Error, ValueError):
        yield Finding((*place, "body_base64"), "TPL-010", "this is not base64")
        return
    if verdict.genuine != vector.genuine:
        said, found = _word(genuine=vector.genuine), _word(genuine=verdict.genuine)
        yield Finding(
            place, "TPL-010", f"vector {vector.name!r} is said to be {said} and is {found} ({verdict.reason})"
        )
    elif vector.reason not in (None, verdict.reason):
        yield Finding((*place, "reason"), "TPL-010", f"vector {vector.name!r} is refused as {verdict.reason}")


def judged(policy: ReplyPolicy, vector: Vector) -> Verdict:
    """The verdict on a vector, its secrets as a connection keeps them."""
    body = base64.b64decode(vector.body_base64, validate=True) if vector.body_base64 else (vector.body or "").encode()
    secrets = [hashlib.sha256(one.encode()).hexdigest() if policy.kind == "basic" else one for one in vector.secrets]
    delivery = Delivery(headers=vector.headers, body=body, method=vector.method, url=vector.url)
    return verify(policy, delivery, secrets, vector.at or _NO_TIME, older=vector.older)


def _word(*, genuine: bool) -> str:
    return "genuine" if genuine else "false"
