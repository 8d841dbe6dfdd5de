"""A shopkeeper clears a held sale on a phone-size page, by keyboard only, and it goes through."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.ui.conftest import Stage
from tests.ui.test_connect_pages import expect_soon, expect_text, fits, press, quiet, won

TIN = "12345678-0001"


def connected(stage: Stage, page: Page, merchant: str) -> None:
    page.goto(stage.link(merchant))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Connect Pipedrive").click()
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("button", name="Yes, connect them").click()
    expect(page.get_by_text("Pipedrive · connected")).to_be_visible()
    (link,) = stage.api.connections(merchant)
    stage.api.set_mapping(merchant, link["connection"], stage.pipedrive.mapping(stage.sandbox))
    expect_soon(page, lambda: stage.api.connected(merchant, "pipedrive") is not None)


def tab_to(page: Page, name: str) -> None:
    """Reaches a field by Tab alone."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement ? document.activeElement.name || '' : ''") == name:
            return
    raise AssertionError(f"Tab never reached {name!r} on {page.url}")


def type_into(page: Page, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.insert_text(text)


def choose(page: Page, name: str, words: str) -> None:
    """Picks an entry of a list by typing how it begins."""
    tab_to(page, name)
    page.keyboard.type(words)
    assert page.evaluate("document.activeElement.selectedOptions[0].textContent") == words


def test_a_missing_tin_is_supplied_by_keyboard_on_a_phone(ui_stage: Stage, page: Page, merchant: str) -> None:
    connected(ui_stage, page, merchant)
    won(ui_stage, 102)  # its buyer has no TIN
    page.goto(f"{ui_stage.url}/connect")
    expect_text(page, "The buyer's tax number (TIN) is missing.")
    fits(page)
    press(page, "See what is missing")
    expect(page.locator("h1")).to_have_text("Needs your attention")
    fits(page)
    press(page, "Pipedrive 102")
    expect(page.locator("h1")).to_have_text("Pipedrive 102")
    fits(page)
    where = page.get_by_role("link", name="Open in Pipedrive: Organization › Tax number (TIN) (custom field)")
    assert ".pipedrive.com/organization/" in str(where.get_attribute("href"))

    type_into(page, "buyer.tin", "12-3")
    type_into(page, "who", "Ada Obi")
    type_into(page, "why", "from the buyer's tax certificate")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("does not have a valid form")
    fits(page)
    tab_to(page, "buyer.tin")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(TIN)
    page.strange.clear()  # type: ignore[attr-defined]  # the refusal's own status is an error to the browser's console
    type_into(page, "buyer.address.street", "4 Sample Street")
    type_into(page, "buyer.address.city", "Ikeja")
    type_into(page, "buyer.address.postal_code", "100271")
    choose(page, "buyer.address.state", "Lagos")
    type_into(page, "buyer.address.lga", "NG-LA-IKE")
    choose(page, "buyer.address.country", "Nigeria")
    press(page, "^Save and send$")
    expect(page.get_by_text("Accepted by NRS")).to_be_visible(timeout=60_000)  # the page looks again by itself
    expect(page.get_by_role("heading", name="Supplied here")).to_be_visible()
    fits(page)
    expect_text(page, "Invoice (PDF)")
    quiet(page)


def test_the_operator_sees_what_is_held_across_merchants(ui_stage: Stage, page: Page) -> None:
    page.goto(f"{ui_stage.url}/console")
    page.get_by_label("Operator token").fill(ui_stage.deployed.operator_token)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Needs attention").click()
    expect(page.locator("h1")).to_have_text("Needs attention")
    fits(page)
    quiet(page)
