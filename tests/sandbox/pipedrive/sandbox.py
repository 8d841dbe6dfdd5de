"""The sandbox put together."""

from pathlib import Path
from typing import ClassVar

from flask import Flask
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, ControlRoute, DeliveryPolicy, Fault, Json, Sandbox, digest, json_reply, redacted
from tests.sandbox.pipedrive import errors, events, seeding
from tests.sandbox.pipedrive.access import Gate
from tests.sandbox.pipedrive.api_deals import DealRoutes
from tests.sandbox.pipedrive.api_records import add_record_routes
from tests.sandbox.pipedrive.api_v1 import V1Routes, add_retired_routes
from tests.sandbox.pipedrive.control import ControlRoutes
from tests.sandbox.pipedrive.control_hooks import HookControl
from tests.sandbox.pipedrive.hooks import WebhookStore
from tests.sandbox.pipedrive.limits import Limits
from tests.sandbox.pipedrive.oauth import OAuthRoutes
from tests.sandbox.pipedrive.world import BURST, DAILY_TOKENS, Company, World


class PipedriveSandbox(Sandbox):
    """Pipedrive on one port: consent, tokens and both API versions under the same origin."""

    name = "pipedrive"
    default_port = 9101
    delivery_policy: ClassVar[DeliveryPolicy] = events.POLICY
    extra_fault_kinds = frozenset({events.FRESH_ID})

    def __init__(self, seed: Json | None = None, clock: Clock | None = None, retry_scale: float = 1.0) -> None:
        self.world = World()
        self.limits = Limits()
        super().__init__(seed, clock, retry_scale)
        self.hooks = WebhookStore(self.world, self.courier, self.clock)
        self.courier.on_attempt = self._note_delivery
        self.courier.on_removed = self._give_up

    def clear(self) -> None:
        """A world without anybody; the objects stay the same, because routes hold on to them."""
        self.world.empty()
        self.limits.empty()

    def load(self, data: Json) -> None:
        """See seeding."""
        seeding.load(self.world, data, self.clock.now())

    def state(self) -> Json:
        """Records as kept, subscriptions and grants without their secrets."""
        return {
            "app": redacted(vars(self.world.app)),
            "companies": [_company_state(company) for company in self.world.companies.values()],
            "grants": [
                {"refresh_token": digest(token), "company": grant.company, "user": grant.user}
                for token, grant in self.world.grants.items()
            ],
            "access_tokens": len(self.world.access),
        }

    def create_app(self) -> Flask:
        """OAuth, API v2, what is left of v1."""
        app = Flask("pipedrive", root_path=str(Path(__file__).parent))
        OAuthRoutes(self.world, self.clock, self.hooks).add_to(app)
        gate = Gate(app, self.world, self.clock, self.limits)
        DealRoutes(self.clock).add_to(gate)
        add_record_routes(gate)
        V1Routes(self.hooks).add_to(gate)
        add_retired_routes(app)
        return app

    def control_routes(self) -> list[ControlRoute]:
        """See control."""
        announcer = events.Announcer(self.courier, self.clock, self.faults)
        edits = ControlRoutes(self.world, self.clock, announcer, self.hooks, self.lock)
        return [*edits.routes(), *HookControl(self.world, self.hooks, self.lock).routes()]

    def rate_limited(self, fault: Fault) -> Response:
        """429 as for a burst; a `body` of "daily" makes it the used-up day."""
        daily = fault.body == "daily"
        headers = {"x-ratelimit-limit": str(BURST), "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2"}
        headers |= {"x-daily-ratelimit-token-limit": str(DAILY_TOKENS)}
        headers |= {"x-daily-ratelimit-token-remaining": "0" if daily else str(DAILY_TOKENS)}
        return json_reply(429, errors.body(429, "request over limit"), headers)

    def token_expired(self, fault: Fault) -> Response:
        """The one 401 there is."""
        return json_reply(401, errors.body(401, "unauthorized access"))

    def error_reply(self, status: int, message: str) -> Response:
        """Unknown paths and the like, in the API's form."""
        return json_reply(status, errors.body(status, message))

    def _note_delivery(self, subscriber: str, status: int | None) -> None:
        with self.lock:
            self.hooks.note_delivery(subscriber, status)

    def _give_up(self, subscriber: str) -> None:
        with self.lock:
            self.hooks.give_up(subscriber)


def _company_state(company: Company) -> Json:
    shown = {
        key: getattr(company, key) for key in ("id", "name", "domain", "timezone", "currency", "custom_field_keys")
    }
    return shown | {
        "users": list(company.users.values()),
        **{f"{entity}s": list(records.values()) for entity, records in company.records.items()},
        "products_of_deals": company.lines,
        "discounts_of_deals": company.discounts,
        "webhooks": redacted(list(company.webhooks.values())),
        "removed_webhooks": redacted(company.removed_webhooks),
    }
