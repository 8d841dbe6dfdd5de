"""One process that plays the jobs of the catalogue's chain until none is left, or until it is killed."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from loadtests.catalogue.shop import PLATFORMS, Shop, VirtualClock
from loadtests.catalogue.store import SqliteBudget, SqliteCatalogue, SqliteQueue, count, meta, opened
from taxpoynt.connector_kit.catalogue import TemplateCatalogue
from taxpoynt.connector_kit.client import PlatformClient
from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.pacing import Pace
from taxpoynt.domain.connection import Connection, ConnectionStatus, TokenSet
from taxpoynt.errors import RateLimited, Retryable
from taxpoynt.ports import PlatformAnswer, PlatformApi
from taxpoynt.services import jobs
from taxpoynt.services.sync_catalogue import SyncCatalogue

MERCHANT, CONNECTION = "m_load", "c_load"
JOB_SECONDS = 60.0
AGAIN = 15


class Tokens:
    """connector_kit.client.TokenSource: a token as if just refreshed, whenever the old one is over."""

    def __init__(self, shop: Shop, clock: VirtualClock) -> None:
        self._shop, self._clock, self._generation, self._token = shop, clock, 1, shop.token()

    def current(self) -> TokenSet:
        later = self._clock.now() + timedelta(hours=1)
        return TokenSet(access_token=self._token, refresh_token=None, expires_at=later, generation=self._generation)

    def refreshed(self, after_generation: int) -> TokenSet:
        self._token, self._generation = self._shop.token(), after_generation + 1
        return self.current()


class Counting:
    """ports.PlatformApi that counts: requests, and how often we or the platform said `not now`."""

    def __init__(self, api: PlatformApi, database: Any) -> None:
        self._api, self._db = api, database

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        return self.read(path, params).body

    def read(
        self, path: str, params: Mapping[str, str] | None = None, *, body: Mapping[str, Any] | None = None
    ) -> PlatformAnswer:
        try:
            answer = self._api.read(path, params, body=body)
        except RateLimited as problem:
            ours = "budget" in str(problem)
            count(self._db, "held_back" if ours else "refused_429")
            raise
        count(self._db, "requests")
        return answer

    def send(self, method: Any, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        raise NotImplementedError


class OneConnection:
    """The only part of ports.ConnectionStore that is asked."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_connection(self, merchant: str, connection: str) -> Connection:
        return self._connection


def main() -> int:
    """0 when no job is left."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--db", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--connector", required=True)
    options = parser.parse_args()
    database = opened(options.db)
    shop = Shop(PLATFORMS[options.connector], options.url)
    clock = VirtualClock(shop, float(meta(database, "offset") or 0), lambda at: meta(database, "offset", str(at)))
    queue = SqliteQueue(database, clock.now)
    sync = _sync(shop, clock, database, queue)
    while (taken := queue.take()) is not None:
        number, due, message = taken
        if (wait := (due - clock.now()).total_seconds()) > 0:
            clock.wait(wait)
        _play(sync, message, queue, database)
        queue.done(number)  # a killed worker's message is still there
    return 0


def _play(sync: SyncCatalogue, message: dict[str, Any], queue: SqliteQueue, database: Any) -> None:
    begun = time.monotonic()
    count(database, "jobs")
    try:
        word = sync(jobs.read(message), lambda: JOB_SECONDS - (time.monotonic() - begun))
    except Retryable as problem:
        word = f"again: {type(problem).__name__}"
        queue.send("bulk", message, delay_seconds=AGAIN)
    if word.startswith("drift"):
        meta(database, "drift", word)


def _sync(shop: Shop, clock: VirtualClock, database: Any, queue: SqliteQueue) -> SyncCatalogue:
    spec = template(shop.platform.connector)
    facts = {"registers": int(meta(database, "registers"))}
    connection = Connection(
        merchant=MERCHANT,
        connection=CONNECTION,
        connector=spec.name,
        status=ConnectionStatus.ACTIVE,
        account_id=shop.platform.account_id,
        api_base=shop.url,
        account=facts,
    )
    pace = Pace(
        spec,
        SqliteBudget(database),
        merchant=MERCHANT,
        connection=CONNECTION,
        facts=facts,
        clock=clock,
        priority="bulk",
    )
    client = PlatformClient(
        spec,
        shop.url,
        Tokens(shop, clock),
        clock=clock,
        endpoint=shop.url,
        account_id=shop.platform.account_id,
        pace=pace,
    )
    reader = TemplateCatalogue(spec)
    return SyncCatalogue(
        OneConnection(connection),  # type: ignore[arg-type]  # the part that is asked
        SqliteCatalogue(database),
        queue,
        clock,
        lambda _: reader,
        lambda _: Counting(client, database),
    )


if __name__ == "__main__":
    sys.exit(main())
