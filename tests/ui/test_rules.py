"""A shopkeeper changes rules by keyboard on a phone: tries them first, saves, goes back; uploads a table."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from taxpoynt.portal.connect import ConnectPages
from taxpoynt.web import Request
from tests.connectors.pipedrive.deals import MAPPING
from tests.connectors.pipedrive.test_golden import MERCHANT as SELLER
from tests.ui.test_attention import tab_to, type_into
from tests.ui.test_connect_pages import fits, press
from tests.unit.portal.conftest import PUBLIC, Portal, portal
from tests.unit.portal.test_preview_api import keep
from tests.unit.portal.test_rules_api import connected

__all__ = ["portal"]


@pytest.fixture
def address(portal: Portal) -> Iterator[str]:
    """The pages over real HTTP, without the stage: nothing here leaves the portal."""
    pages = ConnectPages(portal.desk, portal.pages, portal.sessions, [], PUBLIC, more=portal.more)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            at = urlsplit(self.path)
            cookies = dict(part.strip().split("=", 1) for part in self.headers.get("cookie", "").split(";") if part)
            request = Request(
                method=self.command,
                path=at.path,
                body=self.rfile.read(int(self.headers.get("content-length") or 0)),
                headers={name.lower(): (value,) for name, value in self.headers.items()},
                query=dict(parse_qsl(at.query)),
                cookies=cookies,
            )
            response = pages(request)
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            for cookie in response.cookies:
                self.send_header("set-cookie", cookie)
            body = response.body.encode() if isinstance(response.body, str) else response.body
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 - the standard library's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the same
            """Not in the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def opened(phone: BrowserContext, portal: Portal, address: str) -> Iterator[Page]:
    """Signed in on a phone; any script error, refused resource or stranger's address fails the test."""
    merchant = connected(portal)
    portal.store.put_merchant(merchant, SELLER, expected_version=1)
    keep(portal, 101)
    page = phone.new_page()
    strange: list[str] = []
    page.on("pageerror", lambda error: strange.append(str(error)))
    page.on("console", lambda said: strange.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: None if asked.url.startswith(address) else strange.append(asked.url))
    secret, _ = portal.sessions.make_link(merchant)
    page.goto(f"{address}/connect/link/{secret}")
    page.get_by_role("button", name="Continue").click()
    yield page
    assert [one for one in strange if "422" not in one] == []


def test_rules_are_tried_saved_and_rolled_back_by_keyboard(opened: Page, portal: Portal) -> None:
    page, scope = opened, portal.mappings.shown(portal.merchant(), "c_1").head.scope
    portal.rules.add(scope, MAPPING, author="us", note="", seen=portal.rules.head(scope), activate=True)
    press(page, "^Rules$")
    expect(page.locator("h1")).to_have_text("Rules")
    press(page, "^Pipedrive$")
    expect(page.locator("h1")).to_have_text("Rules of Pipedrive")
    fits(page)
    press(page, "Change them")
    expect(page.locator("h1")).to_have_text("Change the rules of Pipedrive")
    fits(page)
    type_into(page, "number", "INV-{sale}")
    press(page, "Try it on my last records")
    expect(page.get_by_role("alert")).to_contain_text("RULES-005")
    fits(page)
    tab_to(page, "number")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("INV{sale}")
    press(page, "Try it on my last records")
    expect(page.get_by_role("heading", name="On your last record")).to_be_visible()
    fits(page)
    type_into(page, "who", "Ada Obi")
    type_into(page, "note", "as agreed with the accountant")
    press(page, "^Save and use it$")
    expect(page.get_by_role("status")).to_contain_text("It counts from now on")
    expect(page.get_by_text("Invoice numbers are made as INV{sale}.")).to_be_visible()
    fits(page)

    again = {**MAPPING, "number": "NEW{sale}"}
    portal.rules.add(scope, again, author="Bisi", note="", seen=portal.rules.head(scope), activate=True)
    page.reload()
    press(page, "^Version 2$")
    expect(page.locator("h1")).to_contain_text("Version 2 of the rules")
    fits(page)
    press(page, "^Use version 2$")
    expect(page.get_by_role("status")).to_contain_text("counts again")
    expect(page.get_by_text("Invoice numbers are made as INV{sale}.")).to_be_visible()


def test_a_product_table_is_uploaded_and_its_faults_told_by_line(opened: Page, address: str, tmp_path: Path) -> None:
    page, table = opened, tmp_path / "products.csv"
    page.goto(f"{address}/connect/products")
    fits(page)
    table.write_text("sku,isic_code\nA,62\n")
    page.get_by_label("File (CSV)").set_input_files(table)
    type_into(page, "who", "Ada Obi")
    press(page, "^Check and use it$")
    expect(page.get_by_role("alert")).to_contain_text("line 2: isic_code")
    fits(page)
    table.write_text("sku,isic_code\nA,6202\n")
    page.get_by_label("File (CSV)").set_input_files(table)
    press(page, "^Check and use it$")
    expect(page.get_by_role("status")).to_contain_text("It counts from now on")
    fits(page)
    table.write_text("sku,isic_code\nA,6201\n")
    page.get_by_label("File (CSV)").set_input_files(table)
    press(page, "^Check and try it first$")
    expect(page.locator("h1")).to_have_text("Version 2 of the product table")
    expect(page.get_by_text("It is kept, and does not count yet.")).to_be_visible()
    fits(page)
    press(page, "^Use version 2$")
    expect(page.get_by_role("status")).to_contain_text("It counts from now on")
    page.goto(f"{address}/connect/rules/c_1/change")
    press(page, "^Fetch older records from Pipedrive$")
    expect(page.get_by_role("status")).to_contain_text(
        "Older records are being fetched from Pipedrive: 0 of 30 are here."
    )
    fits(page)
    page.goto(f"{address}/connect/same-sales")
    expect(page.locator("h1")).to_have_text("One sale on two platforms")
    fits(page)
