"""Resources and records of a platform, and what its answers mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from taxpoynt.connector_kit.template_fields import Name, Path, Status
from taxpoynt.connector_kit.template_paging import Paging
from taxpoynt.domain.catalogue import Kind
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression


class Batch(Model):
    """Several records by one request, at most so many.

    Their ids stand where `{ids}` does, with `joined` between; or in the body under `into`, each as it is or as `each`
    says (`{id}` stands in it).
    found: the id of one item of the answer, since platforms leave out those they do not have.
    """

    at_most: Annotated[int, Field(ge=1, le=1000)]
    found: Expression = "id"
    joined: Annotated[str, StringConstraints(min_length=1, max_length=5)] = ","
    into: str | None = None
    each: dict[str, str] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.each is not None and self.into is None:
            raise ValueError("each says how an id stands in the body; into must say where")
        return self


class Resource(Model):
    """One endpoint. `item`: where the record (paged and batch: the list) stands in the answer.

    body: a request by POST that only reads. paged: a list in pages, by the template's paging or its own. many: one
    sale may need several, so that expressions see a list of them (of pages and batches they always do).
    cost: units of the platform's own budget.
    """

    path: Path
    params: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] | None = None
    item: Expression
    paged: bool = False
    many: bool = False
    paging: Paging | None = None
    batch: Batch | None = None
    cost: Annotated[float, Field(ge=0)] = 1

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = []
        if self.paging is not None and not self.paged:
            problems.append("paging is said of a resource that is not paged")
        if self.batch is not None and self.paged:
            problems.append("a batch has no pages")
        if self.batch is not None and self.batch.into is not None and self.body is None:
            problems.append("ids go into a body, and there is none")
        if (
            self.batch is not None
            and self.batch.into is None
            and "{ids}" not in str((self.path, self.params, self.body))
        ):
            problems.append("nothing says where the ids of a batch stand: {ids}, or batch.into")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def lists(self) -> bool:
        """Do expressions see a list, however many there are?"""
        return self.paged or self.many or self.batch is not None


class Related(Model):
    """A further answer a sale needs. `ids`: JMESPath over the answers so far; absent: the record's own id.

    catalogue: the kind of rows (syncs) that stand in where the platform does not show the record. prefer: `catalogue`
    takes a row without asking, while all rows of its kind are known to be no older than fresh_minutes.
    """

    resource: Name
    ids: Expression | None = None
    absent_on: tuple[Status, ...] = ()
    catalogue: Kind | None = None
    prefer: Literal["fetch", "catalogue"] = "fetch"
    fresh_minutes: Annotated[int, Field(ge=1, le=10_080)] = 120

    @model_validator(mode="after")
    def _from_somewhere(self) -> Self:
        if self.prefer == "catalogue" and self.catalogue is None:
            raise ValueError("prefer says catalogue; catalogue must say of which kind")
        return self


class Record(Model):
    """A resource from which sales are made, with what is fetched beside it, in order.

    A till writes goods that go out and goods that come back into one record, which are two documents. The second one
    is a record of its own to us: a part `of` the first, read by the same request, its id that of the first with
    `suffix`; it is there when `when` holds over the view of the first.
    each: there are several (the refunds of an order): JMESPath over the same view that gives their own ids, which stand
    behind the suffix (`1001_refund_7`). Expressions then see `part`, the own id of the one that is meant.
    """

    related: tuple[Related, ...] = ()
    of: Name | None = None
    suffix: Annotated[str, StringConstraints(pattern=r"^_[a-z]{1,20}$")] | None = None
    when: Expression | None = None
    each: Expression | None = None

    @model_validator(mode="after")
    def _part_is_whole(self) -> Self:
        if len({self.of is None, self.suffix is None, self.when is None and self.each is None}) > 1:
            raise ValueError("of, suffix and when (or each) go together")
        if self.when is not None and self.each is not None:
            raise ValueError("each tells by itself whether there are any; when is for a single part")
        return self

    def id_of_whole(self, record_id: str) -> str:
        """The id at the platform: that of the record this one is a part of."""
        return self._parts_of(record_id)[0]

    def id_of_part(self, record_id: str) -> str:
        """Which of several parts it is; empty where there is but one."""
        return self._parts_of(record_id)[1]

    def _parts_of(self, record_id: str) -> tuple[str, str]:
        if self.suffix is None:
            return record_id, ""
        if self.each is None:
            return record_id.removesuffix(self.suffix), ""
        whole, _, part = record_id.partition(f"{self.suffix}_")
        return whole, part


class VerdictOverride(Model):
    """What an answer means here other than by the kit's table (verdicts.py); the first that holds decides.

    status, content_type; when: a condition over a JSON body, such as an error code. `ended`: the grant is gone, and no
    refresh brings it back. wait_seconds: how long to wait; wait_at: where the body says so, in seconds.
    """

    status: Status | None = None
    content_type: str | None = None
    when: Expression | None = None
    verdict: Literal["rate_limited", "unavailable", "refused", "not_found", "unauthorised", "ended"]
    wait_seconds: Annotated[float, Field(gt=0, le=900)] | None = None
    wait_at: Expression | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.status is None and self.when is None:
            raise ValueError("an override needs a status or a condition")
        if self.verdict not in ("rate_limited", "unavailable") and (self.wait_seconds or self.wait_at):
            raise ValueError(f"nobody waits after {self.verdict!r}")
        return self
