"""Rule documents of connections (the merchant's) and of connectors (the operator's): checked, versioned, in force."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from taxpoynt.conversion.number_pattern import start_fault, start_of
from taxpoynt.conversion.numbering import letters, platform_letters
from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.rules import RuleHead, RuleVersion, Scope, Signed, merchant_mapping, operator_mapping
from taxpoynt.errors import Fault, FaultsFound
from taxpoynt.mapping.documents import Checks, check, decisions_of, read
from taxpoynt.ports import ConnectionStore, JobQueue, RuleStore
from taxpoynt.services.recheck_held import recheck_connector_job, recheck_job
from taxpoynt.services.rule_versions import RuleVersions, Versions

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MappingRules:
    """`checks`: what a connector's documents are checked against; NotFound for a connector that is none."""

    rules: RuleStore
    connections: ConnectionStore
    queue: JobQueue
    checks: Callable[[str], Checks]

    @property
    def versions(self) -> RuleVersions:
        """Of any scope."""
        return RuleVersions(self.rules)

    def of_connection(self, merchant: str, connection: str) -> tuple[Connection, Scope]:
        """NotFound when it is somebody else's."""
        found = self.connections.get_connection(merchant, connection)
        return found, merchant_mapping(merchant, connection)

    def shown(self, merchant: str, connection: str, *, before: int | None = None) -> Versions:
        """The versions of a connection's rules, a page."""
        return self.versions.shown(self.of_connection(merchant, connection)[1], before=before)

    def version(self, merchant: str, connection: str, number: int) -> RuleVersion:
        """One of them."""
        return self.rules.version(self.of_connection(merchant, connection)[1], number)

    def checked(self, merchant: str, connection: str, document: Data) -> dict[str, Any]:
        """As it would be stored; FaultsFound with everything that is wrong."""
        found = self.connections.get_connection(merchant, connection)
        checks = self.checks(found.connector)
        faults = check(document, checks)
        if not faults:
            faults = list(self._number_faults(found, document))
        if faults:
            raise FaultsFound(faults)
        return read(document, checks)

    def add(
        self, merchant: str, connection: str, document: Data, signed: Signed, *, activate: bool = True
    ) -> RuleVersion:
        """Stores a version; everything held is looked at again once it counts."""
        _, scope = self.of_connection(merchant, connection)
        made = self.versions.add(scope, self.checked(merchant, connection, document), signed, activate=activate)
        if activate:
            self.queue.send("bulk", recheck_job(merchant))
        return made

    def replace_part(self, merchant: str, connection: str, part: Data, signed: Signed) -> RuleVersion:
        """The document that counts, with these parts in place of its own."""
        _, scope = self.of_connection(merchant, connection)
        return self.add(merchant, connection, {**self.versions.body(scope), **part}, signed)

    def activate(self, merchant: str, connection: str, number: int | None, signed: Signed) -> RuleHead:
        """An older version is a roll-back. It must still be sound: templates and lists may have changed since."""
        _, scope = self.of_connection(merchant, connection)
        if number is not None:
            self.checked(merchant, connection, self.rules.version(scope, number).body)
        head = self.versions.activate(scope, number, signed)
        self.queue.send("bulk", recheck_job(merchant))
        return head

    def of_connector(self, connector: str, *, before: int | None = None) -> Versions:
        """The operator's versions for a connector."""
        self.checks(connector)
        return self.versions.shown(operator_mapping(connector), before=before)

    def operators_version(self, connector: str, number: int) -> RuleVersion:
        """One of them."""
        return self.rules.version(operator_mapping(connector), number)

    def add_operators(self, connector: str, document: Data, signed: Signed, *, activate: bool = True) -> RuleVersion:
        """For every merchant of this deployment; what they have on hold is looked at again once it counts."""
        body = read(document, self.checks(connector))
        made = self.versions.add(operator_mapping(connector), body, signed, activate=activate)
        if activate:
            self.queue.send("bulk", recheck_connector_job(connector))
        return made

    def activate_operators(self, connector: str, number: int | None, signed: Signed) -> RuleHead:
        """As for a connection."""
        scope = operator_mapping(connector)
        if number is not None:
            read(self.rules.version(scope, number).body, self.checks(connector))
        head = self.versions.activate(scope, number, signed)
        self.queue.send("bulk", recheck_connector_job(connector))
        return head

    def _number_faults(self, connection: Connection, document: Data) -> Iterator[Fault]:
        """Numbers of two platforms may not begin alike: their sales count by themselves, and 8 is an id of both."""
        if not document.get("number"):
            return
        profile = self.connections.get_merchant(connection.merchant).profile
        mine = starts(connection.connector, document, profile, self.checks(connection.connector).platform)
        for start in sorted(mine):
            if problem := start_fault(start):
                message = f"with your prefix numbers would begin with {start}: {problem}"
                yield Fault("RULES-005", "number", message, "change the pattern, or the prefix in your details")
        for other, taken in self._others(connection, profile):
            for start in sorted(mine & taken):
                message = f"numbers of {other} begin with {start or 'nothing'} too"
                yield Fault("RULES-006", "number", message, "add {platform}, or a prefix that only this one has")

    def _others(self, connection: Connection, profile: Merchant) -> Iterator[tuple[str, set[str]]]:
        """(connector, what its numbers begin with) of the merchant's other platforms."""
        every = self.connections.list_connections(connection.merchant)
        others = [
            one
            for one in every
            if one.connector != connection.connector and one.status is not ConnectionStatus.DISCONNECTED
        ]
        active = self.rules.active([merchant_mapping(one.merchant, one.connection) for one in others])
        for one, version in zip(others, active, strict=True):
            platform = self.checks(one.connector).platform
            yield one.connector, starts(one.connector, version.body if version else {}, profile, platform)


def starts(connector: str, document: Data, profile: Merchant, platform: str | None) -> set[str]:
    """Everything that numbers of a connector may begin with under a document; platform: its letters."""
    decisions, prefix = decisions_of(document), profile.defaults.invoice_prefix
    if decisions.number is None:
        return {letters(prefix or "")[:8] + platform_letters(connector, platform)}
    shops = {None, *(one.prefix for one in decisions.locations.values())}
    return {start_of(decisions.number, connector, prefix=prefix, location=shop, platform=platform) for shop in shops}
