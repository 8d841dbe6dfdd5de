"""OAuth of a platform, as its template says it. oauth.py carries it out."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from taxpoynt.connector_kit.template_account import AccountIdentity, Uninstall
from taxpoynt.connector_kit.template_fields import Count, Name, Path, Sentence
from taxpoynt.connector_kit.template_hosts import Asked
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression

BodyFormat = Literal["form", "json", "multipart"]


class Scope(Model):
    """One permission we ask for and why, in words a merchant understands. optional: the account may lack it."""

    name: str
    why: Sentence
    optional: bool = False


class Authorize(Model):
    """The consent screen (authorisation code grant).

    pkce: required, offered (we send it) or none. redirect_uri: false where the vendor takes the registered one and
    none in the requests. scope_parameter: null where scopes are ticked in the vendor's developer pages;
    optional_scope_parameter: where the vendor takes optional scopes apart. parameters: further query parameters.
    """

    path: Path
    pkce: Literal["required", "offered", "none"]
    redirect_uri: bool = True
    scope_parameter: str | None = "scope"
    optional_scope_parameter: str | None = None
    scope_separator: Literal[" ", ","] = " "
    parameters: dict[str, str] = Field(default_factory=dict)
    code_lifetime_seconds: Count


class Expiry(Model):
    """When the access token ends: where the answer says it (`jwt.exp` is the token's own claim), and how."""

    at: Expression
    form: Literal["seconds", "unix_seconds", "unix_milliseconds", "iso"]


class SignedAnswer(Model):
    """A token answer with a signature: base64(HMAC-SHA256(client secret, the named members one after the other))."""

    at: Expression
    over: tuple[Expression, ...]


class TokenAnswer(Model):
    """The token answer's shape, as JMESPath. `jwt` holds the claims of an access token that is a JWT.

    scope: a list, or text with spaces or commas between.
    """

    access: Expression = "access_token"
    refresh: Expression = "refresh_token"
    expires: Expiry | None = Expiry(at="expires_in", form="seconds")
    scope: Expression = "scope"
    signed: SignedAnswer | None = None


class Limit(Model):
    """So many token requests in so many seconds; more may cost the grant or the app."""

    requests: Count
    seconds: Count


class TokenRequest(Model):
    """The token address.

    body: how the request is written. client_auth: Basic, members of the body, or none (public clients).
    names: what the vendor calls a standard member (`client_id: clientId`); null leaves it out.
    parameters: further members of every request. answer_lifetime_seconds is used where an answer does not tell.
    error: where an error answer names its code; gone: codes that mean the grant is gone;
    busy: beginnings of an error description that mean another refresh is under way.
    """

    path: Path
    body: BodyFormat = "form"
    client_auth: Literal["basic", "body", "none"]
    names: dict[Name, str | None] = Field(default_factory=dict)
    parameters: dict[str, str] = Field(default_factory=dict)
    answer: TokenAnswer = TokenAnswer()
    access_lifetime_seconds: Count
    limit: Limit | None = None
    error: Expression = "error"
    gone: tuple[str, ...] = ("invalid_grant",)
    busy: tuple[str, ...] = ()


class Refresh(Model):
    """What a refresh does to the tokens before it, and how long they live.

    rotation: `none` (the refresh token stays); `on_refresh` (the old pair dies at once); `on_first_use` (the old
    refresh token dies when the new access token is first used, so a lost answer can be asked for again);
    `reuse_revokes_grant` (on_refresh, and showing an old refresh token ends the whole grant).
    idle_days: an unused refresh token dies. lifetime_days: it dies whatever happens. keep_alive_days: we refresh
    at least so often. scope: send the scopes again.
    """

    rotation: Literal["none", "on_refresh", "on_first_use", "reuse_revokes_grant"]
    idle_days: Count | None = None
    lifetime_days: Count | None = None
    keep_alive_days: Count = 20
    scope: bool = False

    @model_validator(mode="after")
    def _alive_in_time(self) -> Self:
        for name, days in (("idle_days", self.idle_days), ("lifetime_days", self.lifetime_days)):
            if days is not None and self.keep_alive_days >= days:
                raise ValueError(f"keep_alive_days must be less than {name}")
        return self


class Revoke(Model):
    """Gives the grant back. host: where; revokes: which token, in the member `parameter` (null: none is named).

    auth: as at the token address (client), with the access token (bearer), or with `authorization`, in which
    `{client_id}` and `{client_secret}` may stand. hint: send token_type_hint (RFC 7009).
    """

    path: Path
    method: Literal["POST", "DELETE"] = "POST"
    host: Literal["token", "api"] = "token"
    body: BodyFormat | None = "form"
    revokes: Literal["refresh_token", "access_token"] = "refresh_token"
    parameter: str | None = "token"
    hint: bool = False
    auth: Literal["client", "bearer", "header"] = "client"
    authorization: str | None = None

    @model_validator(mode="after")
    def _header_is_given(self) -> Self:
        if (self.auth == "header") != (self.authorization is not None):
            raise ValueError("authorization goes with auth: header, and only with it")
        return self


class OAuth(Model):
    """How a merchant's account is reached.

    authorization_code: by the merchant's consent in the browser. client_credentials: our app logs in by itself, and
    `refresh` is another login. asked: questions to the merchant beforehand, by name.
    """

    grant: Literal["authorization_code", "client_credentials"]
    authorize: Authorize | None = None
    token: TokenRequest
    refresh: Refresh | None = None
    revoke: Revoke | None = None
    scopes: tuple[Scope, ...] = ()
    asked: dict[Name, Asked] = Field(default_factory=dict)
    account: AccountIdentity
    uninstall: Uninstall

    @model_validator(mode="after")
    def _fits_the_grant(self) -> Self:
        by_code = self.grant == "authorization_code"
        if by_code != (self.authorize is not None) or by_code != (self.refresh is not None):
            raise ValueError("authorize and refresh go with the grant authorization_code, and only with it")
        return self

    @property
    def pkce(self) -> bool:
        """Do we send a challenge?"""
        return self.authorize is not None and self.authorize.pkce != "none"
