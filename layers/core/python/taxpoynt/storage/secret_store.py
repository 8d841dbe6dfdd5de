"""Named secrets as JSON objects, cached for a while so that a rotation is picked up and a burst costs one call."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from taxpoynt.errors import ConfigurationError
from taxpoynt.storage.aws_errors import verdicts

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

FRESH_SECONDS = 300


class SecretsManagerStore:
    """ports.SecretStore. ConfigurationError names a secret that is missing or not a JSON object, never its value."""

    def __init__(
        self,
        secrets: SecretsManagerClient,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._secrets = secrets
        self._monotonic = monotonic
        self._now = now
        self._kept: dict[str, tuple[float, Mapping[str, str]]] = {}
        self._both: dict[str, tuple[float, tuple[Mapping[str, str], ...]]] = {}

    def get(self, name: str) -> Mapping[str, str]:
        """The secret's fields, at most five minutes old."""
        kept = self._kept.get(name)
        if kept and kept[0] > self._monotonic():
            return kept[1]
        fields = self._read(name)
        self._kept[name] = (self._monotonic() + FRESH_SECONDS, fields)
        return fields

    def accepted(self, name: str, overlap: timedelta) -> tuple[Mapping[str, str], ...]:
        """The current version's fields and, for `overlap` after it was put down, those of the version before.

        Secrets Manager keeps the previous version and knows when the current one came, so that a rotation ends by time
        and nobody has to remember its end.
        """
        kept = self._both.get(name)
        if kept and kept[0] > self._monotonic():
            return kept[1]
        fields, since = self._version(name, "AWSCURRENT")
        found: tuple[Mapping[str, str], ...] = (fields,)
        if since is None or self._now() - since < overlap:
            with suppress(ConfigurationError):
                found += (self._version(name, "AWSPREVIOUS")[0],)
        self._both[name] = (self._monotonic() + FRESH_SECONDS, found)
        return found

    def _read(self, name: str) -> Mapping[str, str]:
        return self._version(name, "AWSCURRENT")[0]

    def _version(self, name: str, stage: str) -> tuple[Mapping[str, str], datetime | None]:
        with verdicts("read a secret"):
            try:
                answer = self._secrets.get_secret_value(SecretId=name, VersionStage=stage)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
                    raise
                raise ConfigurationError(f"fill the secret {name}") from None
        try:
            fields = json.loads(answer.get("SecretString", ""))
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise ConfigurationError(f"the secret {name} is not a JSON object")
        return {str(key): str(value) for key, value in fields.items()}, answer.get("CreatedDate")
