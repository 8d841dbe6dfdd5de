"""What a secret may say of NRS beside the key pair, and what an error keeps of an answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests
import responses

from taxpoynt.errors import ConfigurationError, NrsRefused, OutcomeUnknown, Said
from taxpoynt.nrs.client import NrsClient
from taxpoynt.nrs.config import NrsConfig
from taxpoynt.nrs.transport import open_session

PAIR = {"api_key": "key-of-test", "api_secret": "secret-of-test"}
BASE = "https://nrs.example"


def test_a_secret_may_name_headers_paths_and_another_environment() -> None:
    told = {"key_header": "api-key", "api_root": "/mbs/v2", "vat_path": "/vat", "base_url": "https://other.example/"}
    config = NrsConfig.of(BASE, {**PAIR, **told, "note": "for people"})
    assert (config.base_url, config.key_header, config.api_root) == ("https://other.example", "api-key", "/mbs/v2")
    assert NrsConfig.of(BASE, PAIR).secret_header == "x-api-secret"


@pytest.mark.parametrize(
    "odd",
    [
        {"base_url": "http://other.example"},
        {"key_header": "x\r\nhost"},
        {"secret_header": "with space"},
        {"api_root": "no/slash"},
        {"vat_path": "/vat?x=1"},
    ],
)
def test_what_could_lead_elsewhere_is_refused(odd: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        NrsConfig.of(BASE, {**PAIR, **odd})


def test_a_secret_may_set_limits_within_what_a_function_has_time_for() -> None:
    config = NrsConfig.of(BASE, {**PAIR, "read_seconds": " 12.5", "max_bytes": "1048576"})
    assert (config.read_seconds, config.max_bytes, config.total_seconds) == (12.5, 1048576, 25.0)


@pytest.mark.parametrize(
    "odd",
    [
        {"read_seconds": "soon"},
        {"read_seconds": "nan"},
        {"connect_seconds": "0"},
        {"total_seconds": "26"},
        {"max_bytes": "99999999999"},
    ],
)
def test_a_limit_beyond_its_bounds_is_refused_by_name(odd: dict[str, str]) -> None:
    [name] = odd
    with pytest.raises(ConfigurationError, match=name):
        NrsConfig.of(BASE, {**PAIR, **odd})


def test_a_certificate_that_is_none_is_refused_and_verification_stays() -> None:
    with pytest.raises(ConfigurationError, match="extra_ca"):
        open_session(NrsConfig.of(BASE, {**PAIR, "extra_ca": "not PEM"}))
    assert open_session(NrsConfig.of(BASE, PAIR)).verify is True


@responses.activate
def test_calls_go_under_the_configured_root_and_health_stays_where_it_is() -> None:
    responses.get(f"{BASE}/mbs/v2/invoice/confirm/I-1", json={"data": {"payment_status": "PAID"}})
    responses.get(f"{BASE}/api", json={"healthy": True})
    responses.post(f"{BASE}/vat", json={"data": {}})
    client = _client({**PAIR, "api_root": "/mbs/v2", "vat_path": "/vat"})
    assert client.look_up("I-1", "b").payment_status == "PAID"
    assert client.healthy()
    client.report_vat({})


@responses.activate
def test_following_asks_search_for_what_confirm_does_not_tell() -> None:
    confirmed = {"payment_status": "PENDING", "transmitted": False, "delivered": False}
    responses.get(f"{BASE}/api/v1/invoice/confirm/I-1", json={"data": confirmed})
    found = {"items": [{"irn": "I-1", "entry_status": "failed"}], "page": {"totalCount": 1}}
    responses.get(f"{BASE}/api/v1/invoice/b", json={"data": found})
    status = _client(PAIR).follow("I-1", "b")
    assert (status.found, status.entry_status, status.payment_status) == (True, "FAILED", "PENDING")
    assert status.answer is not None
    assert b"PENDING" in status.answer.body


@responses.activate
def test_an_error_keeps_the_answer_behind_it_and_never_shows_it() -> None:
    body = b'{"error": {"id": "e-1", "details": "invoicerequest.invoice.irn is required by Ngozi Okafor"}}'
    responses.post(f"{BASE}/api/v1/invoice/sign", body=body, status=400)
    with pytest.raises(NrsRefused) as caught:
        _client(PAIR).sign(b"{}")
    assert caught.value.said == Said(400, body)
    assert "Ngozi" not in f"{caught.value!r} {caught.value} {caught.value.said!r}"


@responses.activate
@pytest.mark.parametrize(("status", "answered"), [(503, False), (400, True)])
def test_try_later_in_nrss_own_words_is_told_from_an_outage_and_keeps_its_wait(status: int, *, answered: bool) -> None:
    text = {"error": {"public_message": "unable to complete this operation at this time, kindly try again later"}}
    responses.post(f"{BASE}/api/v1/invoice/sign", json=text, status=status, headers={"Retry-After": "120"})
    with pytest.raises(OutcomeUnknown) as caught:
        _client(PAIR).sign(b"{}")
    assert (caught.value.answered, caught.value.retry_after) == (answered, 120.0)


def _client(secret: dict[str, str]) -> NrsClient:
    return NrsClient(NrsConfig.of(BASE, secret), requests.Session(), now=lambda: datetime(2026, 3, 2, tzinfo=UTC))
