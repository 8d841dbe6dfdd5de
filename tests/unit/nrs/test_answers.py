"""Status and text → verdict, row by row (reference, section 13)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from taxpoynt.errors import (
    ConfigurationError,
    NrsKeyRefused,
    NrsRefused,
    NrsUnavailable,
    OutcomeUnknown,
    RateLimited,
    TaxPoyntError,
)
from taxpoynt.nrs.answers import does_not_know, judge, retry_after
from taxpoynt.ports import NrsAnswer

NOW = datetime(2026, 9, 15, 9, 42, 31, tzinfo=UTC)
ERROR_ID = "6f1d2c3b-0000-4000-8000-000000000001"
GENERIC = "validation failed: we are unable to process your request. also confirm this is not a duplicate request"
AMBIGUOUS = "unable to complete this operation at this time, kindly try again later"
BLANK_DESCRIPTION = "invoicerequest.invoice.invoiceline[0].item.description is required"


def error(public: str = "", details: str = "", code: int = 400) -> bytes:
    told = {"id": ERROR_ID, "handler": "invoice_actions", "details": details, "public_message": public}
    return json.dumps({"code": code, "data": None, "message": "error has occurred", "error": told}).encode()


def verdict(status: int, body: bytes, *, lasting: bool, action: bool = True, **headers: str) -> NrsAnswer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(status, CaseInsensitiveDict(named), body, lasting=lasting, action=action, now=NOW)


OK = b'{"code":200,"data":{"ok":true}}'
NOT_ON_SIGN = [
    (400, error("unable to validate api key"), NrsKeyRefused),
    (401, b"who are you", NrsKeyRefused),
    (400, error(GENERIC, BLANK_DESCRIPTION), NrsRefused),
    (400, error("irn validation failed for this business, refer to the template and try again"), NrsRefused),
    (400, error("", "invalid UUID length: 13"), NrsRefused),
    (412, error("can only update payment status of invoices that have been signed", code=412), NrsRefused),
    (413, b"<html>too large</html>", NrsRefused),
    (
        404,
        b'{"code":404,"data":null,"message":"no route found for this path. kindly check your request and try again"}',
        ConfigurationError,
    ),
    (429, b"", RateLimited),
]
DOUBT = [
    (400, error(AMBIGUOUS)),
    (400, error("temporarily unavailable")),
    (400, error("something broke, please try again")),
    (400, b"<html>Bad Request</html>"),
    (403, b"<html>blocked</html>"),
    (302, b""),
    (408, b""),
    (500, error("internal", code=500)),
    (502, b"<html>bad gateway</html>"),
    (503, b""),
    (504, b"\xff\xfe not text"),
    (200, b""),
    (200, b"[1,2"),
    (201, b'{"code":201,"data":{"ok":false}}'),
    (201, b'{"code":201,"data":{"ok":"true"}}'),
    (200, b'"ok"'),
]


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_2xx_that_says_ok_is_a_success_with_its_exact_bytes(status: int) -> None:
    answer = verdict(status, OK, lasting=True, x_request_id="r-1")

    assert answer == NrsAnswer(status=status, request_id="r-1", body=OK)


@pytest.mark.parametrize("lasting", [True, False])
@pytest.mark.parametrize(("status", "body", "expected"), NOT_ON_SIGN)
def test_a_clear_answer_means_the_same_for_every_call(
    *, status: int, body: bytes, expected: type[TaxPoyntError], lasting: bool
) -> None:
    with pytest.raises(expected):
        verdict(status, body, lasting=lasting)


@pytest.mark.parametrize(("status", "body"), DOUBT)
def test_doubt_after_sign_is_an_unknown_outcome(status: int, body: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        verdict(status, body, lasting=True)


@pytest.mark.parametrize(("status", "body"), DOUBT)
def test_doubt_after_a_call_without_effect_is_an_outage(status: int, body: bytes) -> None:
    with pytest.raises(NrsUnavailable):
        verdict(status, body, lasting=False)


@pytest.mark.parametrize(
    "body", [error(GENERIC), error(GENERIC, "this irn has already been used"), error(GENERIC, "duplicate invoice")]
)
def test_whatever_may_mean_a_duplicate_is_looked_up_and_not_called_refused(body: bytes) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        verdict(400, body, lasting=True)
    assert caught.value.answered
    assert [fault.code for fault in caught.value.faults] == ["NRS-199"], "what it is, should NRS not know it for good"


def test_an_outage_in_nrss_own_words_never_becomes_the_merchants_fault() -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        verdict(400, error(AMBIGUOUS), lasting=True)
    assert caught.value.answered
    assert caught.value.faults == ()


def test_the_error_id_is_kept_for_support() -> None:
    with pytest.raises(NrsRefused) as refused:
        verdict(400, error(GENERIC, BLANK_DESCRIPTION), lasting=True)

    assert refused.value.request_id == ERROR_ID


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 120 ", 120),
        ("86400", 900),
        ("Tue, 15 Sep 2026 09:43:31 GMT", 60),
        ("Tue, 15 Sep 2026 09:00:00 GMT", 0),
        ("Wed, 16 Sep 2026 09:00:00 GMT", 900),
        ("soon", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_capped(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_the_wait_nrs_asks_for_travels_with_the_error() -> None:
    with pytest.raises(RateLimited) as slow:
        verdict(429, b"", lasting=True, retry_after="30")

    assert slow.value.retry_after == 30


@given(status=st.integers(100, 599), body=st.binary(max_size=80), lasting=st.booleans())
def test_no_answer_whatever_is_anything_but_a_success_or_a_verdict(*, status: int, body: bytes, lasting: bool) -> None:
    try:
        answer = verdict(status, body, lasting=lasting)
    except TaxPoyntError:
        return
    assert json.loads(answer.body)["data"]["ok"] is True


@given(text=st.text(max_size=300), details=st.text(max_size=300))
def test_any_text_of_a_refusal_becomes_a_verdict(text: str, details: str) -> None:
    with pytest.raises(TaxPoyntError):
        verdict(400, error(text, details), lasting=True)


@pytest.mark.parametrize(
    ("status", "body", "unknown"),
    [
        (404, error("not found", code=404), True),
        (400, error(AMBIGUOUS), True),
        (400, error("unable to validate api key"), False),
        (401, b"", False),
        (429, b"", False),
        (500, b"", False),
        (200, OK, False),
    ],
)
def test_an_irn_nrs_does_not_know_is_told_from_a_refused_key_and_an_outage(
    status: int, body: bytes, unknown: Any
) -> None:
    assert does_not_know(status, body) is unknown
