"""How records are found that no webhook told of, and how often we look, as data. polling.py carries it out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from taxpoynt.connector_kit.template_fields import Count, Name, Path, Status
from taxpoynt.connector_kit.template_paging import Paging
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression

TimeForm = Literal["seconds", "offset", "milliseconds", "epoch", "epoch_ms"]
"""`2026-05-16T08:00:00Z`, `…+00:00`, `….000+0000`, seconds since 1970, milliseconds since 1970."""

OfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class PollRequest(Model):
    """One list to read in every round. `{since}` and `{until}` may stand in parameters and in the body of a search.

    items: where the list stands, instead of the paging's own; cost: units of the platform's budget for one page.
    absent_on: statuses that mean "this account has no such list": the others are read all the same.
    """

    path: Path
    params: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] | None = None
    items: Expression | None = None
    paging: Paging | None = None
    cost: Annotated[float, Field(ge=0)] = 1
    absent_on: tuple[Status, ...] = ()


class OpenHours(Model):
    """When the shop may sell, by its own clock; `zone` is a fact of the account with an IANA name, or such a name.

    `from` after `until` spans midnight.
    """

    opens: OfDay
    closes: OfDay
    zone: str = "Africa/Lagos"


class Poll(Model):
    """Where changes are listed, and how often we look.

    by: `window` asks for what changed between two times; `version` goes on from the highest version of each list;
    `cursor` from the last cursor of each list, as a journal gives them.
    every_minutes: how often, the same day and night; or busy_seconds while sales come, and idle_seconds once nothing
    was found for idle_after_minutes (in `open` hours never, so that a sale is found in time in a quiet shop).
    overlap_seconds: how far a window goes back, for what appears late. longest_minutes: a longer window is cut.
    revision: what tells two states of a record apart; with it a record that an overlap shows again, unchanged in all
    that the list says, costs no fetch. started_at: when the sale came about; not before the connection did.
    """

    record: Name
    by: Literal["window", "version", "cursor"] = "window"
    requests: Annotated[tuple[PollRequest, ...], Field(min_length=1)]
    id: Expression = "id"
    revision: Expression | None = None
    started_at: Expression | None = None
    time: TimeForm = "seconds"
    overlap_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    longest_minutes: Count | None = None
    every_minutes: Count | None = None
    busy_seconds: Annotated[int, Field(ge=10, le=3600)] | None = None
    idle_seconds: Annotated[int, Field(ge=60, le=86_400)] | None = None
    idle_after_minutes: Count | None = None
    open: OpenHours | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if problems := [*_pace_problems(self), *_way_problems(self)]:
            raise ValueError("; ".join(problems))
        return self


def _pace_problems(poll: Poll) -> Iterator[str]:
    adaptive = (poll.busy_seconds, poll.idle_seconds, poll.idle_after_minutes)
    if poll.every_minutes is not None and (poll.open or any(one is not None for one in adaptive)):
        yield "every_minutes is always the same pace; busy and idle go without it"
    if poll.every_minutes is None and None in adaptive:
        yield "say every_minutes, or busy_seconds, idle_seconds and idle_after_minutes together"
    if poll.busy_seconds and poll.idle_seconds and poll.idle_seconds < poll.busy_seconds:
        yield "idle_seconds must not be less than busy_seconds"


def _way_problems(poll: Poll) -> Iterator[str]:
    if poll.by == "window":
        if poll.longest_minutes and poll.longest_minutes * 60 <= poll.overlap_seconds:
            yield "a window no longer than its overlap never moves on"
        return
    if poll.overlap_seconds or poll.longest_minutes:
        yield f"only a window overlaps or is cut; this one goes by {poll.by}"
    if not all(one.paging and one.paging.style == poll.by for one in poll.requests):
        yield f"by {poll.by} needs paging of style {poll.by!r} in each request"
