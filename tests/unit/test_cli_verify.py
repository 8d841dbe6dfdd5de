"""`taxpoynt verify` for every scheme that templates can say, on connectors from a folder outside the package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taxpoynt.cli import main
from taxpoynt.connector_kit.template_signatures import Vector
from tests.unit.connector_kit.schemes import NAMES, folder, webhooks
from tests.unit.connector_kit.vectors import delivery

VECTORS = [(name, vector) for name in NAMES for vector in webhooks(name).vectors]
EVENT_KEYS = ["id", "type", "resource", "resource_id", "account"]


class Command:
    """One call of the command."""

    def __init__(self, capsys: pytest.CaptureFixture[str], place: Path) -> None:
        self.capsys, self.place = capsys, place

    def __call__(
        self, name: str, headers: Any, body: bytes, url: str, *secrets: str, more: tuple[str, ...] = ()
    ) -> tuple[int, Any, str]:
        outside = self.place / "connectors"
        if not outside.is_dir():
            outside.mkdir()
            folder(name, outside, f"{name}_outside")
        (self.place / "body").write_bytes(body)
        (self.place / "headers.json").write_text(json.dumps(headers))
        given = [part for secret in secrets for part in ("--secret", secret)]
        call = ["--connectors", str(outside), "verify", f"{name}_outside", "--body", str(self.place / "body")]
        code = main([*call, "--headers", str(self.place / "headers.json"), "--url", url, *given, *more])
        out, err = self.capsys.readouterr()
        return code, json.loads(out) if out.strip() else None, err


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    return Command(capsys, tmp_path)


def put(verify: Command, name: str, vector: Vector, **more: Any) -> tuple[int, Any, str]:
    sent = delivery(vector)
    options = [*(("--at", vector.at.isoformat()) if vector.at else ()), "--method", vector.method]
    return verify(name, vector.headers, sent.body, sent.url, *vector.secrets, more=tuple(options), **more)


@pytest.mark.parametrize(("name", "vector"), VECTORS, ids=[f"{name}: {vector.name}" for name, vector in VECTORS])
def test_the_command_says_what_the_vector_says(verify: Command, name: str, vector: Vector) -> None:
    code, out, _ = put(verify, name, vector)
    older = vector.reason == "downgraded"  # the command knows older schemes, and says that the route refuses them
    assert out["genuine"] is (vector.genuine or older)
    assert code == (0 if out["genuine"] else 1)
    assert out["reason"]
    assert out["genuine"] or out["events"] == []
    assert set(out) == {"genuine", "reason", "events"}


def genuine(name: str) -> Vector:
    return next(vector for vector in webhooks(name).vectors if vector.genuine and not vector.older)


def test_a_batch_is_shown_event_by_event_with_the_account_of_each(verify: Command) -> None:
    _, out, _ = put(verify, "hubspot", genuine("hubspot"))
    [event] = out["events"]
    assert list(event)[:5] == EVENT_KEYS
    assert (event["id"], event["type"], event["account"]) == ("531833541", "contact.creation", "48807704")
    assert event["key"].startswith("48807704/")


def test_an_older_scheme_is_genuine_here_and_said_to_be_refused_there(verify: Command) -> None:
    vector = next(vector for vector in webhooks("hubspot").vectors if vector.reason == "downgraded")
    code, out, _ = put(verify, "hubspot", vector)
    assert (code, out["genuine"]) == (0, True)
    assert "v1" in out["reason"]
    assert "refuses" in out["reason"]


def test_what_a_square_or_lightspeed_delivery_tells(verify: Command) -> None:
    _, out, _ = put(verify, "square", genuine("square"))
    assert out["events"] == [
        {
            "id": "4b8e5c91-9f17-4cf1-900a-4a0629f81add",
            "type": "order.updated",
            "resource": "order",
            "resource_id": "eA3vssLHKJrv9H0IdJCM3gNqfdcZY",
            "account": "5S9MXCS9Y99KK",
            "key": "4b8e5c91-9f17-4cf1-900a-4a0629f81add/order.updated",
        }
    ]


def test_headers_say_a_part_of_the_event_here_too(verify: Command) -> None:
    _, out, _ = put(verify, "shopify", genuine("shopify"))
    [event] = out["events"]
    assert [event[key] for key in EVENT_KEYS] == [
        "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "orders/updated",
        "order",
        "820982911946154508",
        "taxpoynt-test.myshopify.com",
    ]


def test_without_a_time_now_decides(verify: Command) -> None:
    vector = genuine("standard_webhooks")
    sent = delivery(vector)
    code, out, _ = verify("standard_webhooks", vector.headers, sent.body, sent.url, *vector.secrets)
    assert (code, out["genuine"]) == (1, False)
    assert "--at" in out["reason"]


def test_a_refused_signature_gets_a_hint_where_another_reading_would_match(verify: Command) -> None:
    vector = next(vector for vector in webhooks("square").vectors if "without trailing slash" in vector.name)
    code, _, err = put(verify, "square", vector)
    assert code == 1
    assert "address without its last slash" in err


def test_any_secret_that_is_not_empty_is_taken_here(verify: Command) -> None:
    vector = genuine("square")
    sent = delivery(vector)
    assert verify("square", vector.headers, sent.body, sent.url, "x")[0] == 1
    assert verify("square", vector.headers, sent.body, sent.url, "")[0] == 2
    assert verify("square", vector.headers, sent.body, sent.url, "x", *vector.secrets)[0] == 0


def test_the_secret_of_an_unsigned_sender_is_the_end_of_its_address(verify: Command) -> None:
    url = "https://connect.example.com/webhooks/salesforce/Vq3N0rT8sZl1oY7uPb2kQw"
    body = b"<x/>"
    code, out, _ = verify("salesforce", {}, body, url, "Vq3N0rT8sZl1oY7uPb2kQw")
    assert (code, out["genuine"], out["events"]) == (0, True, [])
    assert "cannot be read" in out["reason"]


def test_a_platform_without_webhooks_is_wrong_usage(verify: Command) -> None:
    (verify.place / "body").write_bytes(b"{}")
    (verify.place / "h.json").write_text("{}")
    files = ["--body", str(verify.place / "body"), "--headers", str(verify.place / "h.json")]
    assert main(["verify", "lightspeed_r", *files, "--url", "https://x.example", "--secret", "s"]) == 2
    assert "polled" in verify.capsys.readouterr().err
