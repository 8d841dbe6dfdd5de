"""Rules of merchants and of the operator, for the pages and the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from taxpoynt.bootstrap.explaining import texts_of
from taxpoynt.bootstrap.look_backs import look_backs
from taxpoynt.connector_kit import loader
from taxpoynt.connector_kit.classed import HIDDEN_FROM_OTHERS, hides
from taxpoynt.connector_kit.rule_checks import checks_of
from taxpoynt.connector_kit.template_data import DataClass
from taxpoynt.mapping.documents import Checks
from taxpoynt.services.chosen import ChosenRules
from taxpoynt.services.code_tables import CodeTables
from taxpoynt.services.current_lists import ListSource
from taxpoynt.services.identity_desk import IdentityDesk
from taxpoynt.services.look_back import LookBacks
from taxpoynt.services.mapping_rules import MappingRules
from taxpoynt.services.preview_rules import PreviewRules
from taxpoynt.services.product_tables import ProductTables
from taxpoynt.services.serve_connect import ServeConnect
from taxpoynt.services.stored_records import StoredRecords
from taxpoynt.settings import ServeConnectSettings
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.noting import Noting
from taxpoynt.storage.rules import DynamoRuleStore
from taxpoynt.storage.table import Table


@dataclass(frozen=True, slots=True)
class RulesDesk:
    """Everything about rules."""

    mappings: MappingRules
    preview: PreviewRules
    products: ProductTables
    identity: IdentityDesk
    chosen: ChosenRules
    past: LookBacks


def checks(lists: ListSource) -> Callable[[str], Checks]:
    """What the documents of a connector are checked against; NotFound for one that is none."""
    return lambda connector: checks_of(loader.template(connector), lists.current())


def rules_desk(settings: ServeConnectSettings, desk: ServeConnect, lists: ListSource, *, by: str) -> RulesDesk:
    """Over the stores of `desk`. `by`: whose hand this is, for the ledger and for what previews show."""
    clock, dynamodb = SystemClock(), client("dynamodb")
    noting = Noting(Table(dynamodb, settings.invoices_table), by, clock.now)
    store = DynamoRuleStore(dynamodb, settings.connections_table, noting)
    past = look_backs(dynamodb, settings.connections_table, desk.connections, desk.queue, clock)
    return desk_of(store, desk, lists, past, hidden=("secret",) if by == "merchant" else HIDDEN_FROM_OTHERS)


def desk_of(
    store: DynamoRuleStore,
    desk: ServeConnect,
    lists: ListSource,
    past: LookBacks,
    *,
    hidden: tuple[DataClass, ...] = HIDDEN_FROM_OTHERS,
) -> RulesDesk:
    """The parts over one store of rules. hidden: what previews do not show; merchants see their own buyers."""
    connections, sales, blobs = desk.connections, desk.sales, desk.blobs
    mappings = MappingRules(store, connections, desk.queue, checks(lists))
    chosen = ChosenRules(store, CodeTables(blobs))
    return RulesDesk(
        mappings,
        PreviewRules(
            mappings,
            chosen,
            connections,
            StoredRecords(sales, blobs),
            lists,
            loader.load,
            _hides(hidden),
            past.shown,
            lambda connector: partial(texts_of, connector, kinds=hidden),
            "personal" if "personal" in hidden else None,
        ),
        ProductTables(store, connections, blobs, desk.queue, lists),
        IdentityDesk(store, connections, sales, desk.clock, loader.names()),
        chosen,
        past,
    )


def _hides(kinds: tuple[DataClass, ...]) -> Callable[[str], Callable[..., str | None]]:
    return lambda connector: hides(loader.template(connector), kinds)
