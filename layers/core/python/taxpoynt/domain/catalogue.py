"""What a merchant's platform knows besides sales: items, stock levels by shop, customers and companies.

A row is the platform's own object, cut to what the connector's template keeps. It is personal data where it tells of a
person, has a clock of its own (retention.py) and is never more than a copy: what is fetched for a sale wins over it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from taxpoynt.domain.model import Model
from taxpoynt.domain.party import Address, Classification

Kind = Literal["items", "customers", "companies", "stock"]
KINDS: tuple[Kind, ...] = ("items", "customers", "companies", "stock")
"""In the order in which they are read: what invoices need most comes first."""

PEOPLE: frozenset[Kind] = frozenset({"customers", "companies"})
"""Kinds whose rows may tell of a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One kind of rows of one connection."""

    merchant: str
    connection: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as the platform told it at `as_of`.

    id: the platform's, for stock `<item>/<location>`; record: canonical JSON of what is kept, empty for a gone row;
    revision: the row's own version or time of change, written so that text order is age order (revisions.py), empty
    where the platform tells none; gone: deleted at the platform; archived: hidden there, and still valid for old sales.
    """

    id: str
    revision: str
    as_of: datetime
    record: bytes = field(repr=False)
    gone: bool = False
    archived: bool = False
    sku: str | None = None
    location: str | None = None

    @property
    def digest(self) -> str:
        """Names the content: equal content of another time or revision has the same."""
        told = f"{self.gone:d}{self.archived:d}\n{self.sku}\n{self.location}\n".encode() + self.record
        return hashlib.sha256(told).hexdigest()[:24]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is stored of a row, as far as it decides whether another one is newer."""

    revision: str
    as_of: datetime
    digest: str


Verdict = Literal["new", "changed", "same", "older"]


def judge(known: Known | None, told: Row) -> Verdict:
    """What becomes of a row: the newest wins, whatever the order in which rows arrive.

    A higher revision is written even when nothing else changed: else a row of a revision in between, arriving late,
    would count as newer than the content it is older than. Without revisions the time of asking decides.
    """
    if known is None:
        return "new"
    same = known.digest == told.digest
    if known.revision and told.revision and known.revision != told.revision:
        return "changed" if told.revision > known.revision else "older"
    if same:
        return "same"
    return "changed" if told.as_of >= known.as_of else "older"


def newest_each(rows: Sequence[Row]) -> dict[str, Row]:
    """By id; of one id twice on a page the newer counts."""
    best: dict[str, Row] = {}
    for row in rows:
        held = best.get(row.id)
        known = Known(revision=held.revision, as_of=held.as_of, digest=held.digest) if held else None
        if judge(known, row) in ("new", "changed"):
            best[row.id] = row
    return best


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What storing rows did, by id: those that were new, those that changed, and how many were as before or older."""

    new: Sequence[str] = ()
    changed: Sequence[str] = ()
    same: int = 0
    older: int = 0

    @property
    def written(self) -> int:
        """Rows that cost a write."""
        return len(self.new) + len(self.changed)


class CatalogueItem(Model):
    """Something a merchant sells, in our terms."""

    id: str
    sku: str | None = None
    name: str | None = None
    unit: str | None = None
    category: str | None = None
    tax_class: str | None = None
    classification: Classification | None = None
    location: str | None = None
    archived: bool = False
    updated_at: datetime | None = None


class StockLevel(Model):
    """How much of an item a location has; the quantity may be negative, as tills sell what they do not know of."""

    item: str
    location: str
    quantity: Decimal | None = None
    updated_at: datetime | None = None


class Customer(Model):
    """A buyer the platform knows: a person or a company."""

    id: str
    name: str | None = None
    kind: Literal["organisation", "person", "government"] | None = None
    tin: str | None = None
    email: str | None = None
    telephone: str | None = None
    address: Address | None = None
    location: str | None = None
    archived: bool = False
    updated_at: datetime | None = None
