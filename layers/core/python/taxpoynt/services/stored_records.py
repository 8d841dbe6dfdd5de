"""A connection's newest records, as they are kept: what a what-if runs on. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from taxpoynt.domain.connection import Connection
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import NotFound
from taxpoynt.ports import BlobStore, SaleStore

MOST = 200
"""Records of one what-if: what is read and converted twice within a request."""
LOOKED = 4 * MOST
PAGE = 100
PAGES = 20


@dataclass(frozen=True, slots=True)
class Newest:
    """bundles: with a name for people; gone: how many more there were that are kept no more."""

    bundles: Sequence[tuple[str, SourceBundle]]
    gone: int


@dataclass(frozen=True, slots=True)
class StoredRecords:
    """Of sales, and of what makes none yet; the latter may have been fetched for this very purpose (run_look_back)."""

    sales: SaleStore
    blobs: BlobStore

    def newest(self, connection: Connection, records: int, *, fetched: Sequence[str] = ()) -> Newest:
        """As many as asked for, as far as they are there. fetched: `resource/id` of a look back, the latest first."""
        places = list(self._places(connection, records, fetched))
        bundles = [self._bundle(place) for place in places]
        kept = [(f"{one.resource} {one.resource_id}", one) for one in bundles if one is not None]
        return Newest(kept, len(places) - len(kept))

    def _places(self, connection: Connection, records: int, fetched: Sequence[str]) -> Iterator[str]:
        """Where the newest records are kept: half of them at most such as make no sale, which may appear.

        What came by itself is newer than what was fetched, and that came latest first.
        """
        prefix = f"{connection.merchant}/records/{connection.connector}/"
        looked = self.blobs.newest(prefix, limit=LOOKED)
        sold = list(self._sold(connection, records))
        known = {_record(place) for place in sold}
        latest: dict[str, str] = {}
        for place in looked:
            if _record(place) not in known:
                latest.setdefault(_record(place), place)
        order = {f"{prefix}{one}": number for number, one in enumerate(fetched, 1)}
        others = sorted(latest, key=lambda one: order.get(one, 0))
        chosen = [latest[one] for one in others[: max(records // 2, records - len(sold))]]
        yield from [*sold[: records - len(chosen)], *chosen]

    def _sold(self, connection: Connection, records: int) -> Iterator[str]:
        """Of the connection's newest sales; corrections are no records of their own."""
        cursor: str | None = None
        for _ in range(PAGES):
            page, cursor = self.sales.list_sales(connection.merchant, limit=PAGE, cursor=cursor)
            for one in page:
                if one.connection == connection.connection and ":" not in one.sale_id and records > 0:
                    records -= 1
                    yield one.record_key
            if cursor is None or records == 0:
                return

    def _bundle(self, place: str) -> SourceBundle | None:
        with suppress(NotFound):
            return SourceBundle.from_bytes(self.blobs.get(place))
        return None


def _record(place: str) -> str:
    """The record a place is about: `…/deal/8/<sha>.json` → `…/deal/8`."""
    return place.rpartition("/")[0]
