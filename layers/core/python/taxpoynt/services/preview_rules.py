"""What new rules, or a new product table, would make of a merchant's own last records, before they count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.look_back import LookBack
from taxpoynt.domain.rules import code_table, operator_mapping
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import BadInput
from taxpoynt.mapping.engine import Explained
from taxpoynt.ports import ConnectionStore, Connector
from taxpoynt.services.chosen import Chosen, ChosenRules
from taxpoynt.services.current_lists import ListSource
from taxpoynt.services.look_back import shown_look_back
from taxpoynt.services.mapping_rules import MappingRules
from taxpoynt.services.stored_records import MOST, Newest, StoredRecords
from taxpoynt.services.what_if import WhatIf, chosen_by, joined, what_if
from taxpoynt.services.what_if_shown import shown
from taxpoynt.services.what_if_sides import Circumstances

_Hides = Callable[[Explained], str | None]


@dataclass(frozen=True, slots=True)
class PreviewRules:
    """Reads only. hides: of a connector, the class of a mapped value that is not shown.

    look_back: what was fetched of a connection's past, and whether that goes on. texts: of a connector, the texts of a
    record that are not shown either, wherever they came from. buyers: see Circumstances.
    """

    rules: MappingRules
    chosen: ChosenRules
    connections: ConnectionStore
    records: StoredRecords
    lists: ListSource
    connector: Callable[[str], Connector]
    hides: Callable[[str], _Hides] = lambda _name: lambda _one: None
    look_back: Callable[[str, str], LookBack | None] = lambda _merchant, _connection: None
    texts: Callable[[str], Callable[[SourceBundle], Mapping[str, str]]] = lambda _name: lambda _bundle: {}
    buyers: str | None = "personal"

    def __call__(
        self, merchant: str, connection: str, document: Mapping[str, Any], *, records: int = 50
    ) -> Mapping[str, Any]:
        """The newest `records`, of sales and of what makes none yet. FaultsFound for a document that is not sound."""
        _bounded(records)
        found = self.connections.get_connection(merchant, connection)
        body = self.rules.checked(merchant, connection, document)
        (operators,) = self.rules.rules.active([operator_mapping(found.connector)])
        before = self.chosen.of(found)
        after = replace(
            chosen_by(body, operators.body if operators else None), codes=before.codes, identity=before.identity
        )
        past = self.look_back(merchant, connection)
        there = self._newest(found, records, past)
        made = self._compared(found, there.bundles, before, after)
        return _told(made, records, there.gone) | {"look_back": shown_look_back(past)}

    def table(self, merchant: str, number: int, *, records: int = 50) -> Mapping[str, Any]:
        """What version `number` of the product table would make of the newest records of every connection in use.

        The records asked for are shared out evenly. NotFound for a version that is none.
        """
        _bounded(records)
        codes = self.rules.rules.version(code_table(self.connections.get_merchant(merchant).merchant), number)
        links = [
            one
            for one in self.connections.list_connections(merchant)
            if one.status is not ConnectionStatus.DISCONNECTED
        ]
        made, gone = [], 0
        for place, link in enumerate(links):
            share = (records + len(links) - 1 - place) // len(links)
            there = self._newest(link, share, self.look_back(merchant, link.connection)) if share else Newest((), 0)
            before = self.chosen.of(link)
            made.append(self._compared(link, there.bundles, before, replace(before, codes=codes)))
            gone += there.gone
        return _told(joined(made), records, gone)

    def _newest(self, connection: Connection, records: int, past: LookBack | None) -> Newest:
        return self.records.newest(connection, records, fetched=past.seen if past else ())

    def _compared(
        self, connection: Connection, bundles: Sequence[tuple[str, SourceBundle]], before: Chosen, after: Chosen
    ) -> WhatIf:
        about = Circumstances(
            lists=self.lists.current(),
            account=connection.account,
            rows=self.chosen.rows,
            hides=self.hides(connection.connector),
            texts=self.texts(connection.connector),
            buyers=self.buyers,
        )
        profile = self.connections.get_merchant(connection.merchant).profile
        return what_if(self.connector(connection.connector), bundles, profile, before, after, about)


def _bounded(records: int) -> None:
    if not 1 <= records <= MOST:
        raise BadInput(f"a preview takes 1 to {MOST} records")


def _told(made: WhatIf, asked: int, gone: int) -> dict[str, Any]:
    return {**shown(made), "asked": asked, "there": len(made.records), "gone": gone}
