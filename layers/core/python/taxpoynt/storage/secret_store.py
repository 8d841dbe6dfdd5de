"""Named secrets as JSON objects, cached for a while so that a rotation is picked up and a burst costs one call."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from taxpoynt.errors import ConfigurationError
from taxpoynt.storage.aws_errors import verdicts

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

FRESH_SECONDS = 300


class SecretsManagerStore:
    """ports.SecretStore. ConfigurationError names a secret that is missing or not a JSON object, never its value."""

    def __init__(self, secrets: SecretsManagerClient, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._secrets = secrets
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, Mapping[str, str]]] = {}

    def get(self, name: str) -> Mapping[str, str]:
        """The secret's fields, at most five minutes old."""
        kept = self._kept.get(name)
        if kept and kept[0] > self._monotonic():
            return kept[1]
        fields = self._read(name)
        self._kept[name] = (self._monotonic() + FRESH_SECONDS, fields)
        return fields

    def _read(self, name: str) -> Mapping[str, str]:
        with verdicts("read a secret"):
            try:
                text = self._secrets.get_secret_value(SecretId=name).get("SecretString", "")
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
                    raise
                raise ConfigurationError(f"fill the secret {name}") from None
        try:
            fields = json.loads(text)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise ConfigurationError(f"the secret {name} is not a JSON object")
        return {str(key): str(value) for key, value in fields.items()}
