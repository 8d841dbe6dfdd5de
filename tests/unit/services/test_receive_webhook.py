from __future__ import annotations

import base64
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.connector_kit.webhook import ReplyPolicy, basic_header, basic_secret, reply_policy
from taxpoynt.domain.connection import Endpoint
from taxpoynt.errors import Retryable
from taxpoynt.services.receive_webhook import MAX_INLINE, ReceiveWebhook
from taxpoynt.web import Response
from tests.fakes.clock import FakeClock
from tests.fakes.outside import FakeBlobs, FakeQueue, fingerprint
from tests.fakes.stores import FakeConnectionStore

USER, PASSWORD = "3bf1d0ef1b8e4d2e", "9e0c7a1f5d2b4a63b1c8"
GOOD: dict[str, tuple[str, ...]] = {
    "authorization": (basic_header(USER, PASSWORD),),
    "content-type": ("application/json",),
}
BODY = b'{"meta":{"id":"e1"}}'


class Door:
    def __init__(self, *, active: bool = True) -> None:
        self.endpoints, self.blobs, self.queue = FakeConnectionStore(), FakeBlobs(), FakeQueue()
        self.endpoints.put_endpoint(
            Endpoint(
                endpoint="tok",
                merchant="m_a",
                connection="c_a",
                connector="pipedrive",
                secrets=(basic_secret(USER, PASSWORD),),
                active=active,
            )
        )
        self.receive = ReceiveWebhook(
            self.endpoints,
            lambda: self.blobs,
            self.queue,
            FakeClock(),
            reply_policy,
            lambda _: "crm",
            _no_secrets,
            "https://hooks.example",
        )

    def knock(
        self,
        body: bytes = BODY,
        *,
        connector: str = "pipedrive",
        endpoint: str | None = "tok",
        headers: dict[str, tuple[str, ...]] = GOOD,
    ) -> Response:
        return self.receive(connector, endpoint, headers, body)


def _no_secrets(policy: ReplyPolicy, names: Sequence[str]) -> Sequence[str]:
    raise AssertionError("a platform that signs nothing needs no secret of ours")


def test_a_genuine_delivery_is_queued_byte_for_byte_and_answered_200() -> None:
    door = Door()
    assert door.knock().status == 200
    [(queue, job, delay)] = door.queue.sent
    assert (queue, delay, job["v"], job["job"]) == ("crm", 0, 1, "webhook")
    assert (job["merchant"], job["connection"], job["connector"]) == ("m_a", "c_a", "pipedrive")
    assert base64.b64decode(job["body_b64"]) == BODY
    assert job["content_type"] == "application/json"


@pytest.mark.parametrize(
    ("endpoint", "headers"),
    [
        ("tok", {}),
        ("tok", {"authorization": (basic_header(USER, "wrong"),)}),
        ("tok", {"authorization": (basic_header(USER, PASSWORD), basic_header("other", "pair"))}),
        ("other", GOOD),
        (None, GOOD),
        ("tok#", GOOD),
    ],
    ids=["none", "wrong", "two", "unknown endpoint", "no endpoint", "odd endpoint"],
)
def test_every_refusal_looks_the_same_and_leaves_nothing_behind(
    endpoint: str | None, headers: dict[str, tuple[str, ...]]
) -> None:
    door = Door()
    refused = door.knock(endpoint=endpoint, headers=headers)
    assert (refused.status, refused.body) == (401, "refused\n")
    assert door.queue.sent == []
    assert door.blobs.blobs == {}


def test_an_endpoint_of_another_platform_is_refused_like_any_other() -> None:
    door = Door()
    door.endpoints.endpoints["tok2"] = Endpoint(
        endpoint="tok2", merchant="m_a", connection="c_a", connector="hubspot", secrets=(basic_secret(USER, PASSWORD),)
    )
    assert door.knock(endpoint="tok2").status == 401


def test_a_platform_we_do_not_have_is_not_found() -> None:
    assert Door().knock(connector="nosuch").status == 404


def test_a_body_above_the_templates_limit_is_413_before_anything_is_looked_up() -> None:
    door = Door()
    door.endpoints.endpoints.clear()
    too_large = b"x" * (reply_policy("pipedrive").max_body_bytes + 1)
    assert door.knock(too_large).status == 413
    assert door.queue.sent == []


def test_an_encoded_body_is_415() -> None:
    assert Door().knock(headers={**GOOD, "content-encoding": ("gzip",)}).status == 415


def test_a_body_too_large_for_a_message_goes_to_the_bucket_and_its_key_into_the_queue() -> None:
    door = Door()
    body = b"x" * MAX_INLINE
    assert door.knock(body).status == 200
    [(_, job, _)] = door.queue.sent
    assert job["body_key"] == f"m_a/webhooks/{fingerprint(body)}"
    assert door.blobs.get(job["body_key"]) == body
    assert len(json.dumps(job)) < 1000


def test_a_delivery_to_a_switched_off_endpoint_is_taken_so_that_the_sender_is_not_punished() -> None:
    door = Door(active=False)
    assert door.knock().status == 200
    assert len(door.queue.sent) == 1


def test_when_the_queue_is_down_the_sender_is_asked_to_come_again() -> None:
    door = Door()
    door.queue.broken = Retryable("down")
    assert door.knock().status == 503
    door.queue.broken = None
    assert door.knock().status == 200


@given(
    st.binary(max_size=300),
    st.text(max_size=50),
    st.dictionaries(st.sampled_from(["authorization", "content-type", "x"]), st.tuples(st.text(max_size=60))),
)
def test_nothing_a_stranger_sends_raises_or_gets_in(
    body: bytes, endpoint: str, headers: dict[str, tuple[str, ...]]
) -> None:
    door = Door()
    assert door.knock(body, endpoint=endpoint, headers=headers).status in (401, 413)
    assert door.queue.sent == []
