"""Related records read many at a time, as HubSpot, Square, Pipedrive and Lightspeed R each have it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from taxpoynt.connector_kit.fetching import fetch_record
from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_records import Record, Resource
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import BadInput, NotFound, PlatformRefused
from tests.unit.connector_kit.parts import TableApi

DEAL: dict[str, Any] = {"path": "/deals/{id}", "item": "@"}
REF = RecordRef(resource="deal", id="8")


def spec(lines: Mapping[str, Any], **related: Any) -> Template:
    resources = {"deal": Resource(**DEAL), "lines": Resource(**lines)}
    wanted = {"resource": "lines", "ids": "deal.lines[].id", **related}
    records = {"deal": Record(related=(wanted,))}
    return template("pipedrive").model_copy(update={"resources": resources, "records": records})


def deal(*lines: int) -> dict[str, Any]:
    return {"/deals/8": {"id": 8, "lines": [{"id": number} for number in lines]}}


HUBSPOT = {
    "path": "/crm/v3/objects/line_items/batch/read",
    "body": {"properties": ["name", "price"]},
    "item": "results",
    "batch": {"at_most": 2, "into": "inputs", "each": {"id": "{id}"}},
}


def test_a_batch_in_a_body_asks_for_at_most_so_many_and_keeps_every_answer() -> None:
    api = TableApi(
        deal(1, 2, 3)
        | {"POST /crm/v3/objects/line_items/batch/read": lambda: {"results": [{"id": "3"}, {"id": "2"}, {"id": "1"}]}}
    )
    bundle = fetch_record(api, spec(HUBSPOT), REF)
    assert api.bodies == [
        {"properties": ["name", "price"], "inputs": [{"id": "1"}, {"id": "2"}]},
        {"properties": ["name", "price"], "inputs": [{"id": "3"}]},
    ]
    assert len(bundle.answers["lines"]) == 2
    request = bundle.answers["lines"][1].request
    assert request.startswith("POST /crm/v3/objects/line_items/batch/read {")
    assert json.loads(request.split(" ", 2)[2])["inputs"] == [{"id": "3"}]


def test_plain_ids_in_a_body() -> None:
    square = {
        "path": "/v2/orders/batch-retrieve",
        "body": {},
        "item": "orders",
        "batch": {"at_most": 100, "into": "order_ids"},
    }
    api = TableApi(deal(1, 2) | {"POST /v2/orders/batch-retrieve": {"orders": [{"id": "1"}, {"id": "2"}]}})
    fetch_record(api, spec(square), REF)
    assert api.bodies == [{"order_ids": ["1", "2"]}]


@pytest.mark.parametrize(
    ("resource", "asked"),
    [
        ({"params": {"ids": "{ids}"}, "batch": {"at_most": 100}}, "/items?ids=1,2"),
        ({"params": {"saleID": "IN,[{ids}]"}, "batch": {"at_most": 100}}, "/items?saleID=IN,[1,2]"),
        ({"params": {"q": "Id IN ('{ids}')"}, "batch": {"at_most": 9, "joined": "','"}}, "/items?q=Id IN ('1','2')"),
    ],
)
def test_ids_in_a_parameter_stand_as_the_platform_wants_them(resource: dict[str, Any], asked: str) -> None:
    api = TableApi(deal(1, 2) | {asked: {"data": [{"id": "1"}, {"id": "2"}]}})
    fetch_record(api, spec({"path": "/items", "item": "data", **resource}), REF)
    assert api.asked == ["/deals/8", asked]


def test_what_a_batch_leaves_out_is_missed_unless_it_may_be_absent() -> None:
    answer = {"POST /crm/v3/objects/line_items/batch/read": {"results": [{"id": "1"}], "errors": [{}]}}
    with pytest.raises(PlatformRefused, match="not found"):
        fetch_record(TableApi(deal(1, 2) | answer), spec(HUBSPOT), REF)
    bundle = fetch_record(TableApi(deal(1, 2) | answer), spec(HUBSPOT, absent_on=[404]), REF)
    assert len(bundle.answers["lines"]) == 1


def test_the_id_of_an_answers_item_may_have_another_name() -> None:
    named = {**HUBSPOT, "batch": {**HUBSPOT["batch"], "found": "properties.hs_object_id"}}  # type: ignore[dict-item]  # a mapping
    answer = {"results": [{"properties": {"hs_object_id": number}} for number in (1, 2)]}
    fetch_record(TableApi(deal(1, 2) | {"POST /crm/v3/objects/line_items/batch/read": answer}), spec(named), REF)


def test_without_ids_no_batch_is_asked_for() -> None:
    api = TableApi(deal())
    assert set(fetch_record(api, spec(HUBSPOT), REF).answers) == {"deal"}
    assert api.asked == ["/deals/8"]


def test_an_id_that_cannot_stand_in_a_query_stops_the_batch() -> None:
    api = TableApi({"/deals/8": {"lines": [{"id": "1"}, {"id": "2') OR ('1"}]}})
    with pytest.raises(BadInput):
        fetch_record(api, spec(HUBSPOT), REF)
    assert api.asked == ["/deals/8"]


def test_a_record_that_is_itself_read_by_batch_is_gone_when_it_is_left_out() -> None:
    main = Resource(path="/orders", params={"ids": "{ids}"}, item="data", batch={"at_most": 1})
    about = template("pipedrive").model_copy(update={"resources": {"deal": main}, "records": {"deal": Record()}})
    assert fetch_record(TableApi({"/orders?ids=8": {"data": [{"id": 8}]}}), about, REF).answers
    with pytest.raises(NotFound):
        fetch_record(TableApi({"/orders?ids=8": {"data": []}}), about, REF)


def test_a_search_reads_a_record_by_post() -> None:
    query = {
        "path": "/search",
        "body": {"filters": [{"property": "deal", "value": "{id}"}], "limit": 5},
        "item": "results",
    }
    api = TableApi(deal() | {"POST /search": {"results": []}})
    fetch_record(api, spec(query, ids=None), REF)
    assert api.bodies == [{"filters": [{"property": "deal", "value": "8"}], "limit": 5}]


def test_pages_of_a_related_list_go_by_its_own_paging() -> None:
    lines = {
        "path": "/lines",
        "params": {"deal": "{id}"},
        "item": "Line",
        "paged": True,
        "paging": {"style": "page", "parameter": "page", "ends": "empty", "single_as_object": True},
    }
    api = TableApi(
        deal()
        | {
            "/lines?deal=8&page=1": {"Line": {"id": 1}},
            "/lines?deal=8&page=2": {"Line": [{"id": 2}]},
            "/lines?deal=8&page=3": {},
        }
    )
    about = spec(lines, ids=None)
    products = Resource(path="/products/{id}", item="@", many=True)
    related = (*about.records["deal"].related, {"resource": "products", "ids": "lines[].id"})
    about = about.model_copy(
        update={
            "resources": {**about.resources, "products": products},
            "records": {"deal": Record(related=related)},
        }
    )
    api.table |= {"/products/1": {}, "/products/2": {}}
    bundle = fetch_record(api, about, REF)
    assert len(bundle.answers["lines"]) == 3
    assert len(bundle.answers["products"]) == 2, "one line that came without its list is a line all the same"


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"paging": {"style": "none"}}, "not paged"),
        ({"paged": True, "params": {"i": "{ids}"}, "batch": {"at_most": 2}}, "a batch has no pages"),
        ({"batch": {"at_most": 2, "into": "ids"}}, "there is none"),
        ({"batch": {"at_most": 2}}, "nothing says where the ids"),
        ({"batch": {"at_most": 2, "each": {"id": "{id}"}}}, "into must say where"),
        ({"params": {"i": "{ids}"}, "batch": {"at_most": 0}}, "greater than or equal to 1"),
    ],
)
def test_a_contradictory_resource_is_rejected_in_words(block: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Resource(path="/x", item="@", **block)
    assert problem in str(caught.value)
