"""How the routes are written down: method, rule, view; open to everybody or for key holders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from tests.sandbox.nrs.json_body import parse_object
from tests.sandbox.nrs.records import Key
from tests.sandbox.nrs.world import World

KeyView = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """`view` gets the rule's values by name and, unless the route is open, the caller's `key` first."""

    method: str
    rule: str
    view: KeyView
    is_open: bool = False


def add_routes(app: Flask, world: World, routes: list[Route]) -> None:
    """The key is looked at before anything else of the request, as NRS does."""
    for route in routes:
        view = route.view if route.is_open else _for_key_holders(world, route.view)
        app.add_url_rule(route.rule, f"{route.method} {route.rule}", view, methods=[route.method])


def _for_key_holders(world: World, view: KeyView) -> Callable[..., Response]:
    def checked(**values: Any) -> Response:
        key: Key = world.caller(request.headers)
        return view(key, **values)

    return checked


def sent_object() -> dict[str, Any]:
    """The request's JSON object."""
    return parse_object(request.get_data())


def sent_or_empty() -> dict[str, Any]:
    """The same for calls whose body may be left out."""
    return sent_object() if request.get_data() else {}
