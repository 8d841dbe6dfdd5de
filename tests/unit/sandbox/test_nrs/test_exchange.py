"""Transmitting, the notices that follow, and the ways they go wrong."""

import pytest

from tests.unit.sandbox.test_nrs.conftest import Inbox
from tests.unit.sandbox.test_nrs.helping import BUSINESS, IRN, Caller, changed, document, text_of

TRANSMIT = f"/api/v1/invoice/transmit/{IRN}"
BUYER_TIN = "accounting_customer_party.tin"


def _messages(nrs: Caller, inbox: Inbox) -> list[str]:
    assert nrs.control("/deliveries/settle", {})["settled"]
    return [notice["message"] for notice in inbox.notices]


def test_a_transmitted_invoice_arrives_and_the_webhook_hears_every_step(nrs: Caller, inbox: Inbox) -> None:
    nrs.sign(document())
    assert nrs.call("POST", TRANSMIT).json()["data"] == {"ok": True}
    assert _messages(nrs, inbox) == ["TRANSMITTING", "TRANSMITTED", "ACKNOWLEDGED"]
    assert inbox.notices[0] == {"irn": IRN, "message": "TRANSMITTING"}
    assert not [name for name in inbox.headers[0] if "signature" in name.lower() or "authorization" in name.lower()]
    confirmed = nrs.data(f"/api/v1/invoice/confirm/{IRN}")
    assert (confirmed["transmitted"], confirmed["delivered"]) == (True, True)


def test_with_pauses_transmitting_can_be_seen(nrs: Caller, inbox: Inbox) -> None:
    nrs.control("/settings", {"step_seconds": 60})
    nrs.sign(document())
    nrs.call("POST", TRANSMIT)
    (row,) = nrs.data(f"/api/v1/invoice/{BUSINESS}?entry_status=TRANSMITTING")["items"]
    assert row["irn"] == IRN
    assert _messages(nrs, inbox) == ["TRANSMITTING"]


@pytest.mark.parametrize(
    ("tin", "course", "flags"),
    [
        ("45678901-0001", ["TRANSMITTING", "TRANSMITTED"], (True, False)),
        ("56789012-0001", ["TRANSMITTING", "FAILED"], (False, False)),
    ],
    ids=["received", "failed"],
)
def test_not_every_access_point_acknowledges(
    nrs: Caller, inbox: Inbox, tin: str, course: list[str], flags: tuple[bool, bool]
) -> None:
    nrs.sign(changed(document(), BUYER_TIN, tin))
    nrs.call("POST", TRANSMIT)
    assert _messages(nrs, inbox) == course
    confirmed = nrs.data(f"/api/v1/invoice/confirm/{IRN}")
    assert (confirmed["transmitted"], confirmed["delivered"]) == flags


def test_without_a_webhook_nothing_is_transmitted(nrs: Caller) -> None:
    nrs.sign(document())
    assert text_of(nrs.call("POST", TRANSMIT)) == "webhook url is not setup"
    assert text_of(nrs.get("/api/v1/invoice/transmit/self-health-check")) == "webhook url is not setup"


def test_an_unsigned_invoice_a_buyer_without_access_point_and_a_second_time_are_refused(
    nrs: Caller, inbox: Inbox
) -> None:
    assert nrs.call("POST", TRANSMIT).status_code == 404
    nrs.sign(changed(document(), BUYER_TIN, "67890123-0001"))
    assert "not enabled for exchange" in text_of(nrs.call("POST", TRANSMIT))
    nrs.control("/onboard", {"tin": "67890123-0001"})
    assert nrs.call("POST", TRANSMIT).status_code == 200
    assert "try again later" in text_of(nrs.call("POST", TRANSMIT))


def test_an_anonymous_buyer_cannot_be_reached(nrs: Caller, inbox: Inbox) -> None:
    sale = document("till_sale_b2c")
    nrs.sign(sale)
    assert "not enabled for exchange" in text_of(nrs.call("POST", f"/api/v1/invoice/transmit/{sale['irn']}"))


def test_the_buyer_acknowledges(nrs: Caller, inbox: Inbox) -> None:
    nrs.sign(changed(document(), BUYER_TIN, "45678901-0001"))
    assert "has not been transmitted" in text_of(nrs.call("PATCH", TRANSMIT))
    nrs.call("POST", TRANSMIT)
    assert nrs.call("PATCH", TRANSMIT).status_code == 200
    assert nrs.call("PATCH", TRANSMIT, {"message": "ACKNOWLEDGED"}).status_code == 200
    assert nrs.data(f"/api/v1/invoice/confirm/{IRN}")["delivered"] is True


def test_lookups_tell_who_can_exchange(nrs: Caller) -> None:
    base = "/api/v1/invoice/transmit/lookup"
    nrs.sign(document())
    party = document()["accounting_customer_party"] | {"business_id": BUSINESS}
    nrs.call("POST", "/api/v1/invoice/party", party)
    (stored,) = nrs.data(f"/api/v1/invoice/party/{BUSINESS}")["items"]
    for path in (IRN, "tin/34567890-0001", f"party/{stored['id']}"):
        assert nrs.get(f"{base}/{path}").status_code == 200
    for path in ("NOPE-94ND90NR-20260915", "tin/67890123-0001", "party/x"):
        assert 400 <= nrs.get(f"{base}/{path}").status_code < 500


def test_pull_lists_what_was_exchanged_in_the_window(nrs: Caller, inbox: Inbox) -> None:
    nrs.sign(document())
    nrs.sign(document("till_sale_b2c"))
    nrs.call("POST", TRANSMIT)
    path = "/api/v1/invoice/transmit/pull"
    (row,) = nrs.data(f"{path}?confirmed=true&from=2026-09-15&to=2026-09-21")["items"]
    assert row["irn"] == IRN
    assert nrs.data(f"{path}?confirmed=false&from=2026-09-15&to=2026-09-21")["items"] == []
    assert nrs.data(f"{path}?confirmed=true&from=2026-09-15&to=2026-09-20")["items"] == []
    assert nrs.get(f"{path}?confirmed=true&from=15/09/2026&to=2026-09-21").status_code == 400


def test_the_self_check_sends_a_notice_about_nobody(nrs: Caller, inbox: Inbox) -> None:
    assert nrs.get("/api/v1/invoice/transmit/self-health-check").status_code == 200
    assert _messages(nrs, inbox) == ["TRANSMITTED"]
    assert inbox.notices[0]["irn"].startswith("HEALTHCHECK-")


@pytest.mark.parametrize(
    ("kind", "heard"),
    [
        ("drop_webhook", ["TRANSMITTING", "ACKNOWLEDGED"]),
        ("duplicate_webhook", ["TRANSMITTING", "TRANSMITTED", "TRANSMITTED", "ACKNOWLEDGED"]),
        ("reorder_webhooks", ["TRANSMITTING", "ACKNOWLEDGED", "TRANSMITTED"]),
    ],
)
def test_notices_get_lost_doubled_and_reordered_on_order(
    nrs: Caller, inbox: Inbox, kind: str, heard: list[str]
) -> None:
    nrs.control("/faults", {"kind": kind, "match": {"topic": "TRANSMITTED"}})
    nrs.sign(document())
    for message in ("TRANSMITTING", "TRANSMITTED", "ACKNOWLEDGED"):
        nrs.control("/notice", {"irn": IRN, "message": message})
        nrs.control("/deliveries/settle", {})
    assert _messages(nrs, inbox) == heard
    assert nrs.data(f"/api/v1/invoice/confirm/{IRN}")["delivered"] is True


def test_a_false_notice_changes_nothing_at_nrs(nrs: Caller, inbox: Inbox) -> None:
    nrs.sign(document())
    nrs.control("/notice", {"irn": IRN, "message": "TRANSMITTED", "apply": False})
    assert _messages(nrs, inbox) == ["TRANSMITTED"]
    assert nrs.data(f"/api/v1/invoice/confirm/{IRN}")["transmitted"] is False
