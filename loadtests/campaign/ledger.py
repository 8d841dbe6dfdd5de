"""The merchants' ledgers, read with JSON and SHA-256 alone: block after block, chain after chain."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import Any

from tests.e2e.harness import Slice

Json = dict[str, Any]
NOTHING = "0" * 64


def read_ledger(stage: Slice, merchant: str) -> tuple[list[Json], list[str]]:
    """Every entry in order, and what is wrong with the blocks they came in."""
    store, bucket = stage.aws("s3"), stage.deployed.outputs["RawBucket"]
    pages = store.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{merchant}/ledger/")
    keys = sorted(found["Key"] for page in pages for found in page.get("Contents", []))
    entries: list[Json] = []
    wrong, previous = [], NOTHING
    for number, key in enumerate(keys, 1):
        data = store.get_object(Bucket=bucket, Key=key)["Body"].read()
        block = json.loads(data)
        if block["number"] != number or block["previous"] != previous or block["merchant"] != merchant:
            wrong.append(f"block {key}: number {block['number']}, or it does not name the block before")
        if block["first"] != len(entries) + 1:
            wrong.append(f"block {key}: begins at {block['first']}, {len(entries)} entries came before")
        previous = hashlib.sha256(data).hexdigest()
        entries += block["entries"]
    return entries, wrong


def broken_chains(entries: list[Json]) -> list[str]:
    """Entries whose hash is wrong, that are missing, twice there or out of their chain's order."""
    wrong = []
    last: dict[str, tuple[int, str]] = defaultdict(lambda: (0, NOTHING))
    for entry in entries:
        chain, number, before = entry["chain"], *last[entry["chain"]]
        if entry["sequence"] != number + 1 or entry["previous_hash"] != before:
            wrong.append(f"{chain}: entry {entry['sequence']} does not follow entry {number}")
        if entry["hash"] != _hash(entry):
            wrong.append(f"{chain}: entry {entry['sequence']} was changed")
        last[chain] = (entry["sequence"], entry["hash"])
    return wrong


def lengths(entries: list[Json]) -> dict[str, int]:
    """Chain → number of its last entry."""
    return {entry["chain"]: entry["sequence"] for entry in entries}


def _hash(entry: Json) -> str:
    bare = {name: value for name, value in entry.items() if name != "hash"}
    text = json.dumps(bare, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
