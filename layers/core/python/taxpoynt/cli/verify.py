"""`taxpoynt verify`: the same verifier as the webhook function, with secrets given by hand."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping
from typing import Any

from taxpoynt.cli.answer import Answer, Usage, read_bytes
from taxpoynt.connector_kit.loader import load
from taxpoynt.connector_kit.webhook import Headers, reply_policy, verify
from taxpoynt.domain.connection import Event
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput

_WORDS = {
    "genuine": "the credentials are right",
    "too_large": "the body is larger than this platform's limit",
    "encoded": "the body has a Content-Encoding",
    "two_credentials": "two different Authorization headers",
    "wrong_credentials": "the credentials are wrong",
    "no_credentials": "no Authorization header",
}


def run(arguments: argparse.Namespace) -> Answer:
    """`{"genuine", "reason", "events"}`; exit 1 when it is not genuine."""
    policy = reply_policy(arguments.connector)
    if not all(arguments.secret):
        raise Usage("a secret may not be empty")
    body = read_bytes(arguments.body)
    secrets = [hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest() for secret in arguments.secret]
    verdict = verify(policy, _headers(arguments.headers), body, secrets)
    reason = _WORDS.get(verdict.reason, verdict.reason)
    events: list[dict[str, Any]] = []
    if verdict.genuine:
        try:
            events = [_row(event) for event in load(arguments.connector).events(body, "application/json")]
        except BadInput as problem:
            reason = f"{reason}, but the body cannot be read: {problem}"
    return Answer(0 if verdict.genuine else 1, {"genuine": verdict.genuine, "reason": reason, "events": events})


def _headers(name: str) -> Headers:
    given = read_json(read_bytes(name))
    if isinstance(given, Mapping):
        return {str(key): value for key, value in given.items()}
    if isinstance(given, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in given):
        return [(str(key), str(value)) for key, value in given]
    raise Usage("headers are an object of names and values, or a list of [name, value]")


def _row(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "resource": event.resource,
        "resource_id": event.resource_id,
        "account": event.account,
    }
