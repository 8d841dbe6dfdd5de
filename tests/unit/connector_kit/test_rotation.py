"""Each rotation rule that a template can name, with a provider that keeps to it: 32 callers, lost answers, the twin."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest

from taxpoynt.connector_kit import template_auth
from taxpoynt.connector_kit.tokens import StoredTokens, fresh_tokens
from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import Busy, NeedsReauthorisation, PlatformUnavailable, RateLimited
from taxpoynt.ports import Lease
from tests.unit.connector_kit.parts import NOW, AtomicTokenStore, StoppedClock, tokens

OF: Any = {"merchant": "m_1", "connection": "c_1", "connector": "pipedrive"}
RULES = ("none", "on_refresh", "on_first_use", "reuse_revokes_grant")
REPEATABLE = ("none", "on_first_use")
"""A lost answer can be asked for again."""


class Provider:
    """A token address with one rotation rule. Everything it ever gave is remembered."""

    def __init__(self, rule: str, *, takes: float = 0.0) -> None:
        self.rule, self.takes = rule, takes
        self.calls = 0
        self.lose_answers = 0
        self.revoked = False
        self.refresh_tokens = {"1:1:r1"}
        self.access_token = "access-1"
        self._given: dict[str, str] = {}
        self._lock = threading.Lock()

    def refresh(self, held: TokenSet) -> TokenSet:
        time.sleep(self.takes)
        with self._lock:
            self.calls += 1
            shown = str(held.refresh_token)
            if self.revoked or shown not in self.refresh_tokens:
                self.revoked = self.revoked or self.rule == "reuse_revokes_grant"
                raise NeedsReauthorisation("invalid_grant")
            self.access_token, fresh = f"access-{self.calls + 1}", f"1:1:r{self.calls + 1}"
            if self.rule == "none":
                fresh = shown
            elif self.rule == "on_first_use":
                self.refresh_tokens.add(fresh)
                self._given[self.access_token] = fresh
            else:
                self.refresh_tokens = {fresh}
            if self.lose_answers:
                self.lose_answers -= 1
                raise PlatformUnavailable("timed out")
            return replace(
                held, access_token=self.access_token, refresh_token=fresh, expires_at=NOW + timedelta(hours=1)
            )

    def use(self, access: str) -> bool:
        """A call of the API with this token; does it pass?"""
        with self._lock:
            if self.revoked or access != self.access_token:
                return False
            if self.rule == "on_first_use":
                self.refresh_tokens = {self._given.get(access, "1:1:r1")}
            return True


def expired() -> AtomicTokenStore:
    return AtomicTokenStore(tokens(lifetime=-1))


def fresh(store: AtomicTokenStore, provider: Provider, owner: str = "a", **more: Any) -> TokenSet:
    return fresh_tokens(store, provider.refresh, owner=owner, clock=StoppedClock(), **OF, **more)


def test_every_rule_that_a_template_can_name_is_tried_here() -> None:
    assert set(get_args(template_auth.Refresh.model_fields["rotation"].annotation)) == set(RULES)


def at_once(callers: int, one: Callable[[int], bool]) -> list[bool]:
    barrier = threading.Barrier(callers)

    def run(number: int) -> bool:
        barrier.wait(20)
        return one(number)

    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(run, range(callers)))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("after_generation", [None, 1])
def test_32_callers_at_once_make_one_provider_call_and_all_of_them_can_work(
    rule: str, after_generation: int | None
) -> None:
    store, provider = expired(), Provider(rule, takes=0.05)

    def one(number: int) -> bool:
        got = fresh(store, provider, f"owner-{number}", after_generation=after_generation)
        assert store.stored.access_token == got.access_token, "the new pair is stored before its first use"
        return provider.use(got.access_token)

    assert at_once(32, one) == [True] * 32
    assert provider.calls == 1
    assert (store.stored.generation, store.leased) == (2, None)


@pytest.mark.parametrize("rule", RULES)
def test_hour_after_hour_each_generation_is_refreshed_once(rule: str) -> None:
    store, provider = expired(), Provider(rule)
    for generation in range(1, 6):
        store.stored = replace(store.stored, expires_at=NOW - timedelta(seconds=1))
        assert (
            at_once(8, lambda number: provider.use(fresh(store, provider, f"owner-{number}").access_token))
            == [True] * 8
        )
        assert provider.calls == generation


def twin(store: AtomicTokenStore, provider: Provider, owner: str) -> bool:
    """The obvious wrong version: what was read before the lease is refreshed under it."""
    held = store.load(**OF)
    while True:
        try:
            lease = store.lease("m_1", "c_1", owner=owner, now=NOW, seconds=60)
            break
        except Busy:
            time.sleep(0.001)
    try:
        store.stored = replace(provider.refresh(held), generation=store.stored.generation + 1)
    except NeedsReauthorisation:
        return False
    finally:
        store.release(lease)
    return provider.use(store.stored.access_token)


@pytest.mark.parametrize("rule", RULES)
def test_the_twin_that_does_not_read_again_is_caught(rule: str) -> None:
    store, provider = expired(), Provider(rule, takes=0.002)
    at_once(8, lambda number: twin(store, provider, f"owner-{number}"))
    assert provider.calls > 1
    assert provider.revoked is (rule == "reuse_revokes_grant"), "there it costs the merchant's whole grant"


# --- an answer that never came -----------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", REPEATABLE)
def test_a_lost_answer_is_asked_for_again_where_the_rule_allows_it(rule: str) -> None:
    store, provider = expired(), Provider(rule)
    provider.lose_answers = 2
    for _ in range(2):
        with pytest.raises(PlatformUnavailable):
            fresh(store, provider)
    assert store.stored.generation == 1
    got = fresh(store, provider)
    assert provider.use(got.access_token)
    assert (got.generation, provider.revoked) == (2, False)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in REPEATABLE])
def test_a_lost_answer_that_took_the_only_tokens_along_is_said(rule: str) -> None:
    store, provider = expired(), Provider(rule)
    provider.lose_answers = 1
    with pytest.raises(PlatformUnavailable):
        fresh(store, provider)
    with pytest.raises(NeedsReauthorisation, match="answer to an earlier refresh was lost"):
        fresh(store, provider)
    assert store.leased is None


@pytest.mark.parametrize("rule", RULES)
def test_a_refresh_that_never_arrived_costs_nothing(rule: str) -> None:
    store, provider = expired(), Provider(rule)

    def broken_line(held: TokenSet) -> TokenSet:
        raise PlatformUnavailable("connection refused")

    with pytest.raises(PlatformUnavailable):
        fresh_tokens(store, broken_line, owner="a", clock=StoppedClock(), **OF)
    assert provider.use(fresh(store, provider).access_token)


@pytest.mark.parametrize("rule", RULES)
def test_who_dies_between_the_answer_and_its_storing_is_found_out(rule: str) -> None:
    class Dead(Exception):
        pass

    class Mortal(AtomicTokenStore):
        dying = True

        def save(self, *args: Any, **more: Any) -> TokenSet:
            if self.dying:
                raise Dead
            return super().save(*args, **more)

        def release(self, lease: Lease) -> None:
            if not self.dying:
                super().release(lease)

    store, provider = Mortal(tokens(lifetime=-1)), Provider(rule)
    with pytest.raises(Dead):
        fresh(store, provider, "who dies", lease_seconds=60)
    store.dying = False
    with pytest.raises(Busy):
        fresh(store, provider, "b", wait=lambda _: None)
    later = StoppedClock(NOW + timedelta(seconds=61))
    if rule in REPEATABLE:
        got = fresh_tokens(store, provider.refresh, owner="b", clock=later, **OF)
        assert provider.use(got.access_token)
    else:
        with pytest.raises(NeedsReauthorisation, match="lost"):
            fresh_tokens(store, provider.refresh, owner="b", clock=later, **OF)


def test_a_grant_that_was_simply_withdrawn_is_not_called_a_lost_answer() -> None:
    store, provider = expired(), Provider("on_refresh")
    provider.refresh_tokens = set()
    with pytest.raises(NeedsReauthorisation, match="invalid_grant"):
        fresh(store, provider)


def test_who_was_held_up_until_his_lease_ran_out_sends_no_refresh() -> None:
    """He wakes up after somebody else took the lease: showing the old token now would end the grant."""
    provider = Provider("reuse_revokes_grant")

    class SlowRead(AtomicTokenStore):
        waking = True

        def trying(self, lease: Lease, generation: int) -> bool:
            if self.waking:
                self.waking = False
                self.leased = None  # ran out …
                fresh(self, provider, "quick")  # … and was taken
            return super().trying(lease, generation)

    store = SlowRead(tokens(lifetime=-1))
    with pytest.raises(Busy):
        fresh(store, provider, "slow")
    assert (provider.calls, provider.revoked) == (1, False)
    assert provider.use(fresh(store, provider, "slow").access_token)


# --- how often the token address may be asked --------------------------------------------------------------------


def test_a_token_address_that_was_asked_often_enough_is_left_alone_and_nothing_counts_as_lost() -> None:
    store, provider = expired(), Provider("on_refresh")

    def no_more() -> None:
        raise RateLimited("five a minute", retry_after=30)

    with pytest.raises(RateLimited):
        fresh(store, provider, permit=no_more)
    assert (provider.calls, store.leased) == (0, None)
    provider.refresh_tokens = set()
    with pytest.raises(NeedsReauthorisation, match="invalid_grant"):
        fresh(store, provider)


# --- keep-alive --------------------------------------------------------------------------------------------------


def kept(stored: TokenSet, days: int | None) -> tuple[bool, int]:
    store, provider = AtomicTokenStore(stored), Provider("on_refresh")
    source = StoredTokens(store, provider.refresh, owner="a", clock=StoppedClock(), **OF)
    return source.keep(days), provider.calls


@pytest.mark.parametrize(
    ("age_days", "days", "refreshed"), [(6, 7, False), (7, 7, True), (8, 7, True), (30, None, False), (None, 7, True)]
)
def test_tokens_that_live_long_are_refreshed_before_their_refresh_token_dies_of_idleness(
    age_days: int | None, days: int | None, refreshed: bool
) -> None:
    issued = None if age_days is None else NOW - timedelta(days=age_days)
    assert kept(replace(tokens(lifetime=30 * 86_400), issued_at=issued), days) == (refreshed, int(refreshed))


def test_an_expired_token_is_refreshed_once_whatever_its_age() -> None:
    assert kept(replace(tokens(lifetime=-1), issued_at=NOW - timedelta(days=30)), 7) == (True, 1)
