"""The hash chain of a sale's history: each entry holds the SHA-256 of its canonical JSON, the hash before included."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from taxpoynt.domain.ledger import FIRST as FIRST
from taxpoynt.domain.ledger import entry_hash
from taxpoynt.domain.status import SaleState
from taxpoynt.ports import HistoryEntry, SaleRecord
from taxpoynt.storage.items import iso

_PRODUCED = (
    *("record_key", "sale_key", "inputs_key", "supplied_key", "invoice_key", "body_key", "body_sha256"),
    *("lists_version", "number", "irn", "document", "corrects", "delivery", "payment_status"),
)


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
    return entry_hash(ledger_entry(chain, one))


def ledger_entry(chain: str, one: HistoryEntry) -> dict[str, Any]:
    """The entry as the merchant's ledger holds it (domain/ledger.py)."""
    return {**entry_fields(one), "chain": chain}


def produced(before: SaleRecord | None, after: SaleRecord) -> dict[str, str]:
    """What a step made: every blob key and identity that the record names now and did not before.

    Taken from the record itself, so that no step can forget to say so. Keys end in the content's SHA-256, but for
    answers and documents, whose digests the step adds to the detail.
    """
    made = {
        name: str(value)
        for name in _PRODUCED
        if (value := getattr(after, name)) and (before is None or value != getattr(before, name))
    }
    known = before.documents if before else {}
    made |= {f"document_{name}": place for name, place in after.documents.items() if known.get(name) != place}
    return made


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
