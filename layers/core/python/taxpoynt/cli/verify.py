"""`taxpoynt verify`: the same verifier as the webhook function, with secrets given by hand."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxpoynt.cli.answer import Answer, Usage, read_bytes, read_json_file
from taxpoynt.connector_kit.loader import load
from taxpoynt.connector_kit.webhook import Headers, reply_policy, verify
from taxpoynt.domain.connection import Event
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
    if not _is_time(arguments.at):
        raise Usage(f"--at {arguments.at}: not an ISO 8601 time such as 2026-05-15T21:30:00Z")
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
    shown = {"genuine": verdict.genuine, "reason": reason, "events": events}
    return Answer(0 if verdict.genuine else 1, shown, _hints(policy.scheme, arguments.secret))


def _hints(scheme: str, secrets: Sequence[str]) -> tuple[str, ...]:
    if scheme == "basic" and any(":" not in secret for secret in secrets):
        return ("a secret without a colon matches nothing: for Basic give user:password",)
    return ()


def _is_time(text: str | None) -> bool:
    """Basic has no time stamp, so the time decides nothing here; a wrong one is still a mistake of the caller."""
    try:
        return text is None or bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _headers(name: str) -> Headers:
    """An object (values may be lists), pairs, `{"name", "value"}` rows, or a recorded request with such headers."""
    given = read_json_file(name)
    if isinstance(given, Mapping) and isinstance(given.get("headers"), Mapping | list):
        given = given["headers"]
    if isinstance(given, Mapping):
        return {str(key): value for key, value in given.items()}
    if isinstance(given, list):
        pairs = [
            (row["name"], row["value"]) if isinstance(row, Mapping) and {"name", "value"} <= row.keys() else row
            for row in given
        ]
        if all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
            return [(str(key), str(value)) for key, value in pairs]
    raise Usage("headers are an object of names and values, or a list of [name, value]")


def _row(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "resource": event.resource,
        "resource_id": event.resource_id,
        "account": event.account,
    }
