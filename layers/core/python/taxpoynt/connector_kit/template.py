"""The spec of `connector.yaml`: everything about a platform that is data.

Grows by adding optional keys; a key that is not here is an error with a suggestion (template_check.py).
When a template would need an `if`, the connector's own Python says it instead.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression, RuleSet

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Path = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9_./{}-]*$")]
Origin = Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+$")]
Suffix = Annotated[str, StringConstraints(pattern=r"^\.[a-z0-9-]+(\.[a-z0-9-]+)+$")]
Header = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
Status = Annotated[int, Field(ge=100, le=599)]
Count = Annotated[int, Field(ge=1)]

PLACEHOLDERS = frozenset({"id", "url", "user", "password", "since", "until"})
"""What `{…}` may name in paths, parameters and bodies."""


class Docs(Model):
    """Where people read on: our page and the vendor's."""

    guide: str
    developer: str
    changelog: str | None = None


class ApiHost(Model):
    """The account's API origin: a field of the token answer, accepted only below one of `suffixes`."""

    from_token: str
    suffixes: Annotated[tuple[Suffix, ...], Field(min_length=1)]


class Hosts(Model):
    """`auth`: origin of authorise, token and revoke; `api`: the rule for hosts that come from token answers."""

    auth: Origin
    api: ApiHost


class Scope(Model):
    """One permission we ask for and why, in words a merchant understands."""

    name: str
    why: str


class Refresh(Model):
    """Does a refresh replace the refresh token; days until an unused one dies; days after which we refresh anyway."""

    rotates: bool
    idle_days: Count | None = None
    keep_alive_days: Count = 20

    @model_validator(mode="after")
    def _alive_in_time(self) -> Self:
        if self.idle_days is not None and self.keep_alive_days >= self.idle_days:
            raise ValueError("keep_alive_days must be less than idle_days")
        return self


class AccountWarning(Model):
    """A sentence shown to the merchant when `when` holds for the account's answer."""

    when: Expression
    text: str


class AccountIdentity(Model):
    """How to learn whose account it is: one GET, then JMESPath over the answer."""

    path: Path
    id: Expression
    name: Expression
    details: dict[Name, Expression] = Field(default_factory=dict)
    warnings: tuple[AccountWarning, ...] = ()


class Uninstall(Model):
    """The platform's signal that a customer removed the app, on the callback address."""

    method: Literal["DELETE", "POST"]
    auth: Literal["client_basic"]
    account: Expression


class OAuth(Model):
    """The authorisation code grant as this platform has it."""

    grant: Literal["authorization_code"]
    authorize_path: Path
    token_path: Path
    revoke_path: Path | None = None
    revokes: Literal["refresh_token", "access_token"] = "refresh_token"
    client_auth: Literal["basic", "body"]
    pkce: bool
    scope_parameter: bool
    scopes: tuple[Scope, ...]
    code_lifetime_seconds: Count
    access_lifetime_seconds: Count
    refresh: Refresh
    account: AccountIdentity
    uninstall: Uninstall | None = None


class Signature(Model):
    """How a delivery proves its sender. `secret`: one per connection, or one of the app."""

    scheme: Literal["basic"]
    secret: Literal["connection", "app"]


class Reply(Model):
    """Statuses by outcome; mind what the sender does with each."""

    accepted: Status
    parked: Status
    refused: Status
    too_large: Status
    encoded: Status
    unavailable: Status


class Ban(Model):
    """When a sender stops sending for a while."""

    failed_first_attempts: Count
    minutes: Count
    loses_events: bool


class Drop(Model):
    """When a sender deletes the subscription."""

    after_days_without_success: Count


class Events(Model):
    """Event id (JMESPath; `fallback_id` where it is absent), account, and the resources that matter to us."""

    id: Expression
    fallback_id: tuple[Expression, ...] = ()
    account: Expression
    resources: tuple[Name, ...]


class Subscription(Model):
    """How to subscribe by API: list, compare by `match`, create what is missing."""

    path: Path
    items: Expression
    id: Expression
    active: Expression | None = None
    body: dict[str, str]
    each: Annotated[tuple[dict[str, str], ...], Field(min_length=1)]
    match: Annotated[tuple[str, ...], Field(min_length=1)]
    check_every_hours: Count = 24

    @model_validator(mode="after")
    def _match_is_sent(self) -> Self:
        for wanted in self.each:
            if unknown := set(self.match) - set(wanted) - set(self.body):
                raise ValueError(f"match names {sorted(unknown)}, which no subscription sends")
        return self


class Vector(Model):
    """One delivery whose verdict is known."""

    name: str
    secret: str
    headers: dict[str, str]
    body: str = ""
    genuine: bool


class Webhooks(Model):
    """Everything the ack path and the subscriber need to know about a sender."""

    subscribe: Literal["api", "human"]
    signature: Signature
    body: Literal["json"]
    max_body_bytes: Annotated[int, Field(ge=1024, le=6_291_456)]
    deadline_seconds: Annotated[float, Field(gt=0)]
    reply: Reply
    retry_after_seconds: tuple[Count, ...]
    ban: Ban | None = None
    drop: Drop | None = None
    events: Events
    subscription: Subscription | None = None
    vectors: Annotated[tuple[Vector, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.subscribe == "api" and self.subscription is None:
            raise ValueError("subscribe is api, but there is no subscription block")
        if {vector.genuine for vector in self.vectors} != {True, False}:
            raise ValueError("vectors must hold at least one genuine and one false delivery")
        return self


class Paging(Model):
    """Opaque cursor paging: the query parameter, where the next value stands, where the items stand."""

    style: Literal["cursor"]
    parameter: str
    next: Expression
    items: Expression
    max_pages: Count = 200


class Resource(Model):
    """One endpoint. `item`: where the record stands in the answer; `cost`: units of the platform's own budget."""

    path: Path
    params: dict[str, str] = Field(default_factory=dict)
    item: Expression
    paged: bool = False
    cost: int = 1


class Related(Model):
    """A further answer a sale needs. `ids`: JMESPath over the answers so far; absent: the record's own id."""

    resource: Name
    ids: Expression | None = None
    absent_on: tuple[Status, ...] = ()


class Record(Model):
    """A resource from which sales are made, with what is fetched beside it, in order."""

    related: tuple[Related, ...] = ()


class PollRequest(Model):
    """One list to read in every round."""

    path: Path
    params: dict[str, str]


class Poll(Model):
    """Finding what no webhook told. `started_at`: field that must not be older than the connection."""

    record: Name
    every_minutes: Count
    overlap_seconds: Annotated[int, Field(ge=0)]
    changed_at: str
    started_at: str
    requests: Annotated[tuple[PollRequest, ...], Field(min_length=1)]


class Limits(Model):
    """Headers in which the platform tells of its limits and names its requests."""

    burst_reset_header: Header | None = None
    daily_remaining_header: Header | None = None
    request_id_header: Header | None = None


class VerdictOverride(Model):
    """A status (with a content type) that means something else here than in the kit's table (verdicts.py)."""

    status: Status
    content_type: str | None = None
    verdict: Literal["rate_limited", "unavailable", "refused", "not_found", "unauthorised"]


class Unless(Model):
    """A condition under which no invoice is made, and why, for people."""

    when: Expression
    why: str


class Trigger(Model):
    """Which values of a field of the record make an invoice; every other value makes nothing."""

    record: Name
    field: str
    invoice: Annotated[tuple[str, ...], Field(min_length=1)]
    unless: tuple[Unless, ...] = ()


class Template(Model):
    """One platform. `queue` is where its jobs go; see each block for the rest."""

    spec: Literal[1]
    name: Name
    title: str
    kind: Literal["crm", "pos"]
    queue: Literal["crm", "pos", "bulk"]
    summary: str
    docs: Docs
    hosts: Hosts
    oauth: OAuth
    webhooks: Webhooks
    paging: Paging
    resources: dict[Name, Resource]
    records: dict[Name, Record]
    poll: Poll
    limits: Limits = Limits()
    verdicts: tuple[VerdictOverride, ...] = ()
    trigger: Trigger
    mapping: RuleSet


def cross_checks(data: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """What one block says about another, over the plain data, so that every fault is found in one run.

    (path, message) pairs. Anything that has the wrong shape is left to the model, which reports it.
    """
    found: list[tuple[tuple[str | int, ...], str]] = []
    if isinstance(data, dict):
        found += _unknown_resources(data)
        found += _unknown_placeholders((), data)
    return found


def _unknown_resources(data: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    found: list[tuple[tuple[str | int, ...], str]] = []
    resources, records = data.get("resources"), data.get("records")
    if not isinstance(resources, dict) or not isinstance(records, dict):
        return found
    for name, record in records.items():
        if name not in resources:
            found.append((("records", name), f"resource {name!r} is not described under resources"))
        related = record.get("related") if isinstance(record, dict) else None
        for index, one in enumerate(related if isinstance(related, list) else []):
            wanted = one.get("resource") if isinstance(one, dict) else None
            if isinstance(wanted, str) and wanted not in resources:
                place = ("records", name, "related", index, "resource")
                found.append((place, f"resource {wanted!r} is not described under resources"))
    poll = data.get("poll")
    if isinstance(poll, dict) and isinstance(poll.get("record"), str) and poll["record"] not in records:
        found.append((("poll", "record"), f"record {poll['record']!r} is not described under records"))
    return found


def _unknown_placeholders(path: tuple[str | int, ...], value: Any) -> list[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        skip = {"mapping", "vectors"} if not path or path == ("webhooks",) else set()
        return [
            one for key, item in value.items() if key not in skip for one in _unknown_placeholders((*path, key), item)
        ]
    if isinstance(value, list):
        return [one for index, item in enumerate(value) for one in _unknown_placeholders((*path, index), item)]
    if not isinstance(value, str) or path[-1] in _EXPRESSIONS:
        return []
    names = re.findall(r"\{([^}]*)\}", value)
    return [(path, f"unknown placeholder {{{name}}}") for name in names if name not in PLACEHOLDERS]


_EXPRESSIONS = frozenset({"ids", "item", "items", "when", "next", "id", "account", "source"})
"""Keys whose value is JMESPath, where braces mean something else."""
