"""How a platform treats a webhook receiver that fails: data per platform, and the bookkeeping it drives."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Consequence = Literal["ban", "remove"]


@dataclass(frozen=True)
class DeliveryPolicy:
    """One platform's rules. Times in seconds on the sandbox clock, except `timeout_seconds`, which is real.

    Attributes:
        retry_delays: pauses before attempt 2, 3, …; empty means one attempt only.
        final_statuses: answers after which the platform gives up at once.
        ban_after: failed first attempts that start a ban; None when the platform has no ban.
        remove_after_seconds: time without a success, from the first failure on, after which the subscription goes.
    """

    timeout_seconds: float = 10.0
    retry_delays: tuple[float, ...] = ()
    final_statuses: frozenset[int] = frozenset()
    ban_after: int | None = None
    ban_seconds: float = 0.0
    remove_after_seconds: float | None = None
    max_pending: int = 10_000
    workers: int = 4


@dataclass
class Health:
    """What the platform remembers about one subscription.

    No document says that a success takes failures off the ban count, so it does not: the strict reading.
    """

    failed_first_attempts: int = 0
    banned_until: datetime | None = None
    failing_since: datetime | None = None

    def banned(self, now: datetime) -> bool:
        """Events at this time are lost."""
        return self.banned_until is not None and now < self.banned_until

    def succeeded(self) -> None:
        """Any 2xx, on whichever attempt."""
        self.failing_since = None

    def failed(self, now: datetime, attempt: int, policy: DeliveryPolicy) -> Consequence | None:
        """Counts a failed attempt and says what follows for the subscription."""
        self.failing_since = self.failing_since or now
        patience = policy.remove_after_seconds
        if patience is not None and now - self.failing_since >= timedelta(seconds=patience):
            return "remove"
        if attempt == 1:
            self.failed_first_attempts += 1
        if attempt == 1 and policy.ban_after is not None and self.failed_first_attempts >= policy.ban_after:
            self.failed_first_attempts = 0
            self.banned_until = now + timedelta(seconds=policy.ban_seconds)
            return "ban"
        return None
