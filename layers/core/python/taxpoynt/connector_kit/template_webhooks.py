"""Webhooks of a platform: proof of the sender, replies, the sender's habits, events, subscriptions, test vectors.

A platform without webhooks has no such block and is polled.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from taxpoynt.connector_kit.template_events import Body, Events
from taxpoynt.connector_kit.template_fields import Sentence
from taxpoynt.connector_kit.template_signatures import Signature, Vector
from taxpoynt.connector_kit.template_subscriptions import Ban, Drop, Reply, Retry, Subscription
from taxpoynt.domain.model import Model


class Webhooks(Model):
    """Everything the ack path and the subscriber need to know about a sender.

    subscribe: api (we do), merchant (a person in the merchant's account follows `steps`), operator (once for the
    application; `steps` say how). address: connection (`/webhooks/{connector}/{endpoint}`, an unguessable address
    each) or application (`/webhooks/{connector}` for all merchants; the account in the event says whose it is).
    retry, ban (a pause) and drop are the sender's habits; every number names its source in a comment.
    """

    subscribe: Literal["api", "merchant", "operator"]
    steps: tuple[Sentence, ...] = ()
    address: Literal["connection", "application"] = "connection"
    signature: Signature
    body: Body
    max_body_bytes: Annotated[int, Field(ge=1024, le=6_291_456)]
    deadline_seconds: Annotated[float, Field(gt=0)]
    reply: Reply
    retry: Retry
    ban: Ban | None = None
    drop: Drop | None = None
    events: Annotated[tuple[Events, ...], Field(min_length=1)]
    subscription: Subscription | None = None
    vectors: Annotated[tuple[Vector, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.subscribe == "api" and self.subscription is None:
            raise ValueError("subscribe is api, but there is no subscription block")
        if self.subscribe != "api" and not self.steps:
            raise ValueError(f"subscribe is {self.subscribe}: steps must say what to do")
        if self.subscribe != "api" and self.signature.secret == "connection":  # noqa: S105 (whose it is)
            raise ValueError("a pair of ours reaches the platform only by api")
        if self.subscribe == "api" and self.subscription and self.subscription.by == "application":
            raise ValueError("what is subscribed once for the application, the operator does")
        if self.address == "application" and self.signature.secret not in ("app", "none"):
            raise ValueError("an address of the application knows no connection, so its secret is the application's")
        if not self.retry.repeats(self.reply.unavailable):
            raise ValueError(f"the sender does not come back after {self.reply.unavailable}: an event would be lost")
        return self

    @model_validator(mode="after")
    def _proved(self) -> Self:
        kind = self.signature.schemes[0].kind
        if kind != "none" and {vector.genuine for vector in self.vectors} != {True, False}:
            raise ValueError("vectors must hold at least one genuine and one false delivery")
        timed = any(scheme.timestamp for scheme in self.signature.schemes)
        if timed and not all(vector.at for vector in self.vectors):
            raise ValueError("this scheme has a timestamp: every vector must say at what time it arrives")
        rules = [rule for reading in self.events for rule in reading.rules]
        if kind in ("path", "none") and any(rule.means == "uninstall" for rule in rules):
            raise ValueError("an uninstall that nothing proves would let a stranger end a connection")
        return self
