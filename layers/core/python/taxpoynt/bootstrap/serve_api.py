"""Wiring of serve_api; `operator_desk` serves the console too."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from taxpoynt.bootstrap.merchant_desk import merchant_desk
from taxpoynt.services.serve_api import ServeApi
from taxpoynt.settings import ServeApiSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.events import DynamoEventStore
from taxpoynt.storage.secret_store import SecretsManagerStore


def operator_desk(settings: ServeApiSettings) -> ServeApi:
    """What the operator may do."""
    desk, sessions = merchant_desk(settings, by="operator")
    return ServeApi(
        connections=desk.connections,
        sales=desk.sales,
        events=DynamoEventStore(client("dynamodb"), settings.events_table, SystemClock()),
        secrets=SecretsManagerStore(client("secretsmanager")),
        operator_secret=settings.operator_secret,
        sessions=sessions,
        portal=desk,
    )


@cache
def serve_api() -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """The ready resolver; it reads the gateway's event itself."""
    from taxpoynt.bootstrap.attention_desk import attention_desk
    from taxpoynt.bootstrap.catalogue import catalogue_of, catalogue_store
    from taxpoynt.bootstrap.explaining import masked_explanation
    from taxpoynt.bootstrap.locations import location_reader, location_store
    from taxpoynt.bootstrap.retention_desk import retention_desk
    from taxpoynt.bootstrap.rules_desk import rules_desk
    from taxpoynt.bootstrap.software import software
    from taxpoynt.connector_kit import loader
    from taxpoynt.nrs import payload
    from taxpoynt.portal import catalogue_routes, location_routes, look_back_routes, retention_routes
    from taxpoynt.portal.api import build
    from taxpoynt.portal.attention_routes import AttentionRoutes
    from taxpoynt.portal.identity_routes import IdentityRoutes
    from taxpoynt.portal.product_routes import ProductRoutes
    from taxpoynt.portal.rules_routes import RulesRoutes
    from taxpoynt.services.explain_invoice import ExplainInvoice
    from taxpoynt.services.read_catalogue import ReadCatalogue

    settings = load(ServeApiSettings, os.environ)
    desk = operator_desk(settings)
    catalogue = ReadCatalogue(desk.connections, catalogue_store(settings.catalogue_table), catalogue_of)

    orders = retention_desk(settings, desk.portal.queue)
    held, lists = attention_desk(settings)
    explain = ExplainInvoice(desk.sales, desk.portal.blobs, loader.load, lists, body=payload.body, software=software())
    attention = AttentionRoutes(held, desk.held, masked_explanation(explain, desk.portal.blobs))
    rules = rules_desk(settings, desk.portal, lists, by="operator")
    shops = location_reader(desk.connections, location_store(settings.catalogue_table), rules.chosen)
    return build(
        desk,
        desk.portal,
        settings.public_url,
        lambda app: retention_routes.add(app, orders),
        attention.add,
        RulesRoutes(rules.mappings, rules.preview).add,
        ProductRoutes(rules.products, rules.preview.table).add,
        IdentityRoutes(rules.identity).add,
        lambda app: catalogue_routes.add(app, catalogue),
        lambda app: location_routes.add(app, shops),
        lambda app: look_back_routes.add(app, rules.past),
    )
