"""Hosts and OAuth of a platform, as its template says them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from taxpoynt.connector_kit.template_fields import Count, Name, Origin, Path, Suffix
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression


class ApiHost(Model):
    """The account's API origin: a field of the token answer, accepted only below one of `suffixes`."""

    from_token: str
    suffixes: Annotated[tuple[Suffix, ...], Field(min_length=1)]


class Hosts(Model):
    """`auth`: origin of authorise, token and revoke; `api`: the rule for hosts that come from token answers."""

    auth: Origin
    api: ApiHost


class Scope(Model):
    """One permission we ask for and why, in words a merchant understands."""

    name: str
    why: str


class Refresh(Model):
    """Does a refresh replace the refresh token; days until an unused one dies; days after which we refresh anyway."""

    rotates: bool
    idle_days: Count | None = None
    keep_alive_days: Count = 20

    @model_validator(mode="after")
    def _alive_in_time(self) -> Self:
        if self.idle_days is not None and self.keep_alive_days >= self.idle_days:
            raise ValueError("keep_alive_days must be less than idle_days")
        return self


class AccountWarning(Model):
    """A sentence shown to the merchant when `when` holds for the account's answer."""

    when: Expression
    text: str


class AccountIdentity(Model):
    """How to learn whose account it is: one GET, then JMESPath over the answer."""

    path: Path
    id: Expression
    name: Expression
    details: dict[Name, Expression] = Field(default_factory=dict)
    warnings: tuple[AccountWarning, ...] = ()


class Uninstall(Model):
    """The platform's signal that a customer removed the app, on the callback address."""

    method: Literal["DELETE", "POST"]
    auth: Literal["client_basic"]
    account: Expression
    user: Expression | None = None
    """Where installs are counted by user: compared with the connection's `user_id`."""


class OAuth(Model):
    """The authorisation code grant as this platform has it."""

    grant: Literal["authorization_code"]
    authorize_path: Path
    token_path: Path
    revoke_path: Path | None = None
    revokes: Literal["refresh_token", "access_token"] = "refresh_token"
    client_auth: Literal["basic", "body"]
    pkce: bool
    scope_parameter: bool
    scopes: tuple[Scope, ...]
    code_lifetime_seconds: Count
    access_lifetime_seconds: Count
    refresh: Refresh
    account: AccountIdentity
    uninstall: Uninstall | None = None
