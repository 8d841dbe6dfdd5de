"""Fenced refresh: one caller refreshes, everybody uses what it stored.

Order (security-and-reliability, part 3): lease, re-read, note that we try, refresh, save the new pair before its first
use, release one's own lease only. `invalid_grant`: re-read once; if the stored generation moved, use that.

One order serves every rotation rule (template_auth.Refresh). They differ in what a lost answer costs: nothing with
`none` and `on_first_use`, where the same refresh token may be shown again; the grant with `on_refresh` and
`reuse_revokes_grant`, where the pair in the lost answer was the only one left. To show the old token once more is right
there too: the refresh may never have arrived, and if it did there is nothing left to lose. It is said, not guessed:
what was tried and never answered stands in the store.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import Busy, NeedsReauthorisation, StoreConflict
from taxpoynt.ports import Clock, Lease, TokenStore

LEASE_SECONDS = 660
"""Longer than one token request may take (http.TOTAL_SECONDS) and than two clocks may differ (ten minutes): no double
lease. Who dies while refreshing holds up this one connection so long; its jobs come again meanwhile."""

MARGIN = timedelta(seconds=120)
"""A token that expires within this is refreshed before it is used."""

WAITS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0)
"""Seconds between looks at the store while another caller refreshes; about five seconds in all, then Busy."""

Refresh = Callable[[TokenSet], TokenSet]


def fresh_tokens(
    store: TokenStore,
    refresh: Refresh,
    *,
    merchant: str,
    connection: str,
    connector: str,
    owner: str,
    clock: Clock,
    after_generation: int | None = None,
    lease_seconds: int = LEASE_SECONDS,
    wait: Callable[[float], None] = time.sleep,
    permit: Callable[[], None] = lambda: None,
) -> TokenSet:
    """Tokens that may be used now.

    after_generation: a generation known to be stale (a 401, or keep-alive); None: refresh only what is nearly expired.
    permit: asked before each refresh; RateLimited when the token address was asked often enough.
    Raises Busy when another caller holds the lease for too long, NeedsReauthorisation when the grant is gone, and
    whatever `refresh` raises for outages.
    """

    def good(tokens: TokenSet) -> bool:
        if after_generation is not None:
            return tokens.generation > after_generation
        return tokens.expires_at > clock.now() + MARGIN

    for pause in WAITS:
        tokens = store.load(merchant, connection, connector)
        if good(tokens):
            return tokens
        try:
            lease = store.lease(merchant, connection, owner=owner, now=clock.now(), seconds=lease_seconds)
        except Busy:
            wait(pause)
            continue
        try:
            return _refreshed(store, refresh, lease, connector, good, permit)
        finally:
            store.release(lease)
    raise Busy(f"tokens of {connection} are being refreshed")


def _refreshed(
    store: TokenStore,
    refresh: Refresh,
    lease: Lease,
    connector: str,
    good: Callable[[TokenSet], bool],
    permit: Callable[[], None],
) -> TokenSet:
    """Under the lease: whoever held it before us may have stored a new pair since we looked."""
    of = (lease.merchant, lease.connection, connector)
    held = store.load(*of)
    if good(held):
        return held
    permit()
    lost = store.trying(lease, held.generation)
    try:
        renewed = refresh(held)
    except NeedsReauthorisation:
        moved = store.load(*of)
        if moved.generation > held.generation:
            return moved
        if lost:
            raise NeedsReauthorisation(
                f"{connector}: the answer to an earlier refresh was lost, and the only valid tokens with it"
            ) from None
        raise
    try:
        return store.save(*of, renewed, expected_generation=held.generation)
    except StoreConflict:
        # Our lease ran out and somebody else stored a pair; theirs is what everybody uses from now on.
        return store.load(*of)


class StoredTokens:
    """The tokens of one connection for a client; kept in memory for the life of one job."""

    def __init__(
        self,
        store: TokenStore,
        refresh: Refresh,
        *,
        merchant: str,
        connection: str,
        connector: str,
        owner: str,
        clock: Clock,
        wait: Callable[[float], None] = time.sleep,
        permit: Callable[[], None] = lambda: None,
    ) -> None:
        self._permit = permit
        self._store = store
        self._refresh = refresh
        self._of = (merchant, connection, connector)
        self._owner = owner
        self._clock = clock
        self._wait = wait
        self._held: TokenSet | None = None

    def current(self) -> TokenSet:
        """Tokens that have not expired."""
        if self._held is None or self._held.expires_at <= self._clock.now() + MARGIN:
            self._held = self._fresh(None)
        return self._held

    def refreshed(self, after_generation: int) -> TokenSet:
        """Tokens newer than a generation the platform refused."""
        self._held = self._fresh(after_generation)
        return self._held

    def keep(self, days: int | None) -> bool:
        """Refreshes what is nearly expired, and what is `days` old: unused refresh tokens die. True: it was refreshed.

        Tokens stored before their age was kept count as old.
        """
        before = self._store.load(*self._of).generation
        held = self.current()
        if held.generation == before and days is not None:
            old = held.issued_at is None or self._clock.now() - held.issued_at >= timedelta(days=days)
            held = self.refreshed(held.generation) if old else held
        return held.generation > before

    def _fresh(self, after_generation: int | None) -> TokenSet:
        merchant, connection, connector = self._of
        return fresh_tokens(
            self._store,
            self._refresh,
            merchant=merchant,
            connection=connection,
            connector=connector,
            owner=self._owner,
            clock=self._clock,
            after_generation=after_generation,
            wait=self._wait,
            permit=self._permit,
        )
