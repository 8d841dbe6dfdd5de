"""The real NRS, as the calls of one merchant reach it. Key pairs are re-read every five minutes: rotate as you like."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from functools import lru_cache

from taxpoynt.bootstrap.stores import stores
from taxpoynt.nrs.client import NrsClient
from taxpoynt.nrs.config import NrsConfig
from taxpoynt.nrs.transport import open_session
from taxpoynt.ports import NrsDesk, NrsGateway
from taxpoynt.services.guarded_nrs import GuardedNrs, key_circuit
from taxpoynt.services.steps import Stores
from taxpoynt.services.submission import Submission
from taxpoynt.settings import SubmitInvoiceSettings
from taxpoynt.storage.circuits import DynamoCircuits
from taxpoynt.storage.clients import client
from taxpoynt.storage.secret_store import SecretsManagerStore
from taxpoynt.storage.table import Table

WORK_SECONDS = 92.0
"""Of the 100 seconds these functions have (infra_cdk/functions.py); the rest is for writing down what came of it."""


def submissions(settings: SubmitInvoiceSettings) -> Callable[[], Submission]:
    """Gives the submission for one invocation, whose time starts now."""
    kept = stores(settings)
    desks = nrs_desks(settings, kept)
    return lambda: Submission(kept, desks())


def nrs_desks(settings: SubmitInvoiceSettings, kept: Stores) -> Callable[[], NrsDesk]:
    """Gives the desk for one invocation. ConfigurationError, when it is used, while a secret is not filled."""
    store = SecretsManagerStore(client("secretsmanager"))
    table = Table(client("dynamodb"), settings.connections_table)
    circuits = DynamoCircuits(table, secrets.SystemRandom().random)

    def desk() -> NrsDesk:
        until = time.monotonic() + WORK_SECONDS

        def line(merchant: str, keys: str | None = None) -> NrsGateway:
            keys = keys or kept.connections.get_merchant(merchant).profile.nrs_keys
            name = f"{settings.nrs_secret}/{merchant}" if keys == "own" else settings.nrs_secret
            gateway = _gateway(settings.nrs_base_url, tuple(sorted(store.get(name).items())))
            return GuardedNrs(
                gateway, circuits, kept.clock, key_circuit(name), lambda: until - time.monotonic()
            ).permitted()

        return line

    return desk


@lru_cache(maxsize=32)
def _gateway(base_url: str, secret: tuple[tuple[str, str], ...]) -> NrsClient:
    config = NrsConfig.of(base_url, dict(secret))
    return NrsClient(config, open_session(config))
