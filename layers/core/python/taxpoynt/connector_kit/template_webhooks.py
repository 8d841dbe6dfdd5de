"""Webhooks of a platform: scheme, replies, the sender's habits, subscriptions, test vectors."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from taxpoynt.connector_kit.template_fields import Count, Name, Path, Status
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression


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
