"""Wiring of finish_oauth."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from taxpoynt.bootstrap.authorisers import authorisers
from taxpoynt.portal.oauth import CallbackPage
from taxpoynt.services.finish_oauth import FinishOauth
from taxpoynt.services.sessions import Sessions
from taxpoynt.settings import FinishOauthSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.noting import Noting
from taxpoynt.storage.secret_store import SecretsManagerStore
from taxpoynt.storage.table import Table
from taxpoynt.storage.tokens import DynamoTokenStore
from taxpoynt.web import Request, Response


@cache
def finish_oauth() -> Callable[[Request], Response]:
    """The ready page."""
    settings = load(FinishOauthSettings, os.environ)
    clock, dynamodb = SystemClock(), client("dynamodb")
    noting = Noting(Table(dynamodb, settings.invoices_table), "merchant", clock.now)
    store = DynamoConnectionStore(dynamodb, settings.connections_table, noting)
    tokens = DynamoTokenStore(dynamodb, settings.connections_table, client("kms"), settings.tokens_key_arn)
    platforms = authorisers(
        secrets=SecretsManagerStore(client("secretsmanager")),
        prefix=settings.platform_secret_prefix,
        endpoints=settings.platform_endpoints,
        clock=clock,
    )
    finish = FinishOauth(store, tokens, clock, platforms, settings.public_url)
    return CallbackPage(Sessions(store, clock).read, finish, settings.public_url)
