"""Rule versions as items of the connections table: one partition a scope, `HEAD` and `V#000001` … in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from taxpoynt.domain.rules import RuleHead, RuleVersion, Scope, digest_of
from taxpoynt.errors import ConfigurationError, NotFound
from taxpoynt.storage.items import iso, moment_of
from taxpoynt.storage.noting import Noting
from taxpoynt.storage.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HEAD = "HEAD"
VERSION = "V#"
MOST_KEPT = 200


class DynamoRuleStore:
    """ports.RuleStore. `noting`: where its entries wait; None for who only reads.

    Versions never change, so those that were read stay in memory; which one counts is read anew every time.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str, noting: Noting | None = None) -> None:
        self._table = Table(dynamodb, table)
        self._noting = noting
        self._kept: dict[tuple[Scope, int | None], RuleVersion] = {}

    def active(self, scopes: Sequence[Scope]) -> list[RuleVersion | None]:
        """One read of all heads, and one of the versions that were not read before."""
        items = self._table.get_many([(scope.partition, HEAD) for scope in scopes])
        heads = {item["pk"]: item for item in items}
        scope_of = {scope.partition: scope for scope in scopes}
        wanted = [(scope, heads.get(scope.partition, {}).get("active")) for scope in scopes]
        kept = {pair: self._kept[pair] for pair in wanted if pair in self._kept}
        missing = [pair for pair in wanted if pair[1] is not None and pair not in kept]
        for item in self._table.get_many([_place(*pair) for pair in missing]):
            made = _version(scope_of[item["pk"]], item)
            kept[made.scope, made.number] = self._keep(made)
        return [None if number is None else kept[scope, number] for scope, number in wanted]

    def head(self, scope: Scope) -> RuleHead:
        """A consistent read."""
        item = self._table.get(scope.partition, HEAD)
        if item is None:
            return RuleHead(scope=scope)
        return RuleHead(
            scope=scope,
            latest=item["latest"],
            active=item.get("active"),
            changes=item["changes"],
            since=moment_of(item.get("since")),
            author=item["author"],
            note=item["note"],
        )

    def version(self, scope: Scope, number: int) -> RuleVersion:
        """As it was added."""
        if (scope, number) not in self._kept:
            item = self._table.get(*_place(scope, number))
            if item is None:
                raise NotFound("no such version")
            return self._keep(_version(scope, item))
        return self._kept[scope, number]

    def versions(self, scope: Scope, *, limit: int, before: int | None = None) -> list[RuleVersion]:
        """One query."""
        bound = f"{VERSION}{before - 1:06}" if before is not None else f"{VERSION}999999"
        items, _ = self._table.query(
            "pk = :pk AND sk BETWEEN :first AND :last",
            pk=scope.partition,
            first=VERSION,
            last=bound,
            limit=limit,
            newest_first=True,
        )
        return [_version(scope, item) for item in items]

    def add(
        self, scope: Scope, body: Mapping[str, Any], *, author: str, note: str, seen: RuleHead, activate: bool
    ) -> RuleVersion:
        """Version, head and entry in one transaction."""
        now, by, noting = self._hand()
        made = RuleVersion(
            scope=scope,
            number=seen.latest + 1,
            body=dict(body),
            digest=digest_of(body),
            author=author,
            by=by,
            note=note,
            at=now,
        )
        head = replace(seen, latest=made.number)
        if activate:
            head = replace(head, active=made.number, since=now, author=author, note=note)
        put = self._table.put_request(_item(made), only_if="attribute_not_exists(pk)")
        detail = {"number": str(made.number), "digest": made.digest, "author": author}
        noted = noting.rules(scope, "rules_added", detail)
        if activate:
            noted += noting.rules(scope, "rules_activated", {**detail, "was": str(seen.active or "")})
        self._table.transact(puts=[put, self._over(seen, head), *noted])
        return made

    def activate(self, scope: Scope, number: int | None, *, author: str, note: str, seen: RuleHead) -> RuleHead:
        """Head and entry in one transaction; the versions stay as they are."""
        now, _, noting = self._hand()
        digest = "" if number is None else self.version(scope, number).digest
        head = replace(seen, active=number, since=now, author=author, note=note)
        detail = {"number": str(number or ""), "digest": digest, "author": author, "was": str(seen.active or "")}
        self._table.transact(puts=[self._over(seen, head), *noting.rules(scope, "rules_activated", detail)])
        return replace(head, changes=seen.changes + 1)

    def erase(self, scope: Scope) -> None:
        """Versions first: a run that dies in between finds its way again."""
        for item in self._table.query_all("pk = :pk AND begins_with(sk, :v)", pk=scope.partition, v=VERSION):
            self._table.delete(scope.partition, str(item["sk"]))
            self._kept.pop((scope, item["number"]), None)
        self._table.delete(scope.partition, HEAD)

    def _hand(self) -> tuple[datetime, str, Noting]:
        """When, and whose hand this is. A store without a ledger writes nothing."""
        if self._noting is None:
            raise ConfigurationError("a store of rules without a ledger only reads")
        return self._noting.now(), self._noting.by, self._noting

    def _over(self, seen: RuleHead, head: RuleHead) -> dict[str, Any]:
        item = {
            "pk": seen.scope.partition,
            "sk": HEAD,
            "latest": head.latest,
            "active": head.active,
            "changes": seen.changes + 1,
            "since": head.since,
            "author": head.author,
            "note": head.note,
        }
        if seen.changes == 0:
            return self._table.put_request(item, only_if="attribute_not_exists(pk)")
        return self._table.put_request(item, only_if="changes = :was", was=seen.changes)

    def _keep(self, made: RuleVersion) -> RuleVersion:
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[made.scope, made.number] = made
        return made


def _place(scope: Scope, number: int | None) -> tuple[str, str]:
    return scope.partition, f"{VERSION}{number or 0:06}"


def _item(made: RuleVersion) -> dict[str, Any]:
    pk, sk = _place(made.scope, made.number)
    return {
        "pk": pk,
        "sk": sk,
        "number": made.number,
        "body": dict(made.body),
        "digest": made.digest,
        "author": made.author,
        "by_whom": made.by,
        "note": made.note,
        "at": iso(made.at),
    }


def _version(scope: Scope, item: Mapping[str, Any]) -> RuleVersion:
    return RuleVersion(
        scope=scope,
        number=item["number"],
        body=json.loads(item["body"]),
        digest=item["digest"],
        author=item["author"],
        by=item["by_whom"],
        note=item["note"],
        at=datetime.fromisoformat(item["at"]),
    )
