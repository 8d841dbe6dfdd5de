"""Control routes around webhooks and limits: what goes wrong there goes wrong silently."""

from collections.abc import Callable
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from tests.sandbox.kit import ControlError, ControlRoute, Courier, Json, json_object, json_reply
from tests.sandbox.lightspeed_x.events import Blackhole
from tests.sandbox.lightspeed_x.hooks import WebhookStore
from tests.sandbox.lightspeed_x.limits import Limits, allowance
from tests.sandbox.lightspeed_x.world import Retailer, World, only


class HookControl:
    """What becomes of subscriptions without anybody telling: banned, paused, deleted; and by hand in the setup."""

    def __init__(
        self, world: World, hooks: WebhookStore, courier: Courier, blackhole: Blackhole, limits: Limits, lock: Any
    ) -> None:
        self.world, self.hooks, self.courier = world, hooks, courier
        self.blackhole, self.limits, self.lock = blackhole, limits, lock

    def routes(self) -> list[ControlRoute]:
        """For the kit."""
        return [
            ("/webhooks", "GET", self._list),
            ("/webhooks", "POST", self._by_hand),
            ("/webhooks/<string:key>", "DELETE", self._on(self._delete)),
            ("/webhooks/<string:key>/ban", "POST", self._on(self._ban)),
            ("/webhooks/<string:key>/pause", "POST", self._on(self._pause)),
            ("/blackhole", "POST", self._blackhole),
            ("/limits", "POST", self._limits),
        ]

    def _list(self) -> Response:
        with self.lock:
            store = self.world.retailer(request.args.get("domain_prefix"))
            return json_reply(200, {"webhooks": [self._state(hook) for hook in store.hooks.values()]})

    def _state(self, hook: Json) -> Json:
        banned = self.courier.health(hook["id"]).banned_until
        plain = {name: value for name, value in hook.items() if not name.startswith("_")}
        silent = banned.isoformat() if banned and banned > self.courier.clock.now() else None
        return plain | {"signed": hook["_signed"], "silent_until": silent, "waiting": self.courier.waiting(hook["id"])}

    def _by_hand(self) -> Response:
        """A hook added in the store's setup page: not signed."""
        given = json_object(frozenset({"type", "url", "active"}))

        def do(store: Retailer) -> Json:
            return self.hooks.add(store, {"active": True} | given, store.first("users")["id"], signed=False)

        return self._do(201, do)

    def _on(self, do: Callable[[Retailer, Json, Json], None]) -> Callable[..., Response]:
        def view(key: str) -> Response:
            given = json_object()

            def act(store: Retailer) -> Json:
                hook = store.hooks.get(key)
                if hook is None:
                    raise ControlError(f"no webhook {key}")
                do(store, hook, given)
                return hook

            return self._do(200, act)

        return view

    def _ban(self, _store: Retailer, hook: Json, given: Json) -> None:
        """Its backlog is wiped, its events are lost for `seconds` (a day); it still looks active."""
        only(given, ("seconds",), "ban")
        self.courier.silence(hook["id"], given.get("seconds", self.blackhole.silence_seconds))

    def _pause(self, _store: Retailer, hook: Json, _given: Json) -> None:
        hook["active"] = False

    def _delete(self, store: Retailer, hook: Json, _given: Json) -> None:
        self.hooks.remove(store, hook["id"])

    def _blackhole(self) -> Response:
        """When it begins and how long it lasts."""
        names = ("failure_share", "unprocessed", "window_seconds", "silence_seconds")
        for name, value in json_object(frozenset(names)).items():
            setattr(self.blackhole, name, value)
        return json_reply(200, {name: getattr(self.blackhole, name) for name in names})

    def _limits(self) -> Response:
        """`requests` in five minutes (null: by the registers), `token_calls` in a minute."""
        given = json_object(frozenset({"requests", "token_calls"}))

        def do(store: Retailer) -> Json:
            if "requests" in given:
                store.budget = given["requests"]
            self.limits.token_limit = given.get("token_calls", self.limits.token_limit)
            return {"requests": allowance(store), "token_calls": self.limits.token_limit}

        return self._do(200, do)

    def _do(self, status: int, do: Callable[[Retailer], Json]) -> Response:
        with self.lock:
            store = self.world.retailer(request.args.get("domain_prefix"))
            shown = do(store)
            return json_reply(status, {name: value for name, value in shown.items() if not name.startswith("_")})
