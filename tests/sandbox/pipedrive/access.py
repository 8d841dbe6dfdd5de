"""The gate in front of every API route: token, budgets, scope, query string; in that order."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, g, request
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, Json, Refused, json_reply
from tests.sandbox.pipedrive import query, tokens
from tests.sandbox.pipedrive.errors import body, unauthorized
from tests.sandbox.pipedrive.events import visible
from tests.sandbox.pipedrive.limits import Limits
from tests.sandbox.pipedrive.query import Query
from tests.sandbox.pipedrive.world import Company, World


@dataclass(frozen=True)
class Call:
    """An admitted request: whose token it was, and what was asked."""

    company: Company
    user: Json
    query: Query

    def sees(self, record: Json) -> bool:
        """Whether this token's user may see the record."""
        return visible(self.company, self.user["id"], record)


View = Callable[..., Json | tuple[int, Json]]


class Gate:
    """Adds API routes that only an admitted caller reaches."""

    def __init__(self, app: Flask, world: World, clock: Clock, limits: Limits) -> None:
        self.app, self.world, self.clock, self.limits = app, world, clock, limits
        app.after_request(_add_headers)

    def route(
        self,
        method: str,
        rule: str,
        view: View,
        *,
        cost: int,
        scopes: tuple[str, ...],
        known: frozenset[str] = frozenset(),
    ) -> None:
        """`view(call, **values of the rule)` gives the JSON body, or status and body; one of `scopes` is enough."""

        def guarded(**values: str) -> Response:
            call = self._admit(cost, scopes, known)
            answer = view(call, **values)
            status, payload = answer if isinstance(answer, tuple) else (200, answer)
            return json_reply(status, payload)

        self.app.add_url_rule(rule, f"{method} {rule}", guarded, methods=[method])

    def _admit(self, cost: int, scopes: tuple[str, ...], known: frozenset[str]) -> Call:
        now = self.clock.now()
        token = _bearer(request.headers.get("Authorization"))
        granted = tokens.check_access(self.world, token, now)
        company = self.world.company(granted.company)
        g.limit_headers = lambda: self.limits.headers(company, token, now)
        self.limits.check_burst(company, token, now)
        if not _allowed(scopes, granted.scopes):
            text = "Scope and URL mismatch"
            raise Refused(403, body(403, text), f"the app has not the scope {' or '.join(scopes)}")
        self.limits.spend(company, token, cost, now)
        checked = query.checked({name: request.args.getlist(name) for name in request.args}, known)
        return Call(company, company.users[granted.user], checked)


def _bearer(header: str | None) -> str:
    if header is None:
        raise unauthorized("there is no Authorization header")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("the Authorization header is not a Bearer token")
    return token


def _allowed(wanted: tuple[str, ...], granted: tuple[str, ...]) -> bool:
    full = {scope.removesuffix(":full") + ":read" for scope in granted if scope.endswith(":full")}
    return bool({"base", *granted, *full} & set(wanted))


def _add_headers(response: Response) -> Response:
    headers = g.get("limit_headers")
    if headers is not None:
        response.headers.update(headers())
    response.headers["x-correlation-id"] = str(uuid.uuid4())
    return response
