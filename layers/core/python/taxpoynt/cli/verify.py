"""`taxpoynt verify`: the same verifier as the webhook function, with secrets given by hand."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from taxpoynt.cli.answer import Answer, Usage, read_bytes, read_json_file
from taxpoynt.connector_kit.header_parts import Headers, pairs_of
from taxpoynt.connector_kit.loader import load, text
from taxpoynt.connector_kit.schemes import Delivery
from taxpoynt.connector_kit.signing import nearly
from taxpoynt.connector_kit.webhook import ReplyPolicy, Verdict, policy_in, scheme_shown, verify
from taxpoynt.domain.connection import Event
from taxpoynt.errors import BadInput, NotFound

_WORDS = {
    "too_large": "the body is larger than this platform's limit",
    "encoded": "the body has a Content-Encoding",
    "two_credentials": "two different Authorization headers",
    "wrong_credentials": "the credentials are wrong",
    "no_credentials": "no Authorization header",
    "no_signature": "none of this platform's signature headers",
    "two_signatures": "two different values of the signature header",
    "malformed_signature": "the signature header is not written as this platform writes it",
    "wrong_algorithm": "the signature header names another algorithm",
    "no_timestamp": "no timestamp, or two different ones",
    "bad_timestamp": "the timestamp is none of this platform's kind",
    "missing_part": "a header or field that is signed is missing, or there twice",
    "wrong_signature": "the signature is wrong: another secret, address, method or body",
    "stale": "the signature is right, but made at another time than --at (or now) allows",
    "wrong_address": "the address does not end in one of the secrets",
}
_GENUINE = {
    "basic": "the credentials are right",
    "mac": "the signature is right",
    "path": "the address is the secret one",
    "none": "this platform proves nothing: what a delivery says is read back from it",
}


def run(arguments: argparse.Namespace) -> Answer:
    """`{"genuine", "reason", "events"}`; exit 1 when it is not genuine."""
    policy = _policy(arguments.connector)
    if not all(arguments.secret):
        raise Usage("a secret may not be empty")
    headers, body = _headers(arguments.headers), read_bytes(arguments.body)
    delivery = Delivery(headers=headers, body=body, method=arguments.method, url=arguments.url)
    secrets = [_as_kept(policy, secret) for secret in arguments.secret]
    verdict = verify(policy, delivery, secrets, _moment(arguments.at), older=True)
    reason, hints = _reason(policy, delivery, verdict), _hints(policy, delivery, arguments.secret, verdict)
    events: list[dict[str, Any]] = []
    if verdict.genuine:
        try:
            events = _events(arguments.connector, policy, delivery)
        except BadInput as problem:
            reason = f"{reason}, but the body cannot be read: {problem}"
    shown = {"genuine": verdict.genuine, "reason": reason, "events": events}
    return Answer(0 if verdict.genuine else 1, shown, hints)


def _policy(connector: str) -> ReplyPolicy:
    template = text(connector)
    try:
        return policy_in(connector, template)
    except NotFound as problem:
        raise Usage(str(problem)) from None


def _as_kept(policy: ReplyPolicy, secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest() if policy.kind == "basic" else secret


def _moment(text: str | None) -> datetime:
    """When it arrived; a time without zone is UTC."""
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Usage(f"--at {text}: not an ISO 8601 time such as 2026-05-15T21:30:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _reason(policy: ReplyPolicy, delivery: Delivery, verdict: Verdict) -> str:
    if not verdict.genuine:
        return _WORDS.get(verdict.reason, verdict.reason)
    scheme = scheme_shown(policy, pairs_of(delivery.headers)) if policy.kind == "mac" else None
    if scheme and scheme.older:
        return f"the signature ({scheme.name}) is right; the webhook route refuses it, because it wants a stronger one"
    return f"the signature ({scheme.name}) is right" if scheme else _GENUINE[policy.kind]


def _hints(policy: ReplyPolicy, delivery: Delivery, secrets: list[str], verdict: Verdict) -> tuple[str, ...]:
    if policy.kind == "basic" and any(":" not in secret for secret in secrets):
        return ("a secret without a colon matches nothing: for Basic give user:password",)
    pairs = pairs_of(delivery.headers)
    scheme = scheme_shown(policy, pairs) if verdict.reason == "wrong_signature" else None
    near = nearly(scheme, pairs, delivery, secrets) if scheme else None
    return (f"what would match: {near}",) if near else ()


def _events(connector: str, policy: ReplyPolicy, delivery: Delivery) -> list[dict[str, Any]]:
    kept = {name: value for name, value in pairs_of(delivery.headers) if name in policy.headers}
    return [_row(event) for event in load(connector).events(delivery.body, "", kept)]


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
    """`id` is the sender's own, where it has one; `key`, where it differs, is what we deduplicate on."""
    own = event.sent_id or event.id
    return {
        "id": own,
        "type": event.type,
        "resource": event.resource,
        "resource_id": event.resource_id,
        "account": event.account,
        **({"key": event.id} if own != event.id else {}),
    }
