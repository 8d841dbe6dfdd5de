"""Whose account a grant is for, how we learn that it ended, and the shops inside it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from taxpoynt.connector_kit.template_fields import Name, Path, Sentence
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression


class AccountRead(Model):
    """One GET about the account. `{account_id}` may stand in path and parameters once `id` can be told."""

    path: Path
    params: dict[str, str] = Field(default_factory=dict)


class AccountWarning(Model):
    """A sentence shown to the merchant when `when` holds for the account."""

    when: Expression
    text: Sentence


class AccountIdentity(Model):
    """How to learn whose account it is.

    All expressions see one object: `token` (the token answer without its tokens, and `jwt`, the claims of an access
    token that is one), `asked` (what the merchant was asked) and each of `read` by its name, in order.
    id: what one merchant alone may hold. proof: where the id was merely typed, something at the platform that must
    equal our merchant's id. details: facts for the mapping and the places.
    """

    read: dict[Name, AccountRead] = Field(default_factory=dict)
    id: Expression
    name: Expression
    proof: Expression | None = None
    details: dict[Name, Expression] = Field(default_factory=dict)
    warnings: tuple[AccountWarning, ...] = ()

    @model_validator(mode="after")
    def _names_are_free(self) -> Self:
        if taken := {"token", "asked"} & self.read.keys():
            raise ValueError(f"{min(taken)!r} has a meaning of its own; name the read differently")
        return self


class Uninstall(Model):
    """How we learn that a merchant removed the app.

    callback: the platform calls the callback address; event: a webhook of one of `events` says so;
    refused_refresh: nobody tells, the next refresh is refused. account and user are JMESPath over the signal;
    user: where installs are counted by user, compared with the connection's `user_id`.
    """

    signal: Literal["callback", "event", "refused_refresh"]
    method: Literal["DELETE", "POST"] | None = None
    auth: Literal["client_basic"] | None = None
    events: tuple[str, ...] = ()
    account: Expression | None = None
    user: Expression | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.signal == "callback" and not (self.method and self.auth and self.account):
            raise ValueError("a signal on the callback address needs method, auth and account")
        if self.signal == "event" and not self.events:
            raise ValueError("name the events that say it")
        if self.signal == "refused_refresh" and (self.method or self.auth or self.events or self.account):
            raise ValueError("refused_refresh has nothing else to say")
        return self


class Locations(Model):
    """The shops of an account. Expressions look at one item of `resource`; `of`: at a record, by its name.

    active: absent, every shop is. address: JMESPath that gives text or the parts of an address.
    """

    resource: Name
    id: Expression
    name: Expression
    active: Expression | None = None
    currency: Expression | None = None
    time_zone: Expression | None = None
    address: Expression | None = None
    of: dict[Name, Expression]
