"""Lists of a platform as rows, rows in our terms, and rows in place of a request."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from taxpoynt.connector_kit.catalogue import TemplateCatalogue
from taxpoynt.connector_kit.catalogue_rows import cut, moment_of, since_of
from taxpoynt.connector_kit.fetching import fetch_record
from taxpoynt.connector_kit.sync_checks import cross_checks
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_quirks import Quirks
from taxpoynt.connector_kit.template_syncs import Syncs
from taxpoynt.domain.catalogue import CatalogueItem, Customer, Kind, StockLevel
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import PlatformRefused
from taxpoynt.ports.known import KnownRecord
from tests.fakes.catalogue import BY_TIME, BY_VERSION, NUMBERED
from tests.fakes.catalogue_world import template_with
from tests.unit.connector_kit.parts import NOW, TableApi

LATER = NOW + timedelta(minutes=30)

R_ITEMS: dict[str, Any] = {
    "whole": [
        {
            "path": "/API/V3/Account/1/Item.json",
            "params": {"archived": "true", "sort": "timeStamp"},
            "paging": {"style": "url", "next": '"@attributes".next', "items": "Item", "single_as_object": True},
        }
    ],
    "in_order": True,
    "changes": {
        "requests": [
            {
                "path": "/API/V3/Account/1/Item.json",
                "params": {"archived": "true", "sort": "timeStamp", "timeStamp": ">=,{since}"},
                "paging": {"style": "url", "next": '"@attributes".next', "items": "Item", "single_as_object": True},
            }
        ],
        "overlap_seconds": 60,
        "since": "offset",
    },
    "id": "itemID",
    "sku": "customSku",
    "archived": "archived",
    "revision": {"by": "time", "value": "timeStamp"},
    "keep": ["itemID", "description", "customSku", "taxClassID", "Prices.ItemPrice[].amount"],
    "terms": {"name": "description", "tax_class": "taxClassID"},
}
"""As R-Series shows items: everything a text, one row without its list."""


def item(number: int, **more: Any) -> dict[str, Any]:
    told = {
        "itemID": str(number),
        "description": f"Item {number}",
        "customSku": f"C-{number}",
        "taxClassID": "1",
        "archived": "false",
        "timeStamp": f"2026-05-15T10:00:{number:02}+00:00",
        "Prices": {"ItemPrice": [{"amount": "9.99", "useType": "Default"}]},
        "avgCost": "4.20",
    }
    return {**told, **more}


def reader(**syncs: Any) -> TemplateCatalogue:
    return TemplateCatalogue(template_with(**syncs))


def page(one: TemplateCatalogue, api: TableApi, kind: Kind = "items", **at: Any) -> Any:
    return one.page(api, kind, **{"since": None, "leg": 0, "place": None, "now": NOW, **at})


def test_a_page_is_rows_cut_to_what_is_kept_and_where_to_go_on() -> None:
    address = "https://api.example.test/API/V3/Account/1/Item.json?after=abc"
    api = TableApi(
        {
            "/API/V3/Account/1/Item.json?archived=true&sort=timeStamp": {
                "@attributes": {"next": address},
                "Item": [item(1), item(2, archived="true")],
            },
            "/API/V3/Account/1/Item.json?after=abc": {"@attributes": {"next": ""}, "Item": item(3)},
        }
    )
    one = reader(items=R_ITEMS)
    first = page(one, api)
    assert [(row.id, row.archived, row.sku) for row in first.rows] == [("1", False, "C-1"), ("2", True, "C-2")]
    assert json.loads(first.rows[0].record) == {
        "itemID": "1",
        "description": "Item 1",
        "customSku": "C-1",
        "taxClassID": "1",
        "Prices": {"ItemPrice": [{"amount": "9.99"}]},
    }, "what is not kept, as a cost price, is not stored"
    assert first.read.leg == 0
    second = page(one, api, place=first.read.place)
    assert [row.id for row in second.rows] == ["3"], "one row stands there without its list"
    assert (second.read.leg, second.read.place) == (None, None)
    assert second.read.newest == "2026-05-15T10:00:03.000000+00:00"


def test_the_platforms_quirks_are_put_right_in_rows_too() -> None:
    quirks = {"zero_is_none": ["taxClassID"], "renamed": {"Description": "description"}}
    template = template_with(items=R_ITEMS).model_copy(update={"quirks": Quirks.model_validate(quirks)})
    shown = {**item(1, taxClassID="0"), "Description": "Palm oil"}
    del shown["description"]
    api = TableApi({"/API/V3/Account/1/Item.json?archived=true&sort=timeStamp": {"Item": shown}})
    one = TemplateCatalogue(template)
    [row] = page(one, api).rows
    terms = one.terms("items", row)
    assert isinstance(terms, CatalogueItem)
    assert (terms.name, terms.tax_class) == ("Palm oil", None)


def test_changes_are_asked_for_from_the_mark_less_the_overlap() -> None:
    asked = "archived=true&sort=timeStamp&timeStamp=>=,2026-05-15T09:59:03+00:00"
    api = TableApi({f"/API/V3/Account/1/Item.json?{asked}": {"@attributes": {"next": ""}, "Item": ""}})
    found = page(reader(items=R_ITEMS), api, since="2026-05-15T10:00:03.000000+00:00")
    assert (list(found.rows), found.read.newest, found.read.leg) == ([], None, None)


def test_a_version_list_goes_on_from_a_mark_as_from_any_page() -> None:
    api = TableApi({"/by_version?after=41": {"data": [{"id": "a", "version": 42}], "version": {"max": 42}}})
    found = page(reader(items=BY_VERSION), api, since=f"{41:020}")
    assert found.read.newest == f"{42:020}"
    assert [row.revision for row in found.rows] == [f"{42:020}"]


def test_several_lists_are_read_one_after_the_other() -> None:
    second = {**BY_TIME["whole"][0], "path": "/archived"}
    api = TableApi({"/by_time": {"data": [], "next": None}, "/archived": {"data": [], "next": None}})
    api.headers["/by_time"] = {"date": "Fri, 15 May 2026 10:00:00 GMT"}
    one = reader(items={**BY_TIME, "whole": [BY_TIME["whole"][0], second]})
    first = page(one, api)
    assert (first.read.leg, first.read.place) == (1, None)
    assert first.read.newest == "2026-05-15T10:00:00.000000+00:00", "of several lists: their clock at the start"
    assert page(one, api, leg=1).read.newest is None
    assert page(one, api, leg=1).read.leg is None


def test_an_unordered_list_tells_only_what_was_true_when_it_was_begun() -> None:
    """What changes while it is read may stand on a page that was read before."""
    row = {"id": "a", "updated_at": "2026-05-15T12:00:00+00:00"}
    api = TableApi({"/by_time": {"data": [row], "next": None}})
    api.headers["/by_time"] = {"date": "Fri, 15 May 2026 10:00:00 GMT"}
    found = page(reader(items={**BY_TIME, "in_order": False}), api)
    assert found.read.newest == "2026-05-15T10:00:00.000000+00:00"
    api.headers["/by_time"] = {}
    assert page(reader(items={**BY_TIME, "in_order": False}), api).read.newest == "2026-05-16T08:00:00.000000+00:00"


def test_rows_without_a_usable_id_and_rows_too_large_are_counted_not_kept() -> None:
    rows = [{"id": one, "updated_at": None} for one in ("ok", "", None, "a b", "x" * 129, True, ["a"])]
    rows.append({"id": "huge", "name": "x" * 40_000})
    api = TableApi({"/numbered?page=1": {"data": [*rows, "no object"]}})
    found = page(reader(items=NUMBERED), api)
    assert [row.id for row in found.rows] == ["ok"]
    assert found.read.unreadable == 8


def test_a_page_of_many_wide_rows_is_read_whole() -> None:
    rows = [{"id": str(number), **{f"field_{other}": "x" for other in range(80)}} for number in range(1000)]
    api = TableApi({"/numbered?page=1": {"data": rows}})
    assert len(page(reader(items=NUMBERED), api).rows) == 1000


def test_rows_in_our_terms_leave_out_what_cannot_be_read() -> None:
    party = {
        **BY_TIME,
        "sku": None,
        "keep": ["*"],
        "terms": {
            "name": {"source": "[first, last]", "transforms": [{"concat": " "}]},
            "kind": "kind",
            "tin": "vat",
            "email": "email",
            "telephone": {"source": "phone", "transforms": ["phone"]},
            "address.city": "city",
            "address.state": {"source": "state", "transforms": ["nigerian_state"]},
        },
    }
    shown = {
        "id": "7",
        "first": "Ada",
        "last": "Obi",
        "kind": "robot",
        "vat": "12345678-0001",
        "email": "",
        "phone": "0803 123 4567",
        "city": "Ikeja",
        "state": "Lagos",
        "updated_at": "2026-05-15T10:00:00Z",
    }
    one = reader(customers=party)
    [row] = page(one, TableApi({"/by_time": {"data": [shown], "next": None}}), "customers").rows
    terms = one.terms("customers", row)
    assert isinstance(terms, Customer)
    assert (terms.name, terms.tin, terms.email, terms.kind) == ("Ada Obi", "12345678-0001", None, None)
    assert terms.telephone == "+2348031234567"
    assert terms.address is not None
    assert (terms.address.city, terms.address.state) == ("Ikeja", "NG-LA")
    assert terms.updated_at == datetime(2026, 5, 15, 10, tzinfo=UTC)


def test_an_item_has_its_codes_and_stock_an_exact_quantity() -> None:
    codes = {"hsn_code": "hs", "product_category": "cat", "unit": {"source": "uom", "transforms": ["unit"]}}
    goods = {**NUMBERED, "keep": ["id", "hs", "cat", "uom"], "terms": codes}
    one = reader(items=goods)
    shown = {"id": "7", "hs": "1511.90", "cat": "Oils", "uom": "litre", "sku": "PO"}
    [row] = page(one, TableApi({"/numbered?page=1": {"data": [shown]}})).rows
    terms = one.terms("items", row)
    assert isinstance(terms, CatalogueItem)
    assert terms.classification is not None
    assert (terms.classification.hsn_code, terms.unit, terms.sku) == ("1511.90", "LTR", "PO")
    levels = {
        **NUMBERED,
        "record": None,
        "sku": None,
        "id": None,
        "item": "product_id",
        "location": "outlet_id",
        "keep": ["product_id", "outlet_id", "level"],
        "terms": {"quantity": "level"},
    }
    one = reader(stock=levels)
    level: dict[str, Any] = {"product_id": "7", "outlet_id": "lagos", "level": -2.5}
    [row] = page(one, TableApi({"/numbered?page=1": {"data": [level]}}), "stock").rows
    stock = one.terms("stock", row)
    assert isinstance(stock, StockLevel)
    assert (row.id, row.location) == ("7/lagos", "lagos")
    assert (stock.item, stock.location, stock.quantity) == ("7", "lagos", Decimal("-2.5"))


def test_times_are_read_and_written_as_platforms_have_them() -> None:
    assert moment_of("1715767200000") == moment_of(1715767200) == datetime(2024, 5, 15, 10, tzinfo=UTC)
    assert moment_of("2024-05-15 10:00:00") == moment_of("2024-05-15T11:00:00+01:00")
    assert moment_of("soon") is moment_of(None) is moment_of([]) is None
    mark = "2026-05-15T10:00:00.000000+00:00"
    assert since_of(mark, "seconds", 30) == "2026-05-15T09:59:30Z"
    assert since_of(mark, "offset", 0) == "2026-05-15T10:00:00+00:00"
    assert since_of(mark, "milliseconds", 0) == "2026-05-15T10:00:00.000+0000"
    assert since_of(mark, "epoch", 0) == "1778839200"
    assert since_of(mark, "epoch_ms", 0) == "1778839200000"


def test_cutting_keeps_shapes_lists_and_wildcards() -> None:
    shown = {"a": {"b": 1, "c": 2}, "list": [{"x": 1, "y": 2}, {"x": 3}], "custom": {"k1": {"v": 1, "w": 2}}, "n": None}
    kept = cut(shown, ["a.b", "list[].x", "custom.*.v", "n", "absent"])
    assert kept == {"a": {"b": 1}, "list": [{"x": 1}, {"x": 3}], "custom": {"k1": {"v": 1}}, "n": None}


# --- what a template may say -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"terms": {"colour": "name"}}, "items have no 'colour'"),
        ({"id": None}, "items are named by id"),
        ({"revision": None}, "changes need a revision"),
        ({"changes": {"requests": [{"path": "/x"}]}}, "changes by version are asked for with the whole list"),
        ({"in_order": False}, "changes by version need one list in_order"),
        ({"gone": None}, "changes that tell of deletions need gone"),
    ],
)
def test_what_does_not_fit_together_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Syncs.model_validate({"items": {**BY_VERSION, **change}})


def test_stock_is_named_by_item_and_location() -> None:
    with pytest.raises(ValueError, match="stock is named by item and location"):
        Syncs.model_validate({"stock": {**BY_VERSION, "terms": {}}})


def test_terms_of_fields_that_are_not_kept_and_unknown_records_are_found() -> None:
    sync = {
        "record": "nothing",
        "keep": ["name", "emails[].value"],
        "terms": {
            "name": "name || title",
            "email": "emails[?primary].value | [0]",
            "tin": {"source": "join('-', [vat, name])"},
        },
    }
    found = cross_checks({"resources": {}, "syncs": {"customers": sync}})
    assert found == [
        (("syncs", "customers", "record"), "resource 'nothing' is not described under resources"),
        (("syncs", "customers", "terms", "name"), "'title' is not kept"),
        (("syncs", "customers", "terms", "tin"), "'vat' is not kept"),
    ]


def test_a_row_may_stand_in_only_for_its_own_record_at_a_plain_path() -> None:
    data = {
        "resources": {"product": {"path": "/p/{id}", "item": "data[0]"}},
        "records": {"sale": {"related": [{"resource": "product", "catalogue": "items"}]}},
        "syncs": {"items": {"record": "variant"}},
    }
    problems = [message for _, message in cross_checks(data)]
    assert "syncs.items must name 'product' as its record" in problems
    assert "resource 'product' must show one record, at a plain path" in problems


# --- rows in place of a request ----------------------------------------------------------------------------------


class Known:
    """ports.KnownRecords over a few rows, known to be current for `age`."""

    def __init__(self, age: timedelta, **rows: dict[str, Any]) -> None:
        self.age, self.rows = age, rows

    def find(self, kind: Kind, ids: Sequence[str], *, within: timedelta | None) -> Mapping[str, KnownRecord]:
        if within is not None and self.age > within:
            return {}
        return {
            one: KnownRecord(id=one, revision="9", as_of=LATER, record=json.dumps(self.rows[one]).encode())
            for one in ids
            if one in self.rows
        }


def selling(**related: Any) -> Template:
    """A platform whose sales name products by id only."""
    base = template_with(items={**BY_VERSION, "record": "product"}).model_dump(mode="json", exclude_none=True)
    base["records"] = {"deal": {"related": [{"resource": "product", "ids": "deal.products", **related}]}}
    base["resources"]["deal"] = {"path": "/deal/{id}", "item": "data"}
    return Template.model_validate(base)


SALE = {"data": {"id": 8, "products": ["a", "b"]}}
TABLE = {"/deal/8": SALE, "/one/a": {"data": {"id": "a", "name": "fetched"}}}


def fetched(template: Template, known: Any) -> tuple[SourceBundle, list[str]]:
    api = TableApi(TABLE)
    bundle = fetch_record(api, template, RecordRef(resource="deal", id="8"), known)
    return bundle, api.asked


def test_a_record_the_platform_no_longer_shows_comes_from_the_catalogue_with_its_time() -> None:
    known = Known(timedelta(days=9), a={"id": "a", "name": "kept"}, b={"id": "b", "name": "kept"})
    bundle, asked = fetched(selling(catalogue="items", absent_on=[404]), known)
    assert asked == ["/deal/8", "/one/a", "/one/b"], "what the platform shows wins"
    assert bundle.parsed()["product"] == [
        {"data": {"id": "a", "name": "fetched"}},
        {"data": {"id": "b", "name": "kept"}},
    ]
    assert bundle.from_catalogue() == [f"catalogue items/b revision 9 as of {LATER.isoformat()}"]
    assert SourceBundle.from_bytes(bundle.to_bytes()) == bundle, "and is kept as it was used"


def test_a_template_may_prefer_the_catalogue_and_saves_the_requests() -> None:
    known = Known(timedelta(minutes=30), a={"id": "a", "name": "kept"}, b={"id": "b", "name": "kept"})
    bundle, asked = fetched(selling(catalogue="items", prefer="catalogue"), known)
    assert asked == ["/deal/8"]
    assert len(bundle.from_catalogue()) == 2


def test_a_catalogue_that_is_not_known_to_be_current_is_not_preferred() -> None:
    known = Known(timedelta(hours=3), a={"id": "a", "name": "kept"})
    bundle, asked = fetched(selling(catalogue="items", prefer="catalogue", absent_on=[404]), known)
    assert "/one/a" in asked
    assert bundle.parsed()["product"] == [{"data": {"id": "a", "name": "fetched"}}]


def test_what_nobody_has_stays_absent() -> None:
    bundle, _ = fetched(selling(catalogue="items", absent_on=[404]), Known(timedelta(0)))
    assert bundle.parsed()["product"] == [{"data": {"id": "a", "name": "fetched"}}]
    with pytest.raises(PlatformRefused):
        fetched(selling(catalogue="items"), Known(timedelta(0)))


def test_a_sale_of_more_products_than_may_be_asked_for_is_read_where_the_catalogue_has_them() -> None:
    many = [f"p{number}" for number in range(900)]
    known = Known(timedelta(0), **{one: {"id": one, "name": "kept"} for one in many})
    api = TableApi({"/deal/8": {"data": {"id": 8, "products": many}}})
    template = selling(catalogue="items", prefer="catalogue")
    bundle = fetch_record(api, template, RecordRef(resource="deal", id="8"), known)
    assert len(bundle.answers["product"]) == 900
    with pytest.raises(PlatformRefused, match="more than 500"):
        fetch_record(api, template, RecordRef(resource="deal", id="8"), None)
