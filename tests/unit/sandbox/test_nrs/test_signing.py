"""Exactly one sign wins, and what goes wrong on the way there and back."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.unit.sandbox.test_nrs.helping import API_KEY, API_SECRET, IRN, Caller, changed, document, text_of

TRY_LATER = "unable to complete this operation at this time, kindly try again later"
SIGN = "/api/v1/invoice/sign"


@pytest.mark.parametrize("note", ["Deal 100245 closed won", "something else"], ids=["same", "other content"])
def test_a_second_sign_is_told_the_words_of_an_outage_and_changes_nothing(nrs: Caller, note: str) -> None:
    nrs.sign(document())
    again = nrs.sign(changed(document(), "note", note))
    assert (again.status_code, text_of(again)) == (400, TRY_LATER)
    assert "details" not in again.json()["error"]
    (kept,) = nrs.control("/invoices")["invoices"]
    assert json.loads(kept["body_text"])["note"] == "Deal 100245 closed won"
    assert kept["sign_attempts"] == 2


def test_of_many_signs_at_once_exactly_one_wins(nrs: Caller) -> None:
    start = threading.Barrier(12)
    headers = {"x-api-key": API_KEY, "x-api-secret": API_SECRET, "Accept": "application/json"}

    def sign(number: int) -> int:
        body = changed(document(), "note", f"caller {number}")
        start.wait()
        return requests.post(nrs.url + SIGN, json=body, headers=headers, timeout=10).status_code

    with ThreadPoolExecutor(12) as pool:
        answers = Counter(pool.map(sign, range(12)))
    assert answers == {201: 1, 400: 11}
    assert nrs.control(f"/invoices?irn={IRN}")["sign_attempts"] == {IRN: 12}
    assert len(nrs.control("/invoices")["invoices"]) == 1


def test_dropped_after_commit_the_invoice_is_official_and_nobody_was_told(nrs: Caller) -> None:
    nrs.control("/faults", {"kind": "drop_after_commit", "match": {"path": SIGN}})
    with pytest.raises(requests.ConnectionError):
        nrs.sign(document())
    assert nrs.data(f"/api/v1/invoice/confirm/{IRN}")["payment_status"] == "PENDING"
    assert text_of(nrs.sign(document())) == TRY_LATER


def test_dropped_before_nothing_is_registered(nrs: Caller) -> None:
    nrs.control("/faults", {"kind": "drop_before", "match": {"path": SIGN}})
    with pytest.raises(requests.ConnectionError):
        nrs.sign(document())
    assert nrs.get(f"/api/v1/invoice/confirm/{IRN}").status_code == 404
    assert nrs.sign(document()).status_code == 201


@pytest.mark.parametrize("status", [500, 503])
def test_an_ordered_outage_passes(nrs: Caller, status: int) -> None:
    nrs.control("/faults", {"kind": "status", "status": status, "match": {"path": SIGN}, "times": 2})
    assert [nrs.sign(document()).status_code for _ in range(3)] == [status, status, 201]


def test_too_fast_is_429_in_the_envelope(nrs: Caller) -> None:
    nrs.control("/faults", {"kind": "rate_limit", "headers": {"Retry-After": "7"}})
    response = nrs.sign(document())
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert "please try again" in text_of(response)


@pytest.mark.parametrize(
    "headers",
    [{"x_api_key": "someone-else"}, {"x_api_secret": "wrong"}, {"x_api_key": ""}],
    ids=["unknown key", "wrong secret", "no key"],
)
def test_a_wrong_key_is_a_400_before_the_body_is_looked_at(nrs: Caller, headers: dict[str, str]) -> None:
    for method, path in (
        ("POST", SIGN),
        ("POST", "/api/v1/invoice/validate"),
        ("GET", "/api/v1/entity"),
        ("GET", f"/api/v1/invoice/confirm/{IRN}"),
        ("PATCH", f"/api/v1/invoice/update/{IRN}"),
        ("POST", "/api/v1/utilities/verify-tin/"),
        ("POST", "/api/v1/vat/postpayment"),
    ):
        response = nrs.call(method, path, b"not json", **headers)
        error = response.json()["error"]
        assert (response.status_code, error["public_message"]) == (400, "unable to validate api key")
        assert error["handler"] == "handler"
    assert nrs.control("/invoices")["sign_attempts"] == {}


def test_a_key_can_be_refused_and_given_back(nrs: Caller) -> None:
    nrs.control("/keys", {"refused": True})
    assert text_of(nrs.sign(document())) == "unable to validate api key"
    nrs.control("/keys", {"refused": False, "api_key": API_KEY})
    assert nrs.sign(document()).status_code == 201


def test_no_secret_stands_in_the_log_or_the_state(nrs: Caller) -> None:
    nrs.sign(document())
    shown = json.dumps([nrs.control("/log"), nrs.control("/state"), nrs.control("/invoices")])
    assert API_SECRET not in shown
    assert API_KEY not in shown


def test_reset_gives_the_demo_back(nrs: Caller) -> None:
    nrs.sign(document())
    nrs.control("/lists", {"list": "states", "remove": ["NG-AB"]})
    nrs.control("/reset", {})
    assert nrs.control("/invoices") == {"invoices": [], "sign_attempts": {}, "checks": [], "ignored_keys": []}
    assert nrs.sign(document()).status_code == 201
