"""The routes under /_control: for tests and the demo, never part of the platform. They need no login."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, request
from werkzeug.wrappers import Response

from tests.sandbox.kit.control_chaos import chaos_routes
from tests.sandbox.kit.control_deliveries import delivery_routes
from tests.sandbox.kit.errors import ControlError
from tests.sandbox.kit.incoming import json_object, number
from tests.sandbox.kit.reply import json_reply

if TYPE_CHECKING:
    from tests.sandbox.kit.base import ControlRoute, Sandbox

PREFIX = "/_control"


def control_blueprint(sandbox: "Sandbox") -> Blueprint:
    """The common routes plus the platform's own."""
    control = Blueprint("control", __name__, url_prefix=PREFIX)
    control.register_error_handler(ValueError, lambda error: json_reply(400, {"error": str(error)}))
    shared = [*_common(sandbox), *delivery_routes(sandbox), *chaos_routes(sandbox)]
    for rule, method, view in [*shared, *sandbox.control_routes()]:
        control.add_url_rule(rule, f"{method} {rule}", view, methods=[method])
    return control


def _common(sandbox: "Sandbox") -> "list[ControlRoute]":
    return [
        ("/health", "GET", _health(sandbox)),
        ("/state", "GET", _state(sandbox)),
        ("/reset", "POST", _reset(sandbox)),
        ("/seed", "POST", _seed(sandbox)),
        ("/clock", "GET", _read_clock(sandbox)),
        ("/clock", "POST", _move_clock(sandbox)),
        ("/faults", "GET", _list_faults(sandbox)),
        ("/faults", "POST", _add_faults(sandbox)),
        ("/faults", "DELETE", _clear_faults(sandbox)),
        ("/log", "GET", _read_log(sandbox)),
        ("/log", "DELETE", _clear_log(sandbox)),
    ]


def _health(sandbox: "Sandbox") -> Callable[[], Response]:
    def health() -> Response:
        return json_reply(200, {"ok": True, "sandbox": sandbox.name, "now": sandbox.clock.now().isoformat()})

    return health


def _state(sandbox: "Sandbox") -> Callable[[], Response]:
    def state() -> Response:
        with sandbox.lock:
            return json_reply(200, sandbox.state())

    return state


def _reset(sandbox: "Sandbox") -> Callable[[], Response]:
    def reset() -> Response:
        body = json_object(frozenset({"seed"}))
        sandbox.reset(body.get("seed"))
        return json_reply(200, {"ok": True})

    return reset


def _seed(sandbox: "Sandbox") -> Callable[[], Response]:
    def seed() -> Response:
        with sandbox.lock:
            sandbox.load(json_object())
        return json_reply(200, {"ok": True})

    return seed


def _read_clock(sandbox: "Sandbox") -> Callable[[], Response]:
    def read_clock() -> Response:
        return json_reply(200, {"now": sandbox.clock.now().isoformat()})

    return read_clock


def _move_clock(sandbox: "Sandbox") -> Callable[[], Response]:
    def move_clock() -> Response:
        seconds = number(json_object(frozenset({"advance_seconds"})), "advance_seconds")
        return json_reply(200, {"now": sandbox.clock.advance(seconds).isoformat()})

    return move_clock


def _list_faults(sandbox: "Sandbox") -> Callable[[], Response]:
    def list_faults() -> Response:
        return json_reply(200, {"faults": sandbox.faults.public(), "used": sandbox.faults.used()})

    return list_faults


def _add_faults(sandbox: "Sandbox") -> Callable[[], Response]:
    def add_faults() -> Response:
        given = request.get_json(force=True, silent=True)
        orders, random_seed = given, None
        if isinstance(given, dict) and "faults" in given:
            body = json_object(frozenset({"faults", "random_seed"}))
            orders, random_seed = body["faults"], body.get("random_seed")
        elif isinstance(given, dict):
            orders = [given]
        if not isinstance(orders, list):
            raise ControlError('the body must be one fault, a list of faults, or {"faults": […], "random_seed": n}')
        return json_reply(200, {"faults": sandbox.faults.add(orders, random_seed)})

    return add_faults


def _clear_faults(sandbox: "Sandbox") -> Callable[[], Response]:
    def clear_faults() -> Response:
        sandbox.faults.clear()
        return json_reply(200, {"faults": []})

    return clear_faults


def _read_log(sandbox: "Sandbox") -> Callable[[], Response]:
    def read_log() -> Response:
        if extra := sorted(set(request.args) - {"path", "since", "method"}):
            raise ControlError(f"unknown query parameter: {', '.join(extra)}; known: method, path, since")
        since = request.args.get("since", "0")
        if not since.isdigit():
            raise ControlError('"since" is the number "n" of the last entry you have')
        entries = sandbox.log.read(request.args.get("path", ""), int(since), request.args.get("method", ""))
        return json_reply(200, {"entries": entries, "last": sandbox.log.last})

    return read_log


def _clear_log(sandbox: "Sandbox") -> Callable[[], Response]:
    def clear_log() -> Response:
        sandbox.log.clear()
        return json_reply(200, {"entries": [], "last": 0})

    return clear_log
