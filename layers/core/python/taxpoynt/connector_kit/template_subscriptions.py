"""How the platform is told to call us, as data, and what the sender does when we do not answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from taxpoynt.connector_kit.template_fields import Count, Name, Path, Status
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression

Failure = Annotated[str, StringConstraints(pattern=r"^(connection|timeout|[345]xx|[345][0-9][0-9])$")]


class Reply(Model):
    """Statuses by outcome; mind what the sender does with each.

    content_type and acknowledgement: what a sender must read in an accepted answer; absent, a plain `ok`.
    """

    accepted: Status
    parked: Status
    refused: Status
    too_large: Status
    encoded: Status
    unavailable: Status
    content_type: str | None = None
    acknowledgement: str | None = None

    @model_validator(mode="after")
    def _taken_is_taken(self) -> Self:
        if not all(200 <= status < 300 for status in (self.accepted, self.parked)):
            raise ValueError("a sender whose event we have is answered 2xx")
        if self.acknowledgement is not None and self.content_type is None:
            raise ValueError("an acknowledgement needs its content_type")
        return self


class Retry(Model):
    """When a delivery comes again: after these `seconds`, or so many times within so many hours; and after what."""

    seconds: tuple[Count, ...] = ()
    times: Count | None = None
    within_hours: Count | None = None
    spacing: Literal["fixed", "growing", "random"] | None = None
    repeats_after: Annotated[tuple[Failure, ...], Field(min_length=1)]

    def repeats(self, status: int) -> bool:
        """Does the sender come back after this answer?"""
        return str(status) in self.repeats_after or f"{status // 100}xx" in self.repeats_after


class Ban(Model):
    """When a sender stops sending for a while, and whether what happens meanwhile is lost."""

    failed_first_attempts: Count | None = None
    failures_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    failures: Count | None = None
    waiting_events: Count | None = None
    within_minutes: Count | None = None
    minutes: Count
    loses_events: bool

    @model_validator(mode="after")
    def _some_limit(self) -> Self:
        if not (self.failed_first_attempts or self.failures_percent or self.failures):
            raise ValueError("say after what: failed_first_attempts, failures_percent or failures")
        return self


class Drop(Model):
    """When a sender deletes the subscription, or stops it until a person starts it again."""

    after_days_without_success: Count | None = None
    after_failures_in_a_row: Count | None = None
    after_bans: Count | None = None
    within_minutes: Count | None = None

    @model_validator(mode="after")
    def _some_limit(self) -> Self:
        if not (self.after_days_without_success or self.after_failures_in_a_row or self.after_bans):
            raise ValueError("say after what")
        return self


class Subscription(Model):
    """How to subscribe by API: list, compare by `match`, create what is missing, remove what is double.

    by: connection (with the merchant's grant) or application (once for all merchants, with a token of our own).
    body, with one of `each`, is what is sent, inside `wrap` where the API wants it; `beside` stands next to it.
    Placeholders: {url}, {user}, {password}, {unique} (new each time). items: the list in the answer; made: the new one
    in the answer; active: false there means switched off. same: what must also agree, or it is made anew.
    exists_on: the status of a second one like it. list_params: of the listing.
    """

    by: Literal["connection", "application"] = "connection"
    path: Path
    list_params: dict[str, str] = Field(default_factory=dict)
    items: Expression
    id: Expression
    active: Expression | None = None
    made: Expression | None = None
    wrap: Name | None = None
    beside: dict[str, Any] = Field(default_factory=dict)
    body: dict[str, Any]
    each: Annotated[tuple[dict[str, Any], ...], Field(min_length=1)] = ({},)
    match: Annotated[tuple[str, ...], Field(min_length=1)]
    same: tuple[str, ...] = ()
    remove_path: Path | None = None
    exists_on: Status | None = None
    check_every_hours: Count = 24

    @model_validator(mode="after")
    def _match_is_sent(self) -> Self:
        for wanted in self.each:
            if unknown := {*self.match, *self.same} - set(wanted) - set(self.body):
                raise ValueError(f"match names {sorted(unknown)}, which no subscription sends")
        if self.remove_path and "{id}" not in self.remove_path:
            raise ValueError("remove_path needs {id}")
        return self
