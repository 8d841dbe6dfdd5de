"""Identity rules over the API and the pages, and what a person must tell about two sales."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from taxpoynt.domain.identity import SameKey
from taxpoynt.domain.status import SaleState
from taxpoynt.portal.api import build
from taxpoynt.portal.attention_routes import AttentionRoutes
from taxpoynt.portal.identity_routes import IdentityRoutes
from taxpoynt.ports import SaleRecord
from taxpoynt.services.same_sale import member_of
from taxpoynt.services.same_words import maybe

from .conftest import PUBLIC, Portal
from .test_api import Client
from .test_connect import held

SIGNED = {"author": "Ada Obi", "note": "both show web orders"}
RULES = {
    "version": 1,
    "sources": ["lightspeed_x", "pipedrive"],
    "match": [{"on": ["order_number"], "sure": True}, {"on": ["buyer", "amount", "day"], "days": 2}],
}


@pytest.fixture
def api(portal: Portal) -> Client:
    attention = AttentionRoutes(portal.attention, portal.api.held, lambda merchant, irn, *, unmasked=False: {})
    routes = IdentityRoutes(portal.rules_desk.identity)
    return Client(build(portal.api, portal.desk, PUBLIC, routes.add, attention.add))


def asked(portal: Portal, merchant: str) -> SaleRecord:
    """Till sale 77 that may be deal 102, which NRS is being sent."""
    other, _ = portal.sales.claim(held(merchant), action="claimed")
    mine = replace(held(merchant), sale_key="", connector="lightspeed_x", sale_id="77", identity=("Mabc",))
    key = SameKey(key="Mabc", sure=False)
    both = key.with_member(replace(member_of(other, 1), state="sealed")).with_member(member_of(mine, 0))
    faults = (maybe(member_of(other, 1), other),)
    record = replace(mine, state=SaleState.NEEDS_ATTENTION, faults=faults, same_as="pipedrive/102")
    return portal.sales.claim(record, action="same_sale_asked", same=[both])[0]


def post(api: Client, path: str, **body: Any) -> tuple[int, Any]:
    return api("POST", path, {**SIGNED, **body}, idempotency_key="k")


def test_identity_rules_are_versions(api: Client, portal: Portal) -> None:
    path = f"/v1/merchants/{portal.merchant()}/identity-rules"
    status, made = post(api, path, document=RULES)
    assert (status, made["number"], made["active"], made["document"]) == (201, 1, True, RULES)
    assert api("GET", f"{path}/1")[1]["document"] == RULES
    assert post(api, f"{path}/activations", number=None)[1]["active"] is None
    assert [one["number"] for one in api("GET", path)[1]["items"]] == [1]
    assert api("GET", "/v1/merchants/m_nobody/identity-rules")[0] == 404


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"sources": ["pipedrive"]}, "sources"),
        ({"sources": ["pipedrive", "pipedrve"]}, "sources.1"),
        ({"sources": ["pipedrive", "pipedrive"]}, ""),
        ({"match": []}, "match"),
        ({"match": [{"on": ["amount", "day"]}]}, "match.0"),
        ({"match": [{"on": ["buyer", "amount"], "sure": True}]}, "match.0"),
        ({"match": [{"on": ["order_number"], "days": 3}]}, "match.0"),
        ({"match": [{"on": ["order"]}]}, "match.0.on.0"),
    ],
)
def test_rules_that_could_take_two_sales_for_one_or_that_say_nothing_are_refused(
    api: Client, portal: Portal, change: dict[str, Any], where: str
) -> None:
    status, problem = post(api, f"/v1/merchants/{portal.merchant()}/identity-rules", document={**RULES, **change})
    assert status == 422
    assert [(one["code"], one["path"]) for one in problem["faults"]] == [("IDENT-001", where)]


def test_what_a_person_must_tell_is_listed_with_both_sales_and_answered(api: Client, portal: Portal) -> None:
    merchant = portal.merchant()
    asked(portal, merchant)
    (pair,) = api("GET", f"/v1/merchants/{merchant}/same-sales")[1]["items"]
    assert (pair["sale"]["sale_id"], pair["other"]["sale_id"], pair["code"]) == ("77", "102", "SAME-001")
    answer = {"question": pair["question"], "choice": "ignore", "who": "Ada", "why": "it is the web order"}
    path, query = "/v1/invoices/lightspeed_x/77/answers", {"merchant": merchant}
    for _ in range(2):
        assert api("POST", path, answer, query=query, idempotency_key="a")[0] == 200
    ended = portal.sales.get(merchant, "lightspeed_x", "77")
    assert (ended.state, ended.same_as) == (SaleState.WITHDRAWN, "pipedrive/102")
    assert api("GET", f"/v1/merchants/{merchant}/same-sales")[1]["items"] == []
    other = {**answer, "choice": "issue"}
    assert api("POST", path, other, query=query, idempotency_key="b")[0] == 409
    assert api("GET", "/v1/merchants/m_nobody/same-sales")[0] == 404
