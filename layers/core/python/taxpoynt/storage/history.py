"""The hash chain of a sale's history: each entry holds the SHA-256 of its canonical JSON, the hash before included."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from taxpoynt.domain.status import SaleState
from taxpoynt.ports import HistoryEntry
from taxpoynt.storage.items import iso

FIRST = "0" * 64
"""The hash before the first entry."""


def entry(
    chain: str,
    *,
    sequence: int,
    at: datetime,
    before: SaleState | None,
    after: SaleState,
    action: str,
    detail: Mapping[str, str],
    previous_hash: str,
) -> HistoryEntry:
    """The entry that follows `previous_hash` in the history of the sale whose claim key is `chain`."""
    bare = HistoryEntry(
        sequence=sequence,
        at=at,
        before=before,
        after=after,
        action=action,
        detail=dict(detail),
        previous_hash=previous_hash,
        hash="",
    )
    return replace(bare, hash=hash_of(chain, bare))


def hash_of(chain: str, one: HistoryEntry) -> str:
    """What `one.hash` must be."""
    whole = {**entry_fields(one), "chain": chain}
    del whole["hash"]
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def unbroken(chain: str, entries: Sequence[HistoryEntry]) -> bool:
    """Is every entry there, in order, and as it was written?"""
    previous = FIRST
    for number, one in enumerate(entries, start=1):
        if one.sequence != number or one.previous_hash != previous or one.hash != hash_of(chain, one):
            return False
        previous = one.hash
    return bool(entries)


def entry_fields(one: HistoryEntry) -> dict[str, Any]:
    """`one` as plain values."""
    return {
        "sequence": one.sequence,
        "at": iso(one.at),
        "before": one.before.value if one.before else None,
        "after": one.after.value,
        "action": one.action,
        "detail": dict(one.detail),
        "previous_hash": one.previous_hash,
        "hash": one.hash,
    }


def entry_from(fields: Mapping[str, Any]) -> HistoryEntry:
    """What `entry_fields` gave; `detail` may be JSON text."""
    detail = fields["detail"]
    return HistoryEntry(
        sequence=fields["sequence"],
        at=datetime.fromisoformat(fields["at"]),
        before=SaleState(fields["before"]) if fields.get("before") else None,
        after=SaleState(fields["after"]),
        action=fields["action"],
        detail=json.loads(detail) if isinstance(detail, str) else dict(detail),
        previous_hash=fields["previous_hash"],
        hash=fields["hash"],
    )
