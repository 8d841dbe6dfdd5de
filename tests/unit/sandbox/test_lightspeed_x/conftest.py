"""An X-Series sandbox on the demo's seed, a clock that only the test moves, and a client with a token."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from tests.sandbox.kit import Clock, running
from tests.sandbox.lightspeed_x import LightspeedXSandbox
from tests.unit.sandbox.receiver import Receiver, receiving

HERE = Path(__file__).parent
SEED = json.loads((HERE.parents[2] / "sandbox" / "seed" / "lightspeed_x.json").read_text("utf-8"))
STORE = SEED["retailers"][0]
APP = SEED["app"]
NOON = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
HEAD = "0af7b240-abf0-11e9-fb5b-"
CHAIR, PAPER, SERVICE, BOOK, PEN = (f"{HEAD}000000000d0{number}" for number in range(1, 6))
VAT, NO_TAX, BOTH_TAXES = (f"{HEAD}000000000a0{number}" for number in range(1, 4))
VAT_RATE, LEVY_RATE = (f"6234ab34-ae20-11e9-9b5b-0af7b240abc{number}" for number in (5, 7))
LAGOS, ABUJA = f"{HEAD}000000000b01", f"{HEAD}000000000b02"
AMINA, WALKIN = f"{HEAD}000000000e01", "0af7b240-abc5-11e9-fb5b-ad7e3c885144"
PARKED = f"{HEAD}0000000005a1"


@dataclass
class Client:
    """What an integration has: an origin and a token."""

    url: str
    token: dict[str, Any] = field(default_factory=dict)

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token['access_token']}", "User-Agent": "TaxPoynt"}
        headers |= more.pop("headers", {})
        return requests.request(method, self.url + path, headers=headers, timeout=10, allow_redirects=False, **more)

    def get(self, path: str, **params: Any) -> Any:
        answer = self.call("GET", path if path.startswith("/") else f"/api/2.0/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def data(self, path: str, **params: Any) -> Any:
        return self.get(path, **params)["data"]

    def control(self, method: str, path: str, body: Any = None, status: int = 0) -> Any:
        answer = requests.request(method, f"{self.url}/_control{path}", json=body, timeout=30)
        assert answer.status_code == status or (not status and answer.status_code in {200, 201}), answer.text
        return answer.json()

    def sell(self, **wish: Any) -> dict[str, Any]:
        return dict(self.control("POST", "/sales", wish))

    def act(self, sale: dict[str, Any], what: str, **wish: Any) -> dict[str, Any]:
        return dict(self.control("POST", f"/sales/{sale['id']}/{what}", wish))

    def settings(self, **values: Any) -> None:
        self.control("POST", "/seed", {"settings": values})

    def with_token(self, **given: Any) -> "Client":
        return Client(self.url, self.control("POST", "/tokens", given))

    def token_call(self, **form: str) -> requests.Response:
        given = {"client_id": APP["client_id"], "client_secret": APP["client_secret"]} | form
        return requests.post(f"{self.url}/api/1.0/token", data=given, timeout=5)

    def subscribe(self, url: str, kind: str = "sale.update", version: str = "2026-07") -> requests.Response:
        return self.call("POST", f"/api/{version}/webhooks", json={"active": True, "type": kind, "url": url})

    def settle(self) -> None:
        assert self.control("POST", "/deliveries/settle", {})["settled"] is True

    def log(self) -> list[dict[str, Any]]:
        return list(self.control("GET", "/log")["entries"])


def forms(receiver: Receiver) -> list[dict[str, str]]:
    return [{name: values[0] for name, values in parse_qs(one.body.decode()).items()} for one in receiver.arrivals]


def payloads(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(form["payload"]) for form in forms(receiver)]


@pytest.fixture(name="served", scope="module")
def _served() -> Iterator[tuple[LightspeedXSandbox, str]]:
    sandbox = LightspeedXSandbox(SEED, Clock(NOON))
    sandbox.courier.policy = replace(sandbox.courier.policy, timeout_seconds=1.0, workers=1)
    with running(sandbox) as url:
        yield sandbox, url


@pytest.fixture(name="sandbox")
def _sandbox(served: tuple[LightspeedXSandbox, str]) -> LightspeedXSandbox:
    served[0].reset()
    return served[0]


@pytest.fixture(name="clock")
def _clock(sandbox: LightspeedXSandbox) -> Clock:
    return sandbox.clock


@pytest.fixture(name="client")
def _client(served: tuple[LightspeedXSandbox, str], sandbox: LightspeedXSandbox) -> Client:
    client = Client(served[1])
    client.token = client.control("POST", "/tokens", {})
    return client


@pytest.fixture(name="receiver")
def _receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def sample(name: str) -> Any:
    return json.loads((HERE / "samples" / f"{name}.json").read_text("utf-8"))
