"""The sandbox's own control routes, for tests and the demo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from tests.sandbox.kit import ControlError, ControlRoute, json_object, json_reply
from tests.sandbox.kit.incoming import number
from tests.sandbox.nrs.exchange import MESSAGES, Exchange
from tests.sandbox.nrs.tables import KEYS
from tests.sandbox.nrs.world import World


class Control:
    """Views; each takes the lock itself, as the kit asks of control routes."""

    def __init__(self, world: World, exchange: Exchange, lock: Any) -> None:
        self.world, self.exchange, self._lock = world, exchange, lock

    def routes(self) -> Sequence[ControlRoute]:
        return [
            ("/invoices", "GET", self.invoices),
            ("/lists", "POST", self.lists),
            ("/keys", "POST", self.keys),
            ("/onboard", "POST", self.onboard),
            ("/webhook", "POST", self.webhook),
            ("/settings", "POST", self.settings),
            ("/notice", "POST", self.notice),
        ]

    def invoices(self) -> Response:
        """?irn=: what was signed with the bytes as sent; sign attempts per IRN; every check with its ignored keys."""
        irn = request.args.get("irn")
        with self._lock:
            attempts = dict(self.world.sign_attempts)
            signed = [one.public(attempts.get(one.irn, 0)) for one in self.world.signed.values()]
            checks = list(self.world.checks)
        return json_reply(
            200,
            {
                "invoices": [one for one in signed if irn in (None, one["irn"])],
                "sign_attempts": {name: n for name, n in attempts.items() if irn in (None, name)},
                "checks": [one for one in checks if irn in (None, one["irn"])],
                "ignored_keys": sorted({key for one in checks for key in one["ignored_keys"]}),
            },
        )

    def lists(self) -> Response:
        """{"list", "add": [rows], "remove": [codes]}, or {"list", "keep": n}: all but the first n rows are gone."""
        body = json_object(frozenset({"list", "add", "remove", "keep"}))
        name = body.get("list")
        if name not in KEYS:
            raise ControlError(f'"list" must be one of {", ".join(KEYS)}')
        rows = body.get("add", [])
        if not all(isinstance(row, dict) and KEYS[name] in row for row in rows):
            raise ControlError(f'"add" is a list of rows, each with "{KEYS[name]}"')
        with self._lock:
            gone = body.get("remove", [])
            if "keep" in body:
                gone = [row[KEYS[name]] for row in self.world.tables.rows(name)[int(number(body, "keep")) :]]
            self.world.tables.change(name, add=rows, remove=gone)
            return json_reply(200, {"list": name, "rows": len(self.world.tables.rows(name))})

    def keys(self) -> Response:
        """{"refused": true, "api_key"?}: without a key, all of them."""
        body = json_object(frozenset({"api_key", "refused"}))
        wanted = body.get("api_key")
        with self._lock:
            if wanted is not None and wanted not in self.world.keys:
                raise ControlError("no such api_key")
            for key in self.world.keys.values():
                if wanted in (None, key.api_key):
                    key.refused = body.get("refused", True) is True
        return json_reply(200, {"ok": True})

    def onboard(self) -> Response:
        """{"tin", "onboarded"?, "exchange"?: acknowledges | receives | fails, and anything verify-tin shows}."""
        body = json_object()
        if not isinstance(body.get("tin"), str):
            raise ControlError('"tin" is missing')
        with self._lock:
            found = self.world.onboard(**body)
        return json_reply(200, {"tin": found.tin, "onboarded": found.onboarded, "exchange": found.exchange})

    def webhook(self) -> Response:
        """{"url": … or null}."""
        body = json_object(frozenset({"url"}))
        if "url" not in body:
            raise ControlError('"url" is missing (null takes the webhook away)')
        with self._lock:
            self.world.webhook_url = body["url"]
        return json_reply(200, {"url": body["url"]})

    def settings(self) -> Response:
        """Any of the names in world.SETTINGS and world.SECONDS."""
        with self._lock:
            self.world.change_settings(json_object())
            return json_reply(200, self.world.settings)

    def notice(self) -> Response:
        """{"irn", "message", "apply"?}: sends a notice; `apply` false leaves the invoice as it is (a false notice)."""
        body = json_object(frozenset({"irn", "message", "apply"}))
        irn, message = body.get("irn"), body.get("message")
        if not isinstance(irn, str) or message not in MESSAGES:
            raise ControlError(f'"irn" and "message" are needed; messages: {", ".join(MESSAGES)}')
        with self._lock:
            found = self.world.signed.get(irn)
            if found and body.get("apply", True):
                self.exchange.tell(found, message)
            else:
                self.exchange.notify(irn, message)
        return json_reply(200, {"ok": True})
