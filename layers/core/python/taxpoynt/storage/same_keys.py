"""Where sales of several platforms meet: one item a key, written over the version that was read (decision 0024).

Its writes stand in the transaction of the sale's own change, so that of two sales at one key exactly one is first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from taxpoynt.domain.identity import Member, SameKey
from taxpoynt.domain.keys import key
from taxpoynt.storage.table import Table

SK = "MEMBERS"
MOST_MEMBERS = 200
"""A buyer who pays the same every day: only the newest days can still be matched."""


def read(table: Table, merchant: str, keys: Sequence[SameKey]) -> list[SameKey]:
    """The keys with their members as they are now."""
    found = {item["pk"]: item for item in table.get_many([(_pk(merchant, one), SK) for one in keys])}
    return [_filled(one, found.get(_pk(merchant, one))) for one in keys]


def puts(table: Table, merchant: str, keys: Sequence[SameKey]) -> list[dict[str, Any]]:
    """The writes of keys whose members changed."""
    return [_put(table, merchant, one) for one in keys]


def forget(table: Table, merchant: str, keys: Sequence[str], name: str) -> None:
    """Takes a sale out of its keys, and keys that nobody is at any more away. Repeating it is harmless."""
    for one in read(table, merchant, [SameKey(key=each, sure=True) for each in keys]):
        left = one.without(name)
        if left.members and left != one:
            table.put(**_written(merchant, left))
        elif not left.members:
            table.delete(_pk(merchant, one), SK)


def newest(members: Sequence[Member]) -> tuple[Member, ...]:
    """As many as are kept."""
    return tuple(sorted(members, key=lambda one: (one.day, one.name))[-MOST_MEMBERS:])


def _put(table: Table, merchant: str, one: SameKey) -> dict[str, Any]:
    return table.put_request(**_written(merchant, one))


def _written(merchant: str, one: SameKey) -> dict[str, Any]:
    members = [{**asdict(member), "day": member.day.isoformat()} for member in newest(one.members)]
    item = {"pk": _pk(merchant, one), "sk": SK, "members": members, "version": one.version + 1}
    if one.version:
        return {"item": item, "only_if": "version = :was", "was": one.version}
    return {"item": item, "only_if": "attribute_not_exists(pk)"}


def _filled(one: SameKey, item: Mapping[str, Any] | None) -> SameKey:
    if item is None:
        return replace(one, members=(), version=0)
    members = tuple(
        Member(**{**member, "day": date.fromisoformat(member["day"]), "apart": tuple(member["apart"])})
        for member in json.loads(item["members"])
    )
    return replace(one, members=members, version=item["version"])


def _pk(merchant: str, one: SameKey) -> str:
    return key("M", merchant, "SAME", one.key)
