"""The warm webhook path against its floor: one HMAC and one JSON parse of the same body."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from loadtests.bench.measure import Compared, in_turns, per_call
from taxpoynt.connector_kit.webhook import basic_header, basic_secret, reply_policy
from taxpoynt.domain.connection import Endpoint
from taxpoynt.services.receive_webhook import ReceiveWebhook

USER, PASSWORD = "a" * 32, "b" * 32


def compare(*, rounds: int = 15, calls: int = 2000) -> Iterator[Compared]:
    """The use case with stores in memory: what our code costs, without AWS."""
    body = json.dumps(_won_deal()).encode()
    headers = {"authorization": (basic_header(USER, PASSWORD),), "content-type": ("application/json",)}
    receive = ReceiveWebhook(
        endpoints=_Endpoints(), blobs=_no_blobs, queue=_Queue(), clock=_Clock(), policy=reply_policy, kind_of=_crm
    )

    def ours() -> object:
        answer = receive("pipedrive", "e" * 22, headers, body)
        if answer.status != 200:
            raise SystemExit(f"bench: the webhook was answered {answer.status}")
        return answer

    def floor() -> object:
        hmac.new(b"k" * 32, body, hashlib.sha256).hexdigest()
        return json.loads(body)

    yield in_turns("receive_webhook, warm", per_call(ours, calls=calls), per_call(floor, calls=calls), rounds=rounds)


def _won_deal() -> dict[str, Any]:
    data = {"id": 101, "title": "Office set-up", "status": "won", "value": 150000, "currency": "NGN"}
    data |= {f"field_{number}": "x" * 40 for number in range(30)}
    return {
        "meta": {"id": "5b0f8b5a", "version": "2.0", "company_id": "1"},
        "data": data,
        "previous": {"status": "open"},
    }


class _Endpoints:
    def get_endpoint(self, endpoint: str) -> Endpoint | None:
        secrets = (basic_secret(USER, PASSWORD),)
        return Endpoint(endpoint=endpoint, merchant="m_1", connection="c_1", connector="pipedrive", secrets=secrets)


class _Queue:
    def send(self, queue: str, job: Mapping[str, Any], *, delay_seconds: int = 0) -> None:
        json.dumps(job)  # the real queue serialises too


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def _no_blobs() -> Any:
    raise SystemExit("bench: this body fits into the message")


def _crm(_: str) -> Any:
    return "crm"
