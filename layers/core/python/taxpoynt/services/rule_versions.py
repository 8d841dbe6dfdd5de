"""Adding, showing and pointing to versions of any rule document, for people: signed, and never over somebody's work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taxpoynt.domain.rules import RuleHead, RuleVersion, Scope, Signed, digest_of
from taxpoynt.errors import StoreConflict
from taxpoynt.ports import RuleStore

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """A scope as people see it: where it stands, the version that counts, and a page of all, newest first."""

    head: RuleHead
    active: RuleVersion | None
    listed: tuple[RuleVersion, ...]

    @property
    def more(self) -> int | None:
        """`before` of the next page; None at the end."""
        last = self.listed[-1].number if self.listed else 1
        return last if last > 1 else None


@dataclass(frozen=True, slots=True)
class RuleVersions:
    """Thin over the store."""

    rules: RuleStore

    def shown(self, scope: Scope, *, limit: int = PAGE, before: int | None = None) -> Versions:
        """A page of versions."""
        head = self.rules.head(scope)
        active = None if head.active is None else self.rules.version(scope, head.active)
        return Versions(head=head, active=active, listed=tuple(self.rules.versions(scope, limit=limit, before=before)))

    def body(self, scope: Scope) -> Mapping[str, Any]:
        """What counts now; empty where nothing does."""
        (active,) = self.rules.active([scope])
        return active.body if active is not None else {}

    def add(self, scope: Scope, body: Mapping[str, Any], signed: Signed, *, activate: bool) -> RuleVersion:
        """A new version, or the newest one if it says the same: a form that is sent twice adds nothing.

        StoreConflict when somebody changed the scope since it was shown.
        """
        signed = signed.checked()
        head = self._head(scope, signed)
        newest = self.rules.version(scope, head.latest) if head.latest else None
        if newest is not None and newest.digest == digest_of(body) and newest.author == signed.author:
            if activate and head.active != newest.number:
                self.rules.activate(scope, newest.number, author=signed.author, note=signed.note, seen=head)
            return newest
        return self.rules.add(scope, body, author=signed.author, note=signed.note, seen=head, activate=activate)

    def activate(self, scope: Scope, number: int | None, signed: Signed) -> RuleHead:
        """Points to `number`, None for no rules at all; pointing where it points already changes nothing."""
        signed = signed.checked()
        head = self.rules.head(scope)
        if head.active == number:
            return head
        return self.rules.activate(
            scope, number, author=signed.author, note=signed.note, seen=self._head(scope, signed)
        )

    def _head(self, scope: Scope, signed: Signed) -> RuleHead:
        head = self.rules.head(scope)
        if signed.revision is not None and signed.revision != head.changes:
            raise StoreConflict("these rules were changed meanwhile: show them again")
        return head
