"""The gate in front of every API call: user agent, version, token, limit, scope; in that order."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, Json, Refused, json_reply, note_verdict
from tests.sandbox.lightspeed_x import tokens
from tests.sandbox.lightspeed_x.errors import api
from tests.sandbox.lightspeed_x.limits import Limits
from tests.sandbox.lightspeed_x.world import Grant, Retailer, World

CLASSIC = "2.0"
# one a quarter, each supported at least twelve months; a retired one is answered by the oldest of these
DATED = ("2025-10", "2026-01", "2026-04", "2026-07")
_DATED = re.compile(r"20\d\d-(01|04|05|07|10)")


@dataclass(frozen=True)
class Call:
    """An admitted request."""

    store: Retailer
    grant: Grant
    dated: bool
    now: datetime
    version: str


View = Callable[..., Any]


class Gate:
    """Adds API routes; `{version}` in a rule stands for 2.0 and every dated version."""

    def __init__(self, app: Flask, world: World, clock: Clock, limits: Limits) -> None:
        self.app, self.world, self.clock, self.limits = app, world, clock, limits

    def route(self, method: str, rule: str, view: View, scope: str, *, only: str = "") -> None:
        """`view(call, **values)` gives the JSON body, or (status, body). `only`: the one family that has it."""

        def guarded(**values: str) -> Response:
            headers: dict[str, str] = {}
            try:
                call = self._admit(values.pop("version", CLASSIC), only, scope, headers)
                answer = view(call, **values)
                status, body = answer if isinstance(answer, tuple) else (200, answer)
            except Refused as refused:
                note_verdict(f"refused because {refused.because}")
                status, body = refused.status, refused.body
                headers |= refused.headers
            return json_reply(status, body, headers)

        path = rule.replace("{version}", "<string:version>")
        self.app.add_url_rule(path, f"{method} {rule} {only}", guarded, methods=[method])

    def _admit(self, version: str, only: str, scope: str, headers: dict[str, str]) -> Call:
        now = self.clock.now()
        if not request.headers.get("User-Agent"):
            raise api(400, "A User-Agent header that names your application is required")
        served = self._served(version, now)
        granted = tokens.check(self.world, _bearer(), now)
        store = self.world.retailer(granted.retailer)
        who = "personal" if granted.personal else self.world.app.client_id
        headers |= self.limits.admit(store, who, now)
        if scope not in granted.scopes:
            raise api(403, f"This token does not have the scope {scope}")
        if (only == "dated" and served == CLASSIC) or (only == CLASSIC and served != CLASSIC):
            raise api(404, f"No such resource: {request.path}")
        return Call(store, granted, served != CLASSIC, now, served)

    def _served(self, version: str, now: datetime) -> str:
        if version == CLASSIC or version in DATED:
            return version
        if not _DATED.fullmatch(version) or version > now.strftime("%Y-%m"):
            raise api(404, f"No such version: {version}")
        if version < DATED[0]:
            note_verdict(f"answered by {DATED[0]}: {version} is retired, and nobody is told")
            return DATED[0]
        return max(known for known in DATED if known <= version)


def bad_number(name: str) -> Refused:
    """A query parameter that must be a whole number."""
    return api(400, f"{name} must be a whole number")


def whole(name: str, default: int | None = None) -> int | None:
    """A whole number of the query string."""
    text = request.args.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,18}", text):
        raise bad_number(name)
    return int(text)


def known(*names: str) -> Json:
    """The query string. Parameters the real service does not know are ignored, and the log says so."""
    if extra := sorted(set(request.args) - set(names)):
        note_verdict(f"answered; ignored the parameters {', '.join(extra)}")
    return dict(request.args.items())


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise api(401, "No access token", "there is no Bearer token in the Authorization header")
    return token
