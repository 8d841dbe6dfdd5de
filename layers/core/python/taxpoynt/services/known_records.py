"""Rows of the catalogue for a sale whose records are not, or cannot be, fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from taxpoynt.domain.catalogue import Feed, Kind
from taxpoynt.domain.catalogue_sync import SyncState
from taxpoynt.domain.connection import Connection
from taxpoynt.ports import Clock
from taxpoynt.ports.catalogue import CatalogueStore
from taxpoynt.ports.known import KnownRecord


@dataclass(slots=True)
class CatalogueRecords:
    """ports.KnownRecords of one connection, for one look at a record."""

    store: CatalogueStore
    clock: Clock
    connection: Connection
    _states: Mapping[Kind, SyncState] | None = None

    def find(self, kind: Kind, ids: Sequence[str], *, within: timedelta | None) -> Mapping[str, KnownRecord]:
        """A row is known to be so since the changes were followed last: that is its time, if it is later."""
        state = self._state(kind)
        current = state.current_at if state.loaded_at is not None else None
        if within is not None and (current is None or self.clock.now() - current > within):
            return {}
        feed = Feed(merchant=self.connection.merchant, connection=self.connection.connection, kind=kind)
        rows = [row for row in self.store.get_many(feed, ids) if not row.gone]
        return {
            row.id: KnownRecord(
                id=row.id,
                revision=row.revision,
                as_of=max(row.as_of, current) if current else row.as_of,
                record=row.record,
            )
            for row in rows
        }

    def _state(self, kind: Kind) -> SyncState:
        if self._states is None:
            self._states = self.store.states(self.connection.merchant, self.connection.connection)
        return self._states.get(kind, SyncState())
