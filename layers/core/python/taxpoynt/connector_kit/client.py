"""The authorised client of one connection: refresh once on 401, every status a verdict (verdicts.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol
from urllib.parse import quote

import requests

from taxpoynt.connector_kit.hosts import api_origin, token_header
from taxpoynt.connector_kit.http import call, open_session
from taxpoynt.connector_kit.pacing import Pace
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.verdicts import HttpAnswer, kind_of, pause_of, raise_for, request_id_of
from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import NeedsReauthorisation
from taxpoynt.ports import Clock, PlatformAnswer

ACCOUNT = "{account_id}"


class TokenSource(Protocol):
    """Where a client gets tokens; the pipeline's fenced refresh stands behind it (tokens.StoredTokens)."""

    def current(self) -> TokenSet:
        """Tokens to try."""
        ...

    def refreshed(self, after_generation: int) -> TokenSet:
        """Tokens newer than a generation that was refused; NeedsReauthorisation when there are none."""
        ...


class PlatformClient:
    """Implements ports.PlatformApi below the account's API origin.

    Raises NotFound, NeedsReauthorisation, RateLimited (retry_after in seconds), PlatformUnavailable, PlatformRefused.
    `last_request_id` is the platform's id of the last answer. `{account_id}` in paths and in the template's headers is
    the account's id. `pace`: keeps to the platform's limits together with everybody else, where the template has any.
    """

    def __init__(
        self,
        template: Template,
        api_base: str,
        tokens: TokenSource,
        *,
        clock: Clock,
        endpoint: str | None = None,
        session: requests.Session | None = None,
        account_id: str = "",
        pace: Pace | None = None,
    ) -> None:
        self._template = template
        self._api_base = api_base
        self._tokens = tokens
        self._clock = clock
        self._endpoint = endpoint
        self._session = session or open_session(endpoint)
        self._account_id = account_id
        self._pace = pace
        self.last_request_id: str | None = None

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The exact bytes of a successful answer."""
        return self.read(path, params).body

    def read(
        self, path: str, params: Mapping[str, str] | None = None, *, body: Mapping[str, Any] | None = None
    ) -> PlatformAnswer:
        """The whole answer of a GET, or of a POST that only reads."""
        return self._call("GET" if body is None else "POST", path, params, body)

    def send(
        self, method: Literal["POST", "DELETE", "PUT", "PATCH"], path: str, body: Mapping[str, Any] | None = None
    ) -> bytes:
        """The same for a request with a JSON body."""
        return self._call(method, path, None, body).body

    def _call(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Mapping[str, Any] | None
    ) -> PlatformAnswer:
        held = self._tokens.current()
        answer, origin = self._once(held, method, path, params, body)
        if kind_of(answer, self._template) == "unauthorised":
            held = self._tokens.refreshed(held.generation)
            answer, origin = self._once(held, method, path, params, body)
            if kind_of(answer, self._template) == "unauthorised":
                raise NeedsReauthorisation(
                    f"{self._template.name}: refused right after a refresh", request_id=self.last_request_id
                )
        raise_for(answer, self._template, what=f"{method} {path}", now=self._clock.now())
        return PlatformAnswer(body=answer.body, headers=answer.headers, status=answer.status, origin=origin)

    def _once(
        self,
        tokens: TokenSet,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> tuple[HttpAnswer, str]:
        origin = api_origin(self._template, tokens.api_base or self._api_base, self._endpoint)
        if self._pace is not None:
            self._pace.take(path)
        answer = call(
            self._session,
            method,
            origin + "/" + path.replace(ACCOUNT, quote(self._account_id, safe="")).lstrip("/"),
            headers=self._headers(tokens),
            params=params,
            body=body,
        )
        self.last_request_id = request_id_of(answer, self._template.limits)
        if self._pace is not None:
            self._pace.learn(path, answer.headers, pause_of(answer, self._template, self._clock.now()))
        return answer, origin

    def _headers(self, tokens: TokenSet) -> dict[str, str]:
        more = self._template.hosts.headers
        own = {name: value.replace(ACCOUNT, self._account_id) for name, value in more.items()}
        return own | token_header(self._template, tokens.access_token)
