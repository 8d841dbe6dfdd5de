"""Limits: never more requests than the platform takes, whoever asks at once, and everybody waits when it says so."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from taxpoynt.connector_kit.client import PlatformClient
from taxpoynt.connector_kit.pacing import Pace
from taxpoynt.connector_kit.template_limits import Budget, Limits
from taxpoynt.errors import RateLimited
from taxpoynt.ports import RateBudget
from tests.conformance.evidence import Case
from tests.conformance.platform import HeldTokens, origin_of, tokens_of
from tests.fakes.budgets import FakeRateBudget
from tests.unit.connector_kit.parts import NOW, Reply, StoppedClock, session

OF: Any = {"merchant": "m_1", "connection": "c_1"}
PATH = "/conformance"
MOST = 3000
"""Requests that the kit tries at one moment; a larger budget is tried up to there."""


def check(case: Case, store: type[FakeRateBudget] = FakeRateBudget) -> list[str]:
    """Each budget of a known size, then Retry-After in both forms."""
    assert case.template.limits.budgets, "limits has no budgets, so the rule can only be exempt"
    said = []
    for budget in case.template.limits.budgets:
        if budget.size is None:
            said.append(f"{budget.name}: {_told(case, budget)}")
        else:
            said.append(f"{budget.name}: {_obeyed(case, budget, store)}")
    for retry_after, wait in (("7", 7.0), (format_datetime(NOW + timedelta(seconds=30), usegmt=True), 30.0)):
        _waits(case, retry_after, wait)
    return [*said, "a 429 stops every caller for as long as Retry-After says, in seconds or as a date"]


def _pace(case: Case, budgets: tuple[Budget, ...], store: RateBudget, clock: StoppedClock) -> Pace:
    limits = Limits(budgets=budgets, bulk_share=case.template.limits.bulk_share)
    template = case.template.model_copy(update={"limits": limits})
    return Pace(template, store, facts={}, clock=clock, **OF)


def _obeyed(case: Case, budget: Budget, store: type[FakeRateBudget]) -> str:
    """Alone, so that one budget does not hide another; by requests, each of which costs one."""
    alone = budget.model_copy(update={"only": (), "each": None})
    size = int(budget.size or 0)
    shared, clock = store(), StoppedClock()
    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(lambda _: _takes(case, alone, shared, clock, size // 4 + 2), range(8)))
    assert taken <= size, f"{budget.name}: {taken} requests at one moment, {size} are allowed"
    assert taken >= min(size, MOST) * 0.8, f"{budget.name}: only {taken} of {size} requests were let through"
    at = _over_time(case, alone, size)
    return f"8 callers at once send no more than {size}, and over time never more than that ({at})"


def _takes(case: Case, budget: Budget, store: RateBudget, clock: StoppedClock, tries: int) -> int:
    pace, done = _pace(case, (budget,), store, clock), 0
    for _ in range(min(tries, MOST)):
        try:
            pace.take(PATH)
        except RateLimited:
            break
        done += 1
    return done


def _over_time(case: Case, budget: Budget, size: int) -> str:
    """An impatient caller with his own clock; the platform's own arithmetic counts what it sees."""
    store, clock = FakeRateBudget(), StoppedClock()
    pace, sent = _pace(case, (budget,), store, clock), deque[datetime]()
    seconds = budget.seconds or (size / budget.per_second if budget.per_second else 3600)
    level, before = 0.0, NOW
    for _ in range(min(3 * size, MOST)):
        try:
            pace.take(PATH)
        except RateLimited as limited:
            clock.at += timedelta(seconds=min(limited.retry_after or 1, 3600))
            continue
        if budget.kind == "bucket":
            level = max(0.0, level - (clock.at - before).total_seconds() * (budget.per_second or 0)) + 1
            before = clock.at
            assert level <= size + 1e-6, f"{budget.name}: the bucket ran over"
            continue
        sent.append(clock.at)
        while sent[0] <= clock.at - timedelta(seconds=seconds if budget.kind == "window" else 86_400):
            sent.popleft()
        assert len(sent) <= size + (budget.kind == "day"), f"{budget.name}: {len(sent)} requests in {seconds} s"
    return {"window": "any window of its length", "bucket": "the bucket never runs over", "day": "a day"}[budget.kind]


def _told(case: Case, budget: Budget) -> str:
    """A budget whose size only the platform knows: when it says that nothing is left, nothing is sent."""
    names = budget.headers
    told = {}
    if names.level:
        told[names.level] = "100/100"
    if names.limit and names.remaining:
        told = {names.limit: "100", names.remaining: "0"}
    assert told, f"{budget.name}: no header tells how much is left"
    pace = _pace(case, (budget.model_copy(update={"only": ()}),), FakeRateBudget(), StoppedClock())
    pace.take(PATH)
    pace.learn(PATH, told)
    asked = _takes_more(pace)
    assert asked <= 1, f"{budget.name}: {asked} requests after the platform said that nothing is left"
    return "held back as soon as its headers say that nothing is left"


def _takes_more(pace: Pace) -> int:
    done = 0
    for _ in range(5):
        try:
            pace.take(PATH)
        except RateLimited:
            continue
        done += 1
    return done


def _waits(case: Case, retry_after: str, wait: float) -> None:
    store, clock = FakeRateBudget(), StoppedClock()
    replies = [Reply(429, {}, {"Content-Type": "application/json", "Retry-After": retry_after})]
    made, transport = session(lambda request: replies.pop() if replies else Reply(200, {}))

    def client() -> PlatformClient:
        pace = Pace(case.template, store, facts={}, clock=clock, **OF)
        return PlatformClient(
            case.template, origin_of(case), HeldTokens(tokens_of(case)), clock=clock, session=made, pace=pace
        )

    first = _refused(client())
    assert first == wait, f"Retry-After {retry_after!r} means {wait} s, not {first}"
    clock.at += timedelta(seconds=wait - 1)
    assert _refused(client()) is not None, "another caller must wait too"
    assert len(transport.sent) == 1, "a request was sent during the wait"
    clock.at += timedelta(seconds=1.5)
    assert _refused(client()) is None, "the wait is over, and nothing is sent"


def _refused(client: PlatformClient) -> float | None:
    try:
        client.get(PATH)
    except RateLimited as limited:
        return limited.retry_after
    return None
