"""Versions of rules in memory: every method is one atomic step, as in the real store."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from taxpoynt.domain.rules import RuleHead, RuleVersion, Scope, digest_of
from taxpoynt.errors import NotFound, StoreConflict
from taxpoynt.ports import Clock


class FakeRuleStore:
    def __init__(self, clock: Clock, by: str = "merchant") -> None:
        self._lock = threading.RLock()
        self._clock, self._by = clock, by
        self.heads: dict[Scope, RuleHead] = {}
        self.kept: dict[tuple[Scope, int], RuleVersion] = {}
        self.noted: list[tuple[str, str, str]] = []

    def active(self, scopes: Sequence[Scope]) -> list[RuleVersion | None]:
        with self._lock:
            numbers = [(scope, self.head(scope).active) for scope in scopes]
            return [None if number is None else self.kept[scope, number] for scope, number in numbers]

    def head(self, scope: Scope) -> RuleHead:
        assert scope.partition
        return self.heads.get(scope, RuleHead(scope=scope))

    def version(self, scope: Scope, number: int) -> RuleVersion:
        if (scope, number) not in self.kept:
            raise NotFound("no such version")
        return self.kept[scope, number]

    def versions(self, scope: Scope, *, limit: int, before: int | None = None) -> list[RuleVersion]:
        numbers = range(self.head(scope).latest, 0, -1)
        return [self.kept[scope, one] for one in numbers if before is None or one < before][:limit]

    def add(
        self, scope: Scope, body: Mapping[str, Any], *, author: str, note: str, seen: RuleHead, activate: bool
    ) -> RuleVersion:
        with self._lock:
            self._unchanged(scope, seen)
            now = self._clock.now()
            made = RuleVersion(
                scope=scope,
                number=seen.latest + 1,
                body=dict(body),
                digest=digest_of(body),
                author=author,
                by=self._by,
                note=note,
                at=now,
            )
            self.kept[scope, made.number] = made
            head = replace(seen, latest=made.number, changes=seen.changes + 1)
            self.noted.append((scope.owner, "rules_added", str(made.number)))
            if activate:
                head = replace(head, active=made.number, since=now, author=author, note=note)
                self.noted.append((scope.owner, "rules_activated", str(made.number)))
            self.heads[scope] = head
            return made

    def activate(self, scope: Scope, number: int | None, *, author: str, note: str, seen: RuleHead) -> RuleHead:
        with self._lock:
            if number is not None:
                self.version(scope, number)
            self._unchanged(scope, seen)
            now = self._clock.now()
            head = replace(seen, active=number, changes=seen.changes + 1, since=now, author=author, note=note)
            self.heads[scope] = head
            self.noted.append((scope.owner, "rules_activated", str(number or "")))
            return head

    def erase(self, scope: Scope) -> None:
        with self._lock:
            self.heads.pop(scope, None)
            for pair in [pair for pair in self.kept if pair[0] == scope]:
                del self.kept[pair]

    def _unchanged(self, scope: Scope, seen: RuleHead) -> None:
        if self.head(scope).changes != seen.changes:
            raise StoreConflict("somebody else wrote first")
