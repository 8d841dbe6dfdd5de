"""What the routes and pages of the catalogue need from the services, as Protocols."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from taxpoynt.domain.catalogue import CatalogueItem, Customer, Kind, Row, StockLevel
from taxpoynt.domain.catalogue_sync import SyncState
from taxpoynt.ports.catalogue import Wish


class Shown(Protocol):
    """A row with its times (services.read_catalogue.RowShown)."""

    @property
    def row(self) -> Row:
        """As it is kept."""
        ...

    @property
    def terms(self) -> CatalogueItem | Customer | StockLevel:
        """In our terms."""
        ...

    @property
    def as_of(self) -> datetime:
        """When it is known to be so."""
        ...

    @property
    def changed_at(self) -> datetime:
        """When it changed here last."""
        ...


class Going(Protocol):
    """How far one kind has come (services.read_catalogue.Progress)."""

    @property
    def kind(self) -> Kind:
        """Which."""
        ...

    @property
    def state(self) -> SyncState:
        """All of it."""
        ...

    @property
    def rows(self) -> int:
        """Rows so far."""
        ...

    @property
    def expected(self) -> int | None:
        """Rows there will be."""
        ...


class CatalogueDesk(Protocol):
    """What may be asked (services.read_catalogue.ReadCatalogue)."""

    def progress(self, merchant: str, connection: str) -> Sequence[Going]:
        """Each kind of a connection."""
        ...

    def rows(
        self, merchant: str, connection: str, kind: Kind, wish: Wish, *, limit: int, cursor: str | None
    ) -> tuple[Sequence[Shown], str | None]:
        """A page of rows."""
        ...

    def by_ids(self, merchant: str, connection: str, kind: Kind, ids: Sequence[str]) -> Sequence[Shown]:
        """Some rows."""
        ...
