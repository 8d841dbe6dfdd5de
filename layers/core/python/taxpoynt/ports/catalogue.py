"""Items, stock, customers and companies: where they are kept, and what reads them from a platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from taxpoynt.domain.catalogue import CatalogueItem, Customer, Feed, Kind, Row, StockLevel, Stored
from taxpoynt.domain.catalogue_sync import PageRead, Plan, SyncState
from taxpoynt.ports.platform import PlatformApi


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguePage:
    """One page of a list: its rows, and what it says of the walk."""

    rows: Sequence[Row]
    read: PageRead


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which rows a list shall show. since: those that were written at or after this moment, as they changed here."""

    sku: str | None = None
    location: str | None = None
    item: str | None = None
    since: datetime | None = None
    archived: bool = True
    gone: bool = False


class CatalogueReader(Protocol):
    """What a connector says of a platform's catalogue; pure, but for what talks through `PlatformApi`."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What the platform has; empty for none."""
        ...

    def plan(self, kind: Kind) -> Plan: ...
    def page(
        self, api: PlatformApi, kind: Kind, *, since: str | None, leg: int, place: str | None, now: datetime
    ) -> CataloguePage:
        """One request. PlatformRefused for a place the platform no longer knows."""
        ...

    def total(self, api: PlatformApi, kind: Kind) -> int | None:
        """How many rows the platform says it has; None where it does not say."""
        ...

    def one(self, api: PlatformApi, kind: Kind, row_id: str, now: datetime) -> Row | None:
        """One row by its id; None when the platform does not show it, or cannot be asked for one."""
        ...

    def kind_of(self, resource: str) -> Kind | None:
        """What a record of this resource is in the catalogue."""
        ...

    def terms(self, kind: Kind, row: Row) -> CatalogueItem | Customer | StockLevel:
        """A row in our terms."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The right to work on one connection's catalogue. `step` counts the jobs of a chain: a repeated one gets none."""

    merchant: str
    connection: str
    chain: str
    step: int


class CatalogueStore(Protocol):
    """Rows, and where their synchronisation stands. The newest row wins, whatever the order of calls."""

    def put(self, feed: Feed, rows: Sequence[Row]) -> Stored:
        """Stores what is new or newer; one id twice counts once, as the newer of both. Safe to repeat."""
        ...

    def get_many(self, feed: Feed, ids: Sequence[str]) -> list[Row]:
        """Those that are there, gone ones included, as they are now."""
        ...

    def page(self, feed: Feed, wish: Wish, *, limit: int, cursor: str | None) -> tuple[list[Row], str | None]:
        """Rows in the order of their ids; a page may be short and still have a cursor."""
        ...

    def rows_after(self, feed: Feed, row_id: str | None, *, limit: int) -> list[Row]:
        """The next rows in the order of their ids that are not gone; empty at the end."""
        ...

    def count(self, feed: Feed) -> int:
        """Rows that are not gone."""
        ...

    def states(self, merchant: str, connection: str) -> Mapping[Kind, SyncState]: ...
    def save_state(self, feed: Feed, state: SyncState) -> SyncState:
        """Over the version it was read at; StoreConflict otherwise."""
        ...

    def take_turn(self, turn: Turn, *, now: datetime, until: datetime) -> bool:
        """False while another chain, or another job of this step, may be at work."""
        ...

    def keep_turn(self, turn: Turn, *, until: datetime) -> None:
        """The chain goes on by a later job."""
        ...

    def end_turn(self, turn: Turn) -> None: ...
    def note_seen(self, feed: Feed, walk: str, number: int, ids: Sequence[str]) -> None:
        """The ids of one page of a walk; the same number again replaces them."""
        ...

    def seen(self, feed: Feed, walk: str) -> SeenIds: ...
    def forget(self, feed: Feed, row_id: str) -> bool:
        """Deletes one row; was it there?"""
        ...

    def forget_all(self, merchant: str, connection: str, *, limit: int) -> int:
        """Deletes rows, states and all else of a connection, at most `limit`; how many. 0: nothing is left."""
        ...


class SeenIds(Protocol):
    """The ids a walk has shown, as 64-bit digests: 8 bytes a row, so that 200,000 rows are 1.6 MB."""

    def __contains__(self, row_id: object) -> bool: ...
    def __len__(self) -> int: ...
