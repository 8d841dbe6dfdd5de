"""Endpoints 23 to 33: the code lists, open to everybody."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.wrappers import Response

from tests.sandbox.nrs.answers import success
from tests.sandbox.nrs.routing import Route
from tests.sandbox.nrs.tables import KEYS
from tests.sandbox.nrs.world import World


def resource_routes(world: World) -> list[Route]:
    """One route a list; any other name is no route."""

    def serve(name: str) -> Callable[[], Response]:
        return lambda: success(world.tables.rows(name))

    return [Route("GET", f"/api/v1/invoice/resources/{name}", serve(name), is_open=True) for name in KEYS]
