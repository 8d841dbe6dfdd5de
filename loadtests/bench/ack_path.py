"""The warm webhook path against its floor: one HMAC and one JSON parse of the same body."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from loadtests.bench.measure import Compared, in_turns, per_call
from taxpoynt.connector_kit.webhook import basic_header, basic_secret, reply_policy
from taxpoynt.domain.connection import Endpoint
from taxpoynt.services.receive_webhook import ReceiveWebhook

USER, PASSWORD, SIGNING = "a" * 32, "b" * 32, "k" * 40


def compare(*, rounds: int = 15, calls: int = 2000) -> Iterator[Compared]:
    """The use case with stores in memory: what our code costs, without AWS."""
    body = json.dumps(_won_deal()).encode()

    def floor() -> object:
        hmac.new(b"k" * 32, body, hashlib.sha256).hexdigest()
        return json.loads(body)

    pair = {"authorization": (basic_header(USER, PASSWORD),), "content-type": ("application/json",)}
    signature = hmac.new(SIGNING.encode(), body, hashlib.sha256).hexdigest()
    signed = {"x-signature": (f"signature={signature},algorithm=HMAC-SHA256",), "content-type": ("application/json",)}
    for name, connector, headers in (
        ("receive_webhook, warm", "pipedrive", pair),
        ("receive_webhook, signed, warm", "lightspeed_x", signed),
    ):
        ours = per_call(_call(connector, headers, body), calls=calls)
        yield in_turns(name, ours, per_call(floor, calls=calls), rounds=rounds)


def _call(connector: str, headers: Mapping[str, Sequence[str]], body: bytes) -> Callable[[], object]:
    receive = ReceiveWebhook(
        endpoints=_Endpoints(connector),
        blobs=_no_blobs,
        queue=_Queue(),
        clock=_Clock(),
        policy=reply_policy,
        kind_of=_crm,
        signing=lambda policy, names: (SIGNING,),
        public_url="https://hooks.example",
    )

    def ours() -> object:
        answer = receive(connector, "e" * 22, headers, body)
        if answer.status != 200:
            raise SystemExit(f"bench: the webhook was answered {answer.status}")
        return answer

    return ours


def _won_deal() -> dict[str, Any]:
    data = {"id": 101, "title": "Office set-up", "status": "won", "value": 150000, "currency": "NGN"}
    data |= {f"field_{number}": "x" * 40 for number in range(30)}
    return {
        "meta": {"id": "5b0f8b5a", "version": "2.0", "company_id": "1"},
        "data": data,
        "previous": {"status": "open"},
    }


class _Endpoints:
    def __init__(self, connector: str) -> None:
        secrets = (basic_secret(USER, PASSWORD),)
        about = {"endpoint": "e" * 22, "merchant": "m_1", "connection": "c_1", "connector": connector}
        self.one = Endpoint(**about, secrets=secrets)  # type: ignore[arg-type]  # names are fields

    def get_endpoint(self, endpoint: str) -> Endpoint | None:
        return self.one


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
