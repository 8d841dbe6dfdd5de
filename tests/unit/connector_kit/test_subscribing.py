from __future__ import annotations

from typing import Any

import pytest

from taxpoynt.connector_kit import subscribing
from taxpoynt.connector_kit.loader import load
from taxpoynt.connector_kit.subscribing import unsubscribe
from taxpoynt.connector_kit.verdicts import RefusedWithStatus
from taxpoynt.errors import Busy, ConfigurationError, NotFound, PlatformRefused
from taxpoynt.ports import WebhookSetup
from tests.unit.connector_kit.parts import TableApi
from tests.unit.connector_kit.schemes import platform

PIPEDRIVE = load("pipedrive")
URL = "https://us.example/webhooks/pipedrive/tok"
KINDS = [("create", "deal"), ("change", "deal"), ("delete", "deal"), ("change", "organization"), ("change", "person")]
HOOKS = "/api/v1/webhooks"


def hook(
    number: int, kind: tuple[str, str], url: str = URL, *, active: int = 1, version: str = "2.0"
) -> dict[str, Any]:
    return {
        "id": number,
        "event_action": kind[0],
        "event_object": kind[1],
        "subscription_url": url,
        "version": version,
        "is_active": active,
    }


class Platform(TableApi):
    """Keeps subscriptions as Pipedrive does: creating one twice gives two."""

    def __init__(self, *existing: dict[str, Any]) -> None:
        super().__init__({})
        self.hooks = {one["id"]: one for one in existing}
        self.last = max(self.hooks, default=0)

    def get(self, path: str, params: Any = None) -> bytes:
        self.table[HOOKS] = {"status": "ok", "success": True, "data": list(self.hooks.values())}
        return super().get(path, params)

    def send(self, method: str, path: str, body: Any = None) -> bytes:
        if method == "POST":
            self.last = number = self.last + 1
            self.hooks[number] = {"id": number, "is_active": 1, **body}
            self.table[f"POST {HOOKS}"] = {"success": True, "data": self.hooks[number]}
        else:
            gone = self.hooks.pop(int(path.rpartition("/")[2]), None)
            self.table[f"{method} {path}"] = {"success": True} if gone else NotFound(path)
        return super().send(method, path, body)


def subscribe(api: TableApi) -> tuple[str, ...]:
    return PIPEDRIVE.subscribe(api, url=URL, user="u", password="p")


def test_a_new_connection_gets_one_subscription_of_each_kind() -> None:
    api = Platform()
    assert subscribe(api) == ("1", "2", "3", "4", "5")
    assert [(one["event_action"], one["event_object"]) for one in api.hooks.values()] == KINDS
    assert all(
        (one["http_auth_user"], one["http_auth_password"], one["version"], one["subscription_url"])
        == ("u", "p", "2.0", URL)
        for one in api.hooks.values()
    )


def test_asking_again_makes_nothing_double() -> None:
    api = Platform()
    assert subscribe(api) == subscribe(api)
    assert len(api.hooks) == 5


def test_missing_inactive_and_double_ones_are_put_right_and_strangers_left_alone() -> None:
    stranger, other_version = hook(7, KINDS[0], "https://other.example"), hook(8, KINDS[0], version="1.0")
    api = Platform(stranger, other_version, hook(9, KINDS[0]), hook(10, KINDS[0]), hook(11, KINDS[1], active=0))
    made = subscribe(api)
    assert made[0] == "9"
    assert {7, 8} <= set(api.hooks)
    assert not {10, 11} & set(api.hooks)
    assert len(api.hooks) == 7


def test_unsubscribing_counts_what_is_gone_as_done() -> None:
    api = Platform(hook(1, KINDS[0]))
    PIPEDRIVE.unsubscribe(api, ["1", "99"])
    assert api.hooks == {}


def test_a_subscription_without_id_is_refused() -> None:
    api = TableApi({HOOKS: {"data": None}, f"POST {HOOKS}": {"success": True, "data": {}}})
    with pytest.raises(PlatformRefused):
        subscribe(api)


def test_a_platform_where_a_person_subscribes_says_so() -> None:
    with pytest.raises(ConfigurationError):
        unsubscribe(Platform(), platform("hubspot"), ["1"])


# --- other platforms, from their blocks -----------------------------------------------------------------------------


class Listing(TableApi):
    """Subscriptions of any platform: a list under a key, new ones under another, by numbered ids."""

    def __init__(self, path: str, listed: str | None, made: str | None, *existing: dict[str, Any]) -> None:
        super().__init__({})
        self.path, self.listed, self.made = path, listed, made
        self.hooks = [dict(one) for one in existing]
        self.refuse: Exception | None = None

    def get(self, path: str, params: Any = None) -> bytes:
        self.table[self.path] = {self.listed: self.hooks} if self.listed else self.hooks
        return super().get(path, params)

    def send(self, method: str, path: str, body: Any = None) -> bytes:
        if method == "POST":
            if self.refuse:
                raise self.refuse
            inner = body[self.made] if self.made and self.made in body else body
            new = {"id": f"h{len(self.hooks) + 1}", **inner}
            self.hooks.append(new)
            self.table[f"POST {path}"] = {self.made: new} if self.made else new
        else:
            self.hooks = [one for one in self.hooks if f"/{one['id']}" not in path]
            self.table[f"{method} {path}"] = {}
        return super().send(method, path, body)


def make(name: str, api: Listing) -> tuple[str, ...]:
    return subscribing.subscribe(api, platform(name), url=URL, user="", password="")


def test_lightspeed_x_gets_a_hook_of_each_type_as_json_with_a_true_that_is_one() -> None:
    api = Listing("/api/2.0/webhooks", "data", "data")
    assert make("lightspeed_x", api) == ("h1", "h2", "h3")
    assert api.bodies[0] == {"url": URL, "active": True, "type": "sale.update"}
    assert make("lightspeed_x", api) == ("h1", "h2", "h3")
    api.hooks[0]["active"] = False
    assert make("lightspeed_x", api)[1:] == ("h2", "h3")
    assert len(api.hooks) == 3


def test_lists_and_answers_without_an_envelope_are_read_too() -> None:
    api = Listing("/api/2.0/webhooks", None, None)
    assert make("lightspeed_x", api) == ("h1", "h2", "h3")
    assert make("lightspeed_x", api) == ("h1", "h2", "h3")


def test_a_second_one_made_at_the_same_moment_is_looked_at_again() -> None:
    api = Listing("/api/2.0/webhooks", "data", "data")
    api.refuse = RefusedWithStatus("409", status=409)
    with pytest.raises(Busy):
        make("lightspeed_x", api)
    api.refuse = RefusedWithStatus("400", status=400)
    with pytest.raises(RefusedWithStatus):
        make("lightspeed_x", api)


def test_shopify_wraps_what_is_sent_and_removes_by_a_path_of_its_own() -> None:
    api = Listing("/admin/api/2026-07/webhooks.json", "webhooks", "webhook")
    assert len(make("shopify", api)) == 4
    assert api.bodies[0] == {"webhook": {"address": URL, "format": "json", "topic": "orders/updated"}}
    subscribing.unsubscribe(api, platform("shopify"), ["h1"])
    assert api.asked[-1] == "DELETE /admin/api/2026-07/webhooks/h1.json"


def test_one_subscription_of_the_application_is_made_anew_when_it_wants_other_events() -> None:
    api = Listing("/v2/webhooks/subscriptions", "subscriptions", "subscription")
    [first] = make("square", api)
    [sent] = api.bodies
    assert sent is not None
    assert set(sent) == {"idempotency_key", "subscription"}
    assert len(sent["idempotency_key"]) >= 32
    assert sent["subscription"]["notification_url"] == URL
    assert make("square", api) == (first,)
    api.hooks[0]["event_types"] = [*reversed(api.hooks[0]["event_types"])]
    assert make("square", api) == (first,)
    api.hooks[0]["event_types"] = ["order.updated"]
    make("square", api)
    assert [len(one["event_types"]) for one in api.hooks] == [9]


def test_how_each_platform_is_told_to_call_us() -> None:
    def of(name: str) -> tuple[str, bool, str]:
        setup = subscribing.webhook_setup(platform(name))
        return setup.by, setup.own_address, setup.secret

    assert of("square") == ("operator", False, "app")
    assert of("lightspeed_x") == ("api", True, "app")
    assert of("salesforce") == ("merchant", True, "none")
    assert of("standard_webhooks") == ("merchant", True, "endpoint")
    assert PIPEDRIVE.webhooks == WebhookSetup(by="api", own_address=True, secret="pair")
    polled = platform("square").model_copy(update={"webhooks": None})
    assert subscribing.webhook_setup(polled) == WebhookSetup(by="nobody")
    assert subscribing.webhook_setup(platform("salesforce")).steps
