"""Watches, in the connections table beside their connection (docs/decisions/0028)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from taxpoynt.domain.gap import Gap, Missed, Watch
from taxpoynt.domain.keys import below, key
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import StoreConflict
from taxpoynt.storage.items import iso, moment_of
from taxpoynt.storage.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=30)
"""What nobody came to count is forgotten; the sales themselves are claimed all the same."""
MINUTE = timedelta(minutes=1)


class DynamoWatchStore:
    """ports.WatchStore. What was heard is an item of its own: webhooks write it, and must not disturb the counting."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._table = Table(dynamodb, table)

    def get(self, merchant: str, connection: str) -> Watch:
        """Two items, read together."""
        pk = key("M", merchant)
        found = self._table.get_many([(pk, _watch(connection)), (pk, _heard(connection))])
        seen = {item["sk"]: item for item in found}
        item = seen.get(_watch(connection), {})
        return Watch(
            heard_at=moment_of(seen.get(_heard(connection), {}).get("heard_at")),
            missed=item.get("missed", 0),
            gap=_gap(item) if "cause" in item else None,
            version=item.get("version", 0),
        )

    def missed(self, merchant: str, connection: str, *, limit: int) -> list[Missed]:
        """The first ones by record."""
        found, _ = self._table.query(
            "pk = :pk AND begins_with(sk, :prefix)",
            limit=limit,
            pk=key("M", merchant),
            prefix=below("MISSED", connection),
        )
        return [
            Missed(
                ref=RecordRef(resource=item["resource"], id=item["resource_id"]),
                found_at=datetime.fromisoformat(item["found_at"]),
                in_gap=bool(item.get("in_gap")),
            )
            for item in found
        ]

    def note(self, merchant: str, connection: str, missed: Missed) -> None:
        """One item a record."""
        item = {
            "pk": key("M", merchant),
            "sk": _missed(connection, missed.ref),
            "resource": missed.ref.resource,
            "resource_id": missed.ref.id,
            "found_at": missed.found_at,
            "in_gap": missed.in_gap or None,
            "ttl": int((missed.found_at + KEPT).timestamp()),
        }
        with suppress(StoreConflict):
            self._table.put(item, only_if="attribute_not_exists(pk)")

    def told(self, merchant: str, connection: str, ref: RecordRef) -> None:
        """There or not."""
        self._table.delete(key("M", merchant), _missed(connection, ref))

    def heard(self, merchant: str, connection: str, at: datetime) -> None:
        """A later time stays."""
        item = {"pk": key("M", merchant), "sk": _heard(connection), "heard_at": at}
        earlier = "attribute_not_exists(heard_at) OR heard_at < :earlier"
        with suppress(StoreConflict):
            self._table.put(item, only_if=earlier, earlier=iso(at - MINUTE))

    def save(self, merchant: str, connection: str, watch: Watch, settled: Sequence[Missed] = ()) -> Watch:
        """One transaction, in which each record is still there to be counted."""
        pk, version = key("M", merchant), watch.version + 1
        item = {"pk": pk, "sk": _watch(connection), "missed": watch.missed, "version": version, **_item(watch.gap)}
        over = {"only_if": "version = :was", "was": watch.version} if watch.version else {"only_if": _NEW}
        counted = [
            self._table.delete_request(pk, _missed(connection, one.ref), only_if="attribute_exists(pk)")
            for one in settled
        ]
        self._table.transact(puts=[self._table.put_request(item, **over)], deletes=counted)
        return Watch(heard_at=watch.heard_at, missed=watch.missed, gap=watch.gap, version=version)


_NEW = "attribute_not_exists(pk)"


def _watch(connection: str) -> str:
    return key("WATCH", connection)


def _heard(connection: str) -> str:
    return key("HEARD", connection)


def _missed(connection: str, ref: RecordRef) -> str:
    return key("MISSED", connection, ref.resource, ref.id)


def _item(gap: Gap | None) -> dict[str, Any]:
    if gap is None:
        return {}
    return {
        "cause": gap.cause,
        "since": gap.since,
        "noticed_at": gap.noticed_at,
        "remade_at": gap.remade_at,
        "found": gap.found,
        "found_at": gap.found_at,
        "closed_at": gap.closed_at,
    }


def _gap(item: Mapping[str, Any]) -> Gap:
    return Gap(
        cause=item["cause"],
        since=moment_of(item.get("since")),
        noticed_at=datetime.fromisoformat(item["noticed_at"]),
        remade_at=moment_of(item.get("remade_at")),
        found=item["found"],
        found_at=moment_of(item.get("found_at")),
        closed_at=moment_of(item.get("closed_at")),
    )
