"""One contract for every store of rate budgets; where it is atomic, 32 callers at once never overrun the limit."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from taxpoynt.bootstrap.run_sync_job import rate_budget
from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.pacing import Pace
from taxpoynt.connector_kit.template_limits import Budget, Limits
from taxpoynt.errors import BadInput, ConfigurationError, RateLimited, Retryable
from taxpoynt.ports import RateBudget
from taxpoynt.storage.budgets import DynamoRateBudget
from taxpoynt.storage.clients import client
from taxpoynt.storage.table import Table
from taxpoynt.storage.valkey_budgets import ValkeyRateBudget
from tests.fakes.budgets import FakeRateBudget, ReadThenWrite
from tests.unit.storage.aws import aws
from tests.unit.storage.valkey_server import valkey_server

CALLERS = 32
LIMIT = 40


class Stopped:
    def now(self) -> datetime:
        return datetime(2026, 5, 16, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    with valkey_server() as url:
        yield url


@pytest.fixture(params=["fake", "moto", "valkey"])
def store(request: pytest.FixtureRequest) -> Iterator[RateBudget]:
    if request.param == "fake":
        yield FakeRateBudget()
    elif request.param == "valkey":
        yield ValkeyRateBudget(request.getfixturevalue("valkey"))
    else:
        with aws():
            yield DynamoRateBudget(client("dynamodb"), "connections")


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A connection of the test's own, since the server outlives it."""
    return f"c-{abs(hash(request.node.nodeid)):x}"


# --- the contract ------------------------------------------------------------------------------------------------


def test_the_first_of_two_callers_with_the_same_text_wins_and_the_other_is_shown_it(
    store: RateBudget, name: str
) -> None:
    assert store.swap("m_1", name, "", "a", seconds=60) is None
    assert store.swap("m_1", name, "", "b", seconds=60) == "a"
    assert store.swap("m_1", name, "a", "c", seconds=60) is None
    assert store.swap("m_1", name, "a", "d", seconds=60) == "c"


def test_merchants_and_connections_have_budgets_of_their_own(store: RateBudget, name: str) -> None:
    for merchant, connection in (("m_1", name), ("m_2", name), ("m_1", name + "x")):
        assert store.swap(merchant, connection, "", "a", seconds=60) is None


@pytest.mark.parametrize("store", ["moto", "valkey"], indirect=True)
@pytest.mark.parametrize(("merchant", "connection"), [("", "c"), ("m", ""), ("m#1", "c"), ("m", "c\n")])
def test_a_budget_without_an_owner_is_refused(store: RateBudget, merchant: str, connection: str) -> None:
    with pytest.raises(BadInput):
        store.swap(merchant, connection, "", "a", seconds=60)


def test_any_text_comes_back_as_it_was(store: RateBudget, name: str) -> None:
    odd = '{"ä":"₦\\u0000","n":[1,2.5,null]}' + "x" * 5000
    assert store.swap("m_1", name, "", odd, seconds=60) is None
    assert store.swap("m_1", name, "", "b", seconds=60) == odd
    assert store.swap("m_1", name, odd, "b", seconds=60) is None


# --- never overrun, by however many ------------------------------------------------------------------------------


def limited(*budgets: Budget) -> Any:
    return template("pipedrive").model_copy(update={"limits": Limits(budgets=budgets)})


SPEC = limited(
    Budget(name="burst", kind="window", seconds=10, size=LIMIT),
    Budget(name="bucket", kind="bucket", size=LIMIT * 2, per_second=1, counts="cost"),
)


def pace(store: RateBudget, connection: str) -> Pace:
    return Pace(SPEC, store, merchant="m_1", connection=connection, facts={}, clock=Stopped())


def at_once(store: RateBudget, connection: str, callers: int, calls: int) -> int:
    """How many requests are let through when everybody asks at the same moment, each process by itself."""
    barrier = threading.Barrier(callers)

    def one(_: int) -> int:
        mine, passed = pace(store, connection), 0
        barrier.wait(20)
        for _ in range(calls):
            try:
                mine.take("/x")
            except RateLimited:
                continue
            passed += 1
        return passed

    with ThreadPoolExecutor(callers) as pool:
        return sum(pool.map(one, range(callers)))


@pytest.mark.parametrize("kind", ["fake", "valkey"])
def test_32_callers_at_once_get_exactly_the_limit(kind: str, name: str, request: pytest.FixtureRequest) -> None:
    atomic: RateBudget = FakeRateBudget() if kind == "fake" else ValkeyRateBudget(request.getfixturevalue("valkey"))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # threads change places as often as they can
    try:
        assert at_once(atomic, name, CALLERS, 5) == LIMIT
    finally:
        sys.setswitchinterval(before)


def test_the_twin_that_reads_and_then_writes_is_caught() -> None:
    """Two callers stand between their look and their write at the same time, played on purpose."""
    meeting = threading.Barrier(2)

    def between() -> None:
        try:
            meeting.wait(5)
        except threading.BrokenBarrierError:
            return

    twin = ReadThenWrite(between)
    let_through = at_once(twin, "c_1", 2, LIMIT)
    assert let_through > LIMIT


def test_one_caller_after_the_other_gets_exactly_the_limit_from_every_store(store: RateBudget, name: str) -> None:
    passed = 0
    for _ in range(LIMIT + 10):
        try:
            pace(store, name).take("/x")
        except RateLimited:
            continue
        passed += 1
    assert passed == LIMIT


def test_a_request_costs_one_write_and_no_read() -> None:
    store = FakeRateBudget()
    mine = pace(store, "c_1")
    for number in range(1, 11):
        mine.take("/x")
        mine.learn("/x", {})
        assert store.swaps == number


# --- what is special to each -------------------------------------------------------------------------------------


def test_a_budget_in_the_table_is_forgotten_by_the_table() -> None:
    with aws():
        DynamoRateBudget(client("dynamodb"), "connections").swap("m_1", "c_1", "", "a", seconds=60)
        item = Table(client("dynamodb"), "connections").get("M#m_1", "BUDGET#c_1")
        assert item is not None
        assert 0 < item["ttl"] - time.time() <= 60


def test_a_store_that_refuses_without_showing_what_stands_there_is_asked() -> None:
    with aws():
        dynamodb = client("dynamodb")
        store = DynamoRateBudget(dynamodb, "connections")
        store.swap("m_1", "c_1", "", "a", seconds=60)
        update = dynamodb.update_item
        dynamodb.update_item = without_item(update)  # type: ignore[method-assign]  # as emulators answer
        try:
            assert store.swap("m_1", "c_1", "", "b", seconds=60) == "a"
        finally:
            dynamodb.update_item = update  # type: ignore[method-assign]  # clients are shared


def without_item(update: Callable[..., Any]) -> Callable[..., Any]:
    def call(**request: Any) -> Any:
        request.pop("ReturnValuesOnConditionCheckFailure")
        return update(**request)

    return call


def test_a_budget_in_valkey_expires(valkey: str, name: str) -> None:
    import valkey as library

    ValkeyRateBudget(valkey).swap("m_1", name, "", "a", seconds=60)
    assert 0 < int(str(library.Valkey.from_url(valkey).ttl(f"budget#m_1#{name}"))) <= 60


def test_a_valkey_that_restarted_begins_anew(valkey: str, name: str) -> None:
    import valkey as library

    store = ValkeyRateBudget(valkey)
    store.swap("m_1", name, "", "a", seconds=60)
    admin = library.Valkey.from_url(valkey)
    admin.flushall()
    admin.script_flush()
    assert store.swap("m_1", name, "a", "b", seconds=60) == ""
    mine = pace(store, name)
    mine.take("/x")


def test_a_valkey_that_is_down_delays_the_job() -> None:
    with valkey_server() as url:
        store = ValkeyRateBudget(url)
        store.swap("m_1", "c_1", "", "a", seconds=60)
    with pytest.raises(Retryable):
        store.swap("m_1", "c_1", "a", "b", seconds=60)
    with pytest.raises(Retryable):
        pace(store, "c_1").take("/x")
    pace(store, "c_1").learn("/x", {"x": "y"}, pause=3)  # the answer is there: nothing is lost but the correction


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("http://host", None),
        ("host:6379", None),
        ("redis://user:pass@host:6379", None),
        ("rediss://host:6379?password=x", None),
        ("redis://host:6379", "secret"),
    ],
)
def test_an_address_with_a_password_or_a_password_in_the_clear_is_refused(url: str, password: str | None) -> None:
    with pytest.raises(ConfigurationError):
        ValkeyRateBudget(url, password=password)


def test_the_setting_chooses_the_store_and_the_login_comes_from_its_secret() -> None:
    dynamodb: Any = object()
    settings: Any = SimpleNamespace(connections_table="connections", rate_budget_url="table", rate_budget_secret="s")

    class Secrets:
        asked: ClassVar[list[str]] = []

        def get(self, name: str) -> dict[str, str]:
            self.asked.append(name)
            return {"username": "", "password": "p"}

    assert isinstance(rate_budget(settings, dynamodb, Secrets()), DynamoRateBudget)
    assert Secrets.asked == []
    settings.rate_budget_url = "rediss://cache:6379/0"
    assert isinstance(rate_budget(settings, dynamodb, Secrets()), ValkeyRateBudget)
    assert Secrets.asked == ["s"]


def test_the_client_is_loaded_by_the_first_swap_and_not_before() -> None:
    code = (
        "import sys; from taxpoynt.storage.valkey_budgets import ValkeyRateBudget; "
        "ValkeyRateBudget('redis://localhost:1'); print('valkey' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 (our own command)
    assert said.stdout.strip() == "False"
