"""Wiring of serve_connect."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from taxpoynt.bootstrap.merchant_desk import merchant_desk
from taxpoynt.connector_kit import loader
from taxpoynt.portal.connect import ConnectPages
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
    return ConnectPages(desk, sessions, platforms, settings.public_url)
