"""A merchant ticks the shops that issue invoices, by name, without scripts; new and closed ones are told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from types import MappingProxyType
from typing import Any

import pytest

from taxpoynt.bootstrap.locations import location_reader
from taxpoynt.domain.locations import Location, merged, untold
from taxpoynt.portal import location_routes, shop_choice
from taxpoynt.portal.api import build
from taxpoynt.portal.rules_form import document_of, texts_of
from tests.connectors.pipedrive.test_golden import MERCHANT as SELLER
from tests.fakes.clock import START
from tests.fakes.locations import FakeLocationStore

from .conftest import PUBLIC, Browser, Portal
from .test_api import Client
from .test_rules_api import connected

HERE = "/connect/rules/c_1"
SIGNED = {"who": "Ada Obi", "note": "as agreed"}
IKEJA, LEKKI = Location(id="1", name="Ikeja <City>"), Location(id="2", name="Lekki")
ABUJA = Location(id="3", name="Abuja", active=False)


@pytest.fixture
def kept(portal: Portal) -> FakeLocationStore:
    store = FakeLocationStore()
    portal.shops = store
    return store


@pytest.fixture
def browser(portal: Portal, kept: FakeLocationStore) -> Browser:
    merchant = connected(portal, "lightspeed_r")
    portal.store.put_merchant(merchant, SELLER, expected_version=1)
    return portal.signed_in(merchant)


def tell(portal: Portal, kept: FakeLocationStore, *shops: Location) -> None:
    """The platform lists these now."""
    ids = (portal.merchant(), "c_1")
    kept.put(*ids, merged(kept.get(*ids), shops, portal.clock.now()))


def text(browser: Browser, path: str = f"{HERE}/change") -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", str(browser.get(path).body))))


def boxes(browser: Browser) -> dict[str, bool]:
    """Shop → is it ticked?"""
    page = str(browser.get(f"{HERE}/change").body)
    found = re.findall(r'<input type="checkbox" id="setting\.shops\.([^"]+)" name="setting\.shops\.\1"[^>]*>', page)
    return {one: f'name="setting.shops.{one}" value="yes" checked' in page for one in found}


def save(browser: Browser, *shops: str, **more: str) -> Any:
    """The form as a browser sends it: ticked boxes only, and the hidden field."""
    form = {"setting.shops": "", **{f"setting.shops.{one}": "yes" for one in shops}, **SIGNED, **more}
    return browser.submit(f"{HERE}/change", **{"action": "save", **form})


def settings(portal: Portal) -> Any:
    active = portal.mappings.shown(portal.merchant(), "c_1").active
    return active.body.get("settings") if active else None


def test_shops_are_ticked_by_name_and_stored_as_the_setting(
    browser: Browser, portal: Portal, kept: FakeLocationStore
) -> None:
    tell(portal, kept, IKEJA, LEKKI, ABUJA)
    assert boxes(browser) == {"3": False, "1": False, "2": False}, "by name"
    page = text(browser)
    assert "Ikeja <City> number 1" in page
    assert "Abuja number 3; closed in lightspeed_r" in page
    assert "As lightspeed_r listed them on 23 Nov 2026, 10:00" in page
    assert 'for="setting.shops.2"' in str(browser.get(f"{HERE}/change").body), "a label, for keyboard and thumb"
    assert save(browser, "1", "3").status == 303
    assert settings(portal) == {"shops": ["1", "3"]}
    assert boxes(browser) == {"3": True, "1": True, "2": False}
    assert "Shops that issue invoices: Ikeja <City>, Abuja." in text(browser, HERE)
    assert "Shops that issue invoices: Ikeja <City>, Abuja." in text(browser, f"{HERE}/versions/1")


def test_to_tick_none_means_all_of_them_again(browser: Browser, portal: Portal, kept: FakeLocationStore) -> None:
    tell(portal, kept, IKEJA, LEKKI)
    save(browser, "1")
    assert save(browser).status == 303
    assert settings(portal) in (None, {})
    assert boxes(browser) == {"1": False, "2": False}
    assert "While none is ticked, a shop that you open later issues invoices too" in text(browser)


def test_what_was_ticked_stays_while_it_is_tried(browser: Browser, portal: Portal, kept: FakeLocationStore) -> None:
    tell(portal, kept, IKEJA, LEKKI)
    answer = save(browser, "2", action="try")
    assert 'name="setting.shops.2" value="yes" checked' in str(answer.body)
    assert settings(portal) is None
    answer = save(browser, action="try")
    assert "checked" not in str(answer.body)


def test_a_shop_opened_after_the_choice_is_told_and_stays_out_until_it_is_ticked(
    browser: Browser, portal: Portal, kept: FakeLocationStore
) -> None:
    tell(portal, kept, IKEJA)
    save(browser, "1")
    assert "Opened since" not in text(browser, HERE)
    portal.clock.advance(hours=3)
    tell(portal, kept, IKEJA, LEKKI)
    assert "Opened since you chose your shops, so not invoiced: Lekki." in text(browser, HERE)
    assert boxes(browser) == {"1": True, "2": False}
    assert "Lekki number 2 new" in text(browser)
    save(browser, "1", "2")
    assert settings(portal) == {"shops": ["1", "2"]}
    assert "Opened since" not in text(browser, HERE)


def test_a_shop_opened_while_none_is_chosen_is_nothing_to_tell(
    browser: Browser, portal: Portal, kept: FakeLocationStore
) -> None:
    tell(portal, kept, IKEJA)
    portal.clock.advance(hours=3)
    tell(portal, kept, IKEJA, LEKKI)
    assert "Opened since" not in text(browser, HERE)
    assert "Lekki number 2 new" not in text(browser)


def test_a_chosen_shop_that_went_stays_visible_and_can_be_taken_out(
    browser: Browser, portal: Portal, kept: FakeLocationStore
) -> None:
    tell(portal, kept, IKEJA, LEKKI, ABUJA)
    save(browser, "1", "2")
    portal.clock.advance(hours=1)
    tell(portal, kept, IKEJA)
    assert boxes(browser) == {"1": True, "2": True}, "Abuja was not chosen, and is gone"
    assert "Lekki number 2; gone: lightspeed_r has not shown it since 23 Nov 2026, 11:00" in text(browser)
    assert "Chosen, and no longer shown by lightspeed_r: Lekki." in text(browser, HERE)
    save(browser, "1")
    assert settings(portal) == {"shops": ["1"]}
    assert boxes(browser) == {"1": True}


def test_a_number_that_no_shop_has_is_told(browser: Browser, portal: Portal, kept: FakeLocationStore) -> None:
    save(browser, **{"setting.shops": "1\n77"})
    assert settings(portal) == {"shops": ["1", "77"]}
    tell(portal, kept, IKEJA)
    assert "77 lightspeed_r shows no shop with this number" in text(browser)
    assert boxes(browser) == {"1": True, "77": True}


def test_before_there_is_a_list_numbers_are_written_and_the_page_says_why(
    browser: Browser, portal: Portal, kept: FakeLocationStore
) -> None:
    assert "We are still asking lightspeed_r for your shops." in text(browser)
    assert '<textarea id="setting.shops"' in str(browser.get(f"{HERE}/change").body)
    kept.put(portal.merchant(), "c_1", untold(None, "PlatformRefused", portal.clock.now()))
    assert "lightspeed_r does not show us your shops" in text(browser)
    save(browser, **{"setting.shops": "2"})
    assert settings(portal) == {"shops": ["2"]}


def test_an_old_list_says_that_it_is_old(browser: Browser, portal: Portal, kept: FakeLocationStore) -> None:
    tell(portal, kept, IKEJA)
    ids = (portal.merchant(), "c_1")
    portal.clock.advance(hours=2)
    kept.put(*ids, untold(kept.get(*ids), "PlatformRefused", portal.clock.now()))
    page = text(browser)
    assert "As lightspeed_r listed them on 23 Nov 2026, 10:00" in page
    assert "When we asked on 23 Nov 2026, 12:00, it did not show them." in page


def test_more_shops_than_fit_a_form_are_written_as_numbers(
    browser: Browser, portal: Portal, kept: FakeLocationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_choice, "MOST_BOXES", 1)
    tell(portal, kept, IKEJA, LEKKI)
    assert "There are too many to tick" in text(browser)
    save(browser, **{"setting.shops": "1\n1"})
    assert settings(portal) == {"shops": ["1"]}


def test_a_setting_that_is_not_on_the_form_keeps_the_templates_default() -> None:
    class Shown:
        title = explanation = ""
        type, default = "locations", ("9",)
        choices: Mapping[str, str] = MappingProxyType({})

    assert document_of(texts_of({}), {}, {"shops": Shown()}) == {"version": 1}
    assert document_of({"setting.shops": ""}, {}, {"shops": Shown()})["settings"] == {"shops": []}


def test_a_platform_without_shops_asks_for_none(portal: Portal, kept: FakeLocationStore) -> None:
    page = text(portal.signed_in(connected(portal)))
    assert "which of them issue invoices" not in page
    assert "for your shops" not in page


def test_the_api_lists_shops_with_their_times_and_who_issues(
    browser: Browser, portal: Portal, kept: FakeLocationStore
) -> None:
    reader = location_reader(portal.store, kept, portal.rules_desk.chosen)
    api = Client(build(portal.api, portal.desk, PUBLIC, lambda app: location_routes.add(app, reader)))
    path = f"/v1/merchants/{portal.merchant()}/connections/c_1/locations"
    empty: dict[str, Any] = {
        "as_of": None,
        "asked_at": None,
        "problem": "",
        "setting": "shops",
        "chosen": [],
        "items": [],
    }
    assert api("GET", path) == (200, empty)
    tell(portal, kept, IKEJA, LEKKI)
    save(browser, "1")
    portal.clock.advance(days=1)
    tell(portal, kept, IKEJA, ABUJA)
    status, told = api("GET", path)
    assert (status, told["chosen"], told["as_of"], told["problem"]) == (200, ["1"], "2026-11-24T09:00:00Z", "")
    shown = [(one["id"], one["active"], one["issues_invoices"], one["gone_at"] is not None) for one in told["items"]]
    assert shown == [("3", False, False, False), ("1", True, True, False), ("2", True, False, True)]
    assert api("GET", path.replace("c_1", "c_other"))[0] == 404
    other = portal.merchant("Kainji", "two")
    assert api("GET", f"/v1/merchants/{other}/connections/c_1/locations")[0] == 404


def test_the_api_has_no_shops_for_a_platform_without_any(portal: Portal, kept: FakeLocationStore) -> None:
    reader = location_reader(portal.store, kept, portal.rules_desk.chosen)
    api = Client(build(portal.api, portal.desk, PUBLIC, lambda app: location_routes.add(app, reader)))
    assert api("GET", f"/v1/merchants/{connected(portal)}/connections/c_1/locations")[0] == 404


def test_shops_that_were_there_from_the_beginning_are_never_new() -> None:
    start = merged(None, [IKEJA], START)
    assert shop_choice.left_out(start, ["9"], None) == []
    later = merged(start, [IKEJA, LEKKI], START + timedelta(days=1))
    assert shop_choice.left_out(later, ["1"], START) == ["Lekki"]
    assert shop_choice.left_out(later, [], START) == []
