"""Control routes around webhooks: what goes wrong there goes wrong silently."""

from collections.abc import Callable
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from tests.sandbox.kit import ControlError, ControlRoute, Json, json_object, json_reply, redacted
from tests.sandbox.pipedrive.events import POLICY
from tests.sandbox.pipedrive.hooks import WebhookStore
from tests.sandbox.pipedrive.world import Company, World

Act = Callable[[Company, Json], None]


class HookControl:
    """What becomes of subscriptions without anybody telling: banned, switched off, deleted."""

    def __init__(self, world: World, hooks: WebhookStore, lock: Any) -> None:
        self.world, self.hooks, self.lock = world, hooks, lock

    def routes(self) -> list[ControlRoute]:
        """For the kit."""
        return [
            ("/webhooks", "GET", self._list),
            ("/webhooks/<int:key>", "DELETE", self._on(self._delete)),
            ("/webhooks/<int:key>/ban", "POST", self._on(self._ban)),
            ("/webhooks/<int:key>/pause", "POST", self._on(self._pause)),
        ]

    def _list(self) -> Response:
        with self.lock:
            return json_reply(200, {"webhooks": redacted(list(self._company().webhooks.values()))})

    def _on(self, act: Act) -> Callable[..., Response]:
        def view(key: int) -> Response:
            json_object()
            with self.lock:
                company = self._company()
                if key not in company.webhooks:
                    raise ControlError(f"no webhook {key}")
                webhook = company.webhooks[key]
                act(company, webhook)
                return json_reply(200, redacted(webhook))

        return view

    def _ban(self, _company: Company, webhook: Json) -> None:
        """Its events are lost for half an hour; it still looks active."""
        self.hooks.courier.silence(str(webhook["id"]), POLICY.ban_seconds)

    def _pause(self, _company: Company, webhook: Json) -> None:
        webhook["is_active"] = 0

    def _delete(self, company: Company, webhook: Json) -> None:
        self.hooks.remove(company, webhook["id"], "removed by hand")

    def _company(self) -> Company:
        return self.world.company(request.args.get("company_id", type=int))
