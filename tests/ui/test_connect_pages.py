"""A merchant sets everything up alone: on a phone, and by keyboard only."""

from __future__ import annotations

import re

import requests
from playwright.sync_api import Page, expect

from tests.ui.conftest import Stage


def fits(page: Page) -> None:
    """Nothing sticks out sideways, and every field and button has a name a screen reader can say."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window, f"{page.url} is {wide} wide on a screen of {window}"
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')]
              .filter(e => !(e.labels && e.labels.length) && !e.textContent.trim() && !e.ariaLabel)
              .map(e => e.outerHTML)"""
    )
    assert nameless == []
    assert page.locator("h1").count() == 1


def press(page: Page, name: str) -> None:
    """Reaches a link or button with Tab alone, as somebody without a mouse would, and presses Enter."""
    for _ in range(60):
        page.keyboard.press("Tab")
        words = page.evaluate("document.activeElement ? document.activeElement.textContent.trim() : ''")
        if re.search(name, words):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab never reached {name!r} on {page.url}")


def quiet(page: Page) -> None:
    strange = page.strange  # type: ignore[attr-defined]  # set by the fixture
    assert not strange, "\n".join(strange)


def test_from_link_to_accepted_invoice_by_keyboard_on_a_phone(ui_stage: Stage, page: Page, merchant: str) -> None:
    page.goto(ui_stage.link(merchant))
    fits(page)
    press(page, "Continue")
    expect(page.locator("h1")).to_have_text("Zuma Office Systems Limited")
    fits(page)
    press(page, "Connect Pipedrive")
    expect(page.locator("h1")).to_contain_text("asks for access to Pipedrive")
    press(page, "Allow")
    expect(page.locator("h1")).to_have_text("Is this the right account?")
    fits(page)
    assert "code=" not in page.url
    press(page, "Yes, connect them")
    expect(page.get_by_text("Pipedrive · connected")).to_be_visible()
    fits(page)

    (link,) = ui_stage.api.connections(merchant)
    ui_stage.api.set_mapping(merchant, link["connection"], ui_stage.pipedrive.mapping(ui_stage.sandbox))
    expect_soon(page, lambda: ui_stage.api.connected(merchant, "pipedrive") is not None)
    won(ui_stage, 101)
    page.get_by_role("link", name="Invoices").click()
    expect_row(page, "PD101", "accepted by NRS")
    expect(page.locator("tr", has_text="PD101")).to_contain_text("₦161,250.00")
    fits(page)
    expect_row(page, "PD101", "PDF")
    with page.expect_request(re.compile("/pdf$")) as asked:
        page.get_by_role("link", name="PDF of PD101").click()
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies() if "name" in c)
    document = requests.get(asked.value.url, headers={"Cookie": cookie}, timeout=30)
    assert document.headers["content-type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")

    won(ui_stage, 102)  # its buyer has no TIN
    page.goto(f"{ui_stage.url}/connect")
    expect_text(page, "The buyer's tax number (TIN) is missing.")
    fits(page)
    quiet(page)


def test_the_profile_form_saves_what_was_typed_and_says_what_is_missing(ui_stage: Stage, page: Page) -> None:
    merchant = ui_stage.api.create_merchant({"name": "Kainji Logistics Limited"})
    page.goto(ui_stage.link(merchant))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Still needed before invoices can be sent")).to_be_visible()
    page.get_by_role("link", name="Fill in business details").click()
    fits(page)
    page.get_by_label("TIN", exact=True).fill("34567890-0001")
    page.get_by_label("Street").fill("8 Example Road <b>")
    page.get_by_label("Tax of lines without tax information").select_option("STANDARD_VAT")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Kainji Logistics Limited")
    page.get_by_role("link", name="Business details", exact=True).click()
    expect(page.get_by_label("TIN", exact=True)).to_have_value("34567890-0001")
    expect(page.get_by_label("Street")).to_have_value("8 Example Road <b>")
    expect(page.get_by_label("Tax of lines without tax information")).to_have_value("STANDARD_VAT")
    quiet(page)


def test_a_used_link_and_a_stranger_are_told_what_to_do(ui_stage: Stage, page: Page, merchant: str) -> None:
    link = ui_stage.link(merchant)
    page.goto(link)
    page.get_by_role("button", name="Continue").click()
    assert page.goto(link).status == 410  # type: ignore[union-attr]  # a navigation over http has an answer
    expect(page.locator("h1")).to_have_text("This link no longer works")
    fits(page)
    page.context.clear_cookies()
    assert page.goto(f"{ui_stage.url}/connect").status == 401  # type: ignore[union-attr]  # as above
    fits(page)


def test_declining_at_the_platform_connects_nothing(ui_stage: Stage, page: Page) -> None:
    merchant = ui_stage.api.create_merchant({"name": "Kainji Logistics Limited"})
    page.goto(ui_stage.link(merchant))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Connect Pipedrive").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.locator("h1")).to_have_text("Nothing was connected")
    assert ui_stage.api.connections(merchant) == []


def test_the_operator_signs_in_and_finds_a_sale(ui_stage: Stage, page: Page, merchant: str) -> None:
    page.goto(f"{ui_stage.url}/console")
    fits(page)
    page.get_by_label("Operator token").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("That is not the operator token.")
    page.get_by_label("Operator token").fill(ui_stage.deployed.operator_token)
    page.get_by_role("button", name="Sign in").click()
    page.locator(f"a[href='/console/merchants/{merchant}']").click()
    expect(page.locator("h1")).to_have_text("Zuma Office Systems Limited")
    fits(page)
    page.goto(ui_stage.url)
    expect(page.locator("h1")).to_have_text("Everything answers")
    fits(page)


def won(stage: Stage, deal: int) -> None:
    requests.patch(f"{stage.sandbox}/_control/deals/{deal}", json={"status": "won"}, timeout=30).raise_for_status()


def expect_soon(page: Page, holds: object) -> None:
    for _ in range(150):
        if holds():  # type: ignore[operator]  # a callable
            return
        page.wait_for_timeout(200)
    raise AssertionError("it did not become true within 30 s")


def expect_row(page: Page, number: str, state: str) -> None:
    def there() -> bool:
        page.reload()
        return page.locator("tr", has_text=number).filter(has_text=state).count() == 1

    expect_soon(page, there)


def expect_text(page: Page, text: str) -> None:
    def there() -> bool:
        page.reload()
        return page.get_by_text(text).count() > 0

    expect_soon(page, there)
