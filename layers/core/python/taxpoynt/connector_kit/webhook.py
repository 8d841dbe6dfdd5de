"""Is this delivery genuine, and what do we answer? The light half of the kit: standard library and yaml only.

The webhook function imports this on its ack path, so no pydantic, no requests. The order of work is fixed
(security-and-reliability, part 3): size, encoding, header rules, authentication of the raw bytes, freshness.
`verify` is total: any header, any bytes, any stored secret end in a `Verdict`, never in an exception.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

import yaml

from taxpoynt.connector_kit import folders
from taxpoynt.connector_kit.basic import basic_header, basic_secret, judge_basic, new_basic_pair, verify_basic
from taxpoynt.connector_kit.header_parts import Headers, Pairs, pairs_of, values
from taxpoynt.connector_kit.schemes import Delivery, Scheme, scheme_of
from taxpoynt.connector_kit.signing import can_be_carried_out, judge, nearly, shows
from taxpoynt.errors import ConfigurationError, NotFound

__all__ = [
    "Delivery",
    "Headers",
    "ReplyPolicy",
    "Verdict",
    "basic_header",
    "basic_secret",
    "near_miss",
    "new_basic_pair",
    "policy_in",
    "policy_of",
    "reply_policy",
    "verify",
    "verify_basic",
]


MAX_DOUBT = 65_536
"""Bytes of a body that other readings are tried over: a stranger's forgery may not cost us many times a genuine one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPolicy:
    """How a sender proves itself and what it is answered, from its template.

    Statuses, the size limit in bytes, the deadline in seconds. secret: whose it is (connection, endpoint, app, none),
    in which fields, of how many bytes at least. address: connection or application. headers: those that events are
    read from, beside the body.
    """

    connector: str
    schemes: tuple[Scheme, ...]
    secret: str = "connection"  # noqa: S105 (whose it is, not what)
    secret_fields: tuple[str, ...] = ("client_secret",)
    secret_min_bytes: int = 24
    address: str = "connection"
    headers: tuple[str, ...] = ()
    max_body_bytes: int = 262_144
    deadline_seconds: float = 10
    accepted: int = 200
    parked: int = 200
    refused: int = 401
    too_large: int = 413
    encoded: int = 415
    unavailable: int = 503
    content_type: str | None = None
    acknowledgement: str | None = None

    @property
    def kind(self) -> str:
        """basic, mac, path or none; a template does not mix them."""
        return self.schemes[0].kind


@dataclass(frozen=True, slots=True)
class Verdict:
    """`status` is what to answer; `reason` is one of few words for logs and metrics, never for the caller."""

    genuine: bool
    status: int
    reason: str


@cache
def reply_policy(connector: str) -> ReplyPolicy:
    """The policy in the connector's template; NotFound for a connector we do not have or that has no webhooks."""
    return policy_in(connector, folders.text(connector))


def policy_in(connector: str, template: str) -> ReplyPolicy:
    """As `reply_policy`, from a template's text.

    Only what a delivery needs of the `webhooks:` block is parsed: vectors and subscriptions are most of it, and this is
    the ack path, cold.
    """
    found = _BLOCK.search(template)
    block = _parsed(_ASIDE.sub("", found.group(0)), found.group(0)) if found else None
    if block is None:
        raise NotFound(f"{connector} has no webhooks: it is polled")
    return policy_of(connector, block)


_BLOCK = re.compile(r"^webhooks:.*?(?=^[a-z]|\Z)", re.DOTALL | re.MULTILINE)
_ASIDE = re.compile(r"^  (?:vectors|subscription|steps):.*?(?=^  [a-z]|\Z)", re.DOTALL | re.MULTILINE)


def _parsed(short: str, whole: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(short, Loader=loader)["webhooks"]  # noqa: S506 (both are safe loaders)
    except yaml.YAMLError:  # an anchor in what was left out
        return yaml.load(whole, Loader=loader)["webhooks"]  # noqa: S506 (both are safe loaders)


def policy_of(connector: str, webhooks: Mapping[str, Any]) -> ReplyPolicy:
    """A policy from a template's `webhooks` block; ConfigurationError for one that nobody can carry out."""
    known = {field.name for field in fields(ReplyPolicy)}
    try:
        signature = webhooks["signature"]
        schemes = tuple(scheme_of(one) for one in signature["schemes"])
        named = {"secret": "secret", "secret_fields": "fields", "secret_min_bytes": "min_bytes"}
        about = {ours: signature[theirs] for ours, theirs in named.items() if theirs in signature}
        if "secret_fields" in about:
            about["secret_fields"] = tuple(about["secret_fields"])
        heads = dict.fromkeys(name for reading in webhooks.get("events", ()) for name in reading.get("headers", ()))
        if not schemes or not all(can_be_carried_out(scheme) for scheme in schemes):
            raise ConfigurationError(f"{connector}: a webhook scheme that nobody can carry out")
        return ReplyPolicy(
            connector=connector,
            schemes=schemes,
            headers=tuple(heads),
            max_body_bytes=webhooks["max_body_bytes"],
            deadline_seconds=webhooks["deadline_seconds"],
            **about,
            **({"address": webhooks["address"]} if "address" in webhooks else {}),
            **{name: value for name, value in webhooks["reply"].items() if name in known},
        )
    except (KeyError, TypeError, AttributeError) as problem:
        raise ConfigurationError(f"{connector}: the webhooks block lacks or misspells {problem}") from None


def verify(
    policy: ReplyPolicy, delivery: Delivery, secrets: Sequence[str], now: datetime, *, older: bool = False
) -> Verdict:
    """Genuine or not, and the status to answer. Total.

    `secrets`, newest first, as the kind of scheme wants them: SHA-256 of the pairs for Basic, the secrets themselves
    for a mac, the unguessable ends of the path for `path`. Pass () for an unknown endpoint, so that it costs and looks
    the same as a wrong secret. `older` also takes schemes that the webhook route refuses.
    """
    if len(delivery.body) > policy.max_body_bytes:
        return Verdict(genuine=False, status=policy.too_large, reason="too_large")
    pairs = pairs_of(delivery.headers)
    if any(value.lower() not in ("", "identity") for value in values(pairs, "content-encoding")):
        return Verdict(genuine=False, status=policy.encoded, reason="encoded")
    reason = _judge(policy, pairs, delivery, secrets, now, older=older)
    return Verdict(genuine=not reason, status=policy.refused if reason else policy.accepted, reason=reason or "genuine")


def near_miss(policy: ReplyPolicy, delivery: Delivery, secrets: Sequence[str]) -> str | None:
    """For a refused signature of a scheme in doubt: which other reading of it would have matched. For the log."""
    pairs = pairs_of(delivery.headers)
    scheme = scheme_shown(policy, pairs)
    if scheme is None or not scheme.doubtful or len(delivery.body) > MAX_DOUBT:
        return None
    return nearly(scheme, pairs, delivery, secrets)


def _judge(
    policy: ReplyPolicy, pairs: Pairs, delivery: Delivery, secrets: Sequence[str], now: datetime, *, older: bool
) -> str:
    """Empty when genuine. The first scheme that the delivery shows decides; a weaker one never makes up for it."""
    match policy.kind:
        case "basic":
            return judge_basic(pairs, secrets)
        case "path":
            return _judge_path(delivery.url, secrets)
        case "none":
            return ""
    chosen = scheme_shown(policy, pairs)
    if chosen is None:
        return "no_signature"
    if chosen.older and not older:
        return "downgraded"
    return judge(chosen, pairs, delivery, secrets, now)


def scheme_shown(policy: ReplyPolicy, pairs: Pairs) -> Scheme | None:
    """The strongest scheme that a delivery carries; None where it carries none."""
    return next((scheme for scheme in policy.schemes if shows(scheme, pairs)), None)


def _judge_path(url: str, secrets: Sequence[str]) -> str:
    """The last part of the path is the secret."""
    given = url.partition("?")[0].rpartition("/")[2].encode("utf-8", "surrogatepass")
    matches = False
    for secret in secrets:
        known = secret.encode("utf-8", "surrogatepass") if isinstance(secret, str) else b""
        matches = (hmac.compare_digest(given, known) and bool(known)) or matches
    return "" if matches else "wrong_address"
