"""The sandbox as the kit wants it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from flask import Flask
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, ControlRoute, DeliveryPolicy, Json, Sandbox, Trouble, note_verdict
from tests.sandbox.kit.faults import Fault
from tests.sandbox.nrs.answers import no_route, refusal
from tests.sandbox.nrs.chaos import LAGS, LYING, MENU
from tests.sandbox.nrs.control import Control
from tests.sandbox.nrs.exchange import Exchange
from tests.sandbox.nrs.problems import TRY_LATER, Problem, sentence
from tests.sandbox.nrs.routes_entities import entity_routes
from tests.sandbox.nrs.routes_exchange import exchange_routes
from tests.sandbox.nrs.routes_invoices import invoice_routes
from tests.sandbox.nrs.routes_resources import resource_routes
from tests.sandbox.nrs.routing import add_routes
from tests.sandbox.nrs.world import World

SEED = Path(__file__).resolve().parents[1] / "seed" / "nrs.json"


def demo_seed() -> Json:
    """The seed the demo starts with."""
    seed: Json = json.loads(SEED.read_text(encoding="utf-8"))
    return seed


class NrsSandbox(Sandbox):
    """NRS on a port of this machine. How it repeats notices is unknown, so it does not: a lost one stays lost."""

    name = "nrs"
    default_port = 9110
    delivery_policy = DeliveryPolicy(retry_delays=(), workers=1)  # one worker: in order unless a fault says otherwise
    extra_fault_kinds = frozenset({LYING})
    request_fault_kinds = LAGS

    def __init__(self, seed: Json | None = None, clock: Clock | None = None, retry_scale: float = 1.0) -> None:
        clock = clock or Clock()
        self.world = World(clock)
        super().__init__(seed, clock, retry_scale)
        self.exchange = Exchange(self.world, self.courier, self.lock)

    def clear(self) -> None:
        self.world.clear()

    def load(self, data: Json) -> None:
        self.world.load(data)

    def state(self) -> Json:
        return self.world.public()

    def create_app(self) -> Flask:
        app = Flask("nrs-sandbox")
        app.url_map.merge_slashes = False
        routes = [
            *entity_routes(self.world),
            *invoice_routes(self.world),
            *exchange_routes(self.world, self.exchange),
            *resource_routes(self.world),
        ]
        add_routes(app, self.world, routes)
        # without its slash the path is unknown to NRS; werkzeug would redirect
        app.add_url_rule("/api/v1/utilities/verify-tin", "no slash", no_route, methods=["POST"])
        app.register_error_handler(Problem, _refused)
        return app

    def control_routes(self) -> Sequence[ControlRoute]:
        return Control(self.world, self.exchange, self.lock).routes()

    def chaos_menu(self) -> Mapping[str, Trouble]:
        return MENU

    def rate_limited(self, fault: Fault) -> Response:
        """NRS publishes no limit; 429 in its own envelope. Retry-After: the fault's headers, or its `seconds`, which
        become an HTTP date when its body is `date`.
        """
        if fault.body not in (None, "date"):
            return super().rate_limited(fault)
        response = refusal(sentence("too many requests, please try again", status=429, handler="handler"))
        response.headers.extend(fault.headers)
        if fault.seconds and "Retry-After" not in response.headers:
            at = datetime.now(UTC) + timedelta(seconds=fault.seconds + 1)  # whole seconds: never before it is over
            wait = format_datetime(at, usegmt=True) if fault.body == "date" else f"{fault.seconds:.0f}"
            response.headers["Retry-After"] = wait
        return response

    def error_reply(self, status: int, message: str) -> Response:
        """A wrong method is an unknown path too."""
        if status in (404, 405):
            return no_route()
        return refusal(sentence(TRY_LATER, status=status, handler="handler"))

    def stop(self) -> None:
        super().stop()
        self.exchange.stop()


def _refused(problem: Problem) -> Response:
    note_verdict(f"refused because {problem}")
    return refusal(problem)
