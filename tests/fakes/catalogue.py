"""A catalogue store in memory, and a shop whose lists are read as real platforms offer them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from taxpoynt.domain.catalogue import Feed, Kind, Known, Row, Stored, judge, newest_each
from taxpoynt.domain.catalogue_sync import SyncState
from taxpoynt.errors import NotFound, PlatformRefused, StoreConflict
from taxpoynt.ports import PlatformAnswer
from taxpoynt.ports.catalogue import Turn, Wish
from taxpoynt.storage.seen_ids import SeenIds
from tests.fakes.clock import FakeClock

Judge = Callable[[Known | None, Row], str]


class FakeCatalogueStore:
    """ports.CatalogueStore; `judge` may be a broken one."""

    def __init__(self, judge: Judge = judge) -> None:
        self.rows: dict[Feed, dict[str, Row]] = {}
        self.saved: dict[Feed, str] = {}
        self.turns: dict[tuple[str, str], tuple[Turn, datetime]] = {}
        self.shown: dict[tuple[Feed, str], dict[int, bytes]] = {}
        self.writes = 0
        self._judge = judge
        self._lock = threading.RLock()

    def put(self, feed: Feed, rows: Sequence[Row]) -> Stored:
        with self._lock:
            new: list[str] = []
            changed: list[str] = []
            same = older = 0
            for row in newest_each(rows).values():
                held = self.rows.setdefault(feed, {}).get(row.id)
                known = Known(revision=held.revision, as_of=held.as_of, digest=held.digest) if held else None
                verdict = self._judge(known, row)
                if verdict in ("new", "changed"):
                    (new if verdict == "new" else changed).append(row.id)
                    self.rows[feed][row.id] = row
                    self.writes += 1
                same += verdict == "same"
                older += verdict == "older"
            return Stored(new=new, changed=changed, same=same, older=older)

    def get_many(self, feed: Feed, ids: Sequence[str]) -> list[Row]:
        held = self.rows.get(feed, {})
        return [held[one] for one in dict.fromkeys(ids) if one in held]

    def page(self, feed: Feed, wish: Wish, *, limit: int, cursor: str | None) -> tuple[list[Row], str | None]:
        fitting = [row for name, row in sorted(self.rows.get(feed, {}).items()) if _fits(row, wish)]
        after = [row for row in fitting if row.id > (cursor or "")]
        page = after[:limit]
        return page, page[-1].id if len(after) > limit else None

    def rows_after(self, feed: Feed, row_id: str | None, *, limit: int) -> list[Row]:
        live = [row for name, row in sorted(self.rows.get(feed, {}).items()) if name > (row_id or "") and not row.gone]
        return live[:limit]

    def count(self, feed: Feed) -> int:
        return sum(not row.gone for row in self.rows.get(feed, {}).values())

    def states(self, merchant: str, connection: str) -> Mapping[Kind, SyncState]:
        mine = {
            feed: text
            for feed, text in self.saved.items()
            if (feed.merchant, feed.connection) == (merchant, connection)
        }
        return {feed.kind: SyncState.model_validate_json(text) for feed, text in mine.items()}

    def save_state(self, feed: Feed, state: SyncState) -> SyncState:
        with self._lock:
            known = SyncState.model_validate_json(self.saved[feed]).version if feed in self.saved else 0
            if known != state.version:
                raise StoreConflict("somebody else wrote first")
            stored = state.model_copy(update={"version": state.version + 1})
            self.saved[feed] = stored.model_dump_json(exclude_defaults=True)
            return stored

    def take_turn(self, turn: Turn, *, now: datetime, until: datetime) -> bool:
        with self._lock:
            held = self.turns.get((turn.merchant, turn.connection))
            free = held is None or held[1] <= now or (held[0].chain == turn.chain and held[0].step < turn.step)
            if free:
                self.turns[turn.merchant, turn.connection] = (turn, until)
            return free

    def keep_turn(self, turn: Turn, *, until: datetime) -> None:
        with self._lock:
            held = self.turns.get((turn.merchant, turn.connection))
            if held and held[0] == turn:
                self.turns[turn.merchant, turn.connection] = (turn, until)

    def end_turn(self, turn: Turn) -> None:
        with self._lock:
            held = self.turns.get((turn.merchant, turn.connection))
            if held and held[0].chain == turn.chain:
                del self.turns[turn.merchant, turn.connection]

    def note_seen(self, feed: Feed, walk: str, number: int, ids: Sequence[str]) -> None:
        self.shown.setdefault((feed, walk), {})[number] = SeenIds.of(ids).to_bytes()

    def seen(self, feed: Feed, walk: str) -> SeenIds:
        return SeenIds.joined(self.shown.get((feed, walk), {}).values())

    def forget(self, feed: Feed, row_id: str) -> bool:
        return self.rows.get(feed, {}).pop(row_id, None) is not None

    def forget_all(self, merchant: str, connection: str, *, limit: int) -> int:
        with self._lock:
            gone = 0
            for feed in [one for one in self.rows if (one.merchant, one.connection) == (merchant, connection)]:
                for name in list(self.rows[feed])[: limit - gone]:
                    del self.rows[feed][name]
                    gone += 1
            for feed in [one for one in self.saved if (one.merchant, one.connection) == (merchant, connection)]:
                if gone < limit:
                    del self.saved[feed]
                    gone += 1
            return gone


def _fits(row: Row, wish: Wish) -> bool:
    return (
        (wish.gone or not row.gone)
        and (wish.archived or not row.archived)
        and (wish.sku is None or row.sku == wish.sku)
        and (wish.location is None or row.location == wish.location)
        and (wish.item is None or row.id.startswith(f"{wish.item}/"))
        and (wish.since is None or row.as_of >= wish.since)
    )


@dataclass
class Thing:
    """A row at the platform. `version` and `changed` move with every edit; deleted ones are shown where asked for."""

    id: str
    version: int
    changed: datetime
    name: str
    deleted: bool = False
    archived: bool = False

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "version": self.version,
            "updated_at": self.changed.isoformat(timespec="seconds"),
            "name": self.name,
            "sku": f"SKU-{self.id}",
            "archived": self.archived,
            "deleted_at": self.changed.isoformat() if self.deleted else None,
            "price": "9.99",
        }


@dataclass
class FakeShop:
    """A platform with one list, read in three ways; it implements ports.PlatformApi.

    /by_version: all rows and deletions by version, `after`. /by_time: by time of change, `since`, cursor pages; deleted
    rows are not shown. /numbered: by id in numbered pages, which slide when a row before them is deleted.
    """

    clock: FakeClock
    size: int = 3
    things: dict[str, Thing] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    last_version: int = 0
    broken: Exception | None = None

    def edit(self, row_id: str, name: str, **more: Any) -> None:
        self.last_version += 1
        self.things[row_id] = Thing(row_id, self.last_version, self.clock.now(), name, **more)

    def delete(self, row_id: str) -> None:
        self.edit(row_id, self.things[row_id].name, deleted=True)

    def truth(self) -> dict[str, str]:
        return {thing.id: thing.name for thing in self.things.values() if not thing.deleted}

    # --- ports.PlatformApi -------------------------------------------------------------------------------------------

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        return self.read(path, params).body

    def read(
        self, path: str, params: Mapping[str, str] | None = None, *, body: Mapping[str, Any] | None = None
    ) -> PlatformAnswer:
        self.before()
        if self.broken:
            raise self.broken
        query = dict(params or {})
        self.asked.append(path + "?" + "&".join(f"{name}={value}" for name, value in sorted(query.items())))
        answer = self._answer(path, query)
        date = self.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
        return PlatformAnswer(body=json.dumps(answer).encode(), headers={"date": date}, origin="https://shop.test")

    def send(self, method: Any, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        raise AssertionError("a synchronisation changes nothing at the platform")

    def _answer(self, path: str, query: dict[str, str]) -> Any:
        if path == "/by_version":
            return self._by_version(int(query.get("after", 0)))
        if path == "/by_time":
            return self._by_time(query)
        if path == "/numbered":
            return self._numbered(int(query["page"]))
        if path == "/count":
            return {"count": len(self.truth())}
        thing = self.things.get(path.rpartition("/")[2])
        if thing is None or thing.deleted:
            raise NotFound("gone")
        return {"data": thing.shown()}

    def _by_version(self, after: int) -> Any:
        newer = sorted((one for one in self.things.values() if one.version > after), key=lambda one: one.version)
        page = newer[: self.size]
        versions = [one.version for one in page]
        return {"data": [one.shown() for one in page], "version": {"max": max(versions, default=None)}}

    def _by_time(self, query: dict[str, str]) -> Any:
        since = query.get("since", "")
        place = query.get("cursor", "|").split("|")
        if query.get("cursor") == "expired":
            raise PlatformRefused("that cursor is no longer known")
        live = [one for one in self.things.values() if not one.deleted]
        keyed = sorted((one.changed.isoformat(timespec="seconds"), one.id, one) for one in live)
        fitting = [entry for entry in keyed if entry[0] >= since and list(entry[:2]) > place]
        page = fitting[: self.size]
        following = "|".join(page[-1][:2]) if len(fitting) > self.size else None
        return {"data": [entry[2].shown() for entry in page], "next": following}

    def _numbered(self, number: int) -> Any:
        live = [self.things[name] for name in sorted(self.things) if not self.things[name].deleted]
        return {"data": [one.shown() for one in live[(number - 1) * self.size : number * self.size]]}


_ROW: dict[str, Any] = {
    "record": "product",
    "id": "id",
    "sku": "sku",
    "gone": "deleted_at",
    "archived": "archived",
    "keep": ["id", "name", "sku"],
    "terms": {"name": "name"},
}

BY_VERSION: dict[str, Any] = {
    **_ROW,
    "whole": [
        {
            "path": "/by_version",
            "paging": {"style": "version", "parameter": "after", "newest": "version.max", "items": "data"},
        }
    ],
    "in_order": True,
    "revision": {"by": "version", "value": "version"},
    "changes": {"deletes": True},
}
"""As X-Series."""

_CURSOR = {"style": "cursor", "parameter": "cursor", "next": "next", "items": "data"}

BY_TIME: dict[str, Any] = {
    **_ROW,
    "whole": [{"path": "/by_time", "paging": _CURSOR}],
    "in_order": True,
    "revision": {"by": "time", "value": "updated_at"},
    "changes": {
        "requests": [{"path": "/by_time", "params": {"since": "{since}"}, "paging": _CURSOR}],
        "since": "offset",
    },
}
"""As R-Series: deletions are found by whole walks only."""

NUMBERED: dict[str, Any] = {
    **_ROW,
    "whole": [
        {"path": "/numbered", "paging": {"style": "page", "parameter": "page", "ends": "empty", "items": "data"}}
    ],
    "every_minutes": 1440,
}
"""A platform that cannot tell changes."""

COUNTED: dict[str, Any] = {**BY_VERSION, "total": {"path": "/count", "value": "count"}}
