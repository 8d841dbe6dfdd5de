"""The stored states of a sale on its way to NRS, and which may follow which.

    claimed -> needs_attention <-> claimed        faults; goes on when the data arrives
    claimed -> reserved -> submitting -> accepted -> completed
    submitting -> unknown -> submitting | accepted | needs_attention
    submitting -> needs_attention                 a clear refusal by NRS

Never back from `accepted` (reference, section 6: never go back from SIGNED).
"""

from __future__ import annotations

from enum import StrEnum


class SaleState(StrEnum):
    """Where a sale stands. "In flight" (`submitting`) is stored before the first byte leaves."""

    CLAIMED = "claimed"
    NEEDS_ATTENTION = "needs_attention"
    RESERVED = "reserved"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    COMPLETED = "completed"


_NEXT: dict[SaleState, frozenset[SaleState]] = {
    SaleState.CLAIMED: frozenset({SaleState.NEEDS_ATTENTION, SaleState.RESERVED, SaleState.CLAIMED}),
    SaleState.NEEDS_ATTENTION: frozenset({SaleState.CLAIMED, SaleState.NEEDS_ATTENTION}),
    SaleState.RESERVED: frozenset({SaleState.SUBMITTING, SaleState.NEEDS_ATTENTION, SaleState.RESERVED}),
    SaleState.SUBMITTING: frozenset(
        {SaleState.ACCEPTED, SaleState.UNKNOWN, SaleState.NEEDS_ATTENTION, SaleState.SUBMITTING}
    ),
    SaleState.UNKNOWN: frozenset(
        {SaleState.SUBMITTING, SaleState.ACCEPTED, SaleState.NEEDS_ATTENTION, SaleState.UNKNOWN}
    ),
    SaleState.ACCEPTED: frozenset({SaleState.COMPLETED, SaleState.ACCEPTED}),
    SaleState.COMPLETED: frozenset(),
}

FINAL = frozenset({SaleState.COMPLETED})


def may_follow(before: SaleState, after: SaleState) -> bool:
    """Is `before` -> `after` a step of the design above?"""
    return after in _NEXT[before]


class EventOutcome(StrEnum):
    """How an event that we answered 2xx ended (promise P2: one of three ends)."""

    INVOICED = "invoiced"
    SKIPPED = "skipped"
    PARKED = "parked"
