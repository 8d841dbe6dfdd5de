"""What of a merchant's profile or connection changed, as entries for the ledger: names of fields, hashes, ids.

Never values: a profile holds addresses, and rules may quote a customer. Written in the transaction of the
change itself, so that there is no change without its entry and no entry without its change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxpoynt.domain.connection import Connection
from taxpoynt.domain.ledger import canonical, sha256
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.rules import Scope
from taxpoynt.storage import outbox
from taxpoynt.storage.items import iso
from taxpoynt.storage.ledger import act
from taxpoynt.storage.table import Table

MOST_FIELDS = 40


@dataclass(frozen=True, slots=True)
class Noting:
    """Where entries wait, and whose hand this is: `merchant`, `operator` or `system`."""

    invoices: Table
    by: str
    now: Callable[[], datetime]

    def profile(self, merchant: str, before: Merchant | None, after: Merchant, version: int) -> list[dict[str, Any]]:
        """The parts of the transaction; none when nothing changed."""
        detail = changes(before, after)
        if not detail:
            return []
        action = "profile_changed" if before else "merchant_created"
        return [self._put(merchant, action, "profile", {**detail, "version": str(version)})]

    def connection(self, before: Connection | None, after: Connection) -> list[dict[str, Any]]:
        """One entry for a new status."""
        puts = []
        about = {"connector": after.connector, "version": str(after.version)}
        if before is None or before.status is not after.status or before.account_id != after.account_id:
            detail = {**about, "account": after.account_id, "was": before.status.value if before else ""}
            puts.append(self._put(after.merchant, f"connection_{after.status.value}", after.connection, detail))
        return puts

    def rules(self, scope: Scope, action: str, detail: Mapping[str, str]) -> list[dict[str, Any]]:
        """One entry for a version of rules that was added, or pointed to. The operator's rules have its own ledger."""
        return [self._put(scope.owner, action, f"{scope.kind}:{scope.about}", detail)]

    def _put(self, merchant: str, action: str, subject: str, detail: Mapping[str, str]) -> dict[str, Any]:
        entry = act(merchant, action, subject, detail, self.by, at=iso(self.now()))
        return self.invoices.put_request(outbox.item(merchant, entry))


def changes(before: Merchant | None, after: Merchant) -> dict[str, str]:
    """Names of the fields that differ, and the profile's hash before and after; empty when they are equal."""
    was, now = ({} if one is None else one.model_dump(mode="json", exclude_none=True) for one in (before, after))
    names = _differing(was, now)
    if before is not None and not names:
        return {}
    shown = ",".join(names[:MOST_FIELDS]) + (",…" if len(names) > MOST_FIELDS else "")
    return {"fields": shown, **_hashes(was, now)}


def _hashes(before: Any, after: Any) -> dict[str, str]:
    return {"before_sha256": sha256(canonical(before)), "after_sha256": sha256(canonical(after))}


def _differing(was: Mapping[str, Any], now: Mapping[str, Any], path: str = "") -> list[str]:
    """Paths of leaves that differ. Only our own field names: keys that a merchant chose (products) are not shown."""
    found: list[str] = []
    for name in sorted(was.keys() | now.keys()):
        first, second = was.get(name), now.get(name)
        if first == second:
            continue
        where = f"{path}{name}"
        if name in ("address", "defaults"):
            found += _differing(first or {}, second or {}, f"{where}.") or [where]
        else:
            found.append(where)
    return found
