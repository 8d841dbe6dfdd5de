"""What the API shows of a connection's catalogue."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from taxpoynt.domain.catalogue import Kind, StockLevel
from taxpoynt.domain.catalogue_sync import Drift
from taxpoynt.domain.party import Address, Classification
from taxpoynt.portal.catalogue_needs import Going, Shown


class RowOut(BaseModel):
    """as_of: the platform had it so then; changed_at: when what we keep of it changed last.

    updated_at: the platform's own time of change, where it tells one. deleted: no longer at the platform, and nothing
    else of it is kept.
    """

    id: str
    as_of: datetime
    changed_at: datetime
    updated_at: datetime | None = None
    deleted: bool = False
    archived: bool = False
    location: str | None = None


class ItemOut(RowOut):
    """Something the merchant sells."""

    sku: str | None = None
    name: str | None = None
    unit: str | None = None
    category: str | None = None
    tax_class: str | None = None
    classification: Classification | None = None


class CustomerOut(RowOut):
    """A buyer the platform knows."""

    name: str | None = None
    kind: Literal["organisation", "person", "government"] | None = None
    tin: str | None = None
    email: str | None = None
    telephone: str | None = None
    address: Address | None = None


class StockOut(RowOut):
    """How much of an item a location has; `quantity` is a decimal, and may be below zero."""

    item: str
    quantity: str | None = None


class ItemPage(BaseModel):
    """By id. A page may be short and still have a cursor: go on until there is none."""

    items: list[ItemOut]
    next_cursor: str | None = None


class CustomerPage(BaseModel):
    """By id."""

    items: list[CustomerOut]
    next_cursor: str | None = None


class StockPage(BaseModel):
    """By item and location."""

    items: list[StockOut]
    next_cursor: str | None = None


class WalkOut(BaseModel):
    """A walk under way: how many rows and pages so far, of how many rows, where the platform says it."""

    began_at: datetime
    rows: int
    pages: int
    expected: int | None = None
    unreadable: int = 0


class DriftOut(BaseModel):
    """What the last check found, and mended. found: how many rows were not as they should be."""

    at: datetime
    by: Literal["whole", "total"]
    there: int
    here: int
    missing: int
    extra: int
    different: int
    found: int
    examples: list[str]
    note: str | None = None

    @classmethod
    def of(cls, drift: Drift) -> DriftOut:
        """From the state."""
        return cls(**drift.model_dump(exclude={"examples"}), found=drift.found, examples=list(drift.examples))


class SyncOut(BaseModel):
    """How one kind stands. phase: waiting, loading (the first time), following, or checking.

    current_at: everything is as the platform had it then; rows: how many there are, or were read so far.
    """

    kind: Kind
    phase: str
    rows: int
    expected: int | None = None
    loaded_at: datetime | None = None
    current_at: datetime | None = None
    changed_at: datetime | None = None
    checked_at: datetime | None = None
    walk: WalkOut | None = None
    drift: DriftOut | None = None
    problem: str | None = None

    @classmethod
    def of(cls, going: Going) -> SyncOut:
        """From the service."""
        state, walk = going.state, going.state.whole
        shown = None
        if walk is not None:
            about = walk.model_dump(include={"rows", "pages", "expected", "unreadable"})
            shown = WalkOut(began_at=walk.started_at, **about)
        return cls(
            kind=going.kind,
            phase=state.phase,
            rows=going.rows,
            expected=going.expected,
            loaded_at=state.loaded_at,
            current_at=state.current_at,
            changed_at=state.changed_at,
            checked_at=state.checked_at,
            walk=shown,
            drift=DriftOut.of(state.drift) if state.drift else None,
            problem=state.problem,
        )


class SyncList(BaseModel):
    """Every kind the platform has."""

    items: list[SyncOut]


def item_out(shown: Shown) -> ItemOut:
    """An item."""
    return ItemOut(**_times(shown), **_terms(shown, "sku name unit category tax_class classification"))


def customer_out(shown: Shown) -> CustomerOut:
    """A customer or a company."""
    return CustomerOut(**_times(shown), **_terms(shown, "name kind tin email telephone address"))


def stock_out(shown: Shown) -> StockOut:
    """A stock level."""
    terms = shown.terms
    if not isinstance(terms, StockLevel):  # pragma: no cover - the kind says so
        raise TypeError("not a stock level")
    quantity = None if terms.quantity is None else format(terms.quantity, "f")
    return StockOut(**{**_times(shown), "location": terms.location}, item=terms.item, quantity=quantity)


def _times(shown: Shown) -> dict[str, Any]:
    row = shown.row
    return {
        "id": row.id,
        "as_of": shown.as_of,
        "changed_at": shown.changed_at,
        "updated_at": shown.terms.updated_at,
        "deleted": row.gone,
        "archived": row.archived,
        "location": row.location,
    }


def _terms(shown: Shown, names: str) -> dict[str, Any]:
    return {name: getattr(shown.terms, name) for name in names.split()}
