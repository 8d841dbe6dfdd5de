"""/webhooks: JSON in the versions, a form field `data` in the older guide's way at /api/webhooks."""

from collections.abc import Callable
from typing import Any

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_x.access import Call, Gate
from tests.sandbox.lightspeed_x.hooks import WebhookStore, shown, wish

SCOPE = "webhooks"


class HookRoutes:
    """List, create, read, change, remove."""

    def __init__(self, hooks: WebhookStore) -> None:
        self.hooks = hooks

    def add_to(self, gate: Gate) -> None:
        """Registers the routes; the answers of the older way are not wrapped in `data`."""
        for base, legacy in (("/api/{version}/webhooks", False), ("/api/webhooks", True)):
            gate.route("GET", base, self._list(legacy=legacy), SCOPE)
            gate.route("POST", base, self._create(legacy=legacy), SCOPE)
            gate.route("GET", f"{base}/<string:key>", self._read(legacy=legacy), SCOPE)
            gate.route("PUT", f"{base}/<string:key>", self._change(legacy=legacy), SCOPE)
            gate.route("DELETE", f"{base}/<string:key>", self._remove(), SCOPE)

    def _list(self, *, legacy: bool) -> Callable[[Call], Any]:
        def view(call: Call) -> Any:
            found = [shown(hook, dated=call.dated) for hook in call.store.hooks.values()]
            return found if legacy else {"data": found}

        return view

    def _create(self, *, legacy: bool) -> Callable[[Call], Any]:
        def view(call: Call) -> Any:
            signed = not call.grant.personal
            made = self.hooks.add(call.store, wish(legacy=legacy), call.grant.user, signed=signed)
            return 201, _wrapped(shown(made, dated=call.dated), legacy=legacy)

        return view

    def _read(self, *, legacy: bool) -> Callable[..., Any]:
        def view(call: Call, key: str) -> Any:
            return _wrapped(shown(self.hooks.find(call.store, key), dated=call.dated), legacy=legacy)

        return view

    def _change(self, *, legacy: bool) -> Callable[..., Any]:
        def view(call: Call, key: str) -> Any:
            changed = self.hooks.change(call.store, key, wish(legacy=legacy))
            return _wrapped(shown(changed, dated=call.dated), legacy=legacy)

        return view

    def _remove(self) -> Callable[..., Any]:
        def view(call: Call, key: str) -> Any:
            self.hooks.remove(call.store, key)
            return 200, None

        return view


def _wrapped(hook: Json, *, legacy: bool) -> Json:
    return hook if legacy else {"data": hook}
