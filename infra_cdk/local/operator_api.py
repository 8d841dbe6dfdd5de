"""The operator's side of the demo: a small client of `/v1` (contracts.md, part 3)."""

import uuid
from typing import Any

import requests

Json = dict[str, Any]
TIMEOUT = 30


class ApiRefused(Exception):
    """The API answered with a problem; the message is its status, title and detail."""


class OperatorApi:
    """`/v1` with the operator's bearer token."""

    def __init__(self, public_url: str, token: str) -> None:
        self._base = public_url
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def create_merchant(self, profile: Json, key: str = "") -> str:
        """Create a merchant; its id. The same `key` gives the same merchant again."""
        return str(self._post("/v1/merchants", profile, key)["merchant"])

    def has_merchant(self, merchant: str) -> bool:
        """Is this merchant known (a kept state)?"""
        return self._session.get(f"{self._base}/v1/merchants/{merchant}", timeout=TIMEOUT).ok

    def nrs_notification_url(self, merchant: str) -> str:
        """Where NRS shall tell of this merchant's documents."""
        return str(self._get(f"/v1/merchants/{merchant}")["nrs_notification_url"])

    def connect_link(self, merchant: str, connector: str | None = None) -> str:
        """A link that lets the merchant connect an account; usable once."""
        wanted = {"connector": connector} if connector else {}
        return str(self._post(f"/v1/merchants/{merchant}/connect-links", wanted)["url"])

    def connections(self, merchant: str) -> list[Json]:
        """The merchant's connections."""
        return list(self._get(f"/v1/merchants/{merchant}/connections")["items"])

    def connected(self, merchant: str, connector: str, *, webhooks: bool = True) -> Json | None:
        """The merchant's active connection, once its webhooks (if there are any) are registered after confirmation."""
        for link in self.connections(merchant):
            if (
                link["connector"] == connector
                and link["status"] == "active"
                and (link["subscriptions"] or not webhooks)
            ):
                return link
        return None

    def set_mapping(self, merchant: str, connection: str, mapping: Json) -> None:
        """Replace the mapping rules of a connection."""
        self._send("PUT", f"/v1/merchants/{merchant}/connections/{connection}/mapping", mapping)

    def invoices(self, merchant: str) -> list[Json]:
        """The merchant's sales with their invoices, newest first."""
        return list(self._get("/v1/invoices", {"merchant": merchant, "limit": "50"})["items"])

    def _get(self, path: str, params: dict[str, str] | None = None) -> Json:
        return self._read(self._session.get(self._base + path, params=params, timeout=TIMEOUT))

    def _post(self, path: str, body: Json, key: str = "") -> Json:
        return self._send("POST", path, body, {"Idempotency-Key": key or str(uuid.uuid4())})

    def _send(self, method: str, path: str, body: Json, headers: dict[str, str] | None = None) -> Json:
        url = self._base + path
        return self._read(self._session.request(method, url, json=body, headers=headers, timeout=TIMEOUT))

    def _read(self, answer: requests.Response) -> Json:
        if not answer.ok:
            place = answer.request.path_url.split("?")[0]
            raise ApiRefused(f"{answer.request.method} {place}: HTTP {answer.status_code} {answer.text[:500]}")
        data: Json = answer.json()
        return data
