"""/webhooks of every family: who is told about what."""

import json

from flask import request

from tests.sandbox.kit import Courier, Json, Refused
from tests.sandbox.lightspeed_x.errors import api
from tests.sandbox.lightspeed_x.events import TYPES
from tests.sandbox.lightspeed_x.world import Retailer, World

SHORTEST_URL = 3


class WebhookStore:
    """Adds, changes and removes subscriptions of a store."""

    def __init__(self, world: World, courier: Courier) -> None:
        self.world, self.courier = world, courier

    def add(self, store: Retailer, wanted: Json, user: str, *, signed: bool) -> Json:
        """`signed`: made by an application, not by hand or with a personal token."""
        self._check(store, wanted, but="")
        key = self.world.new_id()
        hook = {"id": key, "retailer_id": store.id, "user_id": user, "url": wanted["url"]}
        hook |= {"active": wanted["active"], "type": wanted["type"], "_signed": signed}
        store.hooks[key] = hook
        return hook

    def change(self, store: Retailer, key: str, wanted: Json) -> Json:
        """As a whole: active, type and url."""
        hook = self.find(store, key)
        self._check(store, wanted, but=key)
        hook |= {name: wanted[name] for name in ("url", "active", "type")}
        return hook

    def remove(self, store: Retailer, key: str) -> Json:
        """Nothing more is delivered to it."""
        hook = self.find(store, key)
        del store.hooks[key]
        self.courier.forget(key)
        return hook

    def find(self, store: Retailer, key: str) -> Json:
        """Refused 404 when the store has no such hook."""
        if key not in store.hooks:
            raise Refused(404, {"error": "Webhook not found"}, f"the store has no webhook {key}")
        return store.hooks[key]

    def _check(self, store: Retailer, wanted: Json, but: str) -> None:
        if {"url", "active", "type"} - set(wanted) or not isinstance(wanted.get("active"), bool):
            raise api(400, "active, type and url are required, and active is a boolean")
        url = wanted["url"]
        if not isinstance(url, str) or len(url) < SHORTEST_URL or not url.startswith(("http://", "https://")):
            raise api(400, "url is not a URL")
        if wanted["type"] not in TYPES:
            raise api(400, f"type must be one of {', '.join(TYPES)}")
        for hook in store.hooks.values():
            if (hook["type"], hook["url"]) == (wanted["type"], url) and hook["id"] != but:
                raise Refused(409, {"error": "A webhook with this type and URL already exists."}, "a second hook")


def shown(hook: Json, *, dated: bool) -> Json:
    """The dated family leaves the user out."""
    hidden = {"_signed", "user_id"} if dated else {"_signed"}
    return {name: value for name, value in hook.items() if name not in hidden}


def wish(*, legacy: bool) -> Json:
    """The request's JSON, or in the older guide's way a form field `data` that holds it."""
    if legacy:
        text = request.form.get("data")
        if text is None:
            raise api(400, "the form field data is missing")
    else:
        text = request.get_data(as_text=True)
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise api(400, "the body must be a JSON object")
    return given
