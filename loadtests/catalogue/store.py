"""What survives a kill, in one SQLite file: the catalogue, the job queue, the rate budget, and what was counted.

Stands in for DynamoDB and SQS: 900,000 rows in an emulator would be that emulator's memory test. The rule by which the
newest row wins is the product's own; that the DynamoDB store keeps it, tests/unit/storage/test_catalogue.py says.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from taxpoynt.domain.catalogue import Feed, Kind, Known, Row, Stored, judge, newest_each
from taxpoynt.domain.catalogue_sync import SyncState
from taxpoynt.errors import StoreConflict
from taxpoynt.ports.catalogue import Turn, Wish
from taxpoynt.storage.seen_ids import SeenIds

SCHEMA = """
CREATE TABLE IF NOT EXISTS row_ (kind TEXT, id TEXT, revision TEXT, as_of TEXT, digest TEXT, gone INT, archived INT,
  sku TEXT, location TEXT, record BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (kind TEXT PRIMARY KEY, text TEXT, version INT);
CREATE TABLE IF NOT EXISTS turn (id INT PRIMARY KEY, chain TEXT, step INT, until TEXT);
CREATE TABLE IF NOT EXISTS seen (walk TEXT, number INT, ids BLOB, PRIMARY KEY (walk, number));
CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY, due TEXT, message TEXT);
CREATE TABLE IF NOT EXISTS budget (id INT PRIMARY KEY, text TEXT);
CREATE TABLE IF NOT EXISTS counted (name TEXT PRIMARY KEY, n INT);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, text TEXT);
"""


def opened(path: Path) -> sqlite3.Connection:
    """Several processes may have it open; each call is one transaction."""
    database = sqlite3.connect(path, isolation_level=None, timeout=30)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.executescript(SCHEMA)
    return database


class SqliteCatalogue:
    """ports.CatalogueStore for one connection."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def put(self, feed: Feed, rows: Sequence[Row]) -> Stored:
        best = newest_each(rows)
        known = self._known(feed.kind, list(best))
        verdicts = {name: judge(known.get(name), row) for name, row in best.items()}
        written = [best[name] for name, verdict in verdicts.items() if verdict in ("new", "changed")]
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(
            "INSERT OR REPLACE INTO row_ VALUES (?,?,?,?,?,?,?,?,?,?)", [_values(feed.kind, row) for row in written]
        )
        self._db.execute("COMMIT")
        count(self._db, "rows_written", len(written))
        count(self._db, "rows_told", len(rows))
        return Stored(
            new=[name for name, verdict in verdicts.items() if verdict == "new"],
            changed=[name for name, verdict in verdicts.items() if verdict == "changed"],
            same=sum(verdict == "same" for verdict in verdicts.values()),
            older=sum(verdict == "older" for verdict in verdicts.values()),
        )

    def _known(self, kind: Kind, ids: list[str]) -> dict[str, Known]:
        marks = ",".join("?" * len(ids))
        asked = f"SELECT id, revision, as_of, digest FROM row_ WHERE kind=? AND id IN ({marks})"  # noqa: S608 - marks only
        return {
            name: Known(revision=revision, as_of=datetime.fromisoformat(as_of), digest=digest)
            for name, revision, as_of, digest in self._db.execute(asked, [kind, *ids])
        }

    def get_many(self, feed: Feed, ids: Sequence[str]) -> list[Row]:
        found = (self._db.execute(f"{_SELECT} WHERE kind=? AND id=?", (feed.kind, one)).fetchone() for one in ids)
        return [_row(one) for one in found if one]

    def page(self, feed: Feed, wish: Wish, *, limit: int, cursor: str | None) -> tuple[list[Row], str | None]:
        rows = self.rows_after(feed, cursor, limit=limit)
        return rows, rows[-1].id if len(rows) == limit else None

    def rows_after(self, feed: Feed, row_id: str | None, *, limit: int) -> list[Row]:
        asked = f"{_SELECT} WHERE kind=? AND id>? AND gone=0 ORDER BY id LIMIT ?"
        return [_row(one) for one in self._db.execute(asked, (feed.kind, row_id or "", limit))]

    def count(self, feed: Feed) -> int:
        asked = "SELECT count(*) FROM row_ WHERE kind=? AND gone=0"
        return int(self._db.execute(asked, (feed.kind,)).fetchone()[0])

    def states(self, merchant: str, connection: str) -> Mapping[Kind, SyncState]:
        found = self._db.execute("SELECT kind, text FROM state")
        return {kind: SyncState.model_validate_json(text) for kind, text in found}

    def save_state(self, feed: Feed, state: SyncState) -> SyncState:
        stored = state.model_copy(update={"version": state.version + 1})
        text = stored.model_dump_json(exclude_defaults=True)
        if state.version:
            asked = "UPDATE state SET text=?, version=? WHERE kind=? AND version=?"
            done = self._db.execute(asked, (text, stored.version, feed.kind, state.version)).rowcount
        else:
            asked = "INSERT OR IGNORE INTO state VALUES (?,?,?)"
            done = self._db.execute(asked, (feed.kind, text, stored.version)).rowcount
        if not done:
            raise StoreConflict("somebody else wrote first")
        return stored

    def take_turn(self, turn: Turn, *, now: datetime, until: datetime) -> bool:
        self._db.execute("BEGIN IMMEDIATE")
        held = self._db.execute("SELECT chain, step, until FROM turn").fetchone()
        free = held is None or held[2] <= _iso(now) or (held[0] == turn.chain and held[1] < turn.step)
        if free:
            self._db.execute("INSERT OR REPLACE INTO turn VALUES (1,?,?,?)", (turn.chain, turn.step, _iso(until)))
        self._db.execute("COMMIT")
        return bool(free)

    def keep_turn(self, turn: Turn, *, until: datetime) -> None:
        asked = "UPDATE turn SET until=? WHERE chain=? AND step=?"
        self._db.execute(asked, (_iso(until), turn.chain, turn.step))

    def end_turn(self, turn: Turn) -> None:
        self._db.execute("DELETE FROM turn WHERE chain=?", (turn.chain,))

    def note_seen(self, feed: Feed, walk: str, number: int, ids: Sequence[str]) -> None:
        values = (f"{feed.kind} {walk}", number, SeenIds.of(ids).to_bytes())
        self._db.execute("INSERT OR REPLACE INTO seen VALUES (?,?,?)", values)

    def seen(self, feed: Feed, walk: str) -> SeenIds:
        found = self._db.execute("SELECT ids FROM seen WHERE walk=? ORDER BY number", (f"{feed.kind} {walk}",))
        return SeenIds.joined(one[0] for one in found)

    def forget(self, feed: Feed, row_id: str) -> bool:
        raise NotImplementedError

    def forget_all(self, merchant: str, connection: str, *, limit: int) -> int:
        raise NotImplementedError


class SqliteQueue:
    """ports.JobQueue; `take` shows the message that is due first, `done` deletes it."""

    def __init__(self, database: sqlite3.Connection, now: Any) -> None:
        self._db, self._now = database, now

    def send(self, queue: str, job: Mapping[str, Any], *, delay_seconds: int = 0) -> None:
        due = datetime.fromtimestamp(self._now().timestamp() + delay_seconds, UTC)
        self._db.execute("INSERT INTO job (due, message) VALUES (?,?)", (_iso(due), json.dumps(dict(job))))

    def take(self) -> tuple[int, datetime, dict[str, Any]] | None:
        found = self._db.execute("SELECT id, due, message FROM job ORDER BY due, id LIMIT 1").fetchone()
        return (found[0], datetime.fromisoformat(found[1]), json.loads(found[2])) if found else None

    def done(self, number: int) -> None:
        self._db.execute("DELETE FROM job WHERE id=?", (number,))


class SqliteBudget:
    """ports.RateBudget."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def swap(self, merchant: str, connection: str, held: str, wanted: str, *, seconds: int) -> str | None:
        self._db.execute("BEGIN IMMEDIATE")
        found = self._db.execute("SELECT text FROM budget").fetchone()
        now = found[0] if found else ""
        if now == held:
            self._db.execute("INSERT OR REPLACE INTO budget VALUES (1,?)", (wanted,))
        self._db.execute("COMMIT")
        return None if now == held else now


def count(database: sqlite3.Connection, name: str, n: int = 1) -> None:
    """Adds to what was counted under a name."""
    asked = "INSERT INTO counted VALUES (?,?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n"
    database.execute(asked, (name, n))


def counts(database: sqlite3.Connection) -> dict[str, int]:
    """Everything that was counted."""
    return dict(database.execute("SELECT name, n FROM counted"))


def meta(database: sqlite3.Connection, name: str, text: str | None = None) -> str:
    """Reads a remembered text, or writes it."""
    if text is not None:
        database.execute("INSERT OR REPLACE INTO meta VALUES (?,?)", (name, text))
        return text
    found = database.execute("SELECT text FROM meta WHERE name=?", (name,)).fetchone()
    return found[0] if found else ""


_SELECT = "SELECT id, revision, as_of, record, gone, archived, sku, location FROM row_"


def _values(kind: str, row: Row) -> tuple[Any, ...]:
    flags = (int(row.gone), int(row.archived))
    return (kind, row.id, row.revision, _iso(row.as_of), row.digest, *flags, row.sku, row.location, row.record)


def _row(found: tuple[Any, ...]) -> Row:
    name, revision, as_of, record, gone, archived, sku, location = found
    return Row(
        id=name,
        revision=revision,
        as_of=datetime.fromisoformat(as_of),
        record=record,
        gone=bool(gone),
        archived=bool(archived),
        sku=sku,
        location=location,
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
