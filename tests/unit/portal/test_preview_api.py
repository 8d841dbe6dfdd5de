"""What other rules would make of a merchant's own last records, before they count."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import Any

import pytest
import yaml

from taxpoynt.portal.api import build
from taxpoynt.portal.rules_routes import RulesRoutes
from taxpoynt.services.sale_files import put_source
from tests.connectors.pipedrive.deals import MAPPING, ORGANIZATION, answers, bundle, deal, line
from tests.connectors.pipedrive.test_golden import MERCHANT as SELLER

from .conftest import PUBLIC, Portal
from .test_api import Client
from .test_connect import held
from .test_rules_api import connected, document

ZERO = {"target": "line.tax_category", "source": "'ZERO_VAT'"}


@pytest.fixture
def path(portal: Portal) -> str:
    merchant = connected(portal)
    portal.store.put_merchant(merchant, SELLER, expected_version=1)
    return f"/v1/merchants/{merchant}/connections/c_1/mappings/previews"


@pytest.fixture
def api(portal: Portal) -> Client:
    return Client(build(portal.api, portal.desk, PUBLIC, RulesRoutes(portal.mappings, portal.rules_desk.preview).add))


def keep(portal: Portal, number: int, *, sold: bool = True, **fields: Any) -> None:
    merchant = portal.merchant()
    made = bundle(answers(deal(1000, id=number, **fields), line(1, item_price=1000, tax_method="none")))
    place = put_source(portal.blobs, merchant, replace(made, resource_id=str(number)))
    if sold:
        portal.sales.claim(replace(held(merchant), sale_id=str(number), record_key=place), action="claimed")


def post(api: Client, path: str, **body: Any) -> tuple[int, Any]:
    return api("POST", path, body, idempotency_key="k")


def test_each_record_is_read_by_the_rules_of_now_and_by_the_others(api: Client, path: str, portal: Portal) -> None:
    keep(portal, 101)
    rules = {"document": document(*MAPPING["rules"]), "author": "Ada"}
    api("POST", path.removesuffix("/previews"), rules, idempotency_key="k")
    status, told = post(api, path, document=document(*MAPPING["rules"], ZERO))
    assert status == 200
    (one,) = told["records"]
    assert (one["name"], one["outcome"], one["kobo"]) == ("deal 101", "changes", -7500)
    assert ("lines[0].tax_category", "STANDARD_VAT", "ZERO_VAT") in [
        (change["field"], change["from"], change["to"]) for change in one["changes"]
    ]
    assert told["totals"]["NGN"]["kobo"] == -7500
    assert told["gone"] == 0
    assert portal.mappings.shown(portal.merchant(), "c_1").head.latest == 1, "nothing was stored"


def test_a_version_is_tried_by_its_number_and_rules_that_refuse_say_why(api: Client, path: str, portal: Portal) -> None:
    keep(portal, 101)
    keep(portal, 102)
    needs = {"target": "buyer.tin", "source": "organization.custom_fields.none", "required": True}
    api(
        "POST",
        path.removesuffix("/previews"),
        {"document": document(needs), "author": "Ada", "activate": False},
        idempotency_key="k",
    )
    told = post(api, path, number=1, records=1)[1]
    assert told["counts"]["refused"] == 1
    assert told["records"][0]["faults"][0]["code"] == "MAP-010"


def test_records_that_made_no_sale_are_tried_too(api: Client, path: str, portal: Portal) -> None:
    keep(portal, 101)
    keep(portal, 103, sold=False, status="open")
    told = post(api, path, document=document())[1]
    assert {one["name"] for one in told["records"]} == {"deal 101", "deal 103"}


def test_what_is_kept_no_more_is_counted_and_faulty_rules_are_refused(api: Client, path: str, portal: Portal) -> None:
    merchant = portal.merchant()
    portal.sales.claim(replace(held(merchant), sale_id="9"), action="claimed")
    told = post(api, path, document=document(ZERO))[1]
    assert (told["records"], told["gone"]) == ([], 1)
    assert post(api, path, document=document({"target": "?"}))[0] == 422
    for body in ({}, {"document": document(), "number": 1}, {"number": 9}):
        assert post(api, path, **body)[0] in (400, 404)
    assert post(api, path, document=document(), records=201)[0] == 422


def test_the_operator_sees_that_a_buyer_would_change_and_the_merchant_how(
    api: Client, path: str, portal: Portal
) -> None:
    keep(portal, 101)
    renamed = [*MAPPING["rules"], {"target": "note", "source": "organization.name"}]
    rules = {"document": document(*MAPPING["rules"]), "author": "Ada"}
    api("POST", path.removesuffix("/previews"), rules, idempotency_key="k")
    (one,) = post(api, path, document=document(*renamed))[1]["records"]
    (note,) = [change for change in one["changes"] if change["field"] == "note"]
    assert (note["from"], note["to"]) == (None, "[personal]")
    page = portal.signed_in(portal.merchant()).submit(
        "/connect/rules/c_1/change", action="try", rules=yaml.safe_dump(renamed), records="10"
    )
    buyer = ORGANIZATION["name"]
    assert f"nothing → {buyer}" in unescape(str(page.body)), page.body


def test_a_line_that_was_named_after_the_deal_is_hidden_from_the_operator(
    api: Client, path: str, portal: Portal
) -> None:
    merchant = portal.merchant()
    made = bundle(answers(deal(1000, id=104, title="Party of Ada Osagie")))
    place = put_source(portal.blobs, merchant, replace(made, resource_id="104"))
    portal.sales.claim(replace(held(merchant), sale_id="104", record_key=place), action="claimed")
    rules = {"document": document(*MAPPING["rules"]), "author": "Ada"}
    api("POST", path.removesuffix("/previews"), rules, idempotency_key="k")
    named = {"target": "line.description", "source": "'One event'"}
    told = post(api, path, document=document(*MAPPING["rules"], named))[1]
    changed = {change["field"]: (change["from"], change["to"]) for change in told["records"][0]["changes"]}
    assert changed, told
    assert "Ada Osagie" not in str(told)
