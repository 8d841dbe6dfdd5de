"""Items, stock, customers and companies of a platform: where their lists are, how changes show, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from taxpoynt.connector_kit.template_fields import Count, FieldPath, Name, Path
from taxpoynt.connector_kit.template_polling import PollRequest, TimeForm
from taxpoynt.domain.catalogue import KINDS, Kind
from taxpoynt.domain.model import Model
from taxpoynt.domain.party import Address
from taxpoynt.mapping.rules import Expression, TransformSpec

_PARTY = frozenset({"name", "kind", "tin", "email", "telephone", "updated_at"}) | {
    f"address.{part}" for part in Address.model_fields
}
TERMS: dict[Kind, frozenset[str]] = {
    "items": frozenset(
        {
            "name",
            "unit",
            "category",
            "tax_class",
            "hsn_code",
            "product_category",
            "isic_code",
            "service_category",
            "updated_at",
        }
    ),
    "customers": _PARTY,
    "companies": _PARTY,
    "stock": frozenset({"quantity", "updated_at"}),
}
"""What each kind can say in our terms, besides id, SKU, location and whether it is archived."""


class Revision(Model):
    """What makes one state of a row newer than another: its version (a whole number) or its time of change."""

    by: Literal["version", "time"]
    value: Expression


class Changes(Model):
    """How changes are asked for: by version the whole list goes on from `{since}`, by time requests of their own do.

    overlap_seconds: how far each look goes back, for rows that appear late. since: how `{since}` is written.
    deletes: deleted rows come as changes too (`gone` says how they show); without, only whole walks find them.
    """

    requests: tuple[PollRequest, ...] = ()
    overlap_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    since: TimeForm = "seconds"
    deletes: bool = False


class Total(Model):
    """A request that tells how many rows there are, as many as the whole list shows and no deleted ones."""

    path: Path
    params: dict[str, str] = Field(default_factory=dict)
    value: Expression
    cost: Annotated[float, Field(ge=0)] = 1


class Term(Model):
    """A value and what is done to it, as in a mapping rule."""

    source: Expression
    transforms: Annotated[tuple[TransformSpec, ...], Field(max_length=10)] = ()


class Sync(Model):
    """One kind of rows. All expressions look at one row of the list.

    record: the resource that shows one row by its id, and what sales call such a record; whole: every row, several
    lists one after the other; in_order: by revision, oldest first, so that reading it again from a mark gives the
    changes. item: of stock, whose rows are named by item and location. keep: all of a row that is stored; terms: the
    kept row in our words.
    """

    record: Name | None = None
    whole: Annotated[tuple[PollRequest, ...], Field(min_length=1)]
    in_order: bool = False
    changes: Changes | None = None
    total: Total | None = None
    id: Expression | None = None
    item: Expression | None = None
    location: Expression | None = None
    sku: Expression | None = None
    revision: Revision | None = None
    gone: Expression | None = None
    archived: Expression | None = None
    keep: Annotated[tuple[FieldPath, ...], Field(min_length=1, max_length=100)]
    terms: dict[str, Expression | Term] = Field(default_factory=dict)
    every_minutes: Count = 60

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if problems := list(_problems(self)):
            raise ValueError("; ".join(problems))
        return self


def _problems(sync: Sync) -> Iterator[str]:
    by = sync.revision.by if sync.revision else None
    if sync.in_order and by is None:
        yield "a list in order needs a revision"
    if sync.changes is None:
        return
    if by is None:
        yield "changes need a revision"
    if by == "time" and not sync.changes.requests:
        yield "changes by time need requests with {since}"
    if by == "version" and sync.changes.requests:
        yield "changes by version are asked for with the whole list; give no requests"
    styles = [request.paging.style if request.paging else None for request in sync.whole]
    if by == "version" and not (sync.in_order and styles == ["version"]):
        yield "changes by version need one list in_order, with paging of style 'version'"
    if sync.changes.deletes and sync.gone is None:
        yield "changes that tell of deletions need gone"


class Syncs(Model):
    """What is kept in step, by kind. A kind that the platform does not have is left out."""

    items: Sync | None = None
    customers: Sync | None = None
    companies: Sync | None = None
    stock: Sync | None = None

    @model_validator(mode="after")
    def _known_terms(self) -> Self:
        if problems := [problem for kind, sync in self.by_kind().items() for problem in _kind_problems(kind, sync)]:
            raise ValueError("; ".join(problems))
        return self

    def requests(self) -> tuple[PollRequest | Total, ...]:
        """Everything that is asked for, with what it costs."""
        every: list[PollRequest | Total] = []
        for sync in self.by_kind().values():
            every += [
                *sync.whole,
                *(sync.changes.requests if sync.changes else ()),
                *([sync.total] if sync.total else ()),
            ]
        return tuple(every)

    def by_kind(self) -> dict[Kind, Sync]:
        """Those there are, in the order in which they are read."""
        found: dict[Kind, Sync | None] = {kind: getattr(self, kind) for kind in KINDS}
        return {kind: sync for kind, sync in found.items() if sync is not None}


def _kind_problems(kind: Kind, sync: Sync) -> Iterator[str]:
    for name in sorted(sync.terms.keys() - TERMS[kind]):
        yield f"{kind} have no {name!r}; known: {', '.join(sorted(TERMS[kind]))}"
    if kind == "stock" and not (sync.item and sync.location and sync.id is None):
        yield "stock is named by item and location, and has no id of its own"
    if kind != "stock" and (sync.id is None or sync.item is not None):
        yield f"{kind} are named by id, and have no item"
