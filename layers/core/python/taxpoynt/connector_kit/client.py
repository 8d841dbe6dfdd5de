"""The authorised client of one connection: refresh once on 401, every status a verdict (verdicts.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import requests

from taxpoynt.connector_kit.http import api_origin, call, open_session
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.verdicts import HttpAnswer, kind_of, raise_for, request_id_of
from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import NeedsReauthorisation
from taxpoynt.ports import Clock


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
    `last_request_id` is the platform's id of the last answer.
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
    ) -> None:
        self._template = template
        self._api_base = api_base
        self._tokens = tokens
        self._clock = clock
        self._endpoint = endpoint
        self._session = session or open_session(endpoint)
        self.last_request_id: str | None = None

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The exact bytes of a successful answer."""
        return self._call("GET", path, params, None)

    def send(
        self, method: Literal["POST", "DELETE", "PUT", "PATCH"], path: str, body: Mapping[str, Any] | None = None
    ) -> bytes:
        """The same for a request with a JSON body."""
        return self._call(method, path, None, body)

    def _call(self, method: str, path: str, params: Mapping[str, str] | None, body: Mapping[str, Any] | None) -> bytes:
        held = self._tokens.current()
        answer = self._once(held, method, path, params, body)
        if kind_of(answer, self._template) == "unauthorised":
            held = self._tokens.refreshed(held.generation)
            answer = self._once(held, method, path, params, body)
            if kind_of(answer, self._template) == "unauthorised":
                raise NeedsReauthorisation(
                    f"{self._template.name}: refused right after a refresh", request_id=self.last_request_id
                )
        raise_for(answer, self._template, what=f"{method} {path}", now=self._clock.now())
        return answer.body

    def _once(
        self,
        tokens: TokenSet,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> HttpAnswer:
        origin = api_origin(self._template, tokens.api_base or self._api_base, self._endpoint)
        answer = call(
            self._session,
            method,
            origin + "/" + path.lstrip("/"),
            headers={"Authorization": f"Bearer {tokens.access_token}"},
            params=params,
            body=body,
        )
        self.last_request_id = request_id_of(answer, self._template.limits)
        return answer
