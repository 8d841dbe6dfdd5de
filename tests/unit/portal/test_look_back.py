"""Rules and product tables are tried on older records too, asked for on the page and over the API."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import Any

import pytest
import yaml

from taxpoynt.domain.connection import ConnectionStatus
from taxpoynt.domain.look_back import LookBack
from taxpoynt.domain.rules import Signed
from taxpoynt.errors import StoreConflict
from taxpoynt.portal import look_back_routes
from taxpoynt.portal.api import build
from taxpoynt.portal.product_routes import ProductRoutes
from taxpoynt.portal.rules_routes import RulesRoutes
from tests.connectors.pipedrive.deals import MAPPING
from tests.connectors.pipedrive.test_golden import MERCHANT as SELLER

from .conftest import PUBLIC, Browser, Portal
from .test_api import Client
from .test_preview_api import keep
from .test_rules_api import connected, document
from .test_rules_pages import HERE, SIGNED, upload

ZERO = b"name,tax_category\nItem 1,ZERO_VAT\n"
BY = Signed(author="Ada Obi", note="")


@pytest.fixture
def merchant(portal: Portal) -> str:
    found = connected(portal)
    portal.store.put_merchant(found, SELLER, expected_version=1)
    return found


@pytest.fixture
def browser(portal: Portal, merchant: str) -> Browser:
    return portal.signed_in(merchant)


@pytest.fixture
def api(portal: Portal, merchant: str) -> Client:
    desk = portal.rules_desk
    more = (RulesRoutes(desk.mappings, desk.preview).add, ProductRoutes(desk.products, desk.preview.table).add)
    return Client(build(portal.api, portal.desk, PUBLIC, *more, lambda app: look_back_routes.add(app, desk.past)))


def noted(portal: Portal, merchant: str, **how: Any) -> LookBack:
    """What the job notes."""
    at = portal.past.store.get(merchant, "c_1")
    assert at is not None
    portal.clock.advance(minutes=1)
    return portal.past.store.save(replace(at, as_of=portal.clock.now(), **how))


# --- the page -------------------------------------------------------------------------------------------------------


def test_a_new_connection_asks_for_older_records_and_sees_how_far_they_are(
    browser: Browser, portal: Portal, merchant: str
) -> None:
    tried = unescape(str(browser.submit(f"{HERE}/change", action="try", records="20").body))
    assert "No record is kept to try it on." in tried
    assert "You asked for 20: more are not here." in tried
    assert "Fetch older records from Pipedrive" in tried
    asked = unescape(str(browser.submit(f"{HERE}/change", action="fetch", records="20", number="INV{sale}").body))
    assert "Older records are being fetched from Pipedrive" in asked
    assert "0 of 20 are here" in asked
    assert 'value="INV{sale}"' in asked, "what was typed is still in the form"
    (job,) = portal.queue.jobs
    assert (job["job"], job["connection"]) == ("look_back", "c_1")
    keep(portal, 101, sold=False)
    noted(portal, merchant, kept=1, seen=("deal/101",))
    rules = yaml.safe_dump(MAPPING["rules"])
    again = unescape(str(browser.submit(f"{HERE}/change", action="try", records="20", rules=rules).body))
    assert "1 of 20 are here" in again
    assert "As of 23 Nov 2026, 10:01." in again
    assert "On your last record" in again
    noted(portal, merchant, state="done", why="the platform lists no older ones", left_out=2)
    done = unescape(str(browser.get(f"{HERE}/change").body))
    assert "1 of 20 records fetched from Pipedrive are here: the platform lists no older ones." in done
    assert "2 could not be read there." in done
    assert portal.mappings.shown(merchant, "c_1").head.latest == 0, "nothing was saved"
    assert len(portal.queue.jobs) == 1


def test_a_fetch_that_stopped_says_why(browser: Browser, portal: Portal, merchant: str) -> None:
    browser.submit(f"{HERE}/change", action="fetch", records="5")
    noted(portal, merchant, state="stopped", why="the platform wants you to connect again")
    shown = unescape(str(browser.get(f"{HERE}/change").body))
    assert "stopped at 0 of 5: the platform wants you to connect again." in shown


def test_where_the_past_is_not_listed_the_page_says_so_and_has_no_button(
    browser: Browser, portal: Portal, merchant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    why = "this platform lists only what changes from now on"
    monkeypatch.setattr("taxpoynt.bootstrap.look_backs.cannot", lambda _template: why)
    shown = unescape(str(browser.get(f"{HERE}/change").body))
    assert f"Older records cannot be fetched from Pipedrive: {why}." in shown
    assert 'value="fetch"' not in shown
    assert browser.submit(f"{HERE}/change", action="fetch", records="5").status == 400
    assert portal.queue.jobs == []


# --- the API --------------------------------------------------------------------------------------------------------


def test_the_operator_asks_reads_how_far_it_is_and_previews_say_it_too(
    api: Client, portal: Portal, merchant: str
) -> None:
    path = f"/v1/merchants/{merchant}/connections/c_1/look-back"
    assert api("GET", path)[0] == 404
    status, told = api("POST", path, {"records": 30}, idempotency_key="a")
    assert (status, told["state"], told["wanted"], told["there"]) == (202, "fetching", 30, 0)
    noted(portal, merchant, kept=2, known=1, reached=portal.clock.now())
    told = api("GET", path)[1]
    assert (told["there"], told["fetched"], told["as_of"]) == (3, 2, "2026-11-23T09:01:00Z")
    keep(portal, 101, sold=False)
    preview = api("POST", path.replace("look-back", "mappings/previews"), {"document": document()}, idempotency_key="b")
    assert (preview[1]["asked"], preview[1]["there"]) == (50, 1)
    assert (preview[1]["look_back"]["state"], preview[1]["look_back"]["there"]) == ("fetching", 3)
    for body in ({"records": 0}, {"records": 201}):
        assert api("POST", path, body, idempotency_key="c")[0] == 422
    assert api("GET", path.replace(merchant, "m_other"))[0] == 404


def test_a_connection_that_is_not_active_cannot_be_asked(api: Client, portal: Portal, merchant: str) -> None:
    found = portal.store.get_connection(merchant, "c_1")
    portal.store.save_connection(replace(found, status=ConnectionStatus.NEEDS_REAUTH))
    path = f"/v1/merchants/{merchant}/connections/c_1/look-back"
    status, problem = api("POST", path, {"records": 30}, idempotency_key="a")
    assert (status, problem["detail"]) == (400, "the connection is not active")


# --- product tables --------------------------------------------------------------------------------------------------


def test_a_table_is_tried_before_it_counts_and_then_used(browser: Browser, portal: Portal, merchant: str) -> None:
    keep(portal, 101)
    portal.mappings.add(merchant, "c_1", document(*MAPPING["rules"]), BY)
    portal.queue.jobs.clear()
    answer = upload(browser, ZERO, action="try")
    assert (answer.status, answer.headers["location"]) == (303, "/connect/products/1")
    shown = unescape(str(browser.get("/connect/products/1").body))
    assert "It is kept, and does not count yet." in shown
    assert "1 would be invoiced differently" in shown
    assert "Line 1: tax category: STANDARD_VAT → ZERO_VAT" in shown
    assert portal.rules_desk.products.shown(merchant).head.active is None
    assert portal.queue.jobs == [], "nothing is looked at again yet"
    assert browser.submit("/connect/products/1", **SIGNED, revision="1").headers["location"].endswith("?done=saved")
    assert portal.rules_desk.products.shown(merchant).head.active == 1
    assert "It counts now" in unescape(str(browser.get("/connect/products/1").body))
    assert browser.get("/connect/products/7").status == 404


def test_what_would_be_held_no_longer_is_told(browser: Browser, portal: Portal, merchant: str) -> None:
    keep(portal, 101)
    keep(portal, 102)
    bare = SELLER.model_copy(update={"defaults": SELLER.defaults.model_copy(update={"classification": None})})
    stored = portal.store.get_merchant(merchant)
    portal.store.put_merchant(merchant, bare, expected_version=stored.version)
    portal.mappings.add(merchant, "c_1", document(*MAPPING["rules"]), BY)
    upload(browser, b"name,isic_code,unit\nItem 1,6202,EA\n", action="try")
    shown = unescape(str(browser.get("/connect/products/1").body))
    assert "2 of them would be held no longer" in shown
    assert "would be invoiced, and was held until now" in shown


def test_the_api_tries_a_version_of_the_table_over_every_connection(api: Client, portal: Portal, merchant: str) -> None:
    for number in (101, 102, 103):
        keep(portal, number)
    portal.mappings.add(merchant, "c_1", document(*MAPPING["rules"]), BY)
    path = f"/v1/merchants/{merchant}/product-table"
    signed = {"author": "Ada", "csv": ZERO.decode(), "activate": False}
    api("POST", path, signed, idempotency_key="a")
    status, told = api("POST", f"{path}/previews", {"number": 1, "records": 2}, idempotency_key="b")
    assert (status, told["asked"], told["there"], told["counts"]["changes"]) == (200, 2, 2, 2)
    assert told["totals"]["NGN"]["kobo"] == -15000
    assert api("POST", f"{path}/previews", {"number": 4}, idempotency_key="c")[0] == 404
    assert api("POST", f"{path}/previews", {"number": 1, "records": 500}, idempotency_key="d")[0] == 422


# --- where it is noted ------------------------------------------------------------------------------------------------


def test_two_that_note_at_once_do_not_write_over_each_other(portal: Portal, merchant: str) -> None:
    portal.past.ask(merchant, "c_1", 5)
    at = portal.past.store.get(merchant, "c_1")
    assert at is not None
    assert portal.past.store.save(replace(at, seen=("deal/1",), place="x", reached=portal.clock.now())).version == 2
    assert portal.past.store.get(merchant, "c_1") == replace(
        at, seen=("deal/1",), place="x", reached=portal.clock.now(), version=2
    )
    with pytest.raises(StoreConflict):
        portal.past.store.save(at)
    with pytest.raises(StoreConflict):
        portal.past.store.save(replace(at, version=0))
