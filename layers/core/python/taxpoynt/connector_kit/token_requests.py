"""Requests as our app, as a template wants them: member names, proof, the body's format, what errors mean."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

from taxpoynt.connector_kit.hosts import token_header
from taxpoynt.connector_kit.http import call
from taxpoynt.connector_kit.placeholders import filled
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_auth import BodyFormat, Revoke, TokenRequest
from taxpoynt.connector_kit.token_answers import found
from taxpoynt.connector_kit.verdicts import HttpAnswer, kind_of, raise_for
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput, ConfigurationError, NeedsReauthorisation, PlatformUnavailable
from taxpoynt.ports import Clock

BUSY_SECONDS = 2.0
"""When to look again after another refresh was under way at the platform."""


@dataclass(frozen=True, slots=True)
class App:
    """Our registration at one platform, and the way to its token host."""

    template: Template
    client_id: str
    client_secret: str = field(repr=False)
    session: requests.Session = field(repr=False)
    clock: Clock = field(repr=False)

    def send(
        self,
        origin: str,
        path: str,
        wanted: Mapping[str, str | None],
        revoke: Revoke | None = None,
        access_token: str = "",
    ) -> HttpAnswer:
        """One request with the proof that the template wants; an answer that is no success is raised."""
        token = self.template.oauth.token
        by_client = revoke is None or revoke.auth == "client"
        given = members(token, wanted, self.client_id, self.client_secret if by_client else None)
        body = encoded(token.body if revoke is None else revoke.body, given)
        method = "POST" if revoke is None else revoke.method
        answer = call(self.session, method, origin + path, headers=self._proof(revoke, access_token), **body)
        if kind_of(answer, self.template) in ("unauthorised", "refused"):
            self._refused(answer, path)
        raise_for(answer, self.template, what=f"{method} {path}", now=self.clock.now())
        return answer

    def _proof(self, revoke: Revoke | None, access_token: str) -> dict[str, str]:
        if revoke is not None and revoke.authorization is not None:
            values = {"client_id": self.client_id, "client_secret": self.client_secret}
            return {"Authorization": str(filled(revoke.authorization, values))}
        if revoke is not None and revoke.auth == "bearer":
            return token_header(self.template, access_token)
        if self.template.oauth.token.client_auth == "basic" and (revoke is None or revoke.auth == "client"):
            return {"Authorization": basic(self.client_id, self.client_secret)}
        return {}

    def _refused(self, answer: HttpAnswer, path: str) -> None:
        """The refusals with a meaning of their own; the rest is left to the table."""
        spec = self.template.oauth.token
        body = _error_body(answer)
        error, description = found(spec.error, body), found("error_description", body)
        if isinstance(description, str) and any(description.startswith(one) for one in spec.busy):
            raise PlatformUnavailable(f"{self.template.name}: another refresh is under way", retry_after=BUSY_SECONDS)
        if error in spec.gone:
            raise NeedsReauthorisation(f"{self.template.name}: POST {path} answered {error}")
        if error in ("invalid_client", "unauthorized_client") or answer.status == 401:
            # Our own credentials, not the merchant's grant: nobody has to connect again.
            raise ConfigurationError(f"{self.template.name}: the app's client id or secret is refused")


def basic(client_id: str, client_secret: str) -> str:
    """The `Authorization` header of client_secret_basic, UTF-8."""
    return "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()


def _error_body(answer: HttpAnswer) -> Any:
    try:
        return read_json(answer.body)
    except BadInput:
        return None


def members(
    spec: TokenRequest, wanted: Mapping[str, str | None], client_id: str, client_secret: str | None
) -> dict[str, str]:
    """The members by the vendor's names. client_secret: None where the request proves itself another way."""
    standard = {name: value for name, value in wanted.items() if value is not None}
    if spec.client_auth == "body" and client_secret is not None:
        standard |= {"client_id": client_id, "client_secret": client_secret}
    elif spec.client_auth != "basic":
        standard["client_id"] = client_id
    named = {spec.names.get(name, name): value for name, value in standard.items()}
    return {name: value for name, value in named.items() if name is not None} | spec.parameters


def encoded(body: BodyFormat | None, given: Mapping[str, str]) -> dict[str, Any]:
    """Arguments of `http.call`; None is a request without a body."""
    if body == "json":
        return {"body": dict(given)}
    if body == "multipart":
        return {"parts": dict(given)}
    return {"form": urlencode(given)} if body == "form" else {}
