"""Deliveries that a platform signs, to a connection's address and to the application's, up to what becomes of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from taxpoynt.connector_kit.webhook import ReplyPolicy, basic_header, basic_secret, reply_policy
from taxpoynt.domain.connection import Connection, ConnectionStatus, Endpoint, Event
from taxpoynt.domain.keys import NOBODY
from taxpoynt.errors import ConfigurationError, NotFound, Retryable
from taxpoynt.services.receive_webhook import MAX_INLINE, ReceiveWebhook
from taxpoynt.services.signing_secrets import SigningSecrets
from taxpoynt.web import Response
from tests.fakes.clock import FakeClock
from tests.fakes.outside import FakeBlobs, FakeQueue, fingerprint
from tests.fakes.stores import FakeConnectionStore
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World
from tests.unit.connector_kit.schemes import policy

SECRET, OLDER = "s" * 40, "o" * 40
OTHER = "m_cccccccccccccccc"
PUBLIC = "https://hooks.example"


class Kept:
    """Secrets as Secrets Manager gives them: the current version first."""

    def __init__(self, **versions: Sequence[Mapping[str, str]]) -> None:
        self.versions: dict[str, Sequence[Mapping[str, str]]] = dict(versions)
        self.down: Retryable | None = None

    def accepted(self, name: str, overlap: timedelta) -> Sequence[Mapping[str, str]]:
        assert overlap >= timedelta(hours=24)
        if self.down:
            raise self.down
        if name not in self.versions:
            raise ConfigurationError(f"fill the secret {name}")
        return self.versions[name]


class Door:
    def __init__(self, rules: ReplyPolicy, **secrets: Sequence[Mapping[str, str]]) -> None:
        self.rules, self.kept = rules, Kept(**secrets)
        self.endpoints, self.blobs, self.queue = FakeConnectionStore(), FakeBlobs(), FakeQueue()
        self.clock = FakeClock()
        self.receive = ReceiveWebhook(
            self.endpoints,
            lambda: self.blobs,
            self.queue,
            self.clock,
            lambda _: self.rules,
            lambda _: "pos",
            SigningSecrets(self.kept, ""),
            PUBLIC,
        )

    def open(self, *secrets: str) -> None:
        about = {"endpoint": "tok", "merchant": "m_a", "connection": "c_a", "connector": self.rules.connector}
        self.endpoints.put_endpoint(Endpoint(**about, secrets=secrets))  # type: ignore[arg-type]  # names are fields

    def knock(
        self, body: bytes, headers: Mapping[str, str], *, endpoint: str | None = None, query: str = ""
    ) -> Response:
        sent = {name: (value,) for name, value in headers.items()}
        return self.receive(self.rules.connector, endpoint, sent, body, query)

    def job(self) -> dict[str, Any]:
        [(_, job, _)] = self.queue.sent
        return dict(job)


def square(body: bytes, path: str = "/webhooks/square", secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), (PUBLIC + path).encode() + body, hashlib.sha256).digest()
    return {"x-square-hmacsha256-signature": base64.b64encode(digest).decode()}


def square_door(*versions: Mapping[str, str]) -> Door:
    return Door(policy("square"), square=versions or ({"webhook_signature_key": SECRET},))


BODY = b'{"merchant_id":"4711","type":"order.updated","event_id":"e1","data":{}}'


def test_a_signed_delivery_to_the_applications_address_is_kept_for_whoever_it_is_for() -> None:
    door = square_door()
    assert door.knock(BODY, square(BODY)).status == 200
    job = door.job()
    assert "merchant" not in job
    assert (job["connector"], base64.b64decode(job["body_b64"])) == ("square", BODY)


def test_the_signed_address_is_the_configured_one_with_the_query_as_it_was_called() -> None:
    door = square_door()
    signed = square(BODY, "/webhooks/square?tenant=42&a=%20b")
    assert door.knock(BODY, signed, query="tenant=42&a=%20b").status == 200
    assert door.knock(BODY, {**signed, "host": "evil.example"}, query="tenant=42&a=%20b").status == 200
    for query in ("", "tenant=42", "tenant=42&a= b"):
        assert door.knock(BODY, signed, query=query).status == 401


def test_the_previous_version_of_the_secret_is_accepted_beside_the_current_one() -> None:
    door = square_door({"webhook_signature_key": SECRET}, {"webhook_signature_key": OLDER})
    assert door.knock(BODY, square(BODY, secret=OLDER)).status == 200
    assert door.knock(BODY, square(BODY, secret=SECRET)).status == 200
    assert door.knock(BODY, square(BODY, secret="x" * 40)).status == 401


@pytest.mark.parametrize("fields", [{}, {"webhook_signature_key": ""}, {"webhook_signature_key": "short"}])
def test_without_a_secret_fit_to_prove_anything_the_sender_is_asked_to_come_again(fields: Mapping[str, str]) -> None:
    door = square_door(fields, {"webhook_signature_key": OLDER})
    answer = door.knock(BODY, square(BODY, secret=OLDER))
    assert (answer.status, answer.body) == (503, "refused\n")
    assert answer.note == "fill the secret square with webhook_signature_key of at least 20 bytes"
    assert door.queue.sent == []


def test_an_old_version_that_is_too_short_is_left_out() -> None:
    door = square_door({"webhook_signature_key": SECRET}, {"webhook_signature_key": "short"})
    assert door.knock(BODY, square(BODY, secret="short")).status == 401


def test_when_secrets_cannot_be_read_the_sender_is_asked_to_come_again() -> None:
    door = square_door()
    door.kept.down = Retryable("throttled")
    assert door.knock(BODY, square(BODY)).status == 503
    door.kept.versions.clear()
    door.kept.down = None
    assert door.knock(BODY, square(BODY)).status == 503


def test_the_log_is_told_the_reason_and_the_sender_is_not() -> None:
    door = square_door()
    for headers, reason in (({}, "no_signature"), (square(b"other"), "wrong_signature")):
        answer = door.knock(BODY, headers)
        assert (answer.status, answer.body, answer.note) == (401, "refused\n", reason)


def test_a_large_body_of_nobodys_is_kept_under_nobodys_name() -> None:
    door = square_door()
    body = b"x" * MAX_INLINE
    assert door.knock(body, square(body)).status == 200
    assert door.job()["body_key"] == f"{NOBODY}/webhooks/{fingerprint(body)}"


def test_headers_that_events_are_read_from_go_along_and_no_others() -> None:
    rules = policy("shopify")
    door = Door(rules, shopify=[{"client_secret": SECRET}])
    door.open()
    digest = base64.b64encode(hmac.new(SECRET.encode(), b"{}", hashlib.sha256).digest()).decode()
    heads = {"x-shopify-hmac-sha256": digest, "x-shopify-topic": "orders/updated", "authorization": "Bearer x"}
    assert door.knock(b"{}", heads, endpoint="tok").status == 200
    assert door.job()["headers"] == {"x-shopify-topic": "orders/updated"}
    assert SECRET not in json.dumps(door.job())
    assert digest not in json.dumps(door.job())


def test_an_authentic_sender_is_not_punished_for_a_connection_we_no_longer_know() -> None:
    rules = policy("lightspeed_x")
    door = Door(rules, lightspeed_x=[{"client_secret": SECRET}])
    body = urlencode({"payload": "{}", "type": "sale.update"}).encode()
    signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    heads = {"x-signature": f"signature={signed},algorithm=HMAC-SHA256"}
    assert door.knock(body, heads, endpoint="gone").status == 200
    assert "merchant" not in door.job()
    wrong = {"x-signature": f"signature={'0' * 64},algorithm=HMAC-SHA256"}
    assert door.knock(body, wrong, endpoint="gone").status == 401


def test_a_secret_of_one_connection_is_read_by_the_name_its_endpoint_keeps() -> None:
    secret = "whsec_" + base64.b64encode(b"k" * 24).decode()
    door = Door(policy("standard_webhooks"), **{"webhooks/x/c_a": [{"secret": secret}]})
    door.open("webhooks/x/c_a")
    at = str(int(door.clock.now().timestamp()))
    digest = hmac.new(b"k" * 24, f"msg_1.{at}.{{}}".encode(), hashlib.sha256).digest()
    heads = {
        "webhook-id": "msg_1",
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
    assert door.knock(b"{}", heads, endpoint="tok").status == 200
    assert door.job()["merchant"] == "m_a"
    assert door.knock(b"{}", heads, endpoint="other").status == 401
    door.clock.move(minutes=6)
    assert door.knock(b"{}", heads, endpoint="tok").note == "stale"


def test_a_secret_address_is_enough_where_nothing_is_signed_and_is_answered_as_its_sender_wants() -> None:
    door = Door(policy("salesforce"))
    door.open()
    answer = door.knock(b"<x/>", {}, endpoint="tok")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert "<Ack>true</Ack>" in str(answer.body)
    assert door.knock(b"<x/>", {}, endpoint="tok2").status == 403
    assert door.knock(b"<x/>", {}).status == 403
    assert len(door.queue.sent) == 1


def test_a_replaced_pair_ends_a_day_later_by_time() -> None:
    door = Door(reply_policy("pipedrive"))
    old, new = basic_secret("u", "old"), basic_secret("u", "new")
    until = door.clock.now() + timedelta(hours=24)
    about = {"endpoint": "tok", "merchant": "m_a", "connection": "c_a", "connector": "pipedrive"}
    door.endpoints.put_endpoint(Endpoint(**about, secrets=(new, old), until={old: until}))  # type: ignore[arg-type]  # names are fields
    door.clock.move(hours=23, minutes=59)
    assert door.knock(b"{}", {"authorization": basic_header("u", "old")}, endpoint="tok").status == 200
    door.clock.move(minutes=1)
    assert door.knock(b"{}", {"authorization": basic_header("u", "old")}, endpoint="tok").status == 401
    assert door.knock(b"{}", {"authorization": basic_header("u", "new")}, endpoint="tok").status == 200


# --- behind the queue -----------------------------------------------------------------------------------------------


def two_merchants() -> World:
    """A second merchant with an account of its own at the same platform."""
    world = World()
    connection = world.connections.get_connection(MERCHANT, CONNECTION)
    world.connections.claim_account(CONNECTOR, "4711", MERCHANT, CONNECTION)
    world.connections.put_merchant(OTHER, world.connections.get_merchant(MERCHANT).profile, expected_version=0)
    other = replace(connection, merchant=OTHER, connection="c_d", account_id="4712", version=0)
    world.connections.save_connection(other)
    world.connections.claim_account(CONNECTOR, "4712", OTHER, "c_d")
    return world


def unplaced(*events: Mapping[str, Any], body_key: str | None = None) -> dict[str, Any]:
    body = json.dumps(list(events)).encode()
    kept = {"body_key": body_key} if body_key else {"body_b64": base64.b64encode(body).decode()}
    return {"v": 1, "job": "webhook", "id": "d1", "connector": CONNECTOR, "content_type": "application/json", **kept}


def sale_of(account: str | None, number: str, **more: Any) -> dict[str, Any]:
    about = {"type": "deal.won", "resource": "deal", "resource_id": number, "account": account}
    return {"id": f"e{number}", **about, **more}


def drain(world: World, *messages: dict[str, Any]) -> None:
    """Plays messages and what they send on; conversions and catalogues are not the matter here."""
    waiting = list(messages)
    while waiting:
        world.do(waiting.pop(0))
        waiting += [job for job in world.queue.take() if job["job"] in ("webhook", "disconnect")]


def ends(world: World) -> dict[tuple[str, str], str]:
    return {(one["merchant"], one["event_id"]): one.get("outcome", "open") for one in world.events.events.values()}


def test_a_batch_of_several_merchants_reaches_each_of_them_alone() -> None:
    world = two_merchants()
    for number in ("8", "9"):
        world.platform.won(number)
    drain(world, unplaced(sale_of("4711", "8"), sale_of("4712", "9")))
    assert ends(world) == {(MERCHANT, "e8"): "invoiced", (OTHER, "e9"): "invoiced"}
    assert world.sales.get(MERCHANT, CONNECTOR, "8").merchant == MERCHANT
    assert world.sales.get(OTHER, CONNECTOR, "9").merchant == OTHER
    for merchant, number in ((MERCHANT, "9"), (OTHER, "8")):
        with pytest.raises(NotFound):
            world.sales.get(merchant, CONNECTOR, number)


def test_the_same_batch_ten_times_makes_one_sale_each() -> None:
    world = two_merchants()
    world.platform.won("8")
    for _ in range(10):
        drain(world, unplaced(sale_of("4711", "8")))
    assert world.platform.fetched == ["8"]


def test_an_event_of_no_account_that_we_know_is_parked_and_keeps_nobody_waiting() -> None:
    world = two_merchants()
    world.platform.won("8")
    strangers = [sale_of("666", "1"), sale_of(None, "2"), sale_of("666", "3", means="ignore", why="a task")]
    drain(world, unplaced(*strangers, sale_of("4711", "8")))
    found = ends(world)
    assert (found[NOBODY, "e1"], found[NOBODY, "e2"], found[NOBODY, "e3"]) == ("parked", "parked", "skipped")
    assert found[MERCHANT, "e8"] not in ("parked", "open")
    [key] = {one["body_key"] for one in world.events.events.values() if one.get("outcome") == "parked"}
    assert key.startswith(f"{NOBODY}/webhooks/")
    assert b"666" in world.blobs.get(key)


def test_one_merchants_trouble_is_that_merchants_alone_and_others_bytes_are_nobodys() -> None:
    world = two_merchants()
    world.platform.won("9")
    ended = world.connections.get_connection(MERCHANT, CONNECTION)
    world.connections.save_connection(replace(ended, status=ConnectionStatus.NEEDS_REAUTH))
    drain(world, unplaced(sale_of("4711", "8"), sale_of("4712", "9")))
    assert world.sales.get(OTHER, CONNECTOR, "9")
    [parked] = [one for one in world.events.events.values() if one.get("outcome") == "parked"]
    assert parked["merchant"] == MERCHANT
    assert parked["body_key"].startswith(f"{NOBODY}/webhooks/")


def test_an_unreadable_delivery_of_nobodys_is_parked_with_its_bytes() -> None:
    world = two_merchants()
    message = {**unplaced(), "body_b64": base64.b64encode(b"not a delivery").decode()}
    assert world.do(message) == "parked"
    [parked] = world.events.events.values()
    assert (parked["merchant"], world.blobs.get(parked["body_key"])) == (NOBODY, b"not a delivery")


def test_a_delivery_without_events_has_an_end_too() -> None:
    world = two_merchants()
    drain(world, unplaced())
    assert ends(world) == {(NOBODY, "delivery:d1"): "skipped"}


def test_a_job_may_not_name_somebody_elses_body() -> None:
    world = two_merchants()
    world.blobs.put("m_x/webhooks/b", b"[]", content_type="application/json")
    with pytest.raises(Exception, match="somebody else"):
        world.do(unplaced(body_key="m_x/webhooks/b"))


def test_an_uninstall_by_event_ends_the_connection_of_its_account_only() -> None:
    world = two_merchants()
    drain(world, unplaced(sale_of("4711", "1", means="uninstall", type="app.uninstalled")))
    assert status(world, MERCHANT, CONNECTION) is ConnectionStatus.DISCONNECTED
    assert status(world, OTHER, "c_d") is ConnectionStatus.ACTIVE
    drain(world, unplaced(sale_of("666", "2", means="uninstall")))
    assert ends(world)[NOBODY, "e2"] == "skipped"


def status(world: World, merchant: str, connection: str) -> ConnectionStatus:
    found: Connection = world.connections.get_connection(merchant, connection)
    return found.status


def test_what_a_person_must_look_at_is_parked_with_its_reason() -> None:
    world = World()
    world.run(world.deliver({**sale_of("4711", "1"), "means": "park", "why": "unreadable: no id"}))
    [parked] = world.events.events.values()
    assert (parked["outcome"], parked["why"]) == ("parked", "unreadable: no id")


def test_an_event_says_by_itself_whether_anything_is_to_be_done() -> None:
    found = Event(id="e", type="t", resource="deal", resource_id="8", account=None)
    assert found.relevant
    assert not replace(found, means="ignore").relevant
