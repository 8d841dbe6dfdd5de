"""A deployed stage, a merchant who has just got a connect link, and a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from infra_cdk.local.console import Console
from infra_cdk.local.demo_connectors import DemoConnector, discover
from infra_cdk.local.deploy import deploy_by_boto3
from infra_cdk.local.launch import Options
from infra_cdk.local.operator_api import OperatorApi
from infra_cdk.local.sample_merchant import sample_merchant
from infra_cdk.local.stage import Deployed, bring_up, take_down
from tests.e2e.conftest import QUIET, WAIT_SCALE, own_layout

PHONE = {"width": 360, "height": 740}


@dataclass
class Stage:
    """Where the product is, and its operator's side."""

    deployed: Deployed
    api: OperatorApi
    pipedrive: DemoConnector

    @property
    def url(self) -> str:
        return self.deployed.layout.public_url

    @property
    def sandbox(self) -> str:
        return self.deployed.layout.sandbox_url("pipedrive")

    def link(self, merchant: str) -> str:
        return self.api.connect_link(merchant, "pipedrive")


@pytest.fixture(scope="module")
def ui_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One a file: the stand-in has one account, and an account belongs to one merchant for ever."""
    layout = own_layout(tmp_path_factory)
    options = Options(reload=False, wait_scale=WAIT_SCALE)
    pipedrive = next(connector for connector in discover() if connector.name == "pipedrive")
    try:
        deployed = bring_up(layout, "ui", options, Console(quiet=True), deploy_by_boto3)
        yield Stage(deployed, OperatorApi(layout.public_url, deployed.operator_token), pipedrive)
    finally:
        take_down(layout, QUIET)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium where there is one, else Playwright's own."""
    installed = shutil.which("chromium") or shutil.which("chromium-browser")
    flags = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    # Chromium refuses its sandbox to root, which is who runs in a container
    flags += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]  # a TypedDict
    yield context
    context.close()


def wrong(said: ConsoleMessage) -> bool:
    """Did the browser complain? A bare PDF has no icon of its own, so it is looked for at the root."""
    return said.type == "error" and not said.location["url"].endswith("/favicon.ico")


@pytest.fixture
def page(phone: BrowserContext, ui_stage: Stage) -> Page:
    """A page that fails the test on a script error, a refused resource or a call to any third party."""
    page = phone.new_page()
    allowed = (ui_stage.url, ui_stage.sandbox, "data:", "chrome")  # the last: Chromium's own PDF viewer
    strange: list[str] = []
    page.on("pageerror", lambda error: strange.append(str(error)))
    page.on("console", lambda said: strange.append(f"{said.text} {said.location}") if wrong(said) else None)
    page.on("request", lambda asked: None if asked.url.startswith(allowed) else strange.append(asked.url))
    page.strange = strange  # type: ignore[attr-defined]  # read by `quiet` at the end of a test
    return page


@pytest.fixture
def merchant(ui_stage: Stage) -> str:
    return ui_stage.api.create_merchant(sample_merchant())
