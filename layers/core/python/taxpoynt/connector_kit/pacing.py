"""Keeps one connection within its platform's limits, together with every other process that works for it.

Nobody sleeps here: who finds a budget used up gets RateLimited with the wait, and its job comes back later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from taxpoynt.connector_kit import budget as arithmetic
from taxpoynt.connector_kit.limit_headers import readings
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_limits import Budget
from taxpoynt.errors import Busy, RateLimited, Retryable
from taxpoynt.ports import Clock, Priority, RateBudget

TRIES = 64
"""A swap is lost only when somebody else's succeeded, so with fewer rivals than this somebody always gets through."""


class Pace:
    """The limits of one connection, for one job.

    facts: the account's, which a budget may grow with. only_tokens: the limit of the token address, and no other.
    """

    def __init__(
        self,
        template: Template,
        store: RateBudget,
        *,
        merchant: str,
        connection: str,
        facts: Mapping[str, Any],
        clock: Clock,
        priority: Priority = "live",
        only_tokens: bool = False,
    ) -> None:
        self._name = template.name
        budgets = token_budgets(template) if only_tokens else template.limits.budgets
        self._meters = arithmetic.meters(budgets, facts)
        self._share = template.limits.bulk_share if priority == "bulk" else 1.0
        self._costs = _costs(template)
        self._store = store
        self._of = (merchant, connection)
        self._clock = clock
        self._held = ""

    def take(self, path: str) -> None:
        """Counts a request before it is sent. RateLimited, with the seconds to wait, when there is no room for it."""
        if not self._meters:
            return

        def counted(held: str) -> str:
            wanted, wait = arithmetic.take(self._meters, held, path, self._cost(path), self._share, self._now())
            if wanted is None:
                raise RateLimited(f"{self._name}: the rate budget is used up", retry_after=wait / 1000)
            return wanted

        try:
            self._swap(counted)
        except RateLimited:
            self._held = ""  # what we hold may be old: the next look begins with the store
            raise

    def learn(self, path: str, headers: Mapping[str, str], pause: float = 0) -> None:
        """Corrects the count by what an answer told. pause: seconds the platform asked for, for everybody.

        The answer is there already, so a store that cannot be asked costs the correction and nothing else.
        """
        if not self._meters and pause <= 0:
            return
        told, cost = readings(self._meters, headers), self._cost(path)

        def corrected(held: str) -> str:
            return arithmetic.learn(self._meters, held, told, cost, self._now(), int(pause * 1000))

        with suppress(Retryable):
            self._swap(corrected)

    def _swap(self, change: Callable[[str], str]) -> None:
        """A refused swap brings what stands there, so the usual request costs one write and no read."""
        for _ in range(TRIES):
            wanted = change(self._held)
            if wanted == self._held:
                return
            found = self._store.swap(*self._of, self._held, wanted, seconds=arithmetic.KEEP_SECONDS)
            if found is None:
                self._held = wanted
                return
            self._held = found
        raise Busy(f"{self._name}: the rate budget is much asked for", retry_after=1)

    def _cost(self, path: str) -> int:
        place = path.partition("?")[0]
        return next((cost for pattern, cost in self._costs if pattern.fullmatch(place)), arithmetic.UNIT)

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


def token_budgets(template: Template) -> tuple[Budget, ...]:
    """What the template says of the token address, in the words of any other limit."""
    limit = template.oauth.token.limit
    if limit is None:
        return ()
    return (Budget(name="token_address", kind="window", size=limit.requests, seconds=limit.seconds),)


def _costs(template: Template) -> list[tuple[re.Pattern[str], int]]:
    """What each described path costs, so that callers need not say it."""
    described = [*template.resources.values(), *template.poll.requests, *template.syncs.requests()]
    return [(_pattern(one.path), arithmetic.units(one.cost)) for one in described]


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))
