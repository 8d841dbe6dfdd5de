"""Wiring of serve_connect."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from taxpoynt.bootstrap.attention_desk import attention_desk
from taxpoynt.bootstrap.catalogue import catalogue_of, catalogue_store
from taxpoynt.bootstrap.locations import location_store
from taxpoynt.bootstrap.merchant_desk import merchant_desk
from taxpoynt.bootstrap.rules_desk import rules_desk
from taxpoynt.connector_kit import loader
from taxpoynt.connector_kit.subscribing import webhook_setup
from taxpoynt.portal.attention import AttentionPages
from taxpoynt.portal.connect import ConnectPages
from taxpoynt.portal.needs import SettingShown
from taxpoynt.portal.product_pages import ProductPages
from taxpoynt.portal.rules_pages import RulesPages
from taxpoynt.portal.same_pages import SamePages
from taxpoynt.services.read_catalogue import ReadCatalogue
from taxpoynt.settings import ServeConnectSettings, load
from taxpoynt.web import Request, Response


@cache
def serve_connect() -> Callable[[Request], Response]:
    """The ready pages."""
    settings = load(ServeConnectSettings, os.environ)
    desk, sessions = merchant_desk(settings)
    platforms = [
        (name, template.title, [f"{scope.name}: {scope.why}" for scope in template.oauth.scopes])
        for name in loader.names()
        for template in [loader.template(name)]
    ]
    attention, lists = attention_desk(settings)
    titles = {name: title for name, title, _ in platforms}
    pages = AttentionPages(attention, lists.current, titles, settings.public_url)
    catalogue = ReadCatalogue(desk.connections, catalogue_store(settings.catalogue_table), catalogue_of)
    rules = rules_desk(settings, desk, lists, by="merchant")
    shops = location_store(settings.catalogue_table)
    more = (
        RulesPages(
            desk, rules.mappings, rules.preview, settings_of, titles, settings.public_url, shops.get, rules.past
        ),
        ProductPages(rules.products, rules.preview.table, settings.public_url),
        SamePages(desk, rules.identity, titles, settings.public_url),
    )
    return ConnectPages(desk, pages, sessions, platforms, settings.public_url, catalogue.progress_of, steps_of, more)


def settings_of(connector: str) -> Mapping[str, SettingShown]:
    """What a merchant may choose about a platform."""
    return loader.template(connector).settings


def steps_of(connector: str) -> Sequence[str]:
    """What the merchant does so that the platform calls us; nothing where we, or the operator, do it."""
    setup = webhook_setup(loader.template(connector))
    return setup.steps if setup.by == "merchant" else ()
