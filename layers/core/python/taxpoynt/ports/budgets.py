"""The rate budget of a connection: what is used of its platform's limits, shared by every process."""

from __future__ import annotations

from typing import Literal, Protocol

Priority = Literal["live", "bulk"]
"""live: a sale that happens now. bulk: what may take until tomorrow; it gets a share of a budget, never all of it."""


class RateBudget(Protocol):
    """One short text a connection; connector_kit/budget.py says what it means. The store only has to be atomic."""

    def swap(self, merchant: str, connection: str, held: str, wanted: str, *, seconds: int) -> str | None:
        """Puts `wanted` where `held` stands ("": nothing), to be forgotten after `seconds`.

        None when that is done; otherwise nothing was changed, and what stands there is returned. Exactly one of
        several callers with the same `held` succeeds. Retryable when the store cannot be asked.
        """
        ...
