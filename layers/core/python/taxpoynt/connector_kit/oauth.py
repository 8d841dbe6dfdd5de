"""OAuth 2.0 as a template describes it: consent, code exchange, refresh, revoke, whose account it is.

authlib writes the standard parts (RFC 6749, 7636); the transport is ours, not authlib's session: that one follows
redirects, keeps token state of its own and raises its own errors, while here hosts, sizes, verdicts and the fenced
refresh must be ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from taxpoynt.connector_kit import identifying
from taxpoynt.connector_kit.hosts import (
    Outside,
    api_origin,
    auth_origin,
    host_set,
    local_origin,
    origin_of,
)
from taxpoynt.connector_kit.http import open_session
from taxpoynt.connector_kit.identifying import Account
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_auth import Authorize
from taxpoynt.connector_kit.template_hosts import Host
from taxpoynt.connector_kit.token_answers import Told, check_signature, told
from taxpoynt.connector_kit.token_requests import App
from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import ConfigurationError, NeedsReauthorisation, PlatformRefused
from taxpoynt.ports import Clock


class OAuthClient:
    """One platform app. `endpoint` replaces every host of the platform (local sandboxes).

    app: what else stands in the app's secret: `environment` (`sandbox` for the vendor's own), hosts that a vendor
    hands out privately.
    """

    def __init__(
        self,
        template: Template,
        *,
        client_id: str,
        client_secret: str,
        clock: Clock,
        endpoint: str | None = None,
        session: requests.Session | None = None,
        app: Mapping[str, str] | None = None,
    ) -> None:
        if not client_id or not client_secret:
            raise ConfigurationError(f"{template.name}: the app's client id or secret is not set")
        self._template = template
        self._app = App(template, client_id, client_secret, session or open_session(endpoint), clock)
        self._clock = clock
        self._endpoint = local_origin(endpoint) if endpoint is not None else None
        self._registered = dict(app or {})
        self._hosts = host_set(template, self._registered.get("environment", "production"))

    def authorize_url(
        self,
        *,
        redirect_uri: str,
        state: str,
        code_challenge: str | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> str:
        """Where to send the merchant's browser: to the consent screen, or to our callback where the app logs in."""
        consent = self._template.oauth.authorize
        if consent is None:
            return f"{redirect_uri}?{urlencode({'state': state, 'code': 'login'})}"
        if self._template.oauth.pkce and code_challenge is None:
            raise ConfigurationError(f"{self._template.name} takes PKCE: a code challenge is needed")
        challenged = self._template.oauth.pkce
        uri: str = prepare_grant_uri(
            self._origin(self._hosts.auth, Outside(merchant=asked or {}, app=self._registered)) + consent.path,
            self._app.client_id,
            "code",
            redirect_uri=redirect_uri if consent.redirect_uri else None,
            state=state,
            code_challenge=code_challenge if challenged else None,
            code_challenge_method="S256" if challenged else None,
            **self._scope_parameters(consent),
            **consent.parameters,
        )
        return uri

    def exchange(
        self,
        code: str,
        *,
        redirect_uri: str,
        code_verifier: str | None = None,
        callback: Mapping[str, str] | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> TokenSet:
        """Code to tokens, generation 0; an app that logs in by itself (client credentials) needs none.

        NeedsReauthorisation when the code is not accepted (any more).
        """
        outside = Outside(callback=callback or {}, merchant=asked or {}, app=self._registered)
        consent = self._template.oauth.authorize
        if consent is None:
            return self._fresh({"grant_type": "client_credentials"}, outside)
        wanted = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri if consent.redirect_uri else None,
            "code_verifier": code_verifier,
        }
        return self._fresh(wanted, outside)

    def refresh(self, tokens: TokenSet) -> TokenSet:
        """A new set that keeps the generation: storing it counts on. NeedsReauthorisation when the grant is gone."""
        refresh = self._template.oauth.refresh
        wanted = {"grant_type": "client_credentials"}
        if refresh is not None:
            if not tokens.refresh_token:
                raise NeedsReauthorisation(f"{self._template.name}: no refresh token")
            wanted = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
            if refresh.scope:
                wanted["scope"] = self._scopes(optional=True)
        return self._renewed(tokens, self._token_post(self._auth_base(tokens), wanted))

    def revoke(self, tokens: TokenSet) -> None:
        """Gives the grant back; a platform without such an address has nothing to do."""
        spec = self._template.oauth.revoke
        token = tokens.refresh_token if spec and spec.revokes == "refresh_token" else tokens.access_token
        if spec is None or (spec.parameter is not None and not token):
            return
        if spec.host == "api":
            origin = api_origin(self._template, tokens.api_base, self._endpoint)
        else:
            origin = self._auth_base(tokens)
        wanted = {spec.parameter: token} if spec.parameter is not None else {}
        if spec.hint:
            wanted["token_type_hint"] = spec.revokes
        self._app.send(origin, spec.path, wanted, spec, tokens.access_token)

    def identify(
        self, tokens: TokenSet, *, asked: Mapping[str, str] | None = None, merchant: str | None = None
    ) -> Account:
        """Whose account the tokens open; `merchant` is compared where a template asks for a proof."""
        origin = api_origin(self._template, tokens.api_base, self._endpoint)
        return identifying.identify(
            self._template,
            self._app.session,
            origin,
            tokens,
            now=self._clock.now(),
            asked=asked or {},
            merchant=merchant,
        )

    # --- tokens -----------------------------------------------------------------------------------------------------

    def _fresh(self, wanted: Mapping[str, str | None], outside: Outside) -> TokenSet:
        origin = self._origin(self._hosts.token or self._hosts.auth, outside)
        answer = self._token_post(origin, wanted)
        facts = _with_answer(outside, answer.facts)
        signed = self._template.oauth.token.answer.signed
        if signed is not None:
            check_signature(self._template, signed, answer.facts, self._app.client_secret)
        return self._token_set(answer, origin, self._origin(self._hosts.api, facts), None)

    def _renewed(self, before: TokenSet, answer: Told) -> TokenSet:
        """The account's host stays what it was unless the answer names another, which is checked again."""
        outside = _with_answer(Outside(app=self._registered), answer.facts)
        named = origin_of(self._template, self._hosts.api, outside) if self._endpoint is None else None
        base = api_origin(self._template, before.api_base if named is None else named, self._endpoint)
        return self._token_set(answer, before.auth_base, base, before)

    def _token_set(self, answer: Told, auth_base: str | None, api_base: str, before: TokenSet | None) -> TokenSet:
        return TokenSet(
            access_token=answer.access,
            refresh_token=answer.refresh or (before.refresh_token if before else None),
            expires_at=answer.expires_at,
            generation=before.generation if before else 0,
            scopes=answer.scopes or (before.scopes if before else ()),
            api_base=api_base,
            auth_base=auth_base,
            issued_at=self._clock.now(),
            facts=answer.facts,
        )

    def _token_post(self, origin: str, wanted: Mapping[str, str | None]) -> Told:
        answer = self._app.send(origin, self._template.oauth.token.path, wanted)
        return told(self._template, answer, self._clock.now())

    def _origin(self, host: Host, outside: Outside) -> str:
        if self._endpoint is not None:
            return self._endpoint
        origin = origin_of(self._template, host, outside)
        if origin is None:
            raise PlatformRefused(f"{self._template.name}: nothing names the host to call")
        return origin

    def _auth_base(self, tokens: TokenSet) -> str:
        """Where these tokens came from; before that was kept, every platform had one such host."""
        if tokens.auth_base is None:
            return self._origin(self._hosts.token or self._hosts.auth, Outside(app=self._registered))
        return auth_origin(self._template, tokens.auth_base, self._endpoint)

    # --- consent ----------------------------------------------------------------------------------------------------

    def _scope_parameters(self, consent: Authorize) -> dict[str, str]:
        """Where optional scopes have no parameter of their own they are asked for with the rest."""
        apart = consent.optional_scope_parameter
        asked: dict[str, str] = {}
        if consent.scope_parameter is not None:
            asked[consent.scope_parameter] = self._scopes(optional=apart is None)
        if apart is not None:
            names = [scope.name for scope in self._template.oauth.scopes if scope.optional]
            asked[apart] = consent.scope_separator.join(names)
        return {name: value for name, value in asked.items() if value}

    def _scopes(self, *, optional: bool) -> str:
        consent = self._template.oauth.authorize
        separator = consent.scope_separator if consent else " "
        wanted = [scope.name for scope in self._template.oauth.scopes if optional or not scope.optional]
        return separator.join(wanted)


def pkce_pair() -> tuple[str, str]:
    """Verifier and S256 challenge (RFC 7636)."""
    verifier = generate_token(64)
    return verifier, create_s256_code_challenge(verifier)


def _with_answer(outside: Outside, facts: Mapping[str, Any]) -> Outside:
    return Outside(token=facts, callback=outside.callback, merchant=outside.merchant, app=outside.app)
