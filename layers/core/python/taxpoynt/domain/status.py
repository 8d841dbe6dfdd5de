"""The stored states of a sale on its way to NRS, and which may follow which.

    claimed -> needs_attention <-> claimed        faults or a question; goes on when data or an answer arrives
    claimed -> waiting <-> claimed                a correction whose invoice is not accepted yet
    waiting -> needs_attention                    its source changed, or its invoice was taken back
    claimed | needs_attention | waiting -> withdrawn <-> claimed
                                                  the source took it back before anything was sent (deal lost), or
                                                  it is the same sale as another platform's
    withdrawn -> needs_attention                  the sale it was the same as was taken back: a question
    claimed -> reserved -> submitting -> accepted -> [delivering ->] completed
    submitting -> unknown -> submitting | accepted | needs_attention
    submitting -> needs_attention                 a clear refusal by NRS

Never back from `accepted` (reference, section 6: never go back from SIGNED). `completed` may be written again: payments
and late notices are told after it.
"""

from __future__ import annotations

from enum import StrEnum


class SaleState(StrEnum):
    """Where a sale stands. "In flight" (`submitting`) is stored before the first byte leaves."""

    CLAIMED = "claimed"
    NEEDS_ATTENTION = "needs_attention"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    RESERVED = "reserved"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    DELIVERING = "delivering"
    COMPLETED = "completed"


_NEXT: dict[SaleState, frozenset[SaleState]] = {
    SaleState.CLAIMED: frozenset(
        {
            SaleState.NEEDS_ATTENTION,
            SaleState.WAITING,
            SaleState.WITHDRAWN,
            SaleState.RESERVED,
            SaleState.CLAIMED,
        }
    ),
    SaleState.NEEDS_ATTENTION: frozenset({SaleState.CLAIMED, SaleState.NEEDS_ATTENTION, SaleState.WITHDRAWN}),
    SaleState.WAITING: frozenset(
        {SaleState.CLAIMED, SaleState.WAITING, SaleState.NEEDS_ATTENTION, SaleState.WITHDRAWN}
    ),
    SaleState.WITHDRAWN: frozenset({SaleState.CLAIMED, SaleState.NEEDS_ATTENTION, SaleState.WITHDRAWN}),
    SaleState.RESERVED: frozenset({SaleState.SUBMITTING, SaleState.NEEDS_ATTENTION, SaleState.RESERVED}),
    SaleState.SUBMITTING: frozenset(
        {SaleState.ACCEPTED, SaleState.UNKNOWN, SaleState.NEEDS_ATTENTION, SaleState.SUBMITTING}
    ),
    SaleState.UNKNOWN: frozenset(
        {SaleState.SUBMITTING, SaleState.ACCEPTED, SaleState.NEEDS_ATTENTION, SaleState.UNKNOWN}
    ),
    SaleState.ACCEPTED: frozenset({SaleState.DELIVERING, SaleState.COMPLETED, SaleState.ACCEPTED}),
    SaleState.DELIVERING: frozenset({SaleState.COMPLETED, SaleState.DELIVERING}),
    SaleState.COMPLETED: frozenset({SaleState.COMPLETED}),
}

FINAL = frozenset({SaleState.COMPLETED, SaleState.WITHDRAWN})
"""Nothing has to happen any more, unless `next_action_at` says so (a payment still to be told)."""

AT_NRS = frozenset({SaleState.ACCEPTED, SaleState.DELIVERING, SaleState.COMPLETED})
"""NRS has registered the document: it is corrected by another document and never changed."""


def may_follow(before: SaleState, after: SaleState) -> bool:
    """Is `before` -> `after` a step of the design above?"""
    return after in _NEXT[before]


class EventOutcome(StrEnum):
    """How an event that we answered 2xx ended (promise P2: one of three ends)."""

    INVOICED = "invoiced"
    SKIPPED = "skipped"
    PARKED = "parked"
