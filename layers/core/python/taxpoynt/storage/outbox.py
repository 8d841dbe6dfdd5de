"""What waits to be sealed into a merchant's ledger: an item beside each history entry, in the same transaction.

It stands in its chain's own partition, so nothing is shared between two sales; index `by_due` lists what waits, by
merchant. Sixteen shards of merchants, each in order of merchant and time (docs/decisions/0013).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from taxpoynt.domain.ledger import Entry
from taxpoynt.storage.table import shard

SHARDS = 16
_PREFIX = "OUTBOX#"


def item(merchant: str, entry: Entry) -> dict[str, Any]:
    """The item of one entry; putting it again writes the same."""
    pk, sk = place(entry)
    return {
        "pk": pk,
        "sk": sk,
        "entry": dict(entry),
        "due_pk": shard_pk(shard(merchant, SHARDS)),
        "due_sk": f"{merchant}#{entry['at']}#{pk}#{entry['sequence']:06}",
    }


def entry_of(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What `item` wrote."""
    entry: dict[str, Any] = json.loads(kept["entry"])
    return entry


def place(entry: Entry) -> tuple[str, str]:
    """Where the entry waits."""
    return place_of(str(entry["chain"]), int(entry["sequence"]))


def place_of(chain: str, sequence: int) -> tuple[str, str]:
    """Where the entry of that number of a chain would wait."""
    return chain, f"{_PREFIX}{sequence:06}"


def shard_pk(number: int) -> str:
    """One shard of what waits."""
    return f"LEDGER#{number:02}"
