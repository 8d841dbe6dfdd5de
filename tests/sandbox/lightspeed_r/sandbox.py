"""The sandbox put together."""

from datetime import datetime
from pathlib import Path

from flask import Flask
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, ControlRoute, Fault, Json, Sandbox, digest, json_reply, redacted
from tests.sandbox.lightspeed_r import api, errors, seeding
from tests.sandbox.lightspeed_r.control import ControlRoutes
from tests.sandbox.lightspeed_r.keys import SigningKeys
from tests.sandbox.lightspeed_r.limits import Limits, allowance
from tests.sandbox.lightspeed_r.oauth import OAuthRoutes
from tests.sandbox.lightspeed_r.values import text
from tests.sandbox.lightspeed_r.world import Account, World


class LightspeedRSandbox(Sandbox):
    """R-Series on one port: its sign-in host and its API host under the same origin."""

    name = "lightspeed_r"
    default_port = 9102

    def __init__(self, seed: Json | None = None, clock: Clock | None = None, retry_scale: float = 1.0) -> None:
        self.world = World()
        self.limits = Limits()
        self.keys = SigningKeys()
        super().__init__(seed, clock, retry_scale)

    def clear(self) -> None:
        """A world without anybody; the signing keys stay."""
        self.world.empty()
        self.limits.empty()

    def load(self, data: Json) -> None:
        """See seeding."""
        seeding.load(self.world, data, self._now())

    def state(self) -> Json:
        """How many records of each kind, the sales in short, connections without their secrets."""
        return {
            "app": redacted(vars(self.world.app)),
            "settings": vars(self.world.settings),
            "accounts": [self._account_state(account) for account in self.world.accounts.values()],
            "connections": [
                {"refresh_token": digest(token), "account": one.connection.account, "employee": one.connection.employee}
                for token, one in self.world.refresh.items()
            ],
            "access_tokens": len(self.world.access),
        }

    def create_app(self) -> Flask:
        """OAuth and API V3."""
        app = Flask("lightspeed_r", root_path=str(Path(__file__).parent))
        OAuthRoutes(self.world, self.clock, self.keys).add_to(app)
        api.ApiRoutes(self.world, self.clock, self.limits).add_to(app)
        return app

    def control_routes(self) -> list[ControlRoute]:
        """See control."""
        return ControlRoutes(self.world, self.clock, self.keys, self.limits, self.lock).routes()

    def rate_limited(self, fault: Fault) -> Response:
        """429 of the leaky bucket; a `body` of "burst" makes it the burst limiter."""
        burst = fault.body == "burst"
        headers = {"X-LS-API-Bucket-Level": "1/90" if burst else "92.57/90", "X-LS-API-Drip-Rate": "1"}
        headers |= {"X-LS-API-Burst-Level": "21/20" if burst else "1/20", "Retry-After": "1" if burst else "3"}
        headers["X-LS-API-RateLimit-Type"] = "api-burst-limiter" if burst else "api-leaky-bucket"
        return json_reply(429, errors.body(429, "Rate limit exceeded. Please try again later."), headers)

    def token_expired(self, fault: Fault) -> Response:
        """The 401 of an expired access token."""
        refused = errors.unauthorized("Access token could not be verified")
        return json_reply(refused.status, refused.body)

    def error_reply(self, status: int, message: str) -> Response:
        """Unknown paths and the like, in the API's form."""
        return api.error_reply(status, message)

    def _now(self) -> datetime:
        return self.clock.now().replace(microsecond=0)

    def _account_state(self, account: Account) -> Json:
        size, drip, burst = allowance(account)
        level = self.limits.level(account, self.clock.now())
        return {
            "id": account.id,
            "name": account.name,
            "currency": account.currency,
            "limits": {"size": size, "drip": drip, "burst": burst, "level": round(level, 2)},
            "records": {name: len(table) for name, table in account.tables.items()},
            "sales": [
                {key: text(sale[key]) for key in ("saleID", "ticketNumber", "completed", "archived", "voided", "total")}
                for sale in account.tables["Sale"].kept.values()
            ],
        }
