"""NrsClient against recorded answers: what leaves, and what comes back as which verdict."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests
import responses
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from taxpoynt.errors import (
    ConfigurationError,
    NrsKeyRefused,
    NrsRefused,
    NrsUnavailable,
    OutcomeUnknown,
    RateLimited,
    TaxPoyntError,
)
from taxpoynt.nrs import endpoints
from taxpoynt.nrs.client import NrsClient
from taxpoynt.nrs.config import NrsConfig
from taxpoynt.nrs.transport import Call, open_session
from taxpoynt.ports import NrsGateway, NrsInvoiceStatus

BASE = "https://nrs.example"
KEY, SECRET = "canarykey-7f3a", "canarysecret-19bd"
IRN = "HUB100245-94ND90NR-20260915"
BUSINESS = "3f1c2a64-5b1e-4d0a-9c77-2a8f5d6e9b10"
CONFIRM = f"{BASE}/api/v1/invoice/confirm/{IRN}"
SEARCH = f"{BASE}/api/v1/invoice/{BUSINESS}"
OK = {"code": 200, "data": {"ok": True}}
KEY_ERROR = {"code": 400, "data": None, "error": {"id": "e1", "public_message": "unable to validate api key"}}
NOT_FOUND = {"code": 400, "data": None, "error": {"id": "e2", "public_message": "invoice not found"}}
AMBIGUOUS = {
    "code": 400,
    "data": None,
    "error": {"id": "e3", "public_message": "unable to complete this operation at this time, kindly try again later"},
}
NOTHING = {"code": 200, "data": {"items": [], "page": {"totalCount": 0}, "attributes": None}}


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def client() -> NrsClient:
    config = NrsConfig.of(BASE + "/", {"api_key": KEY, "api_secret": SECRET + "\n"})
    return NrsClient(config, open_session(config), now=lambda: datetime(2026, 9, 15, 9, 0, tzinfo=UTC))


def test_it_is_the_gateway_the_services_ask_for(client: NrsClient) -> None:
    gateway: NrsGateway = client

    assert gateway is client


@pytest.mark.parametrize("call", ["validate", "sign"])
def test_the_frozen_bytes_leave_unchanged_with_both_keys(
    client: NrsClient, web: responses.RequestsMock, call: str
) -> None:
    web.post(f"{BASE}/api/v1/invoice/{call}", json=OK, status=201)
    body = '{"irn" :"Ụ̀lọ",  "n":1.10}'.encode()

    answer = getattr(client, call)(body)

    sent = web.calls[0].request
    assert sent.body == body
    assert (sent.headers["x-api-key"], sent.headers["x-api-secret"]) == (KEY, SECRET)
    assert (sent.headers["Accept"], sent.headers["Content-Type"]) == ("application/json", "application/json")
    assert (answer.status, json.loads(answer.body)) == (201, OK)


def test_header_names_can_be_configured(web: responses.RequestsMock) -> None:
    config = NrsConfig(base_url=BASE, api_key=KEY, api_secret=SECRET, key_header="api-key", secret_header="api-secret")
    web.post(f"{BASE}/api/v1/invoice/validate", json=OK)

    NrsClient(config, requests.Session()).validate(b"{}")

    sent = web.calls[0].request.headers
    assert (sent["api-key"], sent["api-secret"]) == (KEY, SECRET)
    assert "x-api-key" not in sent


def refused_connection() -> requests.ConnectionError:
    cause = NewConnectionError(None, "refused")  # type: ignore[arg-type]  # no connection to name in a test
    return requests.ConnectionError(MaxRetryError(None, "/", cause))  # type: ignore[arg-type]  # nor a pool


NEVER_SENT = [requests.ConnectTimeout(MaxRetryError(None, "/", ConnectTimeoutError("slow"))), refused_connection()]  # type: ignore[arg-type]  # nor a pool
MAYBE_SENT = [
    requests.ReadTimeout("slow"),
    requests.ConnectionError("Connection reset by peer"),
    requests.exceptions.SSLError("broken"),
    requests.exceptions.ChunkedEncodingError("half an answer"),
]


@pytest.mark.parametrize("problem", NEVER_SENT)
def test_a_connection_that_never_stood_has_registered_nothing(
    client: NrsClient, web: responses.RequestsMock, problem: Exception
) -> None:
    web.post(f"{BASE}/api/v1/invoice/sign", body=problem)

    with pytest.raises(NrsUnavailable):
        client.sign(b"{}")


@pytest.mark.parametrize("problem", MAYBE_SENT)
def test_a_connection_lost_during_sign_is_an_unknown_outcome(
    client: NrsClient, web: responses.RequestsMock, problem: Exception
) -> None:
    web.post(f"{BASE}/api/v1/invoice/sign", body=problem)

    with pytest.raises(OutcomeUnknown):
        client.sign(b"{}")


@pytest.mark.parametrize("problem", [*NEVER_SENT, *MAYBE_SENT])
def test_a_connection_lost_during_validate_is_an_outage(
    client: NrsClient, web: responses.RequestsMock, problem: Exception
) -> None:
    web.post(f"{BASE}/api/v1/invoice/validate", body=problem)

    with pytest.raises(NrsUnavailable):
        client.validate(b"{}")


def test_confirm_settles_what_nrs_knows(client: NrsClient, web: responses.RequestsMock) -> None:
    web.get(
        CONFIRM,
        json={
            "code": 200,
            "data": {"issue_date": "2026-09-15", "payment_status": "PENDING", "transmitted": True, "delivered": False},
        },
    )

    assert client.look_up(IRN, BUSINESS) == NrsInvoiceStatus(
        found=True, payment_status="PENDING", transmitted=True, delivered=False, issue_date="2026-09-15"
    )


@pytest.mark.parametrize(
    ("status", "answer"), [(404, NOT_FOUND), (400, NOT_FOUND), (400, AMBIGUOUS), (200, {"code": 200, "data": None})]
)
def test_not_found_is_said_only_after_the_search_found_nothing_either(
    client: NrsClient, web: responses.RequestsMock, status: int, answer: Any
) -> None:
    web.get(CONFIRM, status=status, json=answer)
    web.get(SEARCH, json=NOTHING, match=[responses.matchers.query_param_matcher({"irn": IRN})])

    assert client.look_up(IRN, BUSINESS) == NrsInvoiceStatus(found=False)


def test_the_search_finds_what_confirm_does_not_show_yet(client: NrsClient, web: responses.RequestsMock) -> None:
    item = {
        "irn": IRN,
        "payment_status": "PAID",
        "invoice_type_code": "381",
        "issue_date": "2026-09-15T00:00:00Z",
        "document_currency_code": "NGN",
    }
    web.get(CONFIRM, status=404, json=NOT_FOUND)
    web.get(SEARCH, json={"code": 200, "data": {"items": [{"irn": "OTHER"}, item], "page": {"totalCount": 2}}})

    assert client.look_up(IRN, BUSINESS) == NrsInvoiceStatus(
        found=True, payment_status="PAID", issue_date="2026-09-15", invoice_type_code="381", currency="NGN"
    )


@pytest.mark.parametrize(
    "search",
    [
        {"code": 200, "data": {"items": [{"irn": "OTHER"}], "page": {"totalCount": 1}}},
        {"code": 200, "data": {"items": [], "page": {"totalCount": 3}}},
        {"code": 200, "data": {"items": []}},
        {"code": 200, "data": {"items": [], "page": {"totalCount": False}}},
        {"code": 200, "data": {"items": "none", "page": {"totalCount": 0}}},
        {"code": 200, "data": None},
        {"code": 200, "data": []},
    ],
)
def test_a_search_that_proves_nothing_is_an_outage(client: NrsClient, web: responses.RequestsMock, search: Any) -> None:
    web.get(CONFIRM, status=404, json=NOT_FOUND)
    web.get(SEARCH, json=search)

    with pytest.raises(NrsUnavailable):
        client.look_up(IRN, BUSINESS)


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (500, {}, NrsUnavailable),
        (503, {}, NrsUnavailable),
        (302, {}, NrsUnavailable),
        (429, {}, RateLimited),
        (400, KEY_ERROR, NrsKeyRefused),
        (200, {"code": 200, "data": [1]}, NrsUnavailable),
        (200, {"code": 200, "data": {"ok": True}}, NrsUnavailable),
    ],
)
def test_an_outage_of_confirm_is_never_taken_for_not_found(
    client: NrsClient, web: responses.RequestsMock, status: int, answer: Any, expected: type[TaxPoyntError]
) -> None:
    web.get(CONFIRM, status=status, json=answer)

    with pytest.raises(expected):
        client.look_up(IRN, BUSINESS)


@pytest.mark.parametrize(("status", "answer"), [(500, {}), (400, AMBIGUOUS), (200, b"<html>")])
def test_an_outage_of_the_search_is_never_taken_for_not_found(
    client: NrsClient, web: responses.RequestsMock, status: int, answer: Any
) -> None:
    web.get(CONFIRM, status=404, json=NOT_FOUND)
    web.get(SEARCH, status=status, body=answer if isinstance(answer, bytes) else json.dumps(answer))

    with pytest.raises(NrsUnavailable):
        client.look_up(IRN, BUSINESS)


def test_a_foreign_character_in_an_irn_cannot_change_the_path(client: NrsClient, web: responses.RequestsMock) -> None:
    web.get(f"{BASE}/api/v1/invoice/confirm/a%2F..%2Fb%3Fc", json={"code": 200, "data": {"payment_status": "PAID"}})

    assert client.look_up("a/../b?c", BUSINESS).found


def test_a_redirect_is_not_followed(client: NrsClient, web: responses.RequestsMock) -> None:
    web.post(f"{BASE}/api/v1/invoice/sign", status=307, headers={"Location": "https://elsewhere.example/"})

    with pytest.raises(OutcomeUnknown):
        client.sign(b"{}")
    assert len(web.calls) == 1


CATALOGUE: list[tuple[str, str, tuple[Any, ...], dict[str, Any]]] = [
    ("GET", "/api/v1/entity?size=1", ("entities",), {"size": "1"}),
    ("GET", "/api/v1/entity/e1", ("entity", "e1"), {}),
    ("POST", "/api/v1/invoice/irn/validate", ("validate_irn", BUSINESS, "HUB100245", IRN), {}),
    ("POST", "/api/v1/invoice/party", ("create_party", {"party_name": "A"}), {}),
    ("GET", f"/api/v1/invoice/party/{BUSINESS}?party_name=A", ("parties", BUSINESS), {"party_name": "A"}),
    ("GET", f"/api/v1/invoice/confirm/{IRN}", ("confirm", IRN), {}),
    ("GET", f"/api/v1/invoice/{BUSINESS}?irn=x", ("search", BUSINESS), {"irn": "x"}),
    ("PATCH", f"/api/v1/invoice/update/{IRN}", ("update_payment", IRN, "PARTIAL"), {"amount": Decimal("60000.00")}),
    ("GET", f"/api/v1/invoice/transmit/lookup/{IRN}", ("exchange_by_irn", IRN), {}),
    ("GET", "/api/v1/invoice/transmit/lookup/tin/1-1", ("exchange_by_tin", "1-1"), {}),
    ("GET", "/api/v1/invoice/transmit/lookup/party/p1", ("exchange_by_party", "p1"), {}),
    ("POST", f"/api/v1/invoice/transmit/{IRN}", ("transmit", IRN), {}),
    ("PATCH", f"/api/v1/invoice/transmit/{IRN}", ("acknowledge", IRN), {}),
    ("GET", "/api/v1/invoice/transmit/self-health-check", ("check_webhook",), {}),
    (
        "GET",
        "/api/v1/invoice/transmit/pull?confirmed=true&from=2026-09-01&to=2026-09-08",
        ("pull",),
        {"confirmed": True, "start": date(2026, 9, 1), "end": date(2026, 9, 8)},
    ),
    ("POST", "/api/v1/vat/postpayment", ("report_vat", {"vat_rate": "7.5"}), {}),
    ("POST", "/api/v1/utilities/verify-tin/", ("verify_tin", "20198222-0002"), {}),
    ("POST", "/api/v1/utilities/authenticate", ("authenticate", "a@b.example", "pw"), {}),
    ("GET", "/api/v1/invoice/resources/hs-codes", ("resource", "hs-codes"), {}),
]


@pytest.mark.parametrize(("method", "path", "call", "options"), CATALOGUE, ids=lambda value: str(value)[:40])
def test_every_endpoint_is_asked_where_the_reference_says(
    client: NrsClient,
    web: responses.RequestsMock,
    method: str,
    path: str,
    call: tuple[Any, ...],
    options: dict[str, Any],
) -> None:
    web.add(method, BASE + path.split("?")[0], json=OK)

    getattr(client, call[0])(*call[1:], **options)

    assert web.calls[0].request.url == BASE + path


def test_the_catalogue_is_complete() -> None:
    rows = [value for value in vars(endpoints).values() if isinstance(value, Call)]

    assert len(rows) == 23  # 33 in the reference, eleven of them lists behind one path


def test_open_lists_are_read_without_the_keys(client: NrsClient, web: responses.RequestsMock) -> None:
    web.get(f"{BASE}/api/v1/invoice/resources/countries", json={"code": 200, "data": [{"alpha_2": "NG"}]})

    assert client.resource("countries") == [{"alpha_2": "NG"}]
    assert "x-api-key" not in web.calls[0].request.headers


def test_a_partial_payment_is_sent_as_a_number(client: NrsClient, web: responses.RequestsMock) -> None:
    web.patch(f"{BASE}/api/v1/invoice/update/{IRN}", json=OK)

    client.update_payment(IRN, "PARTIAL", amount=Decimal("60000.00"), reference="first")

    assert web.calls[0].request.body == b'{"payment_status":"PARTIAL","reference":"first","amount":60000.00}'


def test_a_lost_answer_to_a_payment_report_is_an_unknown_outcome(
    client: NrsClient, web: responses.RequestsMock
) -> None:
    web.patch(f"{BASE}/api/v1/invoice/update/{IRN}", body=requests.ReadTimeout("slow"))

    with pytest.raises(OutcomeUnknown):
        client.update_payment(IRN, "PAID")


def test_a_buyer_without_access_point_is_a_no_and_an_outage_is_not(
    client: NrsClient, web: responses.RequestsMock
) -> None:
    web.get(f"{BASE}/api/v1/invoice/transmit/lookup/tin/1", status=404, json=NOT_FOUND)
    web.get(f"{BASE}/api/v1/invoice/transmit/lookup/tin/2", status=503)

    assert client.exchange_by_tin("1") is False
    with pytest.raises(NrsUnavailable):
        client.exchange_by_tin("2")


@pytest.mark.parametrize(
    ("status", "answer", "healthy"),
    [(200, {"healthy": True}, True), (200, {"healthy": False}, False), (503, {}, False)],
)
def test_health_is_a_clear_yes_or_no(
    client: NrsClient, web: responses.RequestsMock, *, status: int, answer: Any, healthy: bool
) -> None:
    web.get(f"{BASE}/api", status=status, json=answer)

    assert client.healthy() is healthy


@pytest.mark.parametrize(
    ("status", "body"), [(400, json.dumps(KEY_ERROR)), (500, "oops"), (400, json.dumps(NOT_FOUND)), (429, "")]
)
def test_the_keys_are_in_no_error_no_log_and_no_repr(
    client: NrsClient, web: responses.RequestsMock, caplog: pytest.LogCaptureFixture, status: int, body: str
) -> None:
    caplog.set_level(logging.DEBUG)
    web.post(f"{BASE}/api/v1/invoice/sign", status=status, body=body)

    with pytest.raises(TaxPoyntError) as problem:
        client.sign(b"{}")

    seen = caplog.text + repr(problem.value) + str(problem.value) + repr(client._config) + repr(client._transport)
    assert "canary" not in seen
    assert problem.value.__cause__ is None


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {"api_key": "", "api_secret": ""},
        {"api_key": KEY},
        {"api_key": "line\nbreak-key", "api_secret": SECRET},
        {"api_key": KEY, "api_secret": "nаirа-cyrillic"},
        {"api_key": KEY, "api_secret": SECRET, "download_key": "c2hvcnQ="},
        {"api_key": KEY, "api_secret": SECRET, "download_key": "not base64!"},
    ],
)
def test_unusable_keys_stop_the_start_without_being_named(secret: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as problem:
        NrsConfig.of(BASE, secret)

    assert not any(value and value in str(problem.value) for value in secret.values())


@pytest.mark.parametrize(
    "address",
    [
        "http://nrs.example",
        "nrs.example",
        "",
        "ftp://nrs.example",
        "https://user:pw@nrs.example",
        "https://n.example?a=b",
    ],
)
def test_an_address_that_is_not_plain_https_stops_the_start(address: str) -> None:
    with pytest.raises(ConfigurationError):
        NrsConfig.of(address, {"api_key": KEY, "api_secret": SECRET})


def test_the_sandbox_on_this_machine_may_be_plain_http() -> None:
    assert NrsConfig.of("http://localhost:9110/", {"api_key": KEY, "api_secret": SECRET}).base_url.endswith(":9110")


def test_a_refusal_names_the_merchants_field(client: NrsClient, web: responses.RequestsMock) -> None:
    details = "invoicerequest.invoice.accountingcustomerparty.tin must be at least in length or value 5"
    web.post(
        f"{BASE}/api/v1/invoice/validate",
        status=400,
        json={
            "code": 400,
            "data": None,
            "error": {"id": "e9", "details": details, "public_message": "validation failed"},
        },
    )

    with pytest.raises(NrsRefused) as refused:
        client.validate(b"{}")

    assert [fault.path for fault in refused.value.faults] == ["buyer.tin"]
    assert refused.value.request_id == "e9"
