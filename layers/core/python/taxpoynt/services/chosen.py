"""What a merchant and the operator decided that counts for one connection right now: read once for a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from taxpoynt.domain.connection import Connection
from taxpoynt.domain.decisions import CodeRow, Decisions
from taxpoynt.domain.identity import IdentityRules
from taxpoynt.domain.inputs import UsedVersion
from taxpoynt.domain.rules import RuleVersion, code_table, identity_rules, merchant_mapping, operator_mapping
from taxpoynt.domain.sale import Sale
from taxpoynt.mapping.documents import decisions_of, mapping_of
from taxpoynt.ports import RuleReader
from taxpoynt.services.code_tables import CodeTables

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """mapping, operator_mapping: RuleSets as data; settings: of the template; codes: the active version.

    identity: only where it is about this connection's platform.

    known_codes: what a product table said of this record before, which stays.
    """

    mapping: Data = field(default_factory=dict)
    operator_mapping: Data = field(default_factory=dict)
    settings: Data = field(default_factory=dict)
    decisions: Decisions = field(default_factory=Decisions)
    versions: tuple[UsedVersion, ...] = ()
    codes: RuleVersion | None = None
    known_codes: Mapping[str, CodeRow] = field(default_factory=dict)
    identity: IdentityRules | None = None


@dataclass(frozen=True, slots=True)
class ChosenRules:
    """Reads the four documents that may count, all at once; a merchant that decided nothing costs one read."""

    rules: RuleReader
    tables: CodeTables

    def of(self, connection: Connection) -> Chosen:
        """As it is now."""
        merchant = connection.merchant
        mine, operators, codes, identity = self.rules.active(
            [
                merchant_mapping(merchant, connection.connection),
                operator_mapping(connection.connector),
                code_table(merchant),
                identity_rules(merchant),
            ]
        )
        own, general = _body(mine), _body(operators)
        compared = _compared(identity, connection.connector)
        return Chosen(
            mapping=mapping_of(own) if own else {},
            operator_mapping=mapping_of(general) if general else {},
            settings={**general.get("settings", {}), **own.get("settings", {})},
            decisions=decisions_of(own).over(decisions_of(general)),
            versions=(
                *_used("merchant", mine),
                *_used("operator", operators),
                *_used("codes", codes),
                *_used("identity", identity if compared else None),
            ),
            codes=codes,
            identity=compared,
        )

    def rows(self, chosen: Chosen, sale: Sale | None) -> dict[str, CodeRow]:
        """What the product table says of what was sold."""
        if chosen.codes is None or sale is None:
            return {}
        return self.tables.rows(chosen.codes.body, sale.lines)


def _compared(version: RuleVersion | None, connector: str) -> IdentityRules | None:
    rules = IdentityRules.model_validate(version.body) if version is not None else None
    return rules if rules is not None and connector in rules.sources else None


def _body(version: RuleVersion | None) -> Data:
    return version.body if version is not None else {}


def _used(
    layer: Literal["merchant", "operator", "codes", "identity"], version: RuleVersion | None
) -> Iterator[UsedVersion]:
    if version is not None:
        yield UsedVersion(layer=layer, number=version.number, digest=version.digest)
