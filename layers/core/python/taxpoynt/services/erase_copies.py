"""Forgetting what is kept of a platform's catalogue: a buyer's own row, or everything of a merchant who leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from taxpoynt.domain.catalogue import PEOPLE, Feed, Kind
from taxpoynt.ports import SaleRecord
from taxpoynt.ports.catalogue import CatalogueStore

PAGE = 500
PAGES = 200
"""In one go; what is left of a larger catalogue goes with the next day's purge."""


@dataclass(frozen=True, slots=True)
class EraseCopies:
    """`kind_of`: what a record (connector, resource) is in the catalogue."""

    store: CatalogueStore
    kind_of: Callable[[str, str], Kind | None]

    def of_sale(self, record: SaleRecord) -> int:
        """Rows of the buyer that the sale names; how many there were.

        The platform may show the customer again: it has to be erased there as well, as our answer says.
        """
        gone = 0
        for ref in record.depends_on:
            kind = self.kind_of(record.connector, ref.resource)
            if kind in PEOPLE:
                feed = Feed(merchant=record.merchant, connection=record.connection, kind=kind)
                gone += self.store.forget(feed, ref.id)
        return gone

    def of_merchant(self, merchant: str, connections: Iterable[str]) -> bool:
        """Everything of ended connections; True when nothing is left."""
        return all(self._of_connection(merchant, connection) for connection in connections)

    def _of_connection(self, merchant: str, connection: str) -> bool:
        return any(not self.store.forget_all(merchant, connection, limit=PAGE) for _ in range(PAGES))
