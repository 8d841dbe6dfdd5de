"""OAuth 2.0 as a template describes it: authorise URL, code exchange, refresh, revoke, whose account it is.

authlib writes the protocol (RFC 6749, 7009, 7636); the transport is ours, not authlib's session: that one follows
redirects, keeps token state of its own and raises its own errors, while here hosts, sizes, verdicts and the fenced
refresh must be ours.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from authlib.common.security import generate_token
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7009 import prepare_revoke_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from taxpoynt.connector_kit.http import api_origin, call, local_origin, open_session
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.verdicts import HttpAnswer, kind_of, raise_for
from taxpoynt.domain.connection import TokenSet
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput, ConfigurationError, NeedsReauthorisation, PlatformRefused, SignatureMismatch
from taxpoynt.mapping.expressions import find, plain_data
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.ports import Clock

_AUTH_METHODS = {"basic": "client_secret_basic", "body": "client_secret_post"}  # RFC 7591 names
MAX_TOKEN = 4096
"""Characters; platforms ask to reserve 768 and more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose account a connection belongs to. `warnings` are sentences for the merchant."""

    account_id: str
    name: str
    details: dict[str, Any]
    warnings: tuple[str, ...] = ()


class OAuthClient:
    """One platform app. `endpoint` replaces every host of the platform (local sandboxes)."""

    def __init__(
        self,
        template: Template,
        *,
        client_id: str,
        client_secret: str,
        clock: Clock,
        endpoint: str | None = None,
        session: requests.Session | None = None,
    ) -> None:
        if not client_id or not client_secret:
            raise ConfigurationError(f"{template.name}: the app's client id or secret is not set")
        self._template = template
        self._client = ClientAuth(client_id, client_secret, _AUTH_METHODS[template.oauth.client_auth])
        self._clock = clock
        self._endpoint = endpoint
        self._auth = local_origin(endpoint) if endpoint is not None else template.hosts.auth
        self._session = session or open_session(endpoint)

    def authorize_url(self, *, redirect_uri: str, state: str, code_challenge: str | None = None) -> str:
        """Where to send the merchant's browser."""
        oauth = self._template.oauth
        if oauth.pkce and code_challenge is None:
            raise ConfigurationError(f"{self._template.name} takes PKCE: a code challenge is needed")
        challenged = oauth.pkce and code_challenge is not None
        uri: str = prepare_grant_uri(
            self._auth + oauth.authorize_path,
            self._client.client_id,
            "code",
            redirect_uri=redirect_uri,
            scope=[scope.name for scope in oauth.scopes] if oauth.scope_parameter else None,
            state=state,
            code_challenge=code_challenge if challenged else None,
            code_challenge_method="S256" if challenged else None,
        )
        return uri

    def exchange(self, code: str, *, redirect_uri: str, code_verifier: str | None = None) -> TokenSet:
        """Code to tokens, generation 0. NeedsReauthorisation when the code is not accepted (any more)."""
        body = prepare_token_request(
            "authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=code_verifier
        )
        return self._token_set(self._post(self._template.oauth.token_path, body), None)

    def refresh(self, tokens: TokenSet) -> TokenSet:
        """A new set that keeps the generation: storing it counts on. NeedsReauthorisation when the grant is gone."""
        if not tokens.refresh_token:
            raise NeedsReauthorisation(f"{self._template.name}: no refresh token")
        body = prepare_token_request("refresh_token", refresh_token=tokens.refresh_token)
        return self._token_set(self._post(self._template.oauth.token_path, body), tokens)

    def revoke(self, tokens: TokenSet) -> None:
        """Gives the grant back; a platform without such an address has nothing to do."""
        oauth = self._template.oauth
        token = tokens.refresh_token if oauth.revokes == "refresh_token" else tokens.access_token
        if oauth.revoke_path and token:
            body, _ = prepare_revoke_token_request(token, oauth.revokes)
            self._post(oauth.revoke_path, body)

    def identify(self, tokens: TokenSet) -> Account:
        """Asks the platform whose account the tokens open."""
        identity = self._template.oauth.account
        origin = api_origin(self._template, tokens.api_base, self._endpoint)
        bearer = {"Authorization": f"Bearer {tokens.access_token}"}
        answer = call(self._session, "GET", origin + identity.path, headers=bearer)
        raise_for(answer, self._template, what=f"GET {identity.path}", now=self._clock.now())
        seen = plain_data(read_json(answer.body))
        account_id = _found(identity.id, seen)
        if isinstance(account_id, bool) or not isinstance(account_id, str | int) or not str(account_id).strip():
            raise PlatformRefused(f"{self._template.name}: the answer does not say whose account it is")
        details = {name: _found(expression, seen) for name, expression in identity.details.items()}
        return Account(
            account_id=str(account_id),
            name=str(_found(identity.name, seen) or account_id),
            details=details,
            warnings=tuple(warning.text for warning in identity.warnings if _found(warning.when, seen) is True),
        )

    def _post(self, path: str, body: str) -> HttpAnswer:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        url, headers, signed = self._client.prepare("POST", self._auth + path, form, body)
        answer = call(self._session, "POST", url, headers=headers, form=signed)
        if kind_of(answer, self._template) in ("unauthorised", "refused"):
            self._refused(answer, path)
        raise_for(answer, self._template, what=f"POST {path}", now=self._clock.now())
        return answer

    def _refused(self, answer: HttpAnswer, path: str) -> None:
        """The two refusals with a meaning of their own; the rest is left to the table."""
        error = _error_code(answer)
        if error == "invalid_grant":
            raise NeedsReauthorisation(f"{self._template.name}: POST {path} answered invalid_grant")
        if error in ("invalid_client", "unauthorized_client") or answer.status == 401:
            # Our own credentials, not the merchant's grant: nobody has to connect again.
            raise ConfigurationError(f"{self._template.name}: the app's client id or secret is refused")

    def _token_set(self, answer: HttpAnswer, before: TokenSet | None) -> TokenSet:
        body = _token_body(answer, self._template)
        refresh_token = body.get("refresh_token") or (before.refresh_token if before else None)
        seconds = _lifetime(body.get("expires_in")) or self._template.oauth.access_lifetime_seconds
        named = body.get(self._template.hosts.api.from_token) or (before.api_base if before else None)
        return TokenSet(
            access_token=_token(body.get("access_token"), self._template),
            refresh_token=_token(refresh_token, self._template) if refresh_token is not None else None,
            expires_at=self._clock.now() + timedelta(seconds=seconds),
            generation=before.generation if before else 0,
            scopes=tuple(str(body.get("scope") or "").replace(",", " ").split()),
            api_base=api_origin(self._template, named if isinstance(named, str) else None, self._endpoint),
        )


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """Who removed the app: the account, and the user where the platform counts installs by user."""

    account_id: str
    user_id: str | None = None


def read_uninstall(
    template: Template, *, authorization: str | None, body: bytes, client_id: str, client_secret: str
) -> Uninstalled:
    """Who removed the app; SignatureMismatch unless the sender knows our client secret."""
    if template.oauth.uninstall is None or not client_id or not client_secret:
        raise SignatureMismatch(f"{template.name} sends no uninstall signal")
    expected = base64.b64encode(f"{client_id}:{client_secret}".encode())
    scheme, _, given = (authorization or "").strip().partition(" ")
    same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), expected)
    if scheme.lower() != "basic" or not same:
        raise SignatureMismatch(f"{template.name}: an uninstall signal with wrong credentials")
    signal = plain_data(read_json(body))
    account = _id_in(signal, template.oauth.uninstall.account)
    if account is None:
        raise BadInput("the uninstall signal names no account")
    user = template.oauth.uninstall.user
    return Uninstalled(account, _id_in(signal, user) if user else None)


def _id_in(seen: Any, expression: str) -> str | None:
    found = _found(expression, seen)
    if isinstance(found, bool) or not isinstance(found, str | int) or not str(found).strip():
        return None
    return str(found)


def pkce_pair() -> tuple[str, str]:
    """Verifier and S256 challenge (RFC 7636)."""
    verifier = generate_token(64)
    return verifier, create_s256_code_challenge(verifier)


def _found(expression: str, seen: Any) -> Any:
    try:
        return find(expression, seen)
    except NoValue:
        return None


def _error_code(answer: HttpAnswer) -> str:
    try:
        body = read_json(answer.body)
    except BadInput:
        return ""
    error = body.get("error") if isinstance(body, Mapping) else None
    return error if isinstance(error, str) else ""


def _token_body(answer: HttpAnswer, template: Template) -> Mapping[str, Any]:
    try:
        body = read_json(answer.body)
    except BadInput:
        body = None
    if not isinstance(body, Mapping):
        raise PlatformRefused(f"{template.name}: the token answer is not a JSON object")
    return body


def _token(value: Any, template: Template) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TOKEN or not value.isprintable() or " " in value:
        raise PlatformRefused(f"{template.name}: the token answer holds no usable token")
    return value


def _lifetime(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**8 else None
