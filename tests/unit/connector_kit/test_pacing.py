"""The client keeps to a platform's limits: what it counts, what it learns from headers, and who goes first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from taxpoynt.connector_kit.budget import UNIT, Reading, meters
from taxpoynt.connector_kit.client import PlatformClient
from taxpoynt.connector_kit.limit_headers import readings, wait_told
from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.pacing import Pace, token_budgets
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_auth import Limit
from taxpoynt.connector_kit.template_limits import Budget, Limits
from taxpoynt.connector_kit.template_records import Resource
from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import Busy, NotFound, PlatformUnavailable, RateLimited
from taxpoynt.ports import Priority
from tests.fakes.budgets import FakeRateBudget
from tests.unit.connector_kit.parts import NOW, Reply, StoppedClock, session, tokens

JSON = {"Content-Type": "application/json"}
BUCKET = Budget(
    name="bucket",
    kind="bucket",
    size=10,
    per_second=1,
    counts="cost",
    headers={"level": "x-level", "cost": "x-cost", "drip": "x-drip"},
)


def spec(*budgets: Budget, **more: Any) -> Template:
    limits = Limits(budgets=budgets or (BUCKET,), bulk_share=0.5)
    resources = {
        **template("pipedrive").resources,
        "sale": Resource(path="/sales/{id}", item="@", cost=3.4),
        "stock": Resource(path="/stock", item="@", cost=0.5),
    }
    return template("pipedrive").model_copy(update={"limits": limits, "resources": resources, **more})


class Held:
    def current(self) -> TokenSet:
        return tokens()

    def refreshed(self, after_generation: int) -> TokenSet:
        return tokens(2)


class Shop:
    """A platform, its clock, and clients of one connection that share a store as processes do."""

    def __init__(self, reply: Any = None, about: Template | None = None) -> None:
        self.about = about or spec()
        self.store, self.clock = FakeRateBudget(), StoppedClock()
        self.session, transport = session(reply if callable(reply) else lambda request: reply or Reply(200, {}, JSON))
        self.sent = transport.sent

    def client(self, priority: Priority = "live") -> PlatformClient:
        pace = Pace(
            self.about, self.store, merchant="m_1", connection="c_1", facts={}, clock=self.clock, priority=priority
        )
        return PlatformClient(
            self.about,
            "https://acme.pipedrive.com",
            Held(),
            clock=self.clock,
            session=self.session,
            account_id="4711",
            pace=pace,
        )

    def passes(self, path: str, priority: Priority = "live", most: int = 100) -> int:
        """How many calls go through, each by a process of its own."""
        for number in range(most):
            try:
                self.client(priority).get(path)
            except RateLimited:
                return number
        return most


def test_a_used_up_budget_delays_the_job_and_sends_nothing() -> None:
    shop = Shop()
    assert shop.passes("/x") == 10
    sent = len(shop.sent)
    with pytest.raises(RateLimited) as caught:
        shop.client().get("/x")
    assert (caught.value.retry_after, len(shop.sent)) == (1.0, sent)
    shop.clock.at += timedelta(seconds=1)
    shop.client().get("/x")


def test_what_a_request_costs_is_found_by_its_path() -> None:
    assert Shop().passes("/sales/8") == 2
    assert Shop().passes("/sales/8?x=1") == 2
    assert Shop().passes("/stock") == 20
    assert Shop().passes("/sales/8/lines") == 10
    assert Shop(about=spec(BUCKET.model_copy(update={"counts": "requests"}))).passes("/sales/8") == 10


def test_live_sales_come_before_bulk_work() -> None:
    shop = Shop()
    assert shop.passes("/x", "bulk") == 5
    assert shop.passes("/x", "live") == 5


def test_what_the_headers_say_is_believed_by_every_process() -> None:
    shop = Shop(Reply(200, {}, {**JSON, "X-Level": "8.5/10"}))
    shop.client().get("/x")
    assert shop.passes("/x") == 1
    bigger = Shop(Reply(200, {}, {**JSON, "X-Level": "1/30"}))
    bigger.client().get("/x")
    assert bigger.passes("/x") == 29


def test_the_real_cost_corrects_the_estimate() -> None:
    shop = Shop(Reply(200, {}, {**JSON, "X-Cost": "1"}))
    assert shop.passes("/sales/8") == 7  # each is let through while there is room for what it may cost


def test_a_429_silences_everybody_for_as_long_as_it_says() -> None:
    shop = Shop(lambda request: Reply(429, {}, {**JSON, "Retry-After": "30"}))
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            shop.client().get("/x")
        assert caught.value.retry_after == 30
    assert len(shop.sent) == 1
    shop.clock.at += timedelta(seconds=30)
    with pytest.raises(RateLimited):
        shop.client().get("/x")
    assert len(shop.sent) == 2


def test_a_platform_that_is_down_and_says_how_long_is_left_alone() -> None:
    shop = Shop(Reply(503, {}, {**JSON, "Retry-After": "60"}))
    with pytest.raises(PlatformUnavailable):
        shop.client().get("/x")
    with pytest.raises(RateLimited):
        shop.client().get("/x")
    assert len(shop.sent) == 1


def test_an_outage_that_says_nothing_silences_nobody() -> None:
    shop = Shop(Reply(503, {}, JSON))
    for _ in range(2):
        with pytest.raises(PlatformUnavailable):
            shop.client().get("/x")
    assert len(shop.sent) == 2


def test_a_refusal_counts_as_any_other_request() -> None:
    shop = Shop(Reply(404, {}, JSON))
    for _ in range(10):
        with pytest.raises(NotFound):
            shop.client().get("/x")
    with pytest.raises(RateLimited):
        shop.client().get("/x")


def test_without_budgets_the_store_is_not_asked() -> None:
    shop = Shop(about=spec().model_copy(update={"limits": Limits()}))
    shop.client().get("/x")
    assert shop.store.swaps == 0


def test_the_account_stands_in_paths_and_headers() -> None:
    shop = Shop()
    hosts = shop.about.hosts.model_copy(update={"headers": {"toast-restaurant-external-id": "{account_id}"}})
    shop.about = shop.about.model_copy(update={"hosts": hosts})
    shop.client().read("/API/V3/Account/{account_id}/Sale.json", {"limit": "1"})
    assert shop.sent[0].url == "https://acme.pipedrive.com/API/V3/Account/4711/Sale.json?limit=1"
    assert shop.sent[0].headers["toast-restaurant-external-id"] == "4711"


def test_a_store_that_is_always_changed_by_others_ends_in_busy() -> None:
    class Contended(FakeRateBudget):
        def swap(self, merchant: str, connection: str, held: str, wanted: str, *, seconds: int) -> str | None:
            self.swaps += 1
            return f'{{"somebody": {self.swaps}}}'

    shop = Shop()
    shop.store = Contended()
    with pytest.raises(Busy):
        shop.client().get("/x")
    assert shop.sent == []


# --- the token address -------------------------------------------------------------------------------------------


def test_the_token_address_has_its_own_limit_and_uses_none_of_the_others() -> None:
    plain = template("pipedrive").oauth
    oauth = plain.model_copy(update={"token": plain.token.model_copy(update={"limit": Limit(requests=5, seconds=60)})})
    about = spec(oauth=oauth)
    assert [(one.size, one.seconds) for one in token_budgets(about)] == [(5, 60)]
    shop = Shop(about=about)

    def pace() -> Pace:
        return Pace(about, shop.store, merchant="m_1", connection="c_1", facts={}, clock=shop.clock, only_tokens=True)

    for _ in range(5):
        pace().take("/oauth/token")
    with pytest.raises(RateLimited) as caught:
        pace().take("/oauth/token")
    assert 30 < (caught.value.retry_after or 0) <= 70
    assert shop.passes("/x") == 10
    assert token_budgets(template("pipedrive")) == ()


# --- headers -----------------------------------------------------------------------------------------------------


def told(headers: Mapping[str, str], **names: str) -> Reading:
    budget = Budget(name="b", kind="bucket", size=90, per_second=1, headers=names)
    return readings(meters([budget], {}), headers).get("b", Reading())


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x": "12.5/90"}, Reading(used=12_500_000, size=90 * UNIT)),
        ({"x": "3 / 20"}, Reading(used=3 * UNIT, size=20 * UNIT)),
        ({"x": "api-usage=900/15000"}, Reading(used=900 * UNIT, size=15_000 * UNIT)),
        (
            {"x": "api-usage=900/15000; per-app-api-usage=17/250(appName=Us)"},
            Reading(used=900 * UNIT, size=15_000 * UNIT),
        ),
        ({"x": "1/0"}, Reading(used=UNIT)),
        ({"x": "much"}, Reading()),
        ({"x": "-1/90"}, Reading()),
        ({"x": "9" * 40 + "/90"}, Reading()),
        ({"x": "1/" + "9" * 40}, Reading()),
        ({}, Reading()),
    ],
)
def test_a_level_is_used_of_size(headers: Mapping[str, str], expected: Reading) -> None:
    assert told(headers, level="x") == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"l": "110", "r": "100"}, Reading(size=110 * UNIT, used=10 * UNIT)),
        ({"r": "80"}, Reading(used=10 * UNIT)),
        ({"r": "100"}, Reading(used=0)),
        ({"l": "x", "r": "y"}, Reading()),
        ({"c": "3.4"}, Reading(cost=3_400_000)),
        ({"d": "1.5"}, Reading(drip=1500)),
        ({"d": "0"}, Reading()),
    ],
)
def test_limit_remaining_cost_and_drip_are_numbers_or_nothing(headers: Mapping[str, str], expected: Reading) -> None:
    assert told(headers, limit="l", remaining="r", cost="c", drip="d") == expected


@pytest.mark.parametrize(
    ("form", "value", "seconds"),
    [
        ("seconds", "7", 7),
        ("milliseconds", "10000", 10),
        ("epoch", str(int(NOW.timestamp()) + 12), 12),
        ("date", "Sat, 16 May 2026 08:00:20 GMT", 20),
        ("epoch", str(int(NOW.timestamp()) - 5), None),
        ("epoch", "12", None),
        ("seconds", "1e9", None),
        ("date", "soon", None),
    ],
)
def test_when_a_budget_is_whole_again_is_read_in_its_form(form: str, value: str, seconds: float | None) -> None:
    headers: Any = {"remaining": "r", "reset": "x", "reset_in": form}
    budget = Budget(name="b", kind="window", seconds=10, size=5, headers=headers)
    assert wait_told([budget], {"r": "0", "x": value}, NOW) == seconds
