"""Versions of what merchants and operators decide, in the connections table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from taxpoynt.domain.rules import RuleHead, RuleVersion, Scope


class RuleReader(Protocol):
    """What a conversion asks."""

    def active(self, scopes: Sequence[Scope]) -> list[RuleVersion | None]:
        """The version that counts now of each scope, in their order; None where there is none."""
        ...


class RuleStore(RuleReader, Protocol):
    """Versions are written once; which one counts is a pointer. Every change is an entry of the owner's ledger."""

    def head(self, scope: Scope) -> RuleHead:
        """Where it stands; of a scope without versions the empty head."""
        ...

    def version(self, scope: Scope, number: int) -> RuleVersion:
        """NotFound when there is none of that number."""
        ...

    def versions(self, scope: Scope, *, limit: int, before: int | None = None) -> list[RuleVersion]:
        """Newest first; `before`: only those with smaller numbers."""
        ...

    def add(
        self, scope: Scope, body: Mapping[str, Any], *, author: str, note: str, seen: RuleHead, activate: bool
    ) -> RuleVersion:
        """The next version, active from now on if so wanted; StoreConflict when the scope changed since `seen`."""
        ...

    def erase(self, scope: Scope) -> None:
        """Forgets every version of a merchant who leaves; sales keep what counted for them."""
        ...

    def activate(self, scope: Scope, number: int | None, *, author: str, note: str, seen: RuleHead) -> RuleHead:
        """Points to another version (an older one: a roll-back), or to none. StoreConflict as for `add`."""
        ...
