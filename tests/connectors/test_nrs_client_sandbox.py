"""NrsClient against the stand-in of NRS, over real HTTP: two parts that share no code must agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests

from taxpoynt.conversion.list_copy import CODE_KEYS, OneList, lists_of, usable_rows
from taxpoynt.errors import NrsKeyRefused, NrsRefused, NrsUnavailable, OutcomeUnknown, RateLimited
from taxpoynt.nrs.client import NrsClient
from taxpoynt.nrs.config import NrsConfig
from taxpoynt.nrs.payload import body
from taxpoynt.nrs.resources import code_lists, packaged
from taxpoynt.nrs.transport import open_session
from tests.sandbox.kit import Clock, running
from tests.sandbox.nrs import NrsSandbox, demo_seed
from tests.unit.nrs.invoices import b2b, b2c, line

SEED = demo_seed()
KEYS = {"api_key": SEED["keys"][0]["api_key"], "api_secret": SEED["keys"][0]["api_secret"]}
BUSINESS = "3f1c2a64-5b1e-4d0a-9c77-2a8f5d6e9b10"
IRN = "HUB100245-94ND90NR-20260915"
SIGN = "/api/v1/invoice/sign"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[NrsSandbox, str]]:
    sandbox = NrsSandbox(SEED, Clock(datetime(2026, 9, 21, 9, tzinfo=UTC)))
    with running(sandbox) as url:
        yield sandbox, url


class Bench:
    """A client with the demo's keys and the control routes beside it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = self.client_with(KEYS)

    def client_with(self, keys: dict[str, str], **options: Any) -> NrsClient:
        config = NrsConfig.of(self.url, keys, **options)
        return NrsClient(config, open_session(config))

    def order(self, kind: str, path: str = SIGN, **more: Any) -> None:
        answer = requests.post(
            self.url + "/_control/faults", json={"kind": kind, "match": {"path": path}, **more}, timeout=10
        )
        assert answer.status_code == 200, answer.text


@pytest.fixture
def bench(server: tuple[NrsSandbox, str]) -> Bench:
    server[0].reset()
    return Bench(server[1])


def test_the_references_invoices_are_valid_and_can_be_signed(bench: Bench) -> None:
    for invoice in (b2b(), b2c()):
        assert bench.client.validate(body(invoice)).status in (200, 201)
        assert bench.client.sign(body(invoice)).status == 201
        assert invoice.irn is not None
        assert bench.client.look_up(invoice.irn, BUSINESS).found


def test_a_second_sign_is_an_unknown_outcome_that_the_look_up_settles(bench: Bench) -> None:
    bench.client.sign(body(b2b()))

    with pytest.raises(OutcomeUnknown) as unknown:
        bench.client.sign(body(b2b()))

    assert unknown.value.request_id
    found = bench.client.look_up(IRN, BUSINESS)
    assert (found.found, found.payment_status, found.issue_date) == (True, "PENDING", "2026-09-15")


def test_an_answer_lost_after_registration_is_settled_by_the_look_up(bench: Bench) -> None:
    bench.order("drop_after_commit")

    with pytest.raises(OutcomeUnknown):
        bench.client.sign(body(b2b()))

    assert bench.client.look_up(IRN, BUSINESS).found


@pytest.mark.parametrize("kind", ["drop_before", "status"])
def test_a_call_lost_on_the_way_leaves_nothing_and_may_be_sent_again(bench: Bench, kind: str) -> None:
    bench.order(kind)

    with pytest.raises(OutcomeUnknown):
        bench.client.sign(body(b2b()))

    assert not bench.client.look_up(IRN, BUSINESS).found
    assert bench.client.sign(body(b2b())).status == 201


@pytest.mark.parametrize("kind", ["truncate_body", "status_after_commit"])
def test_a_spoilt_answer_to_sign_is_not_taken_for_a_success(bench: Bench, kind: str) -> None:
    bench.order(kind)

    with pytest.raises(OutcomeUnknown):
        bench.client.sign(body(b2b()))

    assert bench.client.look_up(IRN, BUSINESS).found


def test_a_slow_nrs_is_not_waited_for(bench: Bench) -> None:
    bench.order("delay_after_commit", seconds=1.0)

    with pytest.raises(OutcomeUnknown):
        bench.client_with(KEYS, read_seconds=0.2).sign(body(b2b()))


@pytest.mark.parametrize("path", ["/api/v1/invoice/confirm", f"/api/v1/invoice/{BUSINESS}"])
def test_an_outage_during_the_look_up_is_never_not_found(bench: Bench, path: str) -> None:
    bench.order("status", path=path, status=503)

    with pytest.raises(NrsUnavailable):
        bench.client.look_up(IRN, BUSINESS)


def test_an_unknown_irn_is_not_found(bench: Bench) -> None:
    assert not bench.client.look_up("NEVER1-94ND90NR-20260915", BUSINESS).found


def test_too_fast_says_how_long_to_wait(bench: Bench) -> None:
    bench.order("rate_limit", headers={"Retry-After": "7"})

    with pytest.raises(RateLimited) as slow:
        bench.client.sign(body(b2b()))

    assert slow.value.retry_after == 7


@pytest.mark.parametrize("keys", [KEYS | {"api_secret": "wrong-secret"}, KEYS | {"api_key": "someone-else"}])
def test_a_wrong_key_pair_is_refused_everywhere(bench: Bench, keys: dict[str, str]) -> None:
    client = bench.client_with(keys)

    with pytest.raises(NrsKeyRefused):
        client.sign(body(b2b()))
    with pytest.raises(NrsKeyRefused):
        client.look_up(IRN, BUSINESS)


def test_nrs_own_copy_is_decrypted_and_is_our_invoice(bench: Bench) -> None:
    bench.client.sign(body(b2b()))

    copy = bench.client.download(IRN)

    assert copy is not None
    theirs = json.loads(copy, parse_float=Decimal)
    assert theirs["irn"] == IRN
    assert theirs["legal_monetary_total"]["payable_amount"] == Decimal("161250.00")


def test_there_is_no_copy_of_what_was_never_signed(bench: Bench) -> None:
    assert bench.client.download("NEVER1-94ND90NR-20260915") is None


def test_a_refused_invoice_names_our_field(bench: Bench) -> None:
    poor = b2b().buyer
    assert poor is not None

    with pytest.raises(NrsRefused) as refused:
        bench.client.validate(body(b2b(buyer=poor.model_copy(update={"tin": "1234"}))))

    assert [(fault.code, fault.path) for fault in refused.value.faults] == [("NRS-104", "buyer.tin")]


def test_a_unit_too_long_names_its_line(bench: Bench) -> None:
    with pytest.raises(NrsRefused) as refused:
        bench.client.validate(body(b2b(lines=(*b2b().lines, line(unit="NGN per 1")))))

    assert refused.value.faults[0].path == "lines[2].unit"


def test_live_lists_replace_the_shipped_ones(bench: Bench) -> None:
    live = {name: OneList(usable_rows(name, bench.client.resource(name)), complete=True) for name in CODE_KEYS}
    lists = lists_of(live)

    assert lists.countries.rows.keys() == code_lists().countries.rows.keys()
    assert lists.tax_categories.rows == code_lists().tax_categories.rows
    assert len(live["vat-exemptions"].rows) == len(packaged()["vat-exemptions"].rows)


def test_the_rest_of_the_catalogue_finds_its_way(bench: Bench) -> None:
    client = bench.client
    client.sign(body(b2b()))

    assert client.healthy()
    client.validate_irn(BUSINESS, "HUB100245", IRN)
    assert client.search(BUSINESS, irn=IRN)["page"]["totalCount"] == 1
    client.update_payment(IRN, "PARTIAL", amount=Decimal("60000.00"), reference="first instalment")
    assert client.confirm(IRN)["payment_status"] == "PARTIAL"
    entity = client.entity(SEED["entities"][0]["id"])
    assert entity["businesses"][0]["id"] == BUSINESS
    with pytest.raises(NrsRefused, match="NRS-111"):
        client.validate_irn(BUSINESS, "HUB100245", "HUB100245-WRONG123-20260915")
