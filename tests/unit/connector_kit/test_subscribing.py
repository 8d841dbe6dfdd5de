from __future__ import annotations

from typing import Any

import pytest

from taxpoynt.connector_kit.loader import load
from taxpoynt.errors import ConfigurationError, NotFound, PlatformRefused
from tests.unit.connector_kit.parts import TableApi

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
    webhooks = PIPEDRIVE.template.webhooks.model_copy(update={"subscription": None})
    by_hand = type(PIPEDRIVE)(
        PIPEDRIVE.template.model_copy(update={"webhooks": webhooks}),
        PIPEDRIVE.read_events,
        PIPEDRIVE.embedded,
        PIPEDRIVE.read_view,
        PIPEDRIVE.read_sale,
    )
    with pytest.raises(ConfigurationError):
        by_hand.unsubscribe(Platform(), ["1"])
