"""Pages of a merchant's sales, newest day first, without ever reading a day that has none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from taxpoynt.domain.status import SaleState
from taxpoynt.ports import SaleRecord
from taxpoynt.storage import cursors
from taxpoynt.storage.items import Item
from taxpoynt.storage.sale_items import STATE, day_marker, day_pk, days_pk, held_pk, record_of
from taxpoynt.storage.table import Table

MAX_PAGES = 20
"""Queries in one call; a rare state filtered out of a busy merchant gives short pages with a cursor instead."""


class SaleLists:
    """The list side of the sale store."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._marked: set[tuple[str, str]] = set()

    def mark_day(self, record: SaleRecord) -> None:
        """Notes, before the claim, that the merchant has sales on this day: one write per day and environment."""
        marker = day_marker(record.merchant, record.clock.issue_date)
        if (record.merchant, marker["sk"]) not in self._marked:
            self._table.put(marker)
            self._marked.add((record.merchant, marker["sk"]))

    def list_sales(
        self, merchant: str, *, limit: int, cursor: str | None, state: SaleState | None = None
    ) -> tuple[list[SaleRecord], str | None]:
        """Newest day first; held sales come from their own partition, other states are filtered while reading."""
        place = cursors.read(cursor) if cursor else {}
        if state is SaleState.NEEDS_ATTENTION:
            return self._held(merchant, limit, place)
        found: list[SaleRecord] = []
        day = cursors.day_in(place) or self._day_before(merchant, None)
        start = cursors.start_in(place, "day_pk", day_pk(merchant, day)) if day else None
        for _ in range(MAX_PAGES):
            if day is None:
                return found, None
            page, start = self._page(merchant, day, limit - len(found), start, state)
            found += page
            if start is None:
                day = self._day_before(merchant, day)
            if len(found) >= limit:
                break
        return found, cursors.write({"day": day.isoformat(), "start": start}) if day else None

    def _page(
        self, merchant: str, day: date, limit: int, start: Item | None, state: SaleState | None
    ) -> tuple[list[SaleRecord], Item | None]:
        values: dict[str, Any] = {"pk": day_pk(merchant, day)}
        if state:
            values |= {"only": "sale_state = :state", "state": state.value}
        items, more = self._table.query(
            "day_pk = :pk", index="by_day", limit=limit, start=start, newest_first=True, **values
        )
        return [record_of(item) for item in items], more

    def _day_before(self, merchant: str, day: date | None) -> date | None:
        values: dict[str, Any] = {"pk": days_pk(merchant)}
        if day:
            values["day"] = day.isoformat()
        condition = "pk = :pk AND sk < :day" if day else "pk = :pk"
        items, _ = self._table.query(condition, limit=1, newest_first=True, **values)
        return date.fromisoformat(items[0]["sk"]) if items else None

    def _held(self, merchant: str, limit: int, place: Mapping[str, Any]) -> tuple[list[SaleRecord], str | None]:
        pk = held_pk(merchant)
        start = cursors.start_in(place, "pk", pk)
        entries, more = self._table.query("pk = :pk", pk=pk, limit=limit, start=start, newest_first=True)
        items = self._table.get_many([(str(entry["sale"]), STATE) for entry in entries])
        return [record_of(item) for item in items], cursors.write({"start": more}) if more else None
