"""The secrets of a platform's signature: of our application, or of one connection's webhook.

Standard library only: the webhook path imports this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from taxpoynt.errors import ConfigurationError

if TYPE_CHECKING:
    from taxpoynt.connector_kit.webhook import ReplyPolicy

OVERLAP = timedelta(hours=24)
"""How long the previous version of a secret is accepted beside the current one: senders repeat for a day."""


class Versions(Protocol):
    """Named secrets and the version before."""

    def accepted(self, name: str, overlap: timedelta) -> Sequence[Mapping[str, str]]:
        """Fields of the current version and, during the overlap, of the previous one."""
        ...


@dataclass(frozen=True, slots=True)
class SigningSecrets:
    """`prefix`: start of the names of the applications' secrets."""

    store: Versions
    prefix: str

    def __call__(self, policy: ReplyPolicy, names: Sequence[str]) -> tuple[str, ...]:
        """Newest first. `names`: an endpoint's own secrets; none for the application's.

        ConfigurationError where the current version has none of the fields, or one that is too short to prove anything:
        the sender is then asked to come again, and our log names the secret to fill.
        """
        found: list[str] = []
        for name in names or (f"{self.prefix}{policy.connector}",):
            current, *previous = self.store.accepted(name, OVERLAP)
            values = [current[field] for field in policy.secret_fields if current.get(field)]
            if not values or any(len(value.encode()) < policy.secret_min_bytes for value in values):
                fields = " or ".join(policy.secret_fields)
                raise ConfigurationError(
                    f"fill the secret {name} with {fields} of at least {policy.secret_min_bytes} bytes"
                )
            older = [version.get(field, "") for version in previous for field in policy.secret_fields]
            found += [*values, *(value for value in older if len(value.encode()) >= policy.secret_min_bytes)]
        return tuple(dict.fromkeys(found))
