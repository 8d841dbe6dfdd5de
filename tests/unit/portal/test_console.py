"""The operator's pages, and the status page."""

from __future__ import annotations

import json

from taxpoynt.errors import Retryable
from taxpoynt.portal.console import ConsolePages
from taxpoynt.portal.health import HealthAnswer
from taxpoynt.web import Request

from .conftest import PUBLIC, TOKEN, Portal
from .test_attention import on_hold


def sign_in(pages: ConsolePages, token: str) -> tuple[int, dict[str, str]]:
    answer = pages(Request(method="POST", path="/console", body=f"token={token}".encode()))
    cookies = dict(cookie.split(";")[0].split("=", 1) for cookie in answer.cookies)
    return answer.status, cookies


def test_only_the_operator_token_opens_the_console(portal: Portal) -> None:
    pages = ConsolePages(portal.desk, portal.api, portal.attention, portal.sessions, PUBLIC)
    assert sign_in(pages, "wrong") == (401, {})
    status, cookies = sign_in(pages, TOKEN)
    assert status == 303
    merchant = portal.merchant()
    _, record = on_hold(portal)
    assert record.merchant == merchant
    shown = {
        path: str(pages(Request(method="GET", path=path, cookies=cookies)).body)
        for path in (
            "/console",
            "/console/attention",
            f"/console/merchants/{merchant}",
            f"/console/merchants/{merchant}/pipedrive/102",
        )
    }
    assert "Zuma Office Systems Limited" in shown["/console"]
    assert "₦161,250.00" in shown[f"/console/merchants/{merchant}"]
    assert "needs attention" in shown[f"/console/merchants/{merchant}/pipedrive/102"]
    assert "BUYER-002" in shown[f"/console/merchants/{merchant}/pipedrive/102"]
    across = shown["/console/attention"]
    assert "1 on hold" in across
    assert f"/console/merchants/{merchant}/pipedrive/102" in across
    assert pages(Request(method="GET", path="/console/merchants/m_none", cookies=cookies)).status == 404
    assert pages(Request(method="GET", path="/console/site.css")).status == 200


def test_a_merchants_session_does_not_open_the_console_nor_the_operators_the_merchant_pages(portal: Portal) -> None:
    pages = ConsolePages(portal.desk, portal.api, portal.attention, portal.sessions, PUBLIC)
    merchant = portal.signed_in(portal.merchant())
    shown = pages(Request(method="GET", path="/console", cookies=merchant.cookies))
    assert "Operator sign-in" in str(shown.body)
    _, operator = sign_in(pages, TOKEN)
    browser = portal.browser()
    browser.cookies = operator
    assert browser.get("/connect").status == 401


def test_the_health_answer_tells_machines_and_people_when_the_database_is_gone() -> None:
    def gone() -> None:
        raise Retryable("no answer")

    well, ill = HealthAnswer("local", lambda: None), HealthAnswer("local", gone)
    answer = well(Request(method="GET", path="/health"))
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok", "stage": "local"})
    assert ill(Request(method="GET", path="/health")).status == 503
    assert "does not answer" in str(ill(Request(method="GET", path="/")).body)
