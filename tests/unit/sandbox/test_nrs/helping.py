"""A caller of the sandbox, and small changes to sample documents."""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.sandbox.nrs import NrsSandbox

BUSINESS = "3f1c2a64-5b1e-4d0a-9c77-2a8f5d6e9b10"
IRN = "HUB100245-94ND90NR-20260915"
API_KEY = "demo-api-key-5e1f0c9a2b"
API_SECRET = "demo-api-secret-7d40b6c1e8"
DOCUMENTS = Path(__file__).parent / "documents"


class _Gone:
    """Stands for "take it away"; its name must not change between processes, since test ids hold it."""

    def __str__(self) -> str:
        return "gone"


GONE = _Gone()


def document(name: str = "goods_and_service_b2b") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def changed(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with the value at `invoice_line.0.item.name` replaced, or taken away when it is GONE."""
    whole = copy.deepcopy(body)
    place: Any = whole
    *way, last = path.split(".")
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    key: Any = int(last) if isinstance(place, list) else last
    if value is GONE:
        del place[key]
    else:
        place[key] = value
    return whole


@dataclass
class Caller:
    """Calls with the demo's key pair unless told otherwise."""

    sandbox: NrsSandbox
    url: str
    session: requests.Session

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        sent = {"x-api-key": API_KEY, "x-api-secret": API_SECRET, "Accept": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        return self.session.request(method, self.url + path, data=raw, headers=sent, timeout=10)

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.call("GET", path, **headers)

    def data(self, path: str) -> Any:
        """What an answer with 200 holds."""
        response = self.get(path)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    def validate(self, body: Any, **headers: str) -> requests.Response:
        return self.call("POST", "/api/v1/invoice/validate", body, **headers)

    def sign(self, body: Any, **headers: str) -> requests.Response:
        return self.call("POST", "/api/v1/invoice/sign", body, **headers)

    def update(self, body: Any, irn: str = IRN) -> requests.Response:
        return self.call("PATCH", f"/api/v1/invoice/update/{irn}", body)

    def control(self, path: str, body: Any = None) -> Any:
        """GET without a body, POST with one."""
        response = self.session.request("GET" if body is None else "POST", f"{self.url}/_control{path}", json=body)
        assert response.status_code == 200, response.text
        return response.json()


def text_of(response: requests.Response) -> str:
    """The useful text of a refusal, after a look at its envelope."""
    whole = response.json()
    error = whole["error"]
    assert (whole["code"], whole["data"], whole["message"]) == (response.status_code, None, "error has occurred")
    assert len(error["id"]) == 36
    assert error["handler"]
    text = error.get("details", error["public_message"])
    assert isinstance(text, str)
    return text
