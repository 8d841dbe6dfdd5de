"""Wiring of start_oauth."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from taxpoynt.bootstrap.authorisers import authorisers
from taxpoynt.portal.oauth import StartPage
from taxpoynt.services.sessions import Sessions
from taxpoynt.services.start_oauth import StartOauth
from taxpoynt.settings import StartOauthSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.secret_store import SecretsManagerStore
from taxpoynt.web import Request, Response


@cache
def start_oauth() -> Callable[[Request], Response]:
    """The ready page."""
    settings = load(StartOauthSettings, os.environ)
    clock = SystemClock()
    store = DynamoConnectionStore(client("dynamodb"), settings.connections_table)
    platforms = authorisers(
        secrets=SecretsManagerStore(client("secretsmanager")),
        prefix=settings.platform_secret_prefix,
        endpoints=settings.platform_endpoints,
        clock=clock,
    )
    start = StartOauth(store, clock, platforms, settings.public_url)
    return StartPage(Sessions(store, clock).read, start, settings.public_url)
