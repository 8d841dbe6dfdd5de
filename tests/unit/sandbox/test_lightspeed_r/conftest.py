"""An R-Series sandbox on the demo's seed, a clock that only the test moves, and a client with a token."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.kit import Clock, running
from tests.sandbox.lightspeed_r import LightspeedRSandbox

HERE = Path(__file__).parent
SEED = json.loads((HERE.parents[2] / "sandbox" / "seed" / "lightspeed_r.json").read_text("utf-8"))
ACCOUNT = SEED["accounts"][0]["id"]
APP = SEED["app"]
NOON = datetime(2026, 5, 15, 12, 0, tzinfo=UTC)
TREE = [
    "SaleLines",
    "SaleLines.Note",
    "SaleLines.Item",
    "SaleLines.TaxClass",
    "SalePayments",
    "SalePayments.PaymentType",
]


@dataclass
class Client:
    """What an integration has: an origin and a token."""

    url: str
    token: dict[str, Any] = field(default_factory=dict)

    def raw(self, path: str, headers: dict[str, str] | None = None, **params: Any) -> requests.Response:
        whole = path if path.startswith(("http", "/")) else f"/API/V3/Account/{ACCOUNT}/{path}"
        url = whole if whole.startswith("http") else self.url + whole
        given = {name: json.dumps(value) if isinstance(value, list) else value for name, value in params.items()}
        bearer = {"Authorization": f"Bearer {self.token['access_token']}"}
        return requests.get(url, params=given, headers=bearer | (headers or {}), timeout=10, allow_redirects=False)

    def get(self, path: str, **params: Any) -> Any:
        answer = self.raw(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, **params: Any) -> tuple[int, str]:
        answer = self.raw(path, **params)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, str(answer.json().get("message", answer.json().get("hint")))

    def sale(self, key: str, relations: list[str] | None = None) -> dict[str, Any]:
        return dict(self.get(f"Sale/{key}.json", load_relations=TREE if relations is None else relations)["Sale"])

    def control(self, method: str, path: str, body: Any = None, status: int = 0) -> Any:
        answer = requests.request(method, f"{self.url}/_control{path}", json=body, timeout=30)
        assert answer.status_code == status or (not status and answer.status_code in {200, 201}), answer.text
        return answer.json()

    def sell(self, **wish: Any) -> dict[str, Any]:
        return dict(self.control("POST", "/sales", wish))

    def log(self) -> list[dict[str, Any]]:
        return list(self.control("GET", "/log")["entries"])

    def with_scope(self, scope: str, **more: Any) -> "Client":
        return Client(self.url, self.control("POST", "/tokens", {"scope": scope} | more))

    def settings(self, **values: Any) -> None:
        self.control("POST", "/seed", {"settings": values})

    def token_call(self, path: str = "token", **given: str) -> requests.Response:
        body = {"client_id": APP["client_id"], "client_secret": APP["client_secret"]} | given
        return requests.post(f"{self.url}/auth/oauth/{path}", json=body, timeout=5)

    def refresh(self, token: dict[str, Any]) -> dict[str, Any]:
        answer = self.token_call(grant_type="refresh_token", refresh_token=token["refresh_token"])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def many(collection: Any) -> list[Any]:
    """What a client must do with every collection of R-Series."""
    if collection in ("", None):
        return []
    return collection if isinstance(collection, list) else [collection]


@pytest.fixture(name="served", scope="module")
def _served() -> Iterator[tuple[LightspeedRSandbox, str]]:
    sandbox = LightspeedRSandbox(SEED, Clock(NOON))
    with running(sandbox) as url:
        yield sandbox, url


@pytest.fixture(name="sandbox")
def _sandbox(served: tuple[LightspeedRSandbox, str]) -> LightspeedRSandbox:
    served[0].reset()
    return served[0]


@pytest.fixture(name="clock")
def _clock(sandbox: LightspeedRSandbox) -> Clock:
    return sandbox.clock


@pytest.fixture(name="client")
def _client(served: tuple[LightspeedRSandbox, str], sandbox: LightspeedRSandbox) -> Client:
    client = Client(served[1])
    client.token = client.control("POST", "/tokens", {})
    return client


def sample(name: str) -> Any:
    return json.loads((HERE / "samples" / f"{name}.json").read_text("utf-8"))
