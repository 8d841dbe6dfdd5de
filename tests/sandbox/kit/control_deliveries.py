"""Control routes around webhook delivery: what was carried where, and waiting until it has been."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import request
from werkzeug.wrappers import Response

from tests.sandbox.kit.errors import ControlError
from tests.sandbox.kit.incoming import json_object, number
from tests.sandbox.kit.reply import json_reply

if TYPE_CHECKING:
    from tests.sandbox.kit.base import ControlRoute, Sandbox


def delivery_routes(sandbox: "Sandbox") -> "list[ControlRoute]":
    """GET /deliveries?topic=&since=, POST /deliveries {"retry_scale"}, POST /deliveries/settle {"timeout_seconds"}."""
    return [
        ("/deliveries", "GET", _read(sandbox)),
        ("/deliveries", "POST", _configure(sandbox)),
        ("/deliveries/settle", "POST", _settle(sandbox)),
    ]


def _read(sandbox: "Sandbox") -> Callable[[], Response]:
    def read() -> Response:
        if extra := sorted(set(request.args) - {"topic", "since"}):
            raise ControlError(f"unknown query parameter: {', '.join(extra)}; known: since, topic")
        topic, since = request.args.get("topic", ""), request.args.get("since", "0")
        if not since.isdigit():
            raise ControlError('"since" is the number "n" of the last entry you have')
        entries = [entry for entry in sandbox.courier.log.read(since=int(since)) if re.match(topic, entry["topic"])]
        return json_reply(200, {"entries": entries, "pending": sandbox.courier.pending()})

    return read


def _configure(sandbox: "Sandbox") -> Callable[[], Response]:
    def configure() -> Response:
        sandbox.courier.retry_scale = number(json_object(frozenset({"retry_scale"})), "retry_scale")
        return json_reply(200, {"retry_scale": sandbox.courier.retry_scale})

    return configure


def _settle(sandbox: "Sandbox") -> Callable[[], Response]:
    def settle() -> Response:
        timeout = min(number(json_object(frozenset({"timeout_seconds"})), "timeout_seconds", 5.0), 60.0)
        return json_reply(200, {"settled": sandbox.courier.settle(timeout), "pending": sandbox.courier.pending()})

    return settle
