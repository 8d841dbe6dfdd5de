"""The waiting side of every merchant's ledger and its head, in the invoices table (docs/decisions/0013)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from taxpoynt.domain.keys import key
from taxpoynt.domain.ledger import FIRST, Entry, Head, hashed
from taxpoynt.ports import Clock
from taxpoynt.storage import outbox
from taxpoynt.storage.items import iso
from taxpoynt.storage.table import Table, shard

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HEAD = "HEAD"


class DynamoLedger:
    """ports.LedgerStore."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, clock: Clock) -> None:
        self._table = Table(dynamodb, table)
        self._clock = clock

    def note(self, merchant: str, action: str, subject: str, detail: Mapping[str, str], by: str) -> None:
        """One act of or for the merchant: a chain of its own with a single entry, so notes wait for nobody."""
        entry = act(merchant, action, subject, detail, by, at=iso(self._clock.now()))
        self._table.put(outbox.item(merchant, entry))

    def waiting_merchants(self, *, limit: int) -> list[str]:
        """One query a shard and one a merchant: what is read does not grow with how much waits."""
        found: list[str] = []
        for number in range(outbox.SHARDS):
            after = " "
            while len(found) < limit:
                page, _ = self._table.query(
                    "due_pk = :pk AND due_sk > :after",
                    index="by_due",
                    limit=1,
                    pk=outbox.shard_pk(number),
                    after=after,
                )
                if not page:
                    break
                merchant = str(page[0]["due_sk"]).partition("#")[0]
                found.append(merchant)
                after = f"{merchant}$"  # the character after `#`: past every entry of this merchant
        return found

    def waiting(self, merchant: str, *, limit: int) -> list[Entry]:
        """The index says which, the table says whether they still wait: the index lags behind."""
        page, _ = self._table.query(
            "due_pk = :pk AND begins_with(due_sk, :mine)",
            index="by_due",
            limit=limit,
            pk=outbox.shard_pk(shard(merchant, outbox.SHARDS)),
            mine=f"{merchant}#",
        )
        found = self._entries([(str(item["pk"]), str(item["sk"])) for item in page])
        while earlier := self._entries(_predecessors(found)):
            found += earlier
        return in_order(found)

    def _entries(self, places: Sequence[tuple[str, str]]) -> list[Entry]:
        return [outbox.entry_of(item) for item in self._table.get_many(places)]

    def head(self, merchant: str) -> Head:
        """Where the sealed part ends."""
        item = self._table.get(_pk(merchant), HEAD) or {}
        return Head(
            merchant=merchant,
            number=item.get("block_number", 0),
            hash=item.get("block_hash", FIRST),
            entries=item.get("entries", 0),
            settled=item.get("settled", True),
        )

    def advance(self, head: Head) -> None:
        """Over the head of the block before."""
        only_if, values = "attribute_not_exists(pk)", {}
        if head.number > 1:
            only_if, values = "block_number = :was", {"was": head.number - 1}
        self._table.put(_head_item(head, iso(self._clock.now())), only_if=only_if, **values)

    def forget(self, merchant: str, entries: Sequence[Entry]) -> None:
        """Deletes what stands in a block now."""
        del merchant  # the chains' partitions begin with it
        self._table.delete_many([outbox.place(entry) for entry in entries])

    def settle(self, head: Head) -> None:
        """Over the same head."""
        item = _head_item(head, iso(self._clock.now())) | {"settled": True}
        self._table.put(item, only_if="block_number = :was", was=head.number)


def act(merchant: str, action: str, subject: str, detail: Mapping[str, str], by: str, *, at: str) -> dict[str, Any]:
    """The entry of a merchant's own act."""
    return hashed(
        {
            "chain": key("M", merchant, "NOTE", secrets.token_hex(12)),
            "sequence": 1,
            "at": at,
            "action": action,
            "subject": subject,
            "detail": dict(detail),
            "by": by,
            "previous_hash": FIRST,
        }
    )


def in_order(entries: Sequence[Entry]) -> list[Entry]:
    """By time, and within a chain by number whatever the clocks of two functions say."""
    latest: dict[str, str] = {}
    times: dict[tuple[str, int], str] = {}
    for one in sorted(entries, key=lambda one: int(one["sequence"])):
        chain = str(one["chain"])
        times[chain, int(one["sequence"])] = latest[chain] = max(latest.get(chain, ""), str(one["at"]))
    return sorted(entries, key=lambda one: (times[one["chain"], one["sequence"]], one["chain"], one["sequence"]))


def _predecessors(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """Places of entries that should come before these and are not among them."""
    have = {(entry["chain"], entry["sequence"]) for entry in entries}
    wanted = {(entry["chain"], entry["sequence"] - 1) for entry in entries if entry["sequence"] > 1}
    return [outbox.place_of(chain, sequence) for chain, sequence in sorted(wanted - have)]


def _head_item(head: Head, at: str) -> dict[str, Any]:
    return {
        "pk": _pk(head.merchant),
        "sk": HEAD,
        "block_number": head.number,
        "block_hash": head.hash,
        "entries": head.entries,
        "settled": head.settled,
        "written_at": at,
    }


def _pk(merchant: str) -> str:
    return key("M", merchant, "LEDGER")
