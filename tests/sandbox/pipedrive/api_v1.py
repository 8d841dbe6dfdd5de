"""What is left of API v1: the own user, currencies, webhooks; and the retired rest."""

from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.wrappers import Response

from tests.sandbox.kit import Json, json_reply, note_verdict
from tests.sandbox.pipedrive.access import Call, Gate
from tests.sandbox.pipedrive.errors import body, webhook
from tests.sandbox.pipedrive.hooks import PER_USER, WebhookStore
from tests.sandbox.pipedrive.views import user_view
from tests.sandbox.pipedrive.webhook_wishes import reachable, wish
from tests.sandbox.pipedrive.world import words

# Deprecated on 1 Jan 2026, out of support since 1 Aug 2026; which status they answer with is not documented.
RETIRED = words("deals persons organizations products activities pipelines stages itemSearch")
BASE, MANAGE = ("base",), ("webhooks:full", "admin")


class V1Routes:
    """Routes under /api/v1."""

    def __init__(self, hooks: WebhookStore) -> None:
        self.hooks = hooks

    def add_to(self, gate: Gate) -> None:
        """Registers the routes with their documented costs."""
        listing = ("webhooks:read", *MANAGE)
        gate.route("GET", "/api/v1/users/me", self.me, cost=2, scopes=BASE)
        gate.route("GET", "/api/v1/currencies", self.currencies, cost=20, scopes=BASE, known=frozenset({"term"}))
        gate.route("GET", "/api/v1/webhooks", self.list_webhooks, cost=10, scopes=listing)
        gate.route("POST", "/api/v1/webhooks", self.add_webhook, cost=10, scopes=MANAGE)
        gate.route("DELETE", "/api/v1/webhooks/<webhook_id>", self.remove_webhook, cost=6, scopes=MANAGE)

    def me(self, call: Call) -> Json:
        """Whose token this is."""
        return {"success": True, "data": user_view(call.company, call.user)}

    def currencies(self, call: Call) -> Json:
        """All, or those whose name or code contains `term`."""
        term = (call.query.text("term") or "").lower()
        found = [one for one in call.company.currencies if term in one["code"].lower() or term in one["name"].lower()]
        return {"success": True, "data": found}

    def list_webhooks(self, call: Call) -> Json:
        """This company's, made by this app."""
        return {"status": "ok", "success": True, "data": list(call.company.webhooks.values())}

    def add_webhook(self, call: Call) -> tuple[int, Json]:
        """201; the address is tried before the subscription is made."""
        wanted = wish(call.company, call.user["id"], request.get_json(silent=True))
        if _is_own(wanted["subscription_url"]) or not reachable(wanted["subscription_url"]):
            raise webhook(400, {"subscription_url": ["invalid or non-reachable URL"]})
        mine = [one for one in call.company.webhooks.values() if one["user_id"] == wanted["user_id"]]
        if len(mine) >= PER_USER:
            raise webhook(400, {"user_id": [f"this user has {PER_USER} webhooks already"]})
        made = self.hooks.add(call.company, call.user["id"], wanted)
        return 201, {"status": "ok", "success": True, "data": made}

    def remove_webhook(self, call: Call, webhook_id: str) -> Json:
        """404 when there is none (any more)."""
        number = int(webhook_id) if webhook_id.isdigit() else 0
        if self.hooks.remove(call.company, number, "removed by the user") is None:
            raise webhook(404, {"id": ["webhook not found"]})
        return {"status": "ok", "success": True}


def add_retired_routes(app: Flask) -> None:
    """410 for what v1 no longer has."""

    def retired(path: str = "") -> Response:
        note_verdict(f"refused because {request.path} is retired since 1 August 2026: use API v2")
        return json_reply(410, body(410, "This endpoint is no longer available. Use API v2."))

    for name in RETIRED:
        for rule in (f"/api/v1/{name}", f"/api/v1/{name}/<path:path>"):
            app.add_url_rule(rule, f"retired {rule}", retired, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])


def _is_own(url: str) -> bool:
    host = urlsplit(url).netloc.lower()
    return host == request.host or host.endswith("pipedrive.com")
