"""The real NRS behind a submission; its key pair is re-read every five minutes, so a rotation needs no deploy."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from taxpoynt.bootstrap.stores import stores
from taxpoynt.nrs.client import NrsClient
from taxpoynt.nrs.transport import NrsConfig, open_session
from taxpoynt.services.submission import Submission
from taxpoynt.settings import SubmitInvoiceSettings
from taxpoynt.storage.clients import client
from taxpoynt.storage.secret_store import SecretsManagerStore


def submissions(settings: SubmitInvoiceSettings) -> Callable[[], Submission]:
    """Gives the submission to use now; ConfigurationError while the secret is not filled."""
    kept = stores(settings)
    secrets = SecretsManagerStore(client("secretsmanager"))

    def current() -> Submission:
        secret = secrets.get(settings.nrs_secret)
        return Submission(kept, _gateway(settings.nrs_base_url, tuple(sorted(secret.items()))))

    return current


@lru_cache(maxsize=2)
def _gateway(base_url: str, secret: tuple[tuple[str, str], ...]) -> NrsClient:
    config = NrsConfig.of(base_url, dict(secret))
    return NrsClient(config, open_session(config))
