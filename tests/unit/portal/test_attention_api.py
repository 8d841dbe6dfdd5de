"""Clearing held sales over the API."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from taxpoynt.domain.status import SaleState

from .conftest import Portal
from .test_api import Client, api  # noqa: F401  (a fixture of that file)
from .test_attention import SIGNED, TIN, on_hold

SALE = "/v1/invoices/pipedrive/102"


def test_held_sales_come_with_where_to_mend_and_what_to_supply(api: Client, portal: Portal) -> None:  # noqa: F811
    _, record = on_hold(portal)
    (item,) = api("GET", "/v1/held-sales", query={"merchant": record.merchant})[1]["items"]
    (fault,) = item["faults"]
    assert fault["code"] == "BUYER-002"
    assert fault["where"] == {"label": "Organization", "url": None}
    assert fault["supply"] == ["buyer.tin", "buyer.kind"]
    assert item["sale"]["state"] == "needs_attention"
    assert api("GET", "/v1/held-sales", query={"merchant": "m_none"})[0] == 404


def test_a_value_is_supplied_once_however_often_it_is_sent(api: Client, portal: Portal) -> None:  # noqa: F811
    _, record = on_hold(portal)
    mine = {"merchant": record.merchant}
    given = {"values": [{"path": "buyer.tin", "value": TIN}], **SIGNED}
    assert api("POST", f"{SALE}/supplied-values", given, query=mine)[0] == 400, "no Idempotency-Key"
    status, answer = api("POST", f"{SALE}/supplied-values", given, query=mine, idempotency_key="k")
    assert (status, answer["sale"]["state"]) == (200, "claimed")
    assert answer["supplied"][0]["who"] == "Ada Obi"
    again = api("POST", f"{SALE}/supplied-values", given, query=mine, idempotency_key="k")
    assert again == (status, answer)
    assert len(portal.starter.started) == 1


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ([{"path": "buyer.tin", "value": "1"}], 422, "BUYER-003"),
        ([{"path": "gross_total", "value": "1"}], 422, "SUP-001"),
        ([], 422, None),
        ([{"path": "buyer.tin", "value": TIN}] * 2, 400, None),
    ],
)
def test_what_cannot_be_is_told_as_a_problem(
    api: Client,  # noqa: F811
    portal: Portal,
    values: list[dict[str, str]],
    status: int,
    code: str | None,
) -> None:
    _, record = on_hold(portal)
    given = {"values": values, **SIGNED}
    path = f"{SALE}/supplied-values"
    got, problem = api("POST", path, given, query={"merchant": record.merchant}, idempotency_key="k")
    assert got == status
    assert api.kind == "application/problem+json"
    if code:
        assert problem["faults"][0]["code"] == code


def test_another_merchants_sale_is_not_there(api: Client, portal: Portal) -> None:  # noqa: F811
    on_hold(portal)
    other = {"merchant": portal.merchant("Kainji", "two")}
    given = {"values": [{"path": "buyer.tin", "value": TIN}], **SIGNED}
    assert api("POST", f"{SALE}/supplied-values", given, query=other, idempotency_key="k")[0] == 404
    answer = {"question": "q", "choice": "issue", **SIGNED}
    assert api("POST", f"{SALE}/answers", answer, query=other, idempotency_key="k")[0] == 404
    for part in ("attention", "family", "explain", "receipt", "ubl", "qr", "stamp", "pdf"):
        assert api("GET", f"{SALE}/{part}", query=other)[0] == 404


def test_documents_arrive_byte_for_byte_and_an_explanation_by_the_sale(api: Client, portal: Portal) -> None:  # noqa: F811
    _, record = on_hold(portal)
    mine = {"merchant": record.merchant}
    assert api("GET", f"{SALE}/ubl", query=mine)[0] == 409
    assert api("GET", f"{SALE}/explain", query=mine)[0] == 404
    place = portal.blobs.put(f"{record.merchant}/documents/x.xml", b"<a>\xff", content_type="application/xml")
    portal.sales.change(replace(record, documents={"ubl": place}, irn="PD102-94ND90NR-20261123"), action="printed")
    status, text = api("GET", f"{SALE}/ubl", query=mine)
    assert (status, api.kind, base64.b64decode(text)) == (200, "application/xml", b"<a>\xff")
    explained = api("GET", f"{SALE}/explain", query=mine)[1]
    assert explained == {"merchant": record.merchant, "irn": "PD102-94ND90NR-20261123", "unmasked": False}
    asked = api("GET", f"{SALE}/explain", query={**mine, "unmasked": "true"})[1]
    assert asked["unmasked"] is True
    assert record.state is SaleState.NEEDS_ATTENTION


def test_a_correction_has_a_page_of_its_own(api: Client, portal: Portal) -> None:  # noqa: F811
    _, record = on_hold(portal, sale_id="102:C1")
    shown = api("GET", "/v1/invoices/pipedrive/102:C1/attention", query={"merchant": record.merchant})
    assert (shown[0], shown[1]["sale"]["sale_id"]) == (200, "102:C1")
