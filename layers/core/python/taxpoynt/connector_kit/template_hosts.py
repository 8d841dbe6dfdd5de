"""Where a platform is reached: fixed origins, origins that come from outside, origins built from a field.

Whatever comes from outside (a token answer, the query of the callback, what a merchant typed) chooses among the
vendor's own hosts and never leads anywhere else: hosts.py carries the rules out before any connection.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from taxpoynt.connector_kit.template_fields import Header, HostName, Name, Origin, Sentence, Suffix
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression

Source = Literal["token", "callback", "merchant", "app"]
"""The token answer; the query of the OAuth callback; what the merchant was asked; our app's registration (its secret
in Secrets Manager, for vendors who hand out hosts privately)."""


class HostChoice(Model):
    """An origin named from outside, accepted only if it is one of `origins` or a host below one of `suffixes`.

    at: JMESPath in the token answer, or a name in the other sources. default: where nothing is named.
    """

    source: Source
    at: Expression
    origins: tuple[Origin, ...] = ()
    suffixes: tuple[Suffix, ...] = ()
    default: Origin | None = None

    @model_validator(mode="after")
    def _allows_something(self) -> Self:
        if not self.origins and not self.suffixes:
            raise ValueError("name the hosts that are accepted: origins or suffixes")
        return self


Host = HostName | HostChoice


class HostField(Model):
    """One label of a host name (RFC 1035: `[a-z0-9-]`, at most 63 characters) that is the account's own."""

    source: Source
    at: Expression


class HostSet(Model):
    """The hosts of one environment. auth: authorise and, unless `token` says otherwise, token and revoke."""

    auth: Host
    token: Host | None = None
    api: Host


class Asked(Model):
    """A question to the merchant before the platform's consent screen. example: shown in the empty field."""

    label: Sentence
    example: str = ""
    explanation: Sentence | None = None


class Hosts(Model):
    """sandbox: where the vendor has other hosts for tests; absent, a test account lives on the same ones.

    fields: what `{…}` in an origin stands for. headers: sent with every API request; `{account_id}` may stand there.
    token_header: where the access token stands by itself; absent, it is `Authorization: Bearer`.
    """

    production: HostSet
    sandbox: HostSet | None = None
    fields: dict[Name, HostField] = Field(default_factory=dict)
    headers: dict[Header, str] = Field(default_factory=dict)
    token_header: Header | None = None

    def sets(self) -> tuple[HostSet, ...]:
        """Every environment."""
        return (self.production, self.sandbox) if self.sandbox else (self.production,)
