"""A merchant's ledger: entries hashed one by one, sealed into numbered blocks that hold the hash of the block before.

An entry is plain data, so that anybody can check it with nothing but JSON and SHA-256:
`hash` is the SHA-256 of the entry without `hash` as canonical JSON (UTF-8, keys sorted, no blanks). Entries of one
`chain` (a sale, or one act of a merchant) are numbered from 1 and name the hash before (`FIRST` for number 1).
A block's hash is the SHA-256 of its bytes; the next one names it as `previous` (docs/decisions/0013).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taxpoynt.errors import BadInput

FIRST = "0" * 64
"""The hash before the first entry of a chain and before the first block."""
VERSION = 1

Entry = Mapping[str, Any]
"""chain, sequence, at (ISO, UTC), action, detail (texts), previous_hash, hash; of a sale also before and after (its
states), of a merchant's own act also subject and by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What one object of the ledger holds. `first`: the place of its first entry in the whole ledger, from 1."""

    merchant: str
    number: int
    previous: str
    first: int
    sealed_at: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a ledger ends: the last block's number and hash, and how many entries there are up to it.

    `settled`: its entries are no longer waiting anywhere. Only then may the next block be made, so that a crash
    between two writes neither loses an entry nor seals it twice.
    """

    merchant: str
    number: int = 0
    hash: str = FIRST
    entries: int = 0
    settled: bool = True


def canonical(value: Any) -> bytes:
    """The one way to write data as bytes before hashing."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def entry_hash(entry: Entry) -> str:
    """What the entry's `hash` must be."""
    return sha256(canonical({name: value for name, value in entry.items() if name != "hash"}))


def hashed(fields: Entry) -> dict[str, Any]:
    """`fields` with their hash."""
    return {**fields, "hash": entry_hash(fields)}


def sha256(data: bytes) -> str:
    """Hex."""
    return hashlib.sha256(data).hexdigest()


def next_block(head: Head, entries: Sequence[Entry], *, sealed_at: str) -> Block:
    """The block after `head`."""
    return Block(
        merchant=head.merchant,
        number=head.number + 1,
        previous=head.hash,
        first=head.entries + 1,
        sealed_at=sealed_at,
        entries=tuple(entries),
    )


def after(head: Head, block: Block, data: bytes) -> Head:
    """The head once `block` (as `data`) is its last one; BadInput when it does not follow."""
    if (block.merchant, block.number, block.previous, block.first) != (
        head.merchant,
        head.number + 1,
        head.hash,
        head.entries + 1,
    ):
        raise BadInput(f"block {block.number} of the ledger does not follow block {head.number}")
    return Head(
        merchant=head.merchant,
        number=block.number,
        hash=sha256(data),
        entries=head.entries + len(block.entries),
        settled=False,
    )


def to_bytes(block: Block) -> bytes:
    """The block's bytes; equal blocks give equal bytes."""
    return canonical(
        {
            "v": VERSION,
            "merchant": block.merchant,
            "number": block.number,
            "previous": block.previous,
            "first": block.first,
            "sealed_at": block.sealed_at,
            "entries": [dict(entry) for entry in block.entries],
        }
    )


def from_bytes(data: bytes) -> Block:
    """What `to_bytes` wrote; BadInput when it cannot be read."""
    try:
        whole = json.loads(data)
        return Block(
            merchant=whole["merchant"],
            number=whole["number"],
            previous=whole["previous"],
            first=whole["first"],
            sealed_at=whole["sealed_at"],
            entries=tuple(whole["entries"]),
        )
    except (ValueError, KeyError, TypeError):
        raise BadInput("a block of the ledger cannot be read") from None


def entry_faults(entries: Sequence[Entry]) -> list[str]:
    """What is wrong with the entries of one block: a hash that is not theirs."""
    return [
        f"{entry.get('chain')} {entry.get('sequence')}" for entry in entries if entry.get("hash") != entry_hash(entry)
    ]


def chain_faults(blocks: Sequence[tuple[Block, bytes]], *, merchant: str, head: Head | None = None) -> list[str]:
    """What is wrong with a run of blocks: order, gaps, altered bytes, another merchant's block, a missing end.

    The run may begin anywhere; what `head` says must be its end.
    """
    faults: list[str] = []
    before: tuple[Block, bytes] | None = None
    for block, data in blocks:
        if block.merchant != merchant:
            faults.append(f"block {block.number} is another merchant's")
        if faulty := entry_faults(block.entries):
            faults.append(f"block {block.number}: entry {faulty[0]} is not as it was written")
        if before is not None and not _follows(before, block):
            faults.append(f"block {block.number} does not follow block {before[0].number}")
        if before is None and block.number == 1 and (block.previous, block.first) != (FIRST, 1):
            faults.append("block 1 does not begin a ledger")
        before = (block, data)
    if head is not None:
        faults += _end_faults(before, head)
    return faults


def _follows(before: tuple[Block, bytes], block: Block) -> bool:
    last, data = before
    expected = (last.number + 1, sha256(data), last.first + len(last.entries))
    return (block.number, block.previous, block.first) == expected


def _end_faults(last: tuple[Block, bytes] | None, head: Head) -> list[str]:
    if last is None:
        return [] if head.number == 0 else ["the ledger's end is missing"]
    block, data = last
    told = (head.number, head.hash, head.entries)
    ends = (block.number, sha256(data), block.first + len(block.entries) - 1)
    return [] if told == ends else ["the ledger does not end where its head says"]
