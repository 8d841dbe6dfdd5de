"""The load itself: a first load that is killed again and again, a second run after some changes, a check, a recount."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import requests

from loadtests.catalogue.shop import PLATFORMS, ROOT, Shop, running
from loadtests.catalogue.store import SqliteCatalogue, SqliteQueue, count, counts, meta, opened
from loadtests.catalogue.worker import CONNECTION, MERCHANT
from taxpoynt.connector_kit.catalogue import TemplateCatalogue
from taxpoynt.connector_kit.loader import template
from taxpoynt.domain.catalogue import Feed
from taxpoynt.services import jobs

VISIBLE_AGAIN = 720
"""Virtual seconds until SQS shows a killed worker's message again: six times the production function's limit."""
PARTS = 5


@dataclass
class Phase:
    """What one part of the run cost. memory: the largest resident size of a worker in each fifth of the rows, in MB."""

    name: str
    seconds: float = 0.0
    virtual_seconds: float = 0.0
    counted: dict[str, int] = field(default_factory=dict)
    kills: int = 0
    memory: dict[int, float] = field(default_factory=dict)


@dataclass
class Found:
    """Everything about one platform."""

    connector: str
    rows: dict[str, int]
    phases: list[Phase]
    changes: dict[str, int]
    drift: dict[str, Any]
    wrong: list[str]


class Run:
    """One platform."""

    def __init__(self, shop: Shop, folder: Path, say: Callable[[str], None]) -> None:
        self.shop, self.say, self.path = shop, say, folder / f"{shop.platform.connector}.db"
        self.database = opened(self.path)
        self.offset = 0.0
        self.expected = 0

    def phase(self, name: str, *, kills: int = 0, seed: int = 1) -> Phase:
        """The scheduler's job, and all that comes of it."""
        self.database.execute("DELETE FROM counted")
        before, begun, phase = self._virtual(), time.monotonic(), Phase(name)
        ids = (MERCHANT, CONNECTION, self.shop.platform.connector)
        SqliteQueue(self.database, self.shop.now).send("bulk", jobs.make("sync", *ids))
        dice = random.Random(seed)  # noqa: S311 - repeatable dice
        while not self._worker(phase, dice.uniform(0.5, 20.0) if phase.kills < kills else None):
            self._visible_again()
            phase.kills += 1
        phase.seconds = time.monotonic() - begun
        phase.virtual_seconds = (self._virtual() - before).total_seconds()
        phase.counted = counts(self.database)
        told = phase.counted
        self.say(f"  {name}: {told.get('requests', 0):,} requests, {told.get('rows_written', 0):,} rows written")
        return phase

    def _worker(self, phase: Phase, life: float | None) -> bool:
        """True when it ended by itself. Killed the hard way after `life` seconds, wherever it is."""
        command = [sys.executable, "-m", "loadtests.catalogue.worker", "--db", str(self.path)]
        command += ["--url", self.shop.url, "--connector", self.shop.platform.connector]
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ.copy())  # noqa: S603 - our own command
        watched, ends, began = psutil.Process(process.pid), None if life is None else time.monotonic() + life, False
        while True:
            try:
                code = process.wait(timeout=0.25)
            except subprocess.TimeoutExpired:
                began = self._sample(phase, watched) or began
                if ends is not None and began and time.monotonic() >= ends:
                    process.kill()
                    process.wait()
                    return False
                continue
            if code:
                raise RuntimeError(f"the worker ended with {code}")
            return True

    def _sample(self, phase: Phase, watched: psutil.Process) -> bool:
        rows = counts(self.database).get("rows_told", 0)
        try:
            size = watched.memory_info().rss / 1024 / 1024
        except psutil.NoSuchProcess:
            return False
        part = min(PARTS - 1, rows * PARTS // max(1, self.expected))
        phase.memory[part] = max(phase.memory.get(part, 0.0), size)
        return rows > 0

    def _visible_again(self) -> None:
        self.shop.advance(VISIBLE_AGAIN)
        meta(self.database, "offset", str(float(meta(self.database, "offset") or 0) + VISIBLE_AGAIN))

    def wait(self, seconds: float) -> None:
        """Virtual time goes by between two phases."""
        self.shop.advance(seconds)
        meta(self.database, "offset", str(float(meta(self.database, "offset") or 0) + seconds))

    def _virtual(self) -> datetime:
        return self.shop.now()

    def rows(self) -> dict[str, int]:
        """What we have, by kind."""
        store = SqliteCatalogue(self.database)
        kinds = TemplateCatalogue(template(self.shop.platform.connector)).kinds
        return {kind: store.count(Feed(merchant=MERCHANT, connection=CONNECTION, kind=kind)) for kind in kinds}

    def drift(self) -> dict[str, Any]:
        """What the last check of each kind reports."""
        states = SqliteCatalogue(self.database).states(MERCHANT, CONNECTION)
        return {kind: state.drift.model_dump(mode="json") for kind, state in states.items() if state.drift}


def load(connector: str, items: int, customers: int, kills: int, say: Callable[[str], None]) -> Found:
    """One platform from nothing to checked."""
    platform = PLATFORMS[connector]
    with tempfile.TemporaryDirectory() as folder, running(platform) as shop:
        run = Run(shop, Path(folder), say)
        wanted = {platform.crowd["items"]: items, platform.crowd["customers"]: customers}
        made = shop.control("POST", "/bulk", wanted)
        run.expected = sum(number for name, number in made.items() if name != "version")
        meta(run.database, "registers", str(_registers(shop)))
        say(f"{connector}: {run.expected:,} rows at the platform")
        phases = [run.phase("first load", kills=kills)]
        run.wait(3600 * 2)
        phases.append(run.phase("nothing changed"))
        changes = _change(shop, items, customers)
        run.wait(3600 * 2)
        phases.append(run.phase("changes only", kills=min(2, kills)))
        run.wait(86_400 * 8)
        phases.append(run.phase("check of every row", kills=min(2, kills)))
        count(run.database, "", 0)
        return Found(connector, run.rows(), phases, changes, run.drift(), _wrong(run, _truth(shop)))


def _change(shop: Shop, items: int, customers: int) -> dict[str, int]:
    names = shop.platform.changes
    wanted = {"items": max(1, items // 400), "customers": max(1, customers // 500), "stock": max(1, items // 400)}
    wanted["gone"] = max(1, items // 4000)
    shop.control("POST", "/bulk/changes", {names[name]: number for name, number in wanted.items()} | {"seed": 7})
    return wanted


def _registers(shop: Shop) -> int:
    if shop.platform.connector == "lightspeed_x":
        return len(_get(shop, "/api/2.0/registers", {})["data"])
    found = _get(shop, f"/API/V3/Account/{shop.platform.account_id}/Register.json", {})["Register"]
    return len(found) if isinstance(found, list) else 1


# --- a second reader, which shares nothing with the product --------------------------------------------------------


def _truth(shop: Shop) -> dict[str, dict[str, Any]]:
    """Every row at the platform, by kind: id and content, as far as both sides show it."""
    lists = _X if shop.platform.connector == "lightspeed_x" else _R
    reader = _x_rows if shop.platform.connector == "lightspeed_x" else _r_rows
    return {kind: dict(shown(one) for one in reader(shop, path)) for kind, (path, shown) in lists.items()}


_X: Mapping[str, Any] = {
    "items": ("products", lambda one: (one["id"], [one["name"], one["sku"]])),
    "customers": ("customers", lambda one: (one["id"], [one.get("last_name"), one.get("custom_field_1")])),
    "stock": ("inventory", lambda one: (f"{one['product_id']}/{one['outlet_id']}", str(one["inventory_level"]))),
}
_R: Mapping[str, Any] = {
    "items": ("Item", lambda one: (one["itemID"], [one["description"], one["archived"]])),
    "customers": ("Customer", lambda one: (one["customerID"], [one["lastName"], one["vatNumber"]])),
    "stock": ("ItemShop", lambda one: (f"{one['itemID']}/{one['shopID']}", one["qoh"])),
}


def _x_rows(shop: Shop, path: str) -> Any:
    after = 0
    while True:
        page = _get(shop, f"/api/2.0/{path}", {"after": str(after), "page_size": "1000"})
        if not page["data"]:
            return
        yield from page["data"]
        after = page["version"]["max"]


def _r_rows(shop: Shop, path: str) -> Any:
    where, params = f"/API/V3/Account/{shop.platform.account_id}/{path}.json", _r_params(path)
    while True:
        page = _get(shop, where, params)
        found = page.get(path, [])
        yield from found if isinstance(found, list) else [found]
        following = page["@attributes"].get("next")
        if not following:
            return
        where, params = following.partition(shop.url)[2], {}


def _r_params(path: str) -> dict[str, str]:
    return {"limit": "100"} | ({"shopID": "!=,0"} if path == "ItemShop" else {"archived": "true"})


_SESSION = requests.Session()
_HELD: dict[str, str] = {}


def _get(shop: Shop, path: str, params: dict[str, str]) -> Any:
    """One request; virtual time goes by when the platform wants it to, and a token is fetched when one is over."""
    for _ in range(50):
        headers = {"authorization": f"Bearer {_HELD.setdefault(shop.url, shop.token())}", "user-agent": "load"}
        answer = _SESSION.get(shop.url + path, params=params, headers=headers, timeout=120)
        if answer.status_code == 429:
            shop.advance(60)
        elif answer.status_code == 401:
            _HELD.pop(shop.url)
        else:
            answer.raise_for_status()
            return answer.json()
    raise RuntimeError("the platform does not let us read")


def _wrong(run: Run, truth: dict[str, Any]) -> list[str]:
    """Every row of ours that is not the platform's, and the other way round; the first few."""
    store, wrong = SqliteCatalogue(run.database), []
    reader = TemplateCatalogue(template(run.shop.platform.connector))
    for kind in reader.kinds:
        feed, after, theirs = Feed(merchant=MERCHANT, connection=CONNECTION, kind=kind), None, dict(truth[kind])
        while rows := store.rows_after(feed, after, limit=1000):
            after = rows[-1].id
            for row in rows:
                told, ours = theirs.pop(row.id, None), _ours(run.shop.platform.connector, kind, row.record)
                if told != ours:
                    wrong.append(f"{kind} {row.id}: they have {told}, we have {ours}")
        wrong += [f"{kind} {name}: missing" for name in theirs]
    return wrong


def _ours(connector: str, kind: str, record: bytes) -> Any:
    import json

    one = json.loads(record)
    if connector == "lightspeed_x":
        shown = {"items": ["name", "sku"], "customers": ["last_name", "custom_field_1"]}
        return [one.get(name) for name in shown[kind]] if kind in shown else str(one["inventory_level"])
    shown = {"items": ["description", "archived"], "customers": ["lastName", "vatNumber"]}
    return [one.get(name) for name in shown[kind]] if kind in shown else one["qoh"]
