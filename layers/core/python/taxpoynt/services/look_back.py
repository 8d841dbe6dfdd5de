"""Asking for a connection's last records of before, and how far that has come: for the pages and the API.

Only run_sync_job may use a platform's tokens, so this sends it a job (run_look_back.py) and reads what it noted.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.look_back import LookBack
from taxpoynt.errors import BadInput, StoreConflict
from taxpoynt.ports import Clock, ConnectionStore, JobQueue
from taxpoynt.ports.look_back import LookBackStore
from taxpoynt.services import jobs

MOST = 200
"""Records of one look back: as many as a preview takes."""
DEAD = timedelta(minutes=30)
"""A look back that noted nothing for so long (twice SQS's longest delay) is taken as dead when somebody asks again."""
FRESH = timedelta(minutes=15)
"""What is newer than this is not fetched again: what was sold since came by itself."""


@dataclass(frozen=True, slots=True)
class LookBacks:
    """cannot: why a connector's platform does not list its past, as words in a sentence; empty where it does."""

    connections: ConnectionStore
    store: LookBackStore
    queue: JobQueue
    clock: Clock
    cannot: Callable[[str], str]

    def shown(self, merchant: str, connection: str) -> LookBack | None:
        """The last one, None before the first. NotFound for a connection that is not the merchant's."""
        self.connections.get_connection(merchant, connection)
        return self.store.get(merchant, connection)

    def possible(self, connection: Connection) -> str:
        """Why it cannot be asked for, as words in a sentence; empty where it can."""
        if connection.status is not ConnectionStatus.ACTIVE:
            return "the connection is not active"
        return self.cannot(connection.connector)

    def ask(self, merchant: str, connection: str, records: int) -> LookBack:
        """Begins one; what is under way, or was done just now for as many records, is answered instead.

        BadInput where it cannot be. Noted first, sent afterwards: a crash in between leaves one that counts as dead.
        """
        if not 1 <= records <= MOST:
            raise BadInput(f"1 to {MOST} records can be fetched")
        found = self.connections.get_connection(merchant, connection)
        if why := self.possible(found):
            raise BadInput(why)
        now, before = self.clock.now(), self.store.get(merchant, connection)
        if before is not None and _does(before, records, now):
            return before
        begun = LookBack(
            merchant=merchant,
            connection=connection,
            wanted=records,
            chain=str(uuid.uuid4()),
            asked_at=now,
            as_of=now,
            version=before.version if before else 0,
        )
        with suppress(StoreConflict):  # somebody else asked in the same moment: theirs is as good
            begun = self.store.save(begun)
            self.queue.send("bulk", look_back_job(found, begun.chain))
        return self.store.get(merchant, connection) or begun


def look_back_job(connection: Connection, chain: str) -> dict[str, Any]:
    """A slice of the look back that this chain does."""
    return jobs.make("look_back", connection.merchant, connection.connection, connection.connector, chain=chain)


def _does(before: LookBack, records: int, now: datetime) -> bool:
    age = now - before.as_of
    if before.state == "fetching":
        return age < DEAD
    return before.state == "done" and before.wanted >= records and age < FRESH


def shown_look_back(one: LookBack | None) -> Mapping[str, Any] | None:
    """As JSON, without the walk's place."""
    if one is None:
        return None
    return {
        "state": one.state,
        "why": one.why or one.note,
        "wanted": one.wanted,
        "there": one.there,
        "fetched": one.kept,
        "left_out": one.left_out,
        "reached": one.reached.isoformat() if one.reached else None,
        "asked_at": one.asked_at.isoformat(),
        "as_of": one.as_of.isoformat(),
    }
