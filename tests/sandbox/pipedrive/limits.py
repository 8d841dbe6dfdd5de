"""The two budgets: requests per access token in a rolling 2 seconds, tokens per company and day.

Both answer 429; only the daily header tells them apart. `Retry-After` is not documented, so it is not sent.
"""

from collections import defaultdict, deque
from datetime import date, datetime, timedelta

from tests.sandbox.kit import Refused
from tests.sandbox.pipedrive.errors import BLOCKED_PAGE, body
from tests.sandbox.pipedrive.world import Company

WINDOW = timedelta(seconds=2)
PATIENCE = 200  # refused requests of one token within a minute, after which the CDN steps in; the number is our choice
PATIENCE_WINDOW = timedelta(minutes=1)


class Limits:
    """Counts what was asked; guarded by the sandbox's lock."""

    def __init__(self) -> None:
        self._recent: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._refused: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._spent: dict[tuple[int, date], int] = {}

    def empty(self) -> None:
        """Nobody has asked for anything."""
        self._recent.clear()
        self._refused.clear()
        self._spent.clear()

    def check_burst(self, company: Company, token: str, now: datetime) -> None:
        """Counts the request; Refused 429 when the token has had its share of the last two seconds."""
        recent = self._recent[token]
        while recent and now - recent[0] >= WINDOW:
            recent.popleft()
        if len(recent) >= company.burst:
            raise self._too_many(token, now, f"more than {company.burst} requests in 2 seconds")
        recent.append(now)

    def spend(self, company: Company, token: str, cost: int, now: datetime) -> None:
        """Takes `cost` from the company's day (UTC); Refused 429 when it is not there, and then nothing is taken."""
        if self.remaining_today(company, now) < cost:
            raise self._too_many(token, now, f"the daily budget of {company.daily_tokens} tokens is used up")
        key = (company.id, now.date())
        self._spent[key] = self._spent.get(key, 0) + cost

    def remaining_today(self, company: Company, now: datetime) -> int:
        """Tokens left; never below 0."""
        return max(0, company.daily_tokens - self._spent.get((company.id, now.date()), 0))

    def headers(self, company: Company, token: str, now: datetime) -> dict[str, str]:
        """The five counters every answer to a known token carries."""
        recent = self._recent[token]
        reset = WINDOW - (now - recent[0]) if recent else WINDOW
        return {
            "x-ratelimit-limit": str(company.burst),
            "x-ratelimit-remaining": str(max(0, company.burst - len(recent))),
            "x-ratelimit-reset": str(max(1, -int(-reset.total_seconds() // 1))),
            "x-daily-ratelimit-token-limit": str(company.daily_tokens),
            "x-daily-ratelimit-token-remaining": str(self.remaining_today(company, now)),
        }

    def _too_many(self, token: str, now: datetime, because: str) -> Refused:
        refused = self._refused[token]
        refused.append(now)
        while now - refused[0] >= PATIENCE_WINDOW:
            refused.popleft()
        if len(refused) > PATIENCE:
            return Refused(403, BLOCKED_PAGE, f"blocked: {because}, for the {len(refused)}th time in a minute")
        return Refused(429, body(429, "request over limit"), because)
