"""Control routes for chaos plans and outages of the whole port."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from tests.sandbox.kit.errors import ControlError
from tests.sandbox.kit.incoming import json_object, number
from tests.sandbox.kit.reply import json_reply

if TYPE_CHECKING:
    from tests.sandbox.kit.base import ControlRoute, Sandbox

LONGEST_OUTAGE = 300.0


def chaos_routes(sandbox: "Sandbox") -> "list[ControlRoute]":
    """GET, POST, DELETE /chaos; POST /outage {"seconds"}."""
    return [
        ("/chaos", "GET", lambda: json_reply(200, sandbox.chaos.report())),
        ("/chaos", "POST", _order(sandbox)),
        ("/chaos", "DELETE", _stop(sandbox)),
        ("/outage", "POST", _outage(sandbox)),
    ]


def _order(sandbox: "Sandbox") -> Callable[[], Response]:
    def order() -> Response:
        body = json_object(frozenset({"share", "seed", "kinds", "pace"}))
        share = number(body, "share")
        if share > 1:
            raise ControlError('"share" is a share of the calls, from 0 to 1')
        if not sandbox.chaos.menu:
            raise ControlError(f"the {sandbox.name} sandbox has no chaos plan")
        sandbox.chaos.order(share, int(number(body, "seed", 1)), _weights(body.get("kinds")), number(body, "pace", 1.0))
        return json_reply(200, sandbox.chaos.report())

    return order


def _weights(kinds: Any) -> dict[str, float] | None:
    if kinds is None:
        return None
    if isinstance(kinds, list) and all(isinstance(name, str) for name in kinds):
        return dict.fromkeys(kinds, 1.0)
    if isinstance(kinds, dict):
        return {name: number(kinds, name) for name in kinds}
    raise ControlError('"kinds" is a list of names, or an object of name and weight')


def _stop(sandbox: "Sandbox") -> Callable[[], Response]:
    def stop() -> Response:
        sandbox.chaos.stop()
        return json_reply(200, sandbox.chaos.report())

    return stop


def _outage(sandbox: "Sandbox") -> Callable[[], Response]:
    def outage() -> Response:
        seconds = number(json_object(frozenset({"seconds"})), "seconds")
        if not 0 < seconds <= LONGEST_OUTAGE:
            raise ControlError(f'"seconds" is a number above 0 and up to {LONGEST_OUTAGE:g}')
        sandbox.refuse_connections(seconds)
        return json_reply(200, {"refusing_for_seconds": seconds})

    return outage
