from __future__ import annotations

from typing import Any

import pytest

from taxpoynt.connector_kit.fetching import MAX_RELATED, fetch_record, pages
from taxpoynt.connector_kit.loader import load, template
from taxpoynt.connector_kit.verdicts import RefusedWithStatus
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import BadInput, NotFound, PlatformRefused, PlatformUnavailable, RateLimited
from taxpoynt.ports import PlatformAnswer
from tests.unit.connector_kit.parts import TableApi

PIPEDRIVE = template("pipedrive")
DEAL = "/api/v2/deals/8"
PRODUCTS = f"{DEAL}/products?limit=500&sort_by=order_nr"
PAGE_2 = f"{DEAL}/products?cursor=c2&limit=500&sort_by=order_nr"
INSTALMENTS = "/api/v2/deals/installments?deal_ids=8"
REF = RecordRef(resource="deal", id="8")


def line(product: int | None, frequency: str = "one-time") -> dict[str, Any]:
    return {"id": 1, "product_id": product, "billing_frequency": frequency}


def api(**changes: Any) -> TableApi:
    table: dict[str, Any] = {
        DEAL: {"data": {"id": 8, "org_id": 1, "person_id": 2}},
        PRODUCTS: {"data": [line(5), line(6)], "additional_data": {"next_cursor": "c2"}},
        PAGE_2: {"data": [line(5), line(None)], "additional_data": {"next_cursor": None}},
        f"{DEAL}/discounts": {"data": []},
        INSTALMENTS: {"data": []},
        "/api/v2/organizations/1": {"data": {"id": 1}},
        "/api/v2/persons/2": {"data": {"id": 2}},
        "/api/v2/products/5": {"data": {"id": 5, "code": "A"}},
        "/api/v2/products/6": {"data": {"id": 6, "code": "B"}},
    }
    return TableApi(table | {name: value for name, value in changes.items() if name.startswith("/")})


def test_a_deal_comes_with_everything_its_sale_needs_in_order() -> None:
    asked = api()
    bundle = load("pipedrive").fetch(asked, REF)
    assert asked.asked == [
        DEAL, PRODUCTS, PAGE_2, f"{DEAL}/discounts", INSTALMENTS, "/api/v2/organizations/1", "/api/v2/persons/2",
        "/api/v2/products/5", "/api/v2/products/6",
    ]  # fmt: skip
    assert {name: len(many) for name, many in bundle.answers.items()} == {
        "deal": 1,
        "deal_products": 2,
        "deal_discounts": 1,
        "deal_installments": 1,
        "organization": 1,
        "person": 1,
        "products": 2,
    }
    assert bundle.answers["deal_products"][0].request == "GET /api/v2/deals/8/products?limit=500&sort_by=order_nr"
    assert SourceBundle.from_bytes(bundle.to_bytes()) == bundle


def test_absent_parties_and_recurring_deals_ask_less() -> None:
    asked = api(
        **{
            DEAL: {"data": {"id": 8, "org_id": None, "person_id": None}},
            PRODUCTS: {"data": [line(None, "monthly")], "additional_data": None},
        }
    )
    bundle = load("pipedrive").fetch(asked, REF)
    assert asked.asked == [DEAL, PRODUCTS, f"{DEAL}/discounts"]
    assert set(bundle.answers) == {"deal", "deal_products", "deal_discounts"}


def test_a_deal_that_is_gone_is_not_found() -> None:
    with pytest.raises(NotFound):
        load("pipedrive").fetch(api(**{DEAL: NotFound("404")}), REF)


@pytest.mark.parametrize(
    ("path", "problem", "name"),
    [
        (INSTALMENTS, RefusedWithStatus("x", status=402), "deal_installments"),
        (INSTALMENTS, RefusedWithStatus("x", status=403), "deal_installments"),
        ("/api/v2/organizations/1", NotFound("x"), "organization"),
        ("/api/v2/persons/2", NotFound("x"), "person"),
    ],
)
def test_what_a_plan_or_a_visibility_hides_counts_as_none(path: str, problem: Exception, name: str) -> None:
    assert name not in load("pipedrive").fetch(api(**{path: problem}), REF).answers


def test_one_hidden_product_does_not_hide_the_others() -> None:
    bundle = load("pipedrive").fetch(api(**{"/api/v2/products/5": NotFound("x")}), REF)
    assert len(bundle.answers["products"]) == 1


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/api/v2/organizations/1", RefusedWithStatus("x", status=403)),
        (PRODUCTS, PlatformRefused("x")),
        (INSTALMENTS, RateLimited("x")),
        (INSTALMENTS, PlatformUnavailable("x")),
    ],
)
def test_every_other_trouble_stops_the_fetch(path: str, problem: Exception) -> None:
    with pytest.raises(type(problem)):
        load("pipedrive").fetch(api(**{path: problem}), REF)


def test_a_missing_part_of_a_record_that_exists_is_not_taken_for_a_record_that_is_gone() -> None:
    with pytest.raises(PlatformRefused):
        load("pipedrive").fetch(api(**{f"{DEAL}/discounts": NotFound("x")}), REF)
    with pytest.raises(NotFound):
        load("pipedrive").fetch(api(**{DEAL: NotFound("x")}), REF)


@pytest.mark.parametrize("bad", ["", "8/products", "../users/me", "8?x=1", "ä", "8 ", "1" * 65])
def test_an_id_that_cannot_stand_in_a_path_is_never_sent(bad: str) -> None:
    asked = api()
    with pytest.raises(BadInput):
        fetch_record(asked, PIPEDRIVE, RecordRef(resource="deal", id=bad))
    assert asked.asked == []


def test_no_sale_is_made_from_an_organisation() -> None:
    with pytest.raises(BadInput):
        fetch_record(api(), PIPEDRIVE, RecordRef(resource="organization", id="1"))


def test_an_answer_that_is_not_json_is_an_outage() -> None:
    with pytest.raises(PlatformUnavailable):
        load("pipedrive").fetch(api(**{DEAL: b"<html>"}), REF)


def test_too_many_related_records_are_refused() -> None:
    many = {"data": [line(number) for number in range(1, MAX_RELATED + 2)]}
    with pytest.raises(PlatformRefused, match="more than"):
        load("pipedrive").fetch(api(**{PRODUCTS: many}), REF)


def test_the_same_cursor_twice_ends_the_loop() -> None:
    asked = api(**{PAGE_2: {"data": [], "additional_data": {"next_cursor": "c2"}}})
    with pytest.raises(PlatformRefused, match="twice"):
        load("pipedrive").fetch(asked, REF)
    assert len(asked.asked) == 3


def test_pages_without_end_end() -> None:
    class Endless:
        calls = 0

        def get(self, path: str, params: Any = None) -> bytes:
            raise AssertionError

        def read(self, path: str, params: Any = None, *, body: Any = None) -> PlatformAnswer:
            self.calls += 1
            return PlatformAnswer(body=b'{"additional_data":{"next_cursor":"c%d"}}' % self.calls)

        def send(self, method: str, path: str, body: Any = None) -> bytes:
            raise AssertionError

    endless = Endless()
    with pytest.raises(PlatformRefused, match="more than 200 pages"):
        list(pages(endless, PIPEDRIVE, "/x", {}))
    assert endless.calls == 200
