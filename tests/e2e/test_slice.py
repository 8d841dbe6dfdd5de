"""From a won deal to an accepted invoice, over real HTTP, queues, functions and state machines."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import requests

from tests.e2e.harness import PASSWORD, USER, Slice, basic
from tests.e2e.stored import count, everything, platform_tokens

pytestmark = pytest.mark.local_stage


def test_a_won_deal_becomes_one_accepted_invoice_with_the_right_total(stage: Slice) -> None:
    deal = stage.new_deal()
    stage.win(deal)
    sale = stage.sale_in(deal, "completed")
    assert Decimal(sale["total"]) == stage.payable(deal)
    assert sale["nrs"] == "accepted"
    [body] = stage.at_nrs(deal)
    assert Decimal(body["legal_monetary_total"]["payable_amount"]) == stage.payable(deal)
    assert body["irn"] == sale["irn"]


def test_a_completed_sale_has_its_stamp_and_its_printed_invoice(stage: Slice) -> None:
    deal = stage.new_deal()
    stage.win(deal)
    sale = stage.sale_in(deal, "completed")
    assert {"pdf", "qr", "stamp"} <= set(sale["documents"])
    headers = {"Authorization": f"Bearer {stage.deployed.operator_token}"}
    address = f"{stage.url}/v1/invoices/{sale['connector']}/{sale['sale_id']}/pdf"
    pdf = requests.get(address, params={"merchant": stage.merchant}, headers=headers, timeout=30).content
    assert pdf.startswith(b"%PDF-")


def test_a_deal_without_a_tin_waits_with_its_faults_and_goes_on_when_the_tin_arrives(stage: Slice) -> None:
    buyer = stage.new_organization(tin=None)
    deal = stage.new_deal(org_id=buyer)
    stage.win(deal)
    held = stage.sale_in(deal, "needs_attention")
    assert any("tin" in fault["path"] for fault in held["faults"]), held["faults"]
    assert not stage.at_nrs(deal)
    stage.give_tin(buyer, "34567890-0001")
    assert Decimal(stage.accepted(deal)["total"]) == stage.payable(deal)
    assert len(stage.at_nrs(deal)) == 1


def test_the_same_event_ten_times_gives_one_invoice(stage: Slice) -> None:
    deal = stage.new_deal()
    event = json.dumps(stage.won_event(deal)).encode()
    stage.win(deal, quietly=True)
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: stage.deliver(event).status_code, range(10)))
    assert set(answers) == {200}
    stage.accepted(deal)
    stage.settle()
    assert len(stage.sales(deal)) == 1
    [body] = stage.at_nrs(deal)
    assert stage.nrs.get("/invoices", irn=body["irn"])["sign_attempts"][body["irn"]] == 1


def test_ten_different_events_of_one_won_deal_still_give_one_invoice(stage: Slice) -> None:
    deal = stage.new_deal()
    stage.win(deal, quietly=True)
    events = [json.dumps(stage.won_event(deal)).encode() for _ in range(10)]
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda event: stage.deliver(event), events))
    stage.accepted(deal)
    stage.settle()
    assert len(stage.at_nrs(deal)) == 1


def test_a_wrong_password_is_refused_and_nothing_is_kept(stage: Slice) -> None:
    """Three times at most: a schedule of the stage (poll, sweep, seal) may tick between the two looks."""
    for _ in range(3):
        stage.settle()
        before = count(stage)
        answer = stage.deliver(b"{}", Authorization=basic(USER, "not the password of this connection"))
        assert answer.status_code == 401
        if stage.depth("QueueUrl") == 0 and count(stage) == before:
            return
    pytest.fail("something of a refused delivery is kept")


@pytest.mark.parametrize("path", ["/webhooks/pipedrive/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/webhooks/pipedrive"])
def test_an_unknown_endpoint_is_refused_with_the_same_words_as_a_wrong_password(stage: Slice, path: str) -> None:
    headers = {"Authorization": basic(USER, PASSWORD)}
    unknown = requests.post(stage.url + path, data=b"{}", headers=headers, timeout=30)
    wrong = stage.deliver(b"{}", Authorization=basic(USER, "wrong"))
    assert unknown.status_code == 401
    assert unknown.text == wrong.text


def test_an_oversize_body_is_refused_before_anything_else(stage: Slice) -> None:
    assert stage.deliver(b"x" * 262_145).status_code == 413
    assert stage.deliver(b"x" * 262_145, Authorization="Basic wrong").status_code == 413


def test_an_encoded_body_is_refused(stage: Slice) -> None:
    assert stage.deliver(b"{}", **{"Content-Encoding": "gzip"}).status_code == 415


def test_a_genuine_delivery_that_cannot_be_read_is_taken_and_parked(stage: Slice) -> None:
    assert stage.deliver(b'{"meta": {"id"').status_code == 200
    stage.settle()
    assert stage.depth("DeadLetterUrl") == 0


def test_a_dropped_answer_of_nrs_leaves_exactly_one_accepted_invoice(stage: Slice) -> None:
    deal = stage.new_deal()
    stage.nrs.fault(kind="drop_after_commit", match={"method": "POST", "path": ".*/sign"}, times=1)
    stage.win(deal)
    sale = stage.accepted(deal)
    [body] = stage.at_nrs(deal)
    assert body["irn"] == sale["irn"]
    assert Decimal(body["legal_monetary_total"]["payable_amount"]) == stage.payable(deal)


def test_nrs_out_of_order_for_a_while_loses_nothing(stage: Slice) -> None:
    deal = stage.new_deal()
    stage.nrs.fault(kind="status", status=503, match={"method": "POST", "path": ".*/sign"}, times=3)
    stage.win(deal)
    stage.accepted(deal)
    assert len(stage.at_nrs(deal)) == 1


def test_a_rate_limit_of_the_platform_only_delays(stage: Slice) -> None:
    deal = stage.new_deal()
    stage.pipedrive.fault(kind="rate_limit", match={"path": f"/api/v2/deals/{deal}$"}, times=1)
    stage.win(deal)
    stage.accepted(deal)
    assert len(stage.at_nrs(deal)) == 1


def test_an_expired_token_is_refreshed_on_the_way(stage: Slice) -> None:
    deal = stage.new_deal()
    stage.pipedrive.fault(kind="expired_token", match={"path": f"/api/v2/deals/{deal}$"}, times=1)
    refreshed = len(stage.pipedrive.requests_to("/oauth/token", "POST"))
    stage.win(deal)
    stage.accepted(deal)
    assert len(stage.pipedrive.requests_to("/oauth/token", "POST")) == refreshed + 1


def test_a_sale_that_another_merchant_asks_for_does_not_exist(stage: Slice) -> None:
    deal = stage.new_deal()
    stage.win(deal)
    sale = stage.accepted(deal)
    other = stage.api.create_merchant({"name": "Somebody else"})
    address = f"{stage.url}/v1/invoices/{sale['connector']}/{sale['sale_id']}"
    headers = {"Authorization": f"Bearer {stage.deployed.operator_token}"}
    assert requests.get(address, params={"merchant": stage.merchant}, headers=headers, timeout=30).status_code == 200
    assert requests.get(address, params={"merchant": other}, headers=headers, timeout=30).status_code == 404


def test_tokens_are_nowhere_in_plain(stage: Slice) -> None:
    """Neither in a table, nor in the bucket, nor in a log: only their one role ever sees them."""
    stage.settle()
    secrets = platform_tokens(stage)
    assert all(len(secret) > 20 for secret in secrets)
    assert not [where for where, text in everything(stage) if any(secret in text for secret in secrets)]
