"""A subscription banned, off or deleted at a sandbox: noticed in time, mended, and the gap fetched and counted.

Real HTTP both ways: the platform calls a door that does what receive_webhook does, jobs run by a clock that the sandbox
shares.
"""

from __future__ import annotations

import heapq
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, request
from werkzeug.serving import make_server

from taxpoynt.connector_kit.client import PlatformClient
from taxpoynt.connector_kit.loader import load, template
from taxpoynt.connector_kit.watching import ban_of
from taxpoynt.connector_kit.webhook import reply_policy
from taxpoynt.domain.connection import Connection, TokenSet
from taxpoynt.domain.gap import Gap
from taxpoynt.services import jobs
from taxpoynt.services.jobs import Job
from taxpoynt.services.receive_webhook import ReceiveWebhook
from taxpoynt.services.tend_connection import TendConnection
from tests.fakes.clock import FakeClock
from tests.fakes.world import CONNECTION, MERCHANT, World
from tests.sandbox.kit import Sandbox, running

SEEDS = Path(__file__).parents[1] / "sandbox" / "seed"
QUEUE_MINUTES = 15
"""The longest delay of a queue."""


@dataclass(frozen=True)
class Platform:
    """account: as its connection knows it; sell: a control call that makes a sale; tells: does a webhook, of sales?"""

    account: str
    sell: tuple[str, dict[str, Any]]
    tells: Callable[[dict[str, Any]], bool]


PLATFORMS = {
    "pipedrive": Platform(
        "7100001", ("/deals", {"copy_of": 101, "status": "won"}), lambda hook: hook["event_object"] == "deal"
    ),
    "lightspeed_x": Platform(
        "0af7b240-abc5-11e9-fb5b-ad7e3c86513b",
        ("/sales", {"lines": [{"sku": "PA-004", "quantity": 3}]}),
        lambda hook: hook["type"] == "sale.update",
    ),
}


class SharedClock(FakeClock):
    """Real time, moved together with the sandbox's."""

    def __init__(self, url: str) -> None:
        self.url, self.offset = url, timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def move(self, **by: float) -> datetime:
        self.offset += timedelta(**by)
        body = {"advance_seconds": timedelta(**by).total_seconds()}
        requests.post(f"{self.url}/_control/clock", json=body, timeout=30).raise_for_status()
        return self.now()


class Shop:
    """One merchant at one sandbox; `until` lets time go by with queue, scheduler and deliveries."""

    def __init__(
        self, name: str, sandbox: Sandbox, url: str, *, tending: type[TendConnection] = TendConnection
    ) -> None:
        self.name, self.url, self.sandbox, self.about = name, url, sandbox, PLATFORMS[name]
        self.clock, self.spec = SharedClock(url), template(name)
        self.world = World(self.clock)
        self.world.platform = load(name)  # type: ignore[assignment]  # the real one in the fake's place
        self.world.api = PlatformClient(
            self.spec, url, self, clock=self.clock, endpoint=url, account_id=self.about.account
        )
        self.world.pause = timedelta(minutes=self.spec.poll.every_minutes or 60)
        self.world.ban = ban_of(self.spec)
        self.world.wire()
        known = self.connection()
        self.world.connections.save_connection(
            replace(
                known,
                connector=name,
                account_id=self.about.account,
                api_base=url,
                next_poll_at=self.clock.now(),
                next_refresh_at=self.clock.now(),
            )
        )
        self._tending = tending
        self._jobs: list[tuple[datetime, int, dict[str, Any]]] = []
        self._numbers = count()
        assert self.spec.webhooks
        assert self.spec.webhooks.subscription
        self.checked = timedelta(hours=self.spec.webhooks.subscription.check_every_hours)

    # --- tokens, as PlatformClient asks for them ---

    def current(self) -> TokenSet:
        return self.refreshed(0)

    def refreshed(self, after_generation: int) -> TokenSet:
        token = self.control("POST", "/tokens", {})["access_token"]
        until = self.clock.now() + timedelta(hours=1)
        return TokenSet(access_token=token, refresh_token=None, expires_at=until, generation=after_generation + 1)

    # --- time ---

    def open_to(self, address: str) -> None:
        """Wires what calls the platform to the address the platform is to call."""
        old = self.world.job.tending
        tending = self._tending(
            **{name: getattr(old, name) for name in TendConnection.__slots__} | {"public_url": address}
        )
        self.world.job = replace(self.world.job, tending=tending)
        self.world.schedule = replace(
            self.world.schedule, check_hours=lambda _: int(self.checked.total_seconds() // 3600)
        )

    def later(self, **by: float) -> None:
        end = self.clock.now() + timedelta(**by)
        while True:
            self._deliver()
            now = self.clock.now()
            if self._jobs and self._jobs[0][0] <= now:
                self.world.do(heapq.heappop(self._jobs)[2])
                continue
            following = min([end, *self._due()])
            if following > now:
                self.clock.move(seconds=(following - now).total_seconds())
            if following >= end:
                return
            self.world.schedule()

    def _deliver(self) -> None:
        self.control("POST", "/deliveries/settle", {"timeout_seconds": 10})
        sent, self.world.queue.sent = self.world.queue.sent, []
        for _, job, delay in sent:
            assert delay <= QUEUE_MINUTES * 60
            due = self.clock.now() + timedelta(seconds=delay)
            heapq.heappush(self._jobs, (due, next(self._numbers), job))

    def _due(self) -> list[datetime]:
        """When there is something to do next; the scheduler comes by once a minute."""
        connection = self.connection()
        times = [one for one in (connection.next_poll_at, connection.next_refresh_at) if one]
        minute = self.clock.now() + timedelta(minutes=1)
        return [max(minute, min(times)), *(due for due, _, _ in self._jobs[:1])]

    # --- what happens in it ---

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/_control{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def sell(self) -> None:
        path, body = self.about.sell
        self.control("POST", path, body)

    def spoil(self, how: str) -> None:
        """Every subscription that tells of sales."""
        for hook in self.control("GET", "/webhooks")["webhooks"]:
            if self.about.tells(hook):
                method, path = ("DELETE", "") if how == "deleted" else ("POST", f"/{how}")
                self.control(method, f"/webhooks/{hook['id']}{path}", None if how == "deleted" else {})

    def connection(self) -> Connection:
        return self.world.connections.get_connection(MERCHANT, CONNECTION)

    def sales(self) -> int:
        return len(self.world.sales.list_sales(MERCHANT, limit=100, cursor=None)[0])

    def gap(self) -> Gap | None:
        return self.world.watches.get(MERCHANT, CONNECTION).gap

    def alerts(self) -> list[str]:
        return [subject for subject, _ in self.world.alerts.sent]


@contextmanager
def open_shop(name: str, tending: type[TendConnection] = TendConnection) -> Iterator[Shop]:
    sandbox = import_module(f"tests.sandbox.{name}").SANDBOX(json.loads((SEEDS / f"{name}.json").read_text("utf-8")))
    with running(sandbox) as url:
        shop = Shop(name, sandbox, url, tending=tending)
        with _door(shop) as address:
            shop.open_to(address)
            shop.later(hours=1)
            yield shop


@contextmanager
def _door(shop: Shop) -> Iterator[str]:
    """What API Gateway and receive_webhook do, on a port of this machine."""
    world, secret = shop.world, json.loads((SEEDS / f"{shop.name}.json").read_text("utf-8"))["app"]["client_secret"]
    app = Flask("door")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    address = f"http://127.0.0.1:{server.port}"
    receive = ReceiveWebhook(
        world.connections, lambda: world.blobs, world.queue, shop.clock, reply_policy, lambda _: "crm",
        lambda _policy, _names: (secret,), address,
    )  # fmt: skip

    @app.post("/webhooks/<connector>/<endpoint>")
    def knock(connector: str, endpoint: str) -> Any:
        headers = {name.lower(): (value,) for name, value in request.headers.items()}
        answer = receive(connector, endpoint, headers, request.get_data())
        return answer.body, answer.status

    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join(timeout=5)


@pytest.fixture(params=sorted(PLATFORMS))
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    with open_shop(request.param) as opened:
        yield opened


def noticed_within(shop: Shop, spoilt_at: datetime) -> timedelta:
    gap = shop.gap()
    assert gap, "nothing was noticed"
    return gap.noticed_at - spoilt_at


def test_while_webhooks_tell_nothing_is_suspected(shop: Shop) -> None:
    for _ in range(6):
        shop.sell()
        shop.later(minutes=45)
    assert shop.sales() == 6
    assert shop.gap() is None
    assert shop.world.watches.notes == {}
    assert shop.alerts() == []


@pytest.mark.parametrize("how", ["ban", "pause", "deleted"])
def test_a_silenced_subscription_is_noticed_in_its_window_and_its_gap_is_closed(shop: Shop, how: str) -> None:
    shop.sell()
    shop.later(minutes=1)
    assert shop.sales() == 1, "told by webhook, long before a poll"
    shop.spoil(how)
    spoilt_at = shop.clock.now()
    for _ in range(3):
        shop.sell()
        shop.later(seconds=20)
    shop.later(hours=2)
    gap = shop.gap()
    assert gap
    assert gap.cause == {"ban": "silent", "pause": "paused", "deleted": "deleted"}[how]
    assert noticed_within(shop, spoilt_at) <= shop.world.ban
    assert (shop.sales(), gap.found) == (4, 3)
    assert "webhooks stopped telling" in shop.alerts()
    shop.sell()
    shop.later(minutes=1)
    assert shop.sales() == 5, "told by webhook again"
    shop.later(hours=2)
    closed = shop.gap()
    assert closed
    assert closed.closed_at
    assert (closed.found, shop.sales()) == (3, 5)


@pytest.mark.parametrize("how", ["pause", "deleted"])
def test_in_a_quiet_shop_the_check_of_subscriptions_notices(shop: Shop, how: str) -> None:
    shop.spoil(how)
    spoilt_at = shop.clock.now()
    shop.later(hours=shop.checked.total_seconds() / 3600 + 1)
    assert noticed_within(shop, spoilt_at) <= shop.checked + timedelta(minutes=5)
    shop.sell()
    shop.later(minutes=1)
    assert shop.sales() == 1
    shop.later(hours=1)
    gap = shop.gap()
    assert gap
    assert gap.closed_at
    assert gap.found == 0


class NeverAnew(TendConnection):
    """The broken twin: what looks active is left as it is."""

    def subscribe(self, job: Job) -> str:
        return super().subscribe(jobs.read({name: value for name, value in job.raw.items() if name != "anew"}))


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_the_twin_that_trusts_what_looks_active_stays_deaf(name: str) -> None:
    with open_shop(name, NeverAnew) as shop:
        shop.spoil("ban")
        shop.sell()
        shop.later(minutes=28)
        assert shop.gap(), "it notices"
        before = shop.sales()
        shop.sell()
        shop.later(seconds=30)
        assert shop.sales() == before, "and nothing tells of the next sale"
