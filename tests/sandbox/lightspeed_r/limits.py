"""The leaky bucket of an account-and-client pair, and the limiter of bursts in front of it."""

import math
from dataclasses import dataclass, field
from datetime import datetime

from tests.sandbox.lightspeed_r.errors import api
from tests.sandbox.lightspeed_r.world import Account, App

SIZE, SIZE_PER_REGISTER = 90, 10
DRIP, DRIP_PER_REGISTER = 1.0, 0.5
BURST_SHARE = 20 / 90  # "a fraction of the allowed bucket size"; the vendor's sample shows 20 with 90
GIFT_CARD_LOOKUPS = 1.0  # seconds between two


@dataclass
class _Bucket:
    """`blocked` from the request that went over the size until the level is below it again."""

    level: float = 0.0
    at: datetime | None = None
    blocked: bool = False
    second: int = 0
    burst: int = 0
    looked_up: datetime | None = None


@dataclass
class Limits:
    """Counts what was asked; guarded by the sandbox's lock."""

    buckets: dict[int, _Bucket] = field(default_factory=dict)

    def empty(self) -> None:
        """Nobody has asked for anything."""
        self.buckets.clear()

    def admit(self, account: Account, app: App, cost: float, now: datetime) -> dict[str, str]:
        """The headers of the answer; Refused 429 by one of the two limiters. A refused request costs no drips."""
        bucket = self._leaked(account, now)
        size, drip, most = allowance(account)
        bucket.burst += 1
        if bucket.burst > most:
            raise _too_many(
                "api-burst-limiter", 1, self._headers(account, app, cost), "more requests than a second allows"
            )
        if bucket.blocked:
            wait = max(1, math.ceil((bucket.level - size) / drip))
            raise _too_many("api-leaky-bucket", wait, self._headers(account, app, cost), "the bucket is full")
        bucket.level += cost
        bucket.blocked = bucket.level > size
        return self._headers(account, app, cost)

    def check_lookup(self, account: Account, now: datetime) -> None:
        """Gift cards by code: one a second."""
        bucket = self.buckets[account.id]
        before, bucket.looked_up = bucket.looked_up, now
        if before is not None and (now - before).total_seconds() < GIFT_CARD_LOOKUPS:
            raise api(429, "Rate limit exceeded for gift card lookups", headers={"Retry-After": "1"})

    def level(self, account: Account, now: datetime) -> float:
        """Drips in the bucket just now."""
        return self._leaked(account, now).level

    def _leaked(self, account: Account, now: datetime) -> _Bucket:
        bucket = self.buckets.setdefault(account.id, _Bucket())
        size, drip, _most = allowance(account)
        if bucket.at is not None:
            bucket.level = max(0.0, bucket.level - drip * (now - bucket.at).total_seconds())
        bucket.at = now
        if bucket.level < size:
            bucket.blocked = False
        second = int(now.timestamp())
        if second != bucket.second:
            bucket.second, bucket.burst = second, 0
        return bucket

    def _headers(self, account: Account, app: App, cost: float) -> dict[str, str]:
        size, drip, most = allowance(account)
        bucket = self.buckets[account.id]
        return {
            "X-LS-Acct-Id": str(account.id),
            "X-LS-OAuth-Client-Id": str(app.number),
            "X-LS-API-Bucket-Level": f"{_shown(bucket.level)}/{size}",
            "X-LS-API-Burst-Level": f"{bucket.burst}/{most}",
            "X-LS-API-Drip-Rate": _shown(drip),
            "X-LS-API-Request-Cost": _shown(cost),
        }


def allowance(account: Account) -> tuple[int, float, int]:
    """(bucket size, drips per second, requests per second) by the subscription's registers, unless set by hand."""
    more = max(0, account.registers - 1)
    size = account.bucket_size if account.bucket_size is not None else SIZE + SIZE_PER_REGISTER * more
    drip = account.drip_rate if account.drip_rate is not None else DRIP + DRIP_PER_REGISTER * more
    return size, drip, account.burst if account.burst is not None else max(1, round(size * BURST_SHARE))


def _too_many(limiter: str, wait: int, headers: dict[str, str], because: str) -> Exception:
    words = "Burst rate limit exceeded" if limiter == "api-burst-limiter" else "Rate limit exceeded"
    more = {"X-LS-API-RateLimit-Type": limiter, "Retry-After": str(wait)}
    return api(429, f"{words}. Please try again later.", because, headers | more)


def _shown(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
