"""One connection whose catalogue is kept in step: jobs are played as SQS would, and any call may be the last one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from taxpoynt.connector_kit.catalogue import TemplateCatalogue
from taxpoynt.connector_kit.loader import text
from taxpoynt.connector_kit.template import Template
from taxpoynt.domain.catalogue import Feed, Kind
from taxpoynt.domain.catalogue_sync import SyncState
from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.errors import Retryable
from taxpoynt.services import jobs
from taxpoynt.services.sync_catalogue import SyncCatalogue
from tests.fakes.catalogue import FakeCatalogueStore, FakeShop
from tests.fakes.clock import FakeClock
from tests.fakes.crash import Crash, Mortal, Switch
from tests.fakes.outside import FakeQueue
from tests.fakes.stores import FakeConnectionStore

MERCHANT, CONNECTION = "m_aaaaaaaaaaaaaaaa", "c_bbbbbbbbbbbbbbbb"
ITEMS = Feed(merchant=MERCHANT, connection=CONNECTION, kind="items")


@cache
def _pipedrive() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text("pipedrive"))
    return found


def template_with(**syncs: Any) -> Template:
    """A whole template whose catalogue is this one; a row is read singly at /one/{id}."""
    base = _pipedrive()
    resources = {**base["resources"], "product": {"path": "/one/{id}", "item": "data"}}
    return Template.model_validate({**base, "resources": resources, "syncs": syncs})


@dataclass
class CatalogueWorld:
    """`syncs` as in a template. `killed`: how often a worker died."""

    syncs: dict[str, Any]
    size: int = 3
    store: FakeCatalogueStore = field(default_factory=FakeCatalogueStore)
    clock: FakeClock = field(default_factory=FakeClock)
    switch: Switch = field(default_factory=Switch)
    make: Callable[..., Any] = SyncCatalogue

    def __post_init__(self) -> None:
        self.shop = FakeShop(self.clock, self.size)
        self.connections, self.queue, self.killed = FakeConnectionStore(), FakeQueue(), 0
        self.connections.save_connection(
            Connection(
                merchant=MERCHANT,
                connection=CONNECTION,
                connector="pipedrive",
                status=ConnectionStatus.ACTIVE,
                account_id="4711",
                api_base="https://acme.pipedrive.com",
            )
        )
        self.reader = TemplateCatalogue(template_with(**self.syncs))
        self.sync = self.make(
            self.connections,
            Mortal(self.store, self.switch),
            Mortal(self.queue, self.switch),
            self.clock,
            lambda _: self.reader,
            lambda _: Mortal(self.shop, self.switch),
        )
        self.words: list[str] = []
        self.time_left = 30.0

    def run(self, *, kills: tuple[int, ...] = (), most: int = 500) -> None:
        """The scheduler's job and all that come of it. kills: at which call, job by job, the worker dies."""
        inbox, fates = [jobs.make("sync", MERCHANT, CONNECTION, "pipedrive")], list(kills)
        for _ in range(most):
            if not inbox:
                return
            self.switch.arm(fates.pop(0) if fates else None)
            try:
                self.words.append(self.sync(jobs.read(inbox[0]), lambda: self.time_left))
            except Crash:
                self.killed += 1
                self.clock.move(minutes=6)  # SQS shows the message again when its worker must be dead
                continue
            except Retryable:
                self.clock.move(seconds=30)
                continue
            finally:
                sent = [(job, delay) for _, job, delay in self.queue.sent]
                self.queue.sent = []
                inbox += [job for job, _ in sent]
                self.clock.move(seconds=max([delay for _, delay in sent], default=0))
            del inbox[0]
        raise AssertionError("the synchronisation does not come to an end")

    def settle(self, *, days: int = 9) -> None:
        """Nights go by, with a job every hour of the day's first half: every kind of check has its turn."""
        for _ in range(days):
            for _ in range(3):
                self.clock.move(hours=8)
                self.run()

    def state(self, kind: Kind = "items") -> SyncState:
        return self.store.states(MERCHANT, CONNECTION)[kind]

    def kept(self) -> dict[str, str]:
        rows = self.store.rows.get(ITEMS, {}).values()
        return {row.id: str(self.reader.terms("items", row).name) for row in rows if not row.gone}  # type: ignore[union-attr]
