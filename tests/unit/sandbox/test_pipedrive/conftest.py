"""A Pipedrive sandbox on the demo's seed, a clock that only the test moves, and a client with a token."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.kit import Clock, running
from tests.sandbox.pipedrive import PipedriveSandbox
from tests.unit.sandbox.receiver import Receiver, receiving

HERE = Path(__file__).parent
SEED = json.loads((HERE.parents[2] / "sandbox" / "seed" / "pipedrive.json").read_text("utf-8"))
COMPANY = SEED["companies"][0]["id"]
KEYS = SEED["companies"][0]["custom_field_keys"]
APP = SEED["app"]
NOON = datetime(2026, 5, 15, 21, 30, tzinfo=UTC)  # the next day begins half past midnight further east, not in Lagos


@dataclass
class Client:
    """What an integration has: an origin and a token."""

    url: str
    token: dict[str, Any] = field(default_factory=dict)

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token['access_token']}"} | more.pop("headers", {})
        return requests.request(method, self.url + path, headers=headers, timeout=5, allow_redirects=False, **more)

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.call("GET", path, params=params)

    def data(self, path: str, **params: Any) -> Any:
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/_control{path}", json=body, timeout=5)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def log(self) -> list[dict[str, Any]]:
        return list(self.control("GET", "/log")["entries"])

    def as_user(self, user_id: int) -> "Client":
        return Client(self.url, self.control("POST", "/tokens", {"user_id": user_id}))

    def token_call(self, form: dict[str, str], path: str = "/oauth/token", **more: Any) -> requests.Response:
        auth = more.pop("auth", (APP["client_id"], APP["client_secret"]))
        return requests.post(self.url + path, data=form, auth=auth, timeout=5, **more)

    def subscribe(self, url: str, **wish: Any) -> requests.Response:
        asked = {"subscription_url": url, "event_action": "change", "event_object": "deal", "name": "test"}
        return self.call("POST", "/api/v1/webhooks", json=asked | {"version": "2.0"} | wish)


@pytest.fixture(name="served", scope="module")
def _served() -> Iterator[tuple[PipedriveSandbox, str]]:
    sandbox = PipedriveSandbox(SEED, Clock(NOON))
    sandbox.courier.policy = replace(sandbox.courier.policy, timeout_seconds=1.0, workers=1)
    with running(sandbox) as url:
        yield sandbox, url


@pytest.fixture(name="sandbox")
def _sandbox(served: tuple[PipedriveSandbox, str]) -> PipedriveSandbox:
    served[0].reset()
    return served[0]


@pytest.fixture(name="clock")
def _clock(sandbox: PipedriveSandbox) -> Clock:
    return sandbox.clock


@pytest.fixture(name="client")
def _client(served: tuple[PipedriveSandbox, str], sandbox: PipedriveSandbox) -> Client:
    client = Client(served[1])
    client.token = client.control("POST", "/tokens", {})
    return client


@pytest.fixture(name="receiver")
def _receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def sample(name: str) -> Any:
    return json.loads((HERE / "samples" / name).read_text("utf-8"))
