"""Subscriptions, deliveries, and how they fall silent."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.sandbox.kit import Clock
from tests.sandbox.lightspeed_x import LightspeedXSandbox, events
from tests.unit.sandbox.receiver import Receiver
from tests.unit.sandbox.test_lightspeed_x.conftest import (
    AMINA,
    APP,
    CHAIR,
    LAGOS,
    PAPER,
    PARKED,
    PEN,
    STORE,
    Client,
    forms,
    payloads,
    sample,
)

HOUR = 3600


def arrived(client: Client, receiver: Receiver) -> list[str]:
    client.settle()
    return [form["type"] for form in forms(receiver)]


def hook(client: Client, receiver: Receiver, kind: str = "sale.update") -> dict[str, Any]:
    answer = client.subscribe(receiver.url + "/hook", kind)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"])


def test_a_subscription_is_made_listed_changed_and_removed(client: Client, receiver: Receiver) -> None:
    made = hook(client, receiver)
    assert set(made) == {"id", "retailer_id", "url", "active", "type"}
    assert client.data("/api/2026-07/webhooks") == [made]
    changed = client.call("PUT", f"/api/2026-07/webhooks/{made['id']}", json=made | {"active": False}).json()["data"]
    assert changed["active"] is False
    assert client.data(f"webhooks/{made['id']}")["user_id"] == STORE["users"][0]["id"], "2.0 shows who made it"
    assert client.call("DELETE", f"/api/2026-07/webhooks/{made['id']}").status_code == 200
    gone = client.call("GET", f"/api/2026-07/webhooks/{made['id']}")
    assert (gone.status_code, set(gone.json())) == (404, {"error"})


def test_a_second_hook_of_the_same_kind_and_address_is_a_conflict(client: Client, receiver: Receiver) -> None:
    hook(client, receiver)
    again = client.subscribe(receiver.url + "/hook")
    assert (again.status_code, set(again.json())) == (409, {"error"})
    assert client.subscribe(receiver.url + "/hook", "customer.update").status_code == 201


@pytest.mark.parametrize("kind", events.TYPES)
def test_all_types_are_known(client: Client, kind: str) -> None:
    assert client.subscribe("https://x.example/h", kind).status_code == 201


@pytest.mark.parametrize(
    "wish", [{"type": "sale.create"}, {"url": "x"}, {"active": "yes"}, {"url": None}, {"url": "ftp://x.example"}]
)
def test_a_wrong_wish_is_refused(client: Client, wish: dict[str, Any]) -> None:
    body = {"active": True, "type": "sale.update", "url": "https://x.example"} | wish
    assert client.call("POST", "/api/2026-07/webhooks", json=body).status_code == 400


def test_the_older_way_posts_a_form_field_and_is_answered_bare(client: Client, receiver: Receiver) -> None:
    data = json.dumps({"active": True, "type": "sale.update", "url": receiver.url})
    made = client.call("POST", "/api/webhooks", data={"data": data})
    assert (made.status_code, set(made.json())) == (201, {"id", "retailer_id", "user_id", "url", "active", "type"})
    assert client.get("/api/webhooks") == [made.json()]
    assert client.call("POST", "/api/webhooks", json=json.loads(data)).status_code == 400


def test_an_event_is_a_form_with_the_old_shape_as_json_in_one_field(client: Client, receiver: Receiver) -> None:
    hook(client, receiver)
    sale = client.sell(lines=[{"product_id": CHAIR}])
    client.settle()
    [arrival] = receiver.arrivals
    assert arrival.headers["Content-Type"] == "application/x-www-form-urlencoded"
    [form] = forms(receiver)
    assert {name: form[name] for name in form if name != "payload"} == {
        "domain_prefix": "zumahome",
        "environment": "prod",
        "retailer_id": STORE["id"],
        "type": "sale.update",
    }
    [payload] = payloads(receiver)
    assert (payload["id"], payload["version"], payload["status"]) == (sale["id"], sale["version"], "CLOSED")
    assert payload["totals"]["total_price"] == "75000.00000"
    assert payload["register_sale_products"][0]["price"] == "75000.00000"
    assert "currency" not in json.dumps(payload)


def test_the_signature_is_hex_over_the_raw_body_with_the_client_secret(client: Client, receiver: Receiver) -> None:
    hook(client, receiver)
    client.sell(lines=[{"product_id": PEN}])
    client.settle()
    [arrival] = receiver.arrivals
    assert arrival.headers["X-Signature"] == events.signature(APP["client_secret"], arrival.body)
    for vector in sample("signature_vectors")["x_series_webhook"]:
        made = events.signature(vector["client_secret"], vector["raw_body"].encode())
        assert (made == vector["header_X_Signature"]) is vector["expect_valid"], vector["name"]


def test_hooks_of_a_personal_token_and_hooks_made_by_hand_are_not_signed(client: Client, receiver: Receiver) -> None:
    personal = client.with_token(personal=True)
    assert personal.subscribe(receiver.url + "/personal").status_code == 201
    client.control("POST", "/webhooks", {"type": "sale.update", "url": receiver.url + "/by-hand"})
    client.sell(lines=[{"product_id": PEN}])
    client.settle()
    assert {arrival.path for arrival in receiver.arrivals} == {"/personal", "/by-hand"}
    assert not any("X-Signature" in arrival.headers for arrival in receiver.arrivals)


def test_every_step_of_a_sale_tells_again_with_a_higher_version(client: Client, receiver: Receiver) -> None:
    hook(client, receiver)
    client.control("PATCH", f"/sales/{PARKED}", {"note": "waits"})
    client.control("PATCH", f"/sales/{PARKED}", {"status": "ONACCOUNT"})
    client.control("POST", f"/sales/{PARKED}/pay", {})
    client.settle()
    seen = payloads(receiver)
    assert [one["status"] for one in seen] == ["SAVED", "ONACCOUNT", "ONACCOUNT_CLOSED"]
    assert [one["version"] for one in seen] == sorted({one["version"] for one in seen})


def test_a_return_tells_of_itself_and_of_its_original(client: Client, receiver: Receiver) -> None:
    sale = client.sell(lines=[{"product_id": CHAIR}, {"product_id": PAPER}])
    hook(client, receiver)
    back = client.act(sale, "return", close=True, lines=[{"product_id": PAPER}])
    client.settle()
    assert [(one["id"], one["status"]) for one in payloads(receiver)] == [
        (back["id"], "SAVED"),
        (sale["id"], "CLOSED"),
        (back["id"], "CLOSED"),
        (sale["id"], "CLOSED"),
    ]


def test_the_captured_return_shares_number_version_line_and_payment_ids_with_its_sale(
    client: Client, receiver: Receiver
) -> None:
    sale = client.sell(lines=[{"product_id": CHAIR}, {"product_id": PAPER}])
    hook(client, receiver)
    saved = client.act(sale, "return")
    original = client.data(f"sales/{sale['id']}")
    client.act(saved, "close", captured=True)
    client.settle()
    shown = next(one for one in payloads(receiver) if (one["id"], one["status"]) == (saved["id"], "CLOSED"))
    assert (shown["invoice_number"], shown["version"]) == (sale["invoice_number"], original["version"])
    ids = [line["id"] for line in shown["register_sale_products"]]
    assert ids == [line["id"] for line in sale["line_items"]]
    assert shown["register_sale_payments"][0]["id"] == sale["payments"][0]["id"]
    assert client.data(f"sales/{saved['id']}")["version"] > original["version"], "the REST version has its own"


def test_a_saved_return_shows_its_tax_positive(client: Client, receiver: Receiver) -> None:
    sale = client.sell(lines=[{"product_id": CHAIR}])
    hook(client, receiver)
    client.act(sale, "return")
    client.settle()
    shown = payloads(receiver)[0]
    assert (shown["taxes"][0]["tax"], shown["totals"]["total_tax"]) == (5625, "-5625.00000")


def test_half_a_kobo_stays_to_pay(client: Client, receiver: Receiver) -> None:
    hook(client, receiver)
    client.sell(lines=[{"product_id": PEN, "price": "877.40"}])
    client.settle()
    totals = payloads(receiver)[0]["totals"]
    assert (totals["total_tax"], totals["total_payment"], totals["total_to_pay"]) == (
        "65.80500",
        "943.21000",
        "-0.00500",
    )


def test_customers_products_and_stock_tell_too(client: Client, receiver: Receiver) -> None:
    for kind in ("customer.update", "product.update", "inventory.update"):
        hook(client, receiver, kind)
    client.control("PATCH", f"/customers/{AMINA}", {"email": "new@kainji.example"})
    client.control("PATCH", f"/products/{PAPER}", {"price": "4700"})
    client.control("PUT", f"/products/{PAPER}/stock", {"outlet_id": LAGOS, "level": 7})
    assert arrived(client, receiver) == ["customer.update", "product.update", "inventory.update"]
    assert [one.get("email") or one.get("price") or one.get("count") for one in payloads(receiver)] == [
        "new@kainji.example",
        "4700.00000",
        "7.00000",
    ]


def test_a_sale_of_a_customer_moves_stock_and_customer_with_it(client: Client, receiver: Receiver) -> None:
    for kind in ("sale.update", "customer.update", "inventory.update"):
        hook(client, receiver, kind)
    client.sell(customer_id=AMINA, lines=[{"product_id": CHAIR}])
    assert sorted(arrived(client, receiver)) == ["customer.update", "inventory.update", "sale.update"]


def test_a_silent_edit_and_a_paused_hook_tell_nobody(client: Client, receiver: Receiver) -> None:
    made = hook(client, receiver)
    client.control("POST", "/sales?silent=1", {"lines": [{"product_id": PEN}]})
    client.control("POST", f"/webhooks/{made['id']}/pause")
    client.sell(lines=[{"product_id": PEN}])
    assert arrived(client, receiver) == []
    [seen] = client.data("/api/2026-07/webhooks")
    assert seen["active"] is False
    client.call("PUT", f"/api/2026-07/webhooks/{made['id']}", json=made | {"active": True})
    client.sell(lines=[{"product_id": PEN}])
    assert arrived(client, receiver) == ["sale.update"], "and what was lost stays lost"


def test_a_banned_hook_looks_as_before_and_is_silent_for_a_day(
    client: Client, receiver: Receiver, clock: Clock
) -> None:
    made = hook(client, receiver)
    client.control("POST", f"/webhooks/{made['id']}/ban")
    client.sell(lines=[{"product_id": PEN}])
    assert client.data("/api/2026-07/webhooks") == [made]
    assert client.control("GET", "/webhooks")["webhooks"][0]["silent_until"] == "2026-07-16T12:00:00+00:00"
    clock.advance(24 * HOUR - 1)
    client.sell(lines=[{"product_id": PEN}])
    assert arrived(client, receiver) == []
    clock.advance(1)
    client.sell(lines=[{"product_id": PEN}])
    assert len(arrived(client, receiver)) == 1
    lost = client.control("GET", "/deliveries")["entries"]
    assert [one["outcome"] for one in lost][:2] == ["lost: the subscription is banned"] * 2


def test_a_hook_deleted_behind_our_back_is_gone(client: Client, receiver: Receiver) -> None:
    made = hook(client, receiver)
    client.control("DELETE", f"/webhooks/{made['id']}")
    client.sell(lines=[{"product_id": PEN}])
    assert arrived(client, receiver) == []
    assert client.data("/api/2026-07/webhooks") == []


def test_failures_are_tried_again_twenty_times_over_two_days(client: Client, receiver: Receiver, clock: Clock) -> None:
    hook(client, receiver)
    receiver.status = 500
    client.sell(lines=[{"product_id": PEN}])
    client.settle()
    assert len(receiver.arrivals) == 1
    for _ in range(25):
        clock.advance(10 * HOUR)
        client.settle()
    assert len(receiver.arrivals) == 21
    assert sum(events.POLICY.retry_delays) == pytest.approx(48 * HOUR, rel=0.01)
    assert {arrival.body for arrival in receiver.arrivals} == {receiver.arrivals[0].body}


def test_an_answer_after_five_seconds_is_a_failure() -> None:
    assert events.POLICY.timeout_seconds == 5


@pytest.mark.parametrize("status", [301, 400, 404, 429])
def test_redirects_and_refusals_are_never_tried_again(
    client: Client, receiver: Receiver, clock: Clock, status: int
) -> None:
    hook(client, receiver)
    receiver.status = status
    client.sell(lines=[{"product_id": PEN}])
    client.settle()
    clock.advance(48 * HOUR)
    client.settle()
    assert len(receiver.arrivals) == 1


def test_many_failures_with_much_undone_wipe_the_backlog_and_silence_the_hook(
    client: Client, receiver: Receiver, clock: Clock
) -> None:
    made = hook(client, receiver)
    client.control("POST", "/blackhole", {"unprocessed": 5})
    receiver.status = 500
    client.control("POST", "/sales", {"count": 6, "lines": [{"product_id": PEN}]})
    client.settle()
    [state] = client.control("GET", "/webhooks")["webhooks"]
    assert (state["waiting"], state["active"]) == (0, True)
    assert state["silent_until"] == "2026-07-16T12:00:00+00:00"
    receiver.status = 200
    before = len(receiver.arrivals)
    clock.advance(23 * HOUR)
    client.sell(lines=[{"product_id": PEN}])
    client.settle()
    assert len(receiver.arrivals) == before
    clock.advance(HOUR)
    client.sell(lines=[{"product_id": PEN}])
    client.settle()
    assert len(receiver.arrivals) == before + 1
    assert client.with_token().data("/api/2026-07/webhooks") == [made], "the token of yesterday is over"


def test_a_share_of_successes_keeps_the_hook_alive(client: Client, receiver: Receiver) -> None:
    hook(client, receiver)
    client.control("POST", "/blackhole", {"unprocessed": 5})
    receiver.statuses = [200]
    receiver.status = 500
    client.control("POST", "/sales", {"count": 12, "lines": [{"product_id": PEN}]})
    client.settle()
    assert client.control("GET", "/webhooks")["webhooks"][0]["silent_until"] is None


def test_the_numbers_of_the_documents_are_the_defaults(client: Client, sandbox: LightspeedXSandbox) -> None:
    assert client.control("POST", "/blackhole", {}) == {
        "failure_share": 0.95,
        "unprocessed": 1000,
        "window_seconds": 3600,
        "silence_seconds": 86400,
    }


def test_deliveries_can_be_lost_doubled_and_reordered_by_order(
    client: Client, receiver: Receiver, clock: Clock
) -> None:
    hook(client, receiver)
    orders = [
        {"kind": kind, "match": {"topic": "sale.update"}}
        for kind in ("drop_webhook", "duplicate_webhook", "reorder_webhooks")
    ]
    for order in orders[:2]:
        client.control("POST", "/faults", order)
        client.sell(lines=[{"product_id": PEN}])
        client.settle()
    assert len(receiver.arrivals) == 2, "one lost, one twice"
    client.control("POST", "/faults", orders[2])
    held, passing = client.sell(lines=[{"product_id": PEN}]), client.sell(lines=[{"product_id": PEN}])
    client.settle()
    assert [one["id"] for one in payloads(receiver)][2:] == [passing["id"], held["id"]]


def test_the_body_survives_letters_beyond_ascii_and_ampersands(client: Client, receiver: Receiver) -> None:
    hook(client, receiver)
    client.sell(lines=[{"product_id": PEN}], note="Zoë & Søn ₦")
    client.settle()
    [arrival] = receiver.arrivals
    assert arrival.body.isascii()
    assert json.loads(parse_qs(arrival.body.decode())["payload"][0])["note"] == "Zoë & Søn ₦"
