"""Resources, records, polling, limits and the trigger of a platform."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from taxpoynt.connector_kit.template_fields import Count, Header, Name, Path, Status
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression


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
