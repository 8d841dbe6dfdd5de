"""How a merchant's sales on several platforms are told to be one: the rules as versions, and what a person is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from taxpoynt.domain.identity import IdentityRules
from taxpoynt.domain.rules import RuleHead, RuleVersion, Scope, Signed, identity_rules
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Fault, FaultsFound
from taxpoynt.mapping.rules import dotted, likely, place_of
from taxpoynt.ports import Clock, ConnectionStore, RuleStore, SaleRecord, SaleStore
from taxpoynt.services.answer_question import question_id
from taxpoynt.services.answer_same import is_same_question
from taxpoynt.services.rule_versions import RuleVersions, Versions
from taxpoynt.services.same_sale import SameSale

PAGE = 100
MOST_ASKED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two sales that may be one, or one whose winner is gone. question: to send back with the answer."""

    record: SaleRecord
    other: SaleRecord | None
    question: str


@dataclass(frozen=True, slots=True)
class IdentityDesk:
    """`connectors`: those there are."""

    rules: RuleStore
    connections: ConnectionStore
    sales: SaleStore
    clock: Clock
    connectors: Collection[str]

    def shown(self, merchant: str, *, before: int | None = None) -> Versions:
        """The versions, a page."""
        return RuleVersions(self.rules).shown(self._scope(merchant), before=before)

    def version(self, merchant: str, number: int) -> RuleVersion:
        """One of them."""
        return self.rules.version(self._scope(merchant), number)

    def add(self, merchant: str, document: Mapping[str, Any], signed: Signed, *, activate: bool = True) -> RuleVersion:
        """Counts for sales that are seen from then on. FaultsFound (IDENT-001) with everything that is wrong."""
        scope = self._scope(merchant)
        if faults := check(document, self.connectors):
            raise FaultsFound(faults)
        return RuleVersions(self.rules).add(scope, document, signed, activate=activate)

    def activate(self, merchant: str, number: int | None, signed: Signed) -> RuleHead:
        """Another version, or none."""
        scope = self._scope(merchant)
        if number is not None and (faults := check(self.rules.version(scope, number).body, self.connectors)):
            raise FaultsFound(faults)
        return RuleVersions(self.rules).activate(scope, number, signed)

    def asked(self, merchant: str) -> list[Pair]:
        """Everything a person must tell, the most urgent first."""
        self.connections.get_merchant(merchant)
        found: list[Pair] = []
        cursor: str | None = None
        while len(found) < MOST_ASKED:
            page, cursor = self.sales.list_sales(merchant, limit=PAGE, cursor=cursor, state=SaleState.NEEDS_ATTENTION)
            found += [self._pair(one) for one in page if is_same_question(one)]
            if cursor is None:
                break
        return sorted(found, key=lambda one: (one.record.clock.due_at, one.record.sale_id))[:MOST_ASKED]

    def _pair(self, record: SaleRecord) -> Pair:
        other = SameSale(self.sales, self.clock).find(record.merchant, record.same_as or "")
        return Pair(record=record, other=other, question=question_id(record))

    def _scope(self, merchant: str) -> Scope:
        return identity_rules(self.connections.get_merchant(merchant).merchant)


def check(document: Mapping[str, Any], connectors: Collection[str]) -> list[Fault]:
    """Every fault of identity rules."""
    try:
        rules = IdentityRules.model_validate(document)
    except ValidationError as problem:
        errors = problem.errors(include_url=False, include_context=False, include_input=False)
        places = [place_of(error["loc"]) for error in errors]
        return [
            Fault("IDENT-001", dotted(place), error["msg"].removeprefix("Value error, "), "see docs/merchant-rules.md")
            for place, error in zip(places, errors, strict=True)
            if not any(other[: len(place)] == place != other for other in places)  # a list short of its faulty items
        ]
    return [
        Fault(
            "IDENT-001",
            f"sources.{place}",
            f"no platform called {name!r}{likely(name, connectors)}",
            f"there are: {', '.join(sorted(connectors))}",
        )
        for place, name in enumerate(rules.sources)
        if name not in connectors
    ]
