"""Items, stock, customers and companies in the catalogue table (docs/decisions/0025).

Rows nobody has yet go in by BatchWriteItem, which knows no conditions; one worker at a time has the turn, so nobody
else inserts them meanwhile. A row that is there is replaced on condition that it is older: a page that arrives late,
from a worker believed dead or from a list that moved, never puts back what was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from taxpoynt.domain.catalogue import PEOPLE, Feed, Kind, Row, Stored, judge, newest_each
from taxpoynt.domain.catalogue_sync import SyncState
from taxpoynt.errors import StoreConflict
from taxpoynt.ports.catalogue import Turn, Wish
from taxpoynt.storage import cursors
from taxpoynt.storage.catalogue_items import KNOWN, item_of, known_of, row_of, sku_range, wish_query
from taxpoynt.storage.catalogue_keys import partition, partitions, place_of, seen_pk, shown_sk, sync_pk, turn_key
from taxpoynt.storage.items import iso
from taxpoynt.storage.seen_ids import SeenIds
from taxpoynt.storage.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from taxpoynt.ports import Clock

QUERIES = 10
"""Reads of one page: a filter that fits few rows gives a short page and a cursor instead of a time-out."""
MOST_PAGES = 9_999_999
SEEN_DAYS = 3
"""What walks have shown; a walk that takes longer begins again anyhow."""
_NEWER = "attribute_not_exists(pk) OR revision < :rev OR (revision IN (:rev, :none) AND as_of <= :at)"
_LATER = "attribute_not_exists(pk) OR as_of <= :at"
_MINE = "attribute_not_exists(pk) OR held_until <= :now OR (chain = :chain AND step < :step)"


class DynamoCatalogueStore:
    """ports.CatalogueStore. `days`: how long rows of a kind are kept after the platform last told them."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, clock: Clock, days: Callable[[Kind], int]) -> None:
        self._table = Table(dynamodb, table)
        self._clock = clock
        self._days = days

    # --- rows --------------------------------------------------------------------------------------------------------

    def put(self, feed: Feed, rows: Sequence[Row]) -> Stored:
        """One consistent read of what is there, then only what is new, newer, or near the end of its time."""
        pk = partition(feed)
        best = newest_each(rows)
        found = self._table.get_many([(pk, name) for name in best], only=KNOWN)
        known = {str(item["sk"]): item for item in found}
        verdicts = {name: judge(known_of(known.get(name)), row) for name, row in best.items()}
        ttl = self._ends(feed.kind)
        fresh = [item_of(pk, best[name], ttl) for name, verdict in verdicts.items() if verdict == "new"]
        self._table.put_many(fresh)
        changed = [name for name, verdict in verdicts.items() if verdict == "changed"]
        lost = {name for name in changed if not self._replace(pk, best[name], ttl)}
        for name, verdict in verdicts.items():
            if verdict == "same" and self._runs_out(feed.kind, known[name]):
                self._replace(pk, best[name], ttl)
        return Stored(
            new=[name for name, verdict in verdicts.items() if verdict == "new"],
            changed=[name for name in changed if name not in lost],
            same=sum(verdict == "same" for verdict in verdicts.values()),
            older=sum(verdict == "older" for verdict in verdicts.values()) + len(lost),
        )

    def _replace(self, pk: str, row: Row, ttl: int) -> bool:
        """False when something newer is there."""
        values: dict[str, Any] = {"rev": row.revision, "none": ""} if row.revision else {}
        try:
            self._table.put(
                item_of(pk, row, ttl), only_if=_NEWER if row.revision else _LATER, at=iso(row.as_of), **values
            )
        except StoreConflict:
            return False
        return True

    def _ends(self, kind: Kind) -> int:
        return int((self._clock.now() + timedelta(days=self._days(kind))).timestamp())

    def _runs_out(self, kind: Kind, item: Mapping[str, Any]) -> bool:
        """Less than a third of its time is left, and the platform has just shown it again."""
        left = int(item.get("ttl", 0)) - self._clock.now().timestamp()
        return left < timedelta(days=self._days(kind)).total_seconds() / 3

    def get_many(self, feed: Feed, ids: Sequence[str]) -> list[Row]:
        """In the order of `ids`."""
        pk = partition(feed)
        return [row_of(item) for item in self._table.get_many([(pk, one) for one in dict.fromkeys(ids)])]

    def page(self, feed: Feed, wish: Wish, *, limit: int, cursor: str | None) -> tuple[list[Row], str | None]:
        """By SKU from the index, all else from the partition; gone rows and others are left out after reading."""
        if wish.sku is not None:
            return self._by_sku(feed, wish.sku, limit), None
        condition, only, values = wish_query(feed, wish)
        after = cursors.read(cursor).get("after") if cursor else None
        start = place_of(feed, after) if isinstance(after, str) and after else None
        found: list[dict[str, Any]] = []
        for _ in range(QUERIES):
            read, start = self._table.query(condition, limit=limit - len(found), start=start, only=only, **values)
            found += read
            if start is None or len(found) >= limit:
                break
        return [row_of(item) for item in found], cursors.write({"after": start["sk"]["S"]}) if start else None

    def _by_sku(self, feed: Feed, sku: str, limit: int) -> list[Row]:
        first, last = sku_range(sku)
        keys, _ = self._table.query(
            "sku_pk = :pk AND sku_sk BETWEEN :first AND :last",
            index="by_sku",
            limit=limit,
            pk=partition(feed),
            first=first,
            last=last,
        )
        return self.get_many(feed, [str(item["sk"]) for item in keys])

    def rows_after(self, feed: Feed, row_id: str | None, *, limit: int) -> list[Row]:
        """Read on over gone ones: an empty answer is the end."""
        start = place_of(feed, row_id) if row_id else None
        while True:
            condition, only, values = wish_query(feed, Wish())
            found, start = self._table.query(condition, limit=limit, start=start, only=only, **values)
            if found or start is None:
                return [row_of(item) for item in found]

    def count(self, feed: Feed) -> int:
        """Reads keys and flags of the whole partition: half a unit for 4 KB, some 20 million rows for a dollar."""
        return self._table.count("pk = :pk", only="attribute_not_exists(gone)", pk=partition(feed))

    def forget(self, feed: Feed, row_id: str) -> bool:
        """The platform may show it again, and then it comes back: it has to be erased there as well."""
        return self._table.delete(partition(feed), row_id) is not None

    # --- where the synchronisation stands ----------------------------------------------------------------------------

    def states(self, merchant: str, connection: str) -> Mapping[Kind, SyncState]:
        """One small partition a connection."""
        items = self._table.query_all("pk = :pk", pk=sync_pk(merchant, connection))
        return {item["sk"]: SyncState.model_validate_json(item["state"]) for item in items if "state" in item}

    def save_state(self, feed: Feed, state: SyncState) -> SyncState:
        """Over the version it was read at."""
        stored = state.model_copy(update={"version": state.version + 1})
        item = {
            "pk": sync_pk(feed.merchant, feed.connection),
            "sk": feed.kind,
            "state": stored.model_dump_json(exclude_defaults=True),
            "version": stored.version,
        }
        if state.version:
            self._table.put(item, only_if="version = :was", was=state.version)
        else:
            self._table.put(item, only_if="attribute_not_exists(pk)")
        return stored

    def take_turn(self, turn: Turn, *, now: datetime, until: datetime) -> bool:
        """A conditional write; the step makes a message that is delivered twice lose the second time."""
        item = {**turn_key(turn), "chain": turn.chain, "step": turn.step, "held_until": until}
        try:
            self._table.put(item, only_if=_MINE, now=iso(now), chain=turn.chain, step=turn.step)
        except StoreConflict:
            return False
        return True

    def keep_turn(self, turn: Turn, *, until: datetime) -> None:
        """If it is still ours."""
        still = {"until": iso(until), "chain": turn.chain, "step": turn.step}
        where, mine = turn_key(turn), "chain = :chain AND step = :step"
        try:
            self._table.update(where["pk"], where["sk"], "SET held_until = :until", only_if=mine, **still)
        except StoreConflict:
            return

    def end_turn(self, turn: Turn) -> None:
        """If it is still ours."""
        where = turn_key(turn)
        try:
            self._table.delete(where["pk"], where["sk"], only_if="chain = :chain", chain=turn.chain)
        except StoreConflict:
            return

    def note_seen(self, feed: Feed, walk: str, number: int, ids: Sequence[str]) -> None:
        """One item a page."""
        ttl = int((self._clock.now() + timedelta(days=SEEN_DAYS)).timestamp())
        digests = SeenIds.of(ids).to_bytes()
        self._table.put({"pk": seen_pk(feed), "sk": shown_sk(walk, number), "ids": digests, "ttl": ttl})

    def seen(self, feed: Feed, walk: str) -> SeenIds:
        """Every page of the walk: 8 bytes a row."""
        every = {"first": shown_sk(walk, 0), "last": shown_sk(walk, MOST_PAGES)}
        pages = self._table.query_all("pk = :pk AND sk BETWEEN :first AND :last", pk=seen_pk(feed), **every)
        return SeenIds.joined(item["ids"] for item in pages)

    def forget_all(self, merchant: str, connection: str, *, limit: int) -> int:
        """Partition by partition; the states last, so that what is left is found by the next call."""
        gone = 0
        for pk in partitions(merchant, connection):
            items, _ = self._table.query("pk = :pk", limit=limit - gone, pk=pk)
            self._table.delete_many([(pk, str(item["sk"])) for item in items])
            gone += len(items)
            if gone >= limit:
                break
        return gone


def life_of(table: Mapping[str, Any]) -> Callable[[Kind], int]:
    """Days by kind, from the table of clocks (taxpoynt.retention): what may tell of a person has the shorter one."""
    people, things = int(table["cached customers"].days), int(table["cached items"].days)
    return lambda kind: people if kind in PEOPLE else things
