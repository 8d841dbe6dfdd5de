"""What the six steps of the conversion share: their stores, and how they write.

A step acts only in the state that is its own and is nothing but a read in any other: so a conversion may be started
twice, stopped anywhere and started again. Each write says until when the sweeper leaves the sale alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Fault, FaultsFound
from taxpoynt.ports import BlobStore, Clock, ConnectionStore, HistoryEntry, SaleRecord, SaleStore

UNDER_WAY = timedelta(minutes=6)
"""An Express execution lives five minutes at most; after six nobody is at work on this sale any more."""
STARTING = timedelta(seconds=90)
"""From the claim to the first write of its conversion."""
HELD = timedelta(hours=6)
"""A held sale is looked at again even if the platform's notice was lost."""
OPERATOR = timedelta(hours=1)
"""What waits for the operator is tried again by itself, so that a backlog drains without help."""

WAITS = "waits_for_operator"
"""The action of the entry that says so."""
_LOOKS = frozenset({"swept", "recovering", "not_settled", "source_changed"})

MOST_FAULTS = 100

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stores:
    """What every step reads and writes."""

    sales: SaleStore
    connections: ConnectionStore
    blobs: BlobStore
    clock: Clock


def state_answer(record: SaleRecord) -> Answer:
    """What a step answers beside the ids."""
    return {"state": record.state.value}


def write(stores: Stores, before: SaleRecord, after: SaleRecord, action: str, **detail: str) -> SaleRecord:
    """Stores `after` with a fresh time for the sweeper; a repetition that changes nothing writes nothing."""
    if after == before:
        return before
    moved = replace(after, next_action_at=stores.clock.now() + UNDER_WAY)
    return stores.sales.change(moved, action=action, detail=detail)


def stop_for(stores: Stores, record: SaleRecord, faults: Sequence[Fault]) -> None:
    """Keeps faults on the record and raises them; errors carry only names, so hold_invoice reads them from there."""
    if not faults:
        return
    write(stores, record, replace(record, faults=most(faults)), "faults_found", codes=codes_of(faults))
    raise FaultsFound(faults)


def waits_for_operator(history: Sequence[HistoryEntry]) -> bool:
    """Was the last thing that came of this sale a stop for the operator? Looking whether it lasts changes nothing."""
    told = [entry.action for entry in history if entry.action not in _LOOKS]
    return bool(told) and told[-1] == WAITS


def most(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """What is stored of many faults: a state item has 400 KB, and nobody reads more than this at once."""
    return tuple(faults[:MOST_FAULTS])


def codes_of(faults: Sequence[Fault]) -> str:
    """The codes, for history and logs: never the texts, which may quote the buyer."""
    return ",".join(sorted({fault.code for fault in faults}))[:200]


def in_state(record: SaleRecord, *states: SaleState) -> bool:
    """Is the sale in one of these states?"""
    return record.state in states
