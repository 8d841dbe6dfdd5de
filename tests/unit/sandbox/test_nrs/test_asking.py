"""Confirm, search, payment status, resources, entities, parties and the small endpoints."""

from typing import Any

import pytest

from tests.unit.sandbox.test_nrs.helping import BUSINESS, IRN, Caller, document, text_of

ENTITY = "8a4be1d2-0c57-4f3e-9b61-5d2f7c90a1e3"
NO_ROUTE = "no route found for this path. kindly check your request and try again"
NOT_SIGNED = "can only update payment status of invoices that have been signed"
TERMINAL = "invoice is in a terminal state and cannot be updated"


def _sign_all(nrs: Caller) -> None:
    for name in ("goods_and_service_b2b", "till_sale_b2c", "credit_note_b2b"):
        assert nrs.sign(document(name)).status_code == 201


def test_confirm_shows_days_and_flags(nrs: Caller) -> None:
    _sign_all(nrs)
    assert nrs.data(f"/api/v1/invoice/confirm/{IRN}") == {
        "issue_date": "2026-09-15",
        "due_date": "2026-10-15",
        "sync_date": "2026-09-21",
        "payment_status": "PENDING",
        "transmitted": False,
        "delivered": False,
    }


@pytest.mark.parametrize("status", [404, 400])
def test_an_unknown_irn_is_a_4xx_of_either_kind(nrs: Caller, status: int) -> None:
    nrs.control("/settings", {"unknown_irn_status": status})
    response = nrs.get("/api/v1/invoice/confirm/NOPE-94ND90NR-20260915")
    assert (response.status_code, text_of(response)) == (status, "invoice not found")


def test_search_shows_time_stamps_pages_and_the_total(nrs: Caller) -> None:
    _sign_all(nrs)
    first = nrs.data(f"/api/v1/invoice/{BUSINESS}?size=2")
    second = nrs.data(f"/api/v1/invoice/{BUSINESS}?size=2&page=2")
    assert first["page"] == {
        "page": 1,
        "size": 2,
        "hasNextPage": True,
        "hasPreviousPage": False,
        "totalCount": 3,
    }
    assert (second["page"]["hasNextPage"], second["page"]["hasPreviousPage"]) == (False, True)
    assert first["attributes"] is None
    found = {row["irn"]: row for row in first["items"] + second["items"]}
    assert len(found) == 3
    assert found[IRN] == {
        "irn": IRN,
        "payment_status": "PENDING",
        "entry_status": "SIGNED",
        "invoice_type_code": "381",
        "issue_date": "2026-09-15T00:00:00Z",
        "issue_time": "10:42:31",
        "due_date": "2026-10-15T00:00:00Z",
        "sync_date": "2026-09-21T00:00:00Z",
        "document_currency_code": "NGN",
        "tax_currency_code": "NGN",
    }


@pytest.mark.parametrize(
    ("query", "count"),
    [
        (f"irn={IRN}", 1),
        ("irn=NOPE-94ND90NR-20260915", 0),
        ("payment_status=PAID", 1),
        ("invoice_type_code=381", 2),
        ("issue_date=2026-09-15", 2),
        ("due_date=2026-10-15&invoice_type_code=381", 1),
        ("document_currency_code=USD", 0),
        ("entry_status=SIGNED", 3),
    ],
)
def test_search_filters(nrs: Caller, query: str, count: int) -> None:
    _sign_all(nrs)
    assert nrs.data(f"/api/v1/invoice/{BUSINESS}?{query}")["page"]["totalCount"] == count


def test_search_wants_a_business_of_the_key(nrs: Caller) -> None:
    assert text_of(nrs.get("/api/v1/invoice/nonsense")) == "invalid UUID length: 8"
    stranger = "00000000-0000-4000-8000-000000000000"
    assert text_of(nrs.get(f"/api/v1/invoice/{stranger}")) == "business does not belong to this api key"
    assert text_of(nrs.get(f"/api/v1/invoice/{BUSINESS}?page=zero")) == "page must be a valid number"


def test_payment_in_instalments_ends_paid_and_terminal(nrs: Caller) -> None:
    nrs.sign(document())
    partial: dict[str, Any] = {"payment_status": "PARTIAL", "amount": 60000.00, "reference": "first instalment"}
    assert nrs.update(partial).json() == {"code": 200, "data": {"ok": True}}
    assert "amount can not be more than in length or value 101250" in text_of(
        nrs.update({"payment_status": "PARTIAL", "amount": 101250.01})
    )
    assert "amount is required" in text_of(nrs.update({"payment_status": "PARTIAL"}))
    assert "amount must be a number" in text_of(nrs.update({"payment_status": "PARTIAL", "amount": "1"}))
    assert nrs.update({"payment_status": "PARTIAL", "amount": 101250}).status_code == 200
    assert nrs.data(f"/api/v1/invoice/confirm/{IRN}")["payment_status"] == "PAID"
    late = nrs.update({"payment_status": "PENDING"})
    assert (late.status_code, text_of(late)) == (400, TERMINAL)


def test_an_unsigned_invoice_has_no_payment_status_to_change(nrs: Caller) -> None:
    response = nrs.update({"payment_status": "PAID"})
    assert (response.status_code, text_of(response)) == (412, NOT_SIGNED)


@pytest.mark.parametrize("status", ["PARTIALLY_PAID", "UNPAID", "CANCELED", 1])
def test_other_words_for_payment_are_refused(nrs: Caller, status: object) -> None:
    nrs.sign(document())
    assert "paymentstatus must be" in text_of(nrs.update({"payment_status": status}))


def test_a_sale_signed_as_paid_or_rejected_later_is_terminal(nrs: Caller) -> None:
    _sign_all(nrs)
    paid = document("till_sale_b2c")["irn"]
    assert text_of(nrs.update({"payment_status": "PAID"}, irn=paid)) == TERMINAL
    assert nrs.update({"payment_status": "REJECTED"}).status_code == 200
    assert text_of(nrs.update({"payment_status": "PAID"})) == TERMINAL


def test_entities_show_their_businesses_and_templates(nrs: Caller) -> None:
    listed = nrs.data("/api/v1/entity")
    assert [entity["id"] for entity in listed["items"]] == [ENTITY]
    (business,) = nrs.data(f"/api/v1/entity/{ENTITY}")["businesses"]
    assert business["id"] == BUSINESS
    assert "-94ND90NR-" in business["irn_template"]
    assert nrs.data("/api/v1/entity?reference=other")["items"] == []


def test_a_malformed_entity_id_is_named_before_the_key(nrs: Caller) -> None:
    response = nrs.get("/api/v1/entity/thirteen-chr2", x_api_key="wrong")
    assert (response.status_code, text_of(response)) == (400, "invalid UUID length: 13")
    assert response.json()["error"]["handler"] == "entity_actions"
    assert text_of(nrs.get(f"/api/v1/entity/{ENTITY}", x_api_key="wrong")) == "unable to validate api key"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v2/nothing"),
        ("GET", "/api/v1/invoice/resources/service-codes"),
        ("DELETE", f"/api/v1/invoice/{BUSINESS}"),
        ("POST", "/v1/vat/postPayment"),
        ("POST", "/api/v1/utilities/verify-tin"),
    ],
)
def test_an_unknown_path_has_no_error_object(nrs: Caller, method: str, path: str) -> None:
    response = nrs.call(method, path, {})
    assert response.status_code == 404
    assert response.json() == {"code": 404, "data": None, "message": NO_ROUTE}


def test_health_needs_no_key(nrs: Caller) -> None:
    assert nrs.get("/api", x_api_key="").json() == {"healthy": True}


@pytest.mark.parametrize("path", ["/api", f"/api/v1/entity/{ENTITY}", "/nowhere"])
def test_who_asks_for_xml_gets_no_json(nrs: Caller, path: str) -> None:
    response = nrs.get(path, Accept="application/xml")
    assert response.headers["Content-Type"].startswith("application/xml")
    assert response.text.startswith("<?xml")


def test_a_stored_party_can_stand_in_an_invoice_by_its_id(nrs: Caller) -> None:
    party = document()["accounting_customer_party"] | {"business_id": BUSINESS}
    assert nrs.call("POST", "/api/v1/invoice/party", party).status_code == 201
    (stored,) = nrs.data(f"/api/v1/invoice/party/{BUSINESS}?party_name=kainji")["items"]
    assert nrs.data(f"/api/v1/invoice/party/{BUSINESS}?party_name=nobody")["items"] == []
    assert nrs.validate(document() | {"accounting_customer_party": {"id": stored["id"]}}).status_code == 200


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("business_id", "x", "invalid UUID length: 1"),
        ("party_name", "", "partyname is required"),
        ("tin", "1234", "tin must be at least in length or value 5"),
        ("telephone", "08011110001", "telephone must begin with +"),
        ("postal_address", None, "postaladdress is required"),
    ],
)
def test_a_party_is_checked(nrs: Caller, key: str, value: object, text: str) -> None:
    party = document()["accounting_customer_party"] | {"business_id": BUSINESS, key: value}
    assert text in text_of(nrs.call("POST", "/api/v1/invoice/party", party))


def test_tins_can_be_looked_up(nrs: Caller) -> None:
    found = nrs.call("POST", "/api/v1/utilities/verify-tin/", {"tin": "34567890-0001"}).json()["data"]
    assert (found["taxpayer_name"], found["message"]) == ("Kainji Logistics Limited", "TIN Information")
    assert nrs.call("POST", "/api/v1/utilities/verify-tin/", {"tin": "00000000-0001"}).status_code == 404


def test_a_taxpayer_signs_in_for_the_entity_id(nrs: Caller) -> None:
    path = "/api/v1/utilities/authenticate"
    good = nrs.call("POST", path, {"email": "owner@zuma.example", "password": "sandbox-only"}).json()["data"]
    assert (good["entity_id"], good["message"]) == (ENTITY, "User logged in")
    assert nrs.call("POST", path, {"email": "owner@zuma.example", "password": "guess"}).status_code == 400


def test_a_vat_report_is_all_text(nrs: Caller) -> None:
    names = "agent_tin beneficiary_tin currency item_description irn integrator_service_id"
    report = dict.fromkeys(names.split(), "x") | {
        "base_amount": "150000.00",
        "other_taxes": "0.00",
        "total_amount": "161250.00",
        "transaction_date": "2026-09-15",
        "vat_calculated": "11250.00",
        "vat_rate": "7.5",
        "vat_status": "STANDARD_VAT",
    }
    path = "/api/v1/vat/postpayment"
    assert nrs.call("POST", path, report).status_code == 200
    assert "baseamount must be a string" in text_of(nrs.call("POST", path, report | {"base_amount": 150000}))
    assert "vatstatus must be one of" in text_of(nrs.call("POST", path, report | {"vat_status": "EXEMPTED"}))
