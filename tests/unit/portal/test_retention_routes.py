"""Orders about a merchant's data: by name and with a reason, and never about somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from taxpoynt.domain.party import Merchant
from taxpoynt.portal.api import build
from taxpoynt.portal.retention_routes import add
from tests.unit.storage.records import sale

from .conftest import PUBLIC, Portal
from .retention_desk import desk_of
from .test_api import Client

Call = Callable[..., tuple[int, Any]]
ORDER = {"who": "Ada Obi", "why": "court order 12/2026"}


@pytest.fixture
def call(portal: Portal) -> Call:
    portal.store.put_merchant("m_a", Merchant(name="Seller Ltd"), expected_version=0)
    desk = desk_of(portal)
    return Client(build(portal.api, portal.desk, PUBLIC, lambda app: add(app, desk)))


def test_a_hold_is_put_read_and_lifted_by_name_and_reason(call: Call) -> None:
    assert call("GET", "/v1/merchants/m_a/legal-hold")[1]["held"] is False
    status, put = call("POST", "/v1/merchants/m_a/legal-hold", ORDER, idempotency_key="k-1")
    assert (status, put["held"], put["who"]) == (200, True, "Ada Obi")
    assert call("GET", "/v1/merchants/m_a/legal-hold")[1] == put
    lifted = call("POST", "/v1/merchants/m_a/legal-hold", {**ORDER, "held": False}, idempotency_key="k-2")
    assert lifted == (200, {"held": False, "who": None, "why": None, "since": None})


def test_an_order_without_a_name_or_a_reason_or_for_nobody_is_refused(call: Call) -> None:
    assert call("POST", "/v1/merchants/m_a/legal-hold", {"who": "", "why": "x"}, idempotency_key="k")[0] == 422
    assert call("POST", "/v1/merchants/m_a/erasure", {"who": "Ada", "why": " "}, idempotency_key="k")[0] == 400
    for path in ("legal-hold", "erasure"):
        assert call("POST", f"/v1/merchants/m_nobody/{path}", ORDER, idempotency_key="k")[0] == 404
    half = {**ORDER, "sale_id": "8"}
    assert call("POST", "/v1/merchants/m_a/erasure", half, idempotency_key="k")[0] == 400


def test_a_merchants_erasure_is_ordered_and_a_buyers_is_answered(portal: Portal, call: Call) -> None:
    portal.sales.claim(sale("8"), action="claimed")
    one = {**ORDER, "connector": "pipedrive", "sale_id": "8"}
    status, erased = call("POST", "/v1/merchants/m_a/erasure", one, idempotency_key="k-1")
    assert (status, erased["outcome"]) == (200, "erased")
    other = {**one, "sale_id": "9"}
    assert call("POST", "/v1/merchants/m_a/erasure", other, idempotency_key="k-2")[0] == 404
    status, ordered = call("POST", "/v1/merchants/m_a/erasure", ORDER, idempotency_key="k-3")
    assert (status, ordered["outcome"]) == (202, "ordered")
