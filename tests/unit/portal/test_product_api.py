"""Product tables over the API."""

from __future__ import annotations

from typing import Any

import pytest

from taxpoynt.portal.api import build
from taxpoynt.portal.product_routes import ProductRoutes
from taxpoynt.services import product_tables

from .conftest import PUBLIC, Portal
from .test_api import Client

SIGNED = {"author": "Ada Obi", "note": "spring"}
CSV = "sku,isic_code,unit\nA,6202,EA\nB,6201,DAY\n"


@pytest.fixture
def api(portal: Portal) -> Client:
    desk = portal.rules_desk
    return Client(build(portal.api, portal.desk, PUBLIC, ProductRoutes(desk.products, desk.preview.table).add))


@pytest.fixture
def path(portal: Portal) -> str:
    return f"/v1/merchants/{portal.merchant()}/product-table"


def post(api: Client, path: str, **body: Any) -> tuple[int, Any]:
    return api("POST", path, {**SIGNED, **body}, idempotency_key="k")


def test_there_is_a_table_to_fill_in_and_it_can_be_uploaded_as_it_is(api: Client, path: str) -> None:
    status, text = api("GET", "/v1/product-table.csv")
    assert (status, api.kind) == (200, "text/csv; charset=utf-8")
    assert post(api, path, csv=text)[0] == 201


def test_tables_are_versions(api: Client, path: str, portal: Portal) -> None:
    status, first = post(api, path, csv=CSV)
    assert (status, first["number"], first["active"]) == (201, 1, True)
    assert [job["job"] for job in portal.queue.jobs] == ["recheck"]
    post(api, path, csv=CSV + "C,6201,EA\n", activate=False)
    page = api("GET", path)[1]
    assert [(one["number"], one["active"]) for one in page["items"]] == [(2, False), (1, True)]
    assert api("GET", f"{path}/1/csv")[1] == CSV
    assert post(api, f"{path}/activations", number=2)[1]["active"] == 2
    assert post(api, f"{path}/activations", number=1, revision=page["revision"])[0] == 409
    assert post(api, f"{path}/activations", number=7)[0] == 404


def test_every_row_is_judged_and_nothing_of_a_faulty_file_is_kept(
    api: Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"X{number},9,EA\n" for number in range(4))
    status, problem = post(api, path, csv=CSV + rows)
    assert status == 422
    lines = [f"line {number}: isic_code" for number in (4, 5, 6, 7)]
    assert [fault["path"] for fault in problem["faults"]] == lines
    assert api("GET", path)[1]["latest"] == 0
    monkeypatch.setattr(product_tables, "MOST_TOLD", 2)
    told = post(api, path, csv=CSV + rows)[1]["faults"]
    assert (len(told), told[-1]["message"]) == (3, "and 2 faults more")


def test_a_merchant_that_is_none_has_no_table(api: Client) -> None:
    assert api("GET", "/v1/merchants/m_nobody/product-table")[0] == 404
    assert post(api, "/v1/merchants/m_nobody/product-table", csv=CSV)[0] == 404
