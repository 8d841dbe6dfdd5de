"""After acceptance, on the deployed stage: NRS passes the document on and tells us; a payment comes later."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from infra_cdk.local.nrs_sandbox import register_webhook
from infra_cdk.local.polling import poll_until
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.sales import DynamoSaleStore
from tests.e2e.harness import PATIENCE, Slice

pytestmark = pytest.mark.local_stage

BUYER = "34567890-0001"


@pytest.fixture
def exchanging(stage: Slice) -> Iterator[Slice]:
    """The merchant's notification address is registered at NRS, and the buyer has an access point."""
    register_webhook(stage.nrs.url, stage.api.nrs_notification_url(stage.merchant))
    stage.nrs.send("POST", "/onboard", {"tin": BUYER, "onboarded": True, "exchange": "acknowledges"})
    yield stage
    stage.nrs.send("POST", "/webhook", {"url": None})


def sold(stage: Slice) -> int:
    deal = stage.new_deal(org_id=stage.new_organization(tin=BUYER))
    stage.win(deal)
    return deal


def at_nrs(stage: Slice, irn: str) -> dict[str, Any]:
    [invoice] = stage.nrs.get("/invoices", irn=irn)["invoices"]
    return dict(invoice)


def test_a_document_goes_to_its_buyer_after_acceptance_and_is_followed_to_acknowledged(exchanging: Slice) -> None:
    sale = exchanging.sale_in(sold(exchanging), "completed")
    assert sale["delivery"] == "acknowledged"
    held = at_nrs(exchanging, sale["irn"])
    assert (held["entry_status"], held["delivered"], held["sign_attempts"]) == ("ACKNOWLEDGED", True, 1)
    assert len(exchanging.nrs.requests_to(f"/api/v1/invoice/transmit/{sale['irn']}", "POST")) == 1


def test_a_buyer_without_an_access_point_gets_it_from_the_merchant(exchanging: Slice) -> None:
    exchanging.nrs.send("POST", "/onboard", {"tin": BUYER, "onboarded": False})
    sale = exchanging.sale_in(sold(exchanging), "completed")
    assert sale["delivery"] == "by_merchant"


def test_a_payment_that_comes_later_is_told_to_nrs(exchanging: Slice) -> None:
    deal = sold(exchanging)
    sale = exchanging.sale_in(deal, "completed")
    assert sale["payment_status"] == "PENDING"
    store = DynamoSaleStore(exchanging.aws("dynamodb"), exchanging.deployed.outputs["InvoicesTable"], SystemClock())
    record = store.get(exchanging.merchant, "pipedrive", str(deal))
    paid = replace(record, payment_wanted="PAID", next_action_at=datetime.now(UTC))
    store.change(paid, action="payment_changed")
    assert exchanging.call("SweepStalled")["driven"] >= 1
    poll_until(
        lambda: exchanging.sales(deal)[0]["payment_status"] == "PAID",
        "the payment",
        seconds=PATIENCE,
        seen=lambda: exchanging.sales(deal),
    )
    assert at_nrs(exchanging, sale["irn"])["payment_status"] == "PAID"


@pytest.mark.parametrize(
    "body", [b"", b"garbage", b'{"irn": "X-94ND90NR-20260302", "message": "TRANSMITTED"}', b"x" * 9000]
)
def test_whatever_comes_as_a_notice_is_answered_200_in_one_word(exchanging: Slice, body: bytes) -> None:
    known = exchanging.api.nrs_notification_url(exchanging.merchant)
    for url in (known, known[:-4] + "AAAA"):
        answer = requests.post(url, data=body, timeout=30)
        assert (answer.status_code, answer.text) == (200, "ok\n")
