"""The sandbox put together."""

from email.utils import format_datetime
from pathlib import Path
from typing import ClassVar

from flask import Flask
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, ControlRoute, DeliveryPolicy, Fault, Json, Sandbox, digest, json_reply, redacted
from tests.sandbox.lightspeed_x import errors, events, seeding, sums
from tests.sandbox.lightspeed_x.access import Gate
from tests.sandbox.lightspeed_x.api import ApiRoutes
from tests.sandbox.lightspeed_x.control import ControlRoutes
from tests.sandbox.lightspeed_x.control_hooks import HookControl
from tests.sandbox.lightspeed_x.hook_routes import HookRoutes
from tests.sandbox.lightspeed_x.hooks import WebhookStore
from tests.sandbox.lightspeed_x.limits import WINDOW, Limits
from tests.sandbox.lightspeed_x.oauth import OAuthRoutes
from tests.sandbox.lightspeed_x.values import text5
from tests.sandbox.lightspeed_x.world import Retailer, World


class LightspeedXSandbox(Sandbox):
    """X-Series on one port: the sign-in host and every store's own host under the same origin."""

    name = "lightspeed_x"
    default_port = 9103
    delivery_policy: ClassVar[DeliveryPolicy] = events.POLICY

    def __init__(self, seed: Json | None = None, clock: Clock | None = None, retry_scale: float = 1.0) -> None:
        self.world = World()
        self.limits = Limits()
        self.blackhole = events.Blackhole()
        super().__init__(seed, clock, retry_scale)
        self.hooks = WebhookStore(self.world, self.courier)
        self.announcer = events.Announcer(self.courier, self.clock, lambda: self.world.app)
        self.courier.on_attempt = self._note_attempt

    def clear(self) -> None:
        """A world without anybody; the objects stay the same, because routes hold on to them."""
        self.world.empty()
        self.limits.empty()
        vars(self.blackhole).update(vars(events.Blackhole()))

    def load(self, data: Json) -> None:
        """See seeding. A seed fires no events."""
        seeding.load(self.world, data, self.clock.now())

    def state(self) -> Json:
        """How many records of each kind, the sales in short, hooks and tokens without secrets."""
        return {
            "app": redacted(vars(self.world.app)),
            "settings": vars(self.world.settings),
            "retailers": [_store_state(store) for store in self.world.retailers.values()],
            "tokens": [
                {"access_token": digest(token), "domain_prefix": one.retailer, "personal": one.personal}
                for token, one in self.world.access.items()
            ],
        }

    def create_app(self) -> Flask:
        """OAuth, both API families, webhooks, what is left of 0.9."""
        app = Flask("lightspeed_x", root_path=str(Path(__file__).parent))
        OAuthRoutes(self.world, self.clock, self.limits).add_to(app)
        gate = Gate(app, self.world, self.clock, self.limits)
        ApiRoutes(self.world, self.announcer).add_to(gate)
        HookRoutes(self.hooks).add_to(gate)
        return app

    def control_routes(self) -> list[ControlRoute]:
        """See control."""
        hooks = HookControl(self.world, self.hooks, self.courier, self.blackhole, self.limits, self.lock)
        return [*hooks.routes(), *ControlRoutes(self.world, self.clock, self.announcer, self.hooks, self.lock).routes()]

    def rate_limited(self, fault: Fault) -> Response:
        """429; Retry-After is a date, five minutes ahead or `seconds` of the fault."""
        wait = fault.seconds or WINDOW.total_seconds()
        after = format_datetime(self.clock.now() + WINDOW * (wait / WINDOW.total_seconds()), usegmt=True)
        headers = {"X-RateLimit-Limit": "350", "X-RateLimit-Remaining": "0", "Retry-After": after}
        refused = errors.too_many(headers, "a fault on order")
        return json_reply(429, refused.body, headers)

    def token_expired(self, fault: Fault) -> Response:
        """The 401 of an expired access token."""
        return json_reply(401, errors.body(401, "The access token has expired"))

    def error_reply(self, status: int, message: str) -> Response:
        """Unknown paths and the like, in the API's form."""
        return json_reply(status, errors.body(status, message))

    def _note_attempt(self, subscriber: str, status: int | None) -> None:
        with self.lock:
            self.blackhole.note(self.courier, subscriber, status, self.clock.now())


def _store_state(store: Retailer) -> Json:
    return {
        "id": store.id,
        "domain_prefix": store.domain_prefix,
        "version": store.version,
        "records": {kind: len(table) for kind, table in store.tables.items()},
        "webhooks": [
            {name: value for name, value in hook.items() if not name.startswith("_")} for hook in store.hooks.values()
        ],
        "sales": [
            {
                "id": one["id"],
                "invoice_number": one["invoice_number"],
                "status": one["status"],
                "version": one["version"],
                "paid": text5(sums.paid(one)),
            }
            for one in store.tables["sales"].kept.values()
        ],
    }
