"""Requests per five minutes, by store and application; the token endpoint has a limit of its own."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

from tests.sandbox.lightspeed_x.errors import too_many
from tests.sandbox.lightspeed_x.world import Retailer

WINDOW = timedelta(minutes=5)
PER_REGISTER, BASE = 300, 50
TOKEN_LIMIT, TOKEN_WINDOW = 60, timedelta(minutes=1)  # the vendor names the headers, not the numbers


@dataclass
class _Window:
    started: datetime
    used: int = 0


@dataclass
class Limits:
    """Counts what was asked; guarded by the sandbox's lock. Windows begin with their first request."""

    token_limit: int = TOKEN_LIMIT
    _windows: dict[tuple[str, str], _Window] = field(default_factory=dict)

    def empty(self) -> None:
        """Nobody has asked for anything."""
        self._windows.clear()
        self.token_limit = TOKEN_LIMIT

    def admit(self, store: Retailer, who: str, now: datetime) -> dict[str, str]:
        """The headers of the answer; Refused 429 with a date to come back at."""
        limit = allowance(store)
        window = self._window((store.domain_prefix, who), WINDOW, now)
        if window.used >= limit:
            after = format_datetime(window.started + WINDOW, usegmt=True)
            headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": "0", "Retry-After": after}
            raise too_many(headers, f"more than {limit} requests in five minutes")
        window.used += 1
        return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(limit - window.used)}

    def admit_token_call(self, now: datetime) -> dict[str, str]:
        """The headers of the token endpoint; Refused 429."""
        window = self._window(("", "token"), TOKEN_WINDOW, now)
        reset = str(int((window.started + TOKEN_WINDOW).timestamp()))
        headers = {"X-RateLimit-Limit": str(self.token_limit), "X-RateLimit-Reset": reset}
        if window.used >= self.token_limit:
            raise too_many(headers | {"X-RateLimit-Remaining": "0"}, "too many token requests")
        window.used += 1
        return headers | {"X-RateLimit-Remaining": str(self.token_limit - window.used)}

    def _window(self, key: tuple[str, str], length: timedelta, now: datetime) -> _Window:
        found = self._windows.get(key)
        if found is None or now - found.started >= length:
            found = self._windows[key] = _Window(now)
        return found


def allowance(store: Retailer) -> int:
    """300 for each register and 50 more, unless set by hand."""
    if store.budget is not None:
        return store.budget
    open_ones = [one for one in store.tables["registers"].kept.values() if not one["deleted_at"]]
    return PER_REGISTER * len(open_ones) + BASE
