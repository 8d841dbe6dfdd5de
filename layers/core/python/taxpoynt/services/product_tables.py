"""A merchant's product tables: uploaded as CSV, checked row by row, kept as versions like any rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taxpoynt.domain.rules import RuleHead, RuleVersion, Scope, Signed, code_table
from taxpoynt.errors import Fault, FaultsFound
from taxpoynt.mapping.product_table import parse
from taxpoynt.ports import BlobStore, ConnectionStore, JobQueue, RuleStore
from taxpoynt.services.code_tables import put_table
from taxpoynt.services.current_lists import ListSource
from taxpoynt.services.recheck_held import recheck_job
from taxpoynt.services.rule_versions import RuleVersions, Versions

MOST_TOLD = 1000
"""Faults of one file that are told; nobody mends more at once, and an answer has its limits."""


@dataclass(frozen=True, slots=True)
class ProductTables:
    """For the pages and the API. NotFound for a merchant that does not exist."""

    rules: RuleStore
    connections: ConnectionStore
    blobs: BlobStore
    queue: JobQueue
    lists: ListSource

    def shown(self, merchant: str, *, before: int | None = None) -> Versions:
        """The versions, a page."""
        return RuleVersions(self.rules).shown(self._scope(merchant), before=before)

    def file(self, merchant: str, number: int) -> bytes:
        """The CSV of a version, byte for byte as it was uploaded."""
        return self.blobs.get(str(self.rules.version(self._scope(merchant), number).body["original"]))

    def add(self, merchant: str, data: bytes, signed: Signed, *, activate: bool = True) -> RuleVersion:
        """Stores a table whose every row is sound; FaultsFound with every fault and its line otherwise."""
        scope = self._scope(merchant)
        parsed = parse(data, self.lists.current())
        if parsed.faults:
            raise FaultsFound(_told(parsed.faults))
        body = put_table(self.blobs, merchant, data, parsed.entries, parsed.rows)
        made = RuleVersions(self.rules).add(scope, body, signed, activate=activate)
        if activate:
            self.queue.send("bulk", recheck_job(merchant))
        return made

    def activate(self, merchant: str, number: int | None, signed: Signed) -> RuleHead:
        """Another version from now on, or none."""
        scope = self._scope(merchant)
        if number is not None:
            self.rules.version(scope, number)
        head = RuleVersions(self.rules).activate(scope, number, signed)
        self.queue.send("bulk", recheck_job(merchant))
        return head

    def _scope(self, merchant: str) -> Scope:
        return code_table(self.connections.get_merchant(merchant).merchant)


def _told(faults: Sequence[Fault]) -> Sequence[Fault]:
    if len(faults) <= MOST_TOLD:
        return faults
    more = Fault("CODES-001", "", f"and {len(faults) - MOST_TOLD} faults more", "mend these first, then try again")
    return (*faults[:MOST_TOLD], more)
