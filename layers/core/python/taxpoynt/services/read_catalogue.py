"""What people and other programs see of a connection's catalogue: rows with their times, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from taxpoynt.domain.catalogue import CatalogueItem, Customer, Feed, Kind, Row, StockLevel
from taxpoynt.domain.catalogue_sync import SyncState
from taxpoynt.domain.connection import Connection
from taxpoynt.errors import NotFound
from taxpoynt.ports import ConnectionStore
from taxpoynt.ports.catalogue import CatalogueReader, CatalogueStore, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """A row in our terms. as_of: when it is known to be so; changed_at: when what we have of it changed last."""

    row: Row
    terms: CatalogueItem | Customer | StockLevel
    as_of: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One kind of one connection, for people. `rows` of `expected` (None: the platform does not say)."""

    kind: Kind
    state: SyncState

    @property
    def rows(self) -> int:
        """Read so far in the walk over everything, else those there were at the end of the last one."""
        return self.state.whole.rows if self.state.whole else self.state.rows or 0

    @property
    def expected(self) -> int | None:
        """How many there will be."""
        return self.state.whole.expected if self.state.whole else None


@dataclass(frozen=True, slots=True)
class ReadCatalogue:
    """Every call takes the merchant first; ids of others are NotFound."""

    connections: ConnectionStore
    store: CatalogueStore
    reader: Callable[[str], CatalogueReader]

    def progress(self, merchant: str, connection: str) -> Sequence[Progress]:
        """Each kind the platform has; empty for a platform without a catalogue."""
        found = self.connections.get_connection(merchant, connection)
        return self.progress_of(found)

    def progress_of(self, found: Connection) -> Sequence[Progress]:
        """The same of a connection at hand."""
        kinds = self.reader(found.connector).kinds
        states = self.store.states(found.merchant, found.connection) if kinds else {}
        return [Progress(kind=kind, state=states.get(kind, SyncState())) for kind in kinds]

    def rows(
        self, merchant: str, connection: str, kind: Kind, wish: Wish, *, limit: int, cursor: str | None
    ) -> tuple[list[RowShown], str | None]:
        """A page; NotFound for a kind that the platform does not have."""
        feed, reader, state = self._at(merchant, connection, kind)
        page, more = self.store.page(feed, wish, limit=limit, cursor=cursor)
        return [_shown(reader, kind, row, state) for row in page], more

    def by_ids(self, merchant: str, connection: str, kind: Kind, ids: Sequence[str]) -> list[RowShown]:
        """Those that are there, deleted ones left out."""
        feed, reader, state = self._at(merchant, connection, kind)
        found = self.store.get_many(feed, ids)
        return [_shown(reader, kind, row, state) for row in found if not row.gone]

    def _at(self, merchant: str, connection: str, kind: Kind) -> tuple[Feed, CatalogueReader, SyncState]:
        found = self.connections.get_connection(merchant, connection)
        reader = self.reader(found.connector)
        if kind not in reader.kinds:
            raise NotFound(f"{found.connector} has no {kind}")
        state = self.store.states(merchant, connection).get(kind, SyncState())
        return Feed(merchant=merchant, connection=connection, kind=kind), reader, state


def _shown(reader: CatalogueReader, kind: Kind, row: Row, state: SyncState) -> RowShown:
    """What did not change is known to be so since the changes were followed last."""
    followed = state.current_at if state.loaded_at is not None else None
    as_of = max(row.as_of, followed) if followed else row.as_of
    return RowShown(row=row, terms=reader.terms(kind, row), as_of=as_of, changed_at=row.as_of)
