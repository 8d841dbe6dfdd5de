"""A merchant alone in the browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from taxpoynt.domain.connection import ConnectionStatus, LegalClock
from taxpoynt.domain.gap import Gap, Watch
from taxpoynt.domain.rules import Signed
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Fault
from taxpoynt.portal.connect import ConnectPages
from taxpoynt.ports import SaleRecord
from taxpoynt.web import Request

from .conftest import PUBLIC, Account, Browser, Portal


def authorise(browser: Browser, code: str = "good") -> str:
    """Start, consent, callback: the address the callback leads to, or its status as text."""
    to = browser.get("/oauth/pipedrive/start").headers["location"]
    state = parse_qs(urlsplit(to).query)["state"][0]
    back = browser.get(f"/oauth/pipedrive/callback?code={code}&state={state}")
    return back.headers.get("location", str(back.status))


def held(merchant: str) -> SaleRecord:
    day = date(2026, 11, 23)
    clock = LegalClock(issue_date=day, issue_time="10:00:00", due_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    return SaleRecord(
        merchant=merchant,
        connector="pipedrive",
        sale_id="102",
        connection="c_1",
        state=SaleState.CLAIMED,
        clock=clock,
        record_key=f"{merchant}/records/pipedrive/deal/102/abc.json",
        sale_key=f"{merchant}/sales/abc.json",
        depends_on=(RecordRef(resource="deal", id="102"),),
        currency="NGN",
        total="161250.00",
        next_action_at=clock.due_at,
    )


def test_looking_at_a_link_does_not_use_it_up_and_its_button_works_once(portal: Portal) -> None:
    secret, _ = portal.sessions.make_link(portal.merchant())
    browser = portal.browser()
    assert "Zuma Office Systems Limited" in str(browser.get(f"/connect/link/{secret}").body)
    assert browser.get(f"/connect/link/{secret}").status == 200
    assert browser.post(f"/connect/link/{secret}").status == 303
    assert browser.get("/connect").status == 200
    assert portal.browser().post(f"/connect/link/{secret}").status == 410


def test_a_link_dies_after_three_days_and_a_session_after_twelve_hours(portal: Portal) -> None:
    merchant = portal.merchant()
    secret, _ = portal.sessions.make_link(merchant)
    browser = portal.signed_in(merchant)
    portal.clock.advance(hours=12, seconds=1)
    assert browser.get("/connect").status == 401
    portal.clock.advance(days=3)
    assert portal.browser().get(f"/connect/link/{secret}").status == 410


def test_authorise_shows_account_and_merchant_and_only_the_confirmation_activates(portal: Portal) -> None:
    merchant = portal.merchant()
    browser = portal.signed_in(merchant)
    page = authorise(browser)
    assert page.startswith("/connect/confirm/c_")
    shown = str(browser.get(page).body)
    assert "4711" in shown
    assert "Zuma Office Systems Limited" in shown
    (pending,) = portal.store.list_connections(merchant)
    assert pending.status is ConnectionStatus.PENDING
    assert portal.queue.jobs == []
    assert browser.submit(page).status == 303
    (active,) = portal.store.list_connections(merchant)
    assert active.status is ConnectionStatus.ACTIVE
    assert [job["job"] for job in portal.queue.jobs] == ["subscribe"]
    assert portal.store.find_account("pipedrive", "4711") == (merchant, active.connection)


def test_where_the_merchant_must_tell_the_platform_of_us_the_page_says_how(portal: Portal) -> None:
    merchant = portal.merchant()
    browser = portal.signed_in(merchant)
    browser.submit(authorise(browser))
    (active,) = portal.store.list_connections(merchant)
    steps = ["Setup > Outbound Messages > New: endpoint URL {url}", "Activate <it>."]
    pages = ConnectPages(portal.desk, portal.pages, portal.sessions, [], PUBLIC, steps=lambda connector: steps)
    ask = Request(method="GET", path="/connect", cookies=browser.cookies)
    assert "Outbound" not in str(pages(ask).body), "there is no address yet"
    portal.store.save_connection(replace(active, endpoint="an-unguessable-end"))
    shown = str(pages(ask).body)
    assert f"endpoint URL {PUBLIC}/webhooks/pipedrive/an-unguessable-end" in shown
    assert "Activate &lt;it&gt;." in shown
    assert "an-unguessable-end" not in str(browser.get("/connect").body), "we subscribe ourselves there"


def test_tokens_are_stored_encrypted_only(portal: Portal) -> None:
    merchant = portal.merchant()
    authorise(portal.signed_in(merchant))
    (connection,) = portal.store.list_connections(merchant)
    stored = portal.tokens.load(merchant, connection.connection, "pipedrive")
    assert stored.access_token == "canary-access"
    import boto3

    assert "canary" not in str(boto3.client("dynamodb").scan(TableName="connections")["Items"])


@pytest.mark.parametrize("pkce", [True, False])
def test_pkce_is_used_where_the_platform_has_it(portal: Portal, pkce: bool) -> None:
    portal.platform.pkce = pkce
    authorise(portal.signed_in(portal.merchant()))
    assert (portal.platform.exchanges[0]["verifier"] is not None) is pkce


def test_an_account_of_another_merchant_is_refused_and_the_others_grant_left_alone(portal: Portal) -> None:
    first = portal.signed_in(portal.merchant())
    first.submit(authorise(first))
    second = portal.signed_in(portal.merchant("Kainji Logistics", "two"))
    assert authorise(second) == "409"
    assert portal.platform.revoked == 0, "revoking would uninstall the app for the merchant that holds the account"
    assert len(portal.store.list_connections(portal.merchant("Kainji Logistics", "two"))) == 0


def test_two_merchants_who_confirm_the_same_account_at_once_cannot_both_have_it(portal: Portal) -> None:
    first, second = portal.signed_in(portal.merchant()), portal.signed_in(portal.merchant("Kainji", "two"))
    pages = authorise(first), authorise(second)
    answers = [first.submit(pages[0]).status, second.submit(pages[1]).status]
    assert answers == [303, 409]


def test_authorising_again_keeps_connection_and_mapping_and_needs_no_second_confirmation(portal: Portal) -> None:
    merchant = portal.merchant()
    browser = portal.signed_in(merchant)
    browser.submit(authorise(browser))
    (before,) = portal.store.list_connections(merchant)
    rules = {"version": 1, "rules": [{"target": "note", "source": "deal.title"}]}
    portal.mappings.add(merchant, before.connection, rules, Signed(author="Ada", note=""))
    authorise(browser)
    (after,) = portal.store.list_connections(merchant)
    assert after.connection == before.connection
    assert after.status is ConnectionStatus.ACTIVE
    active = portal.mappings.shown(merchant, after.connection).active
    assert active is not None
    assert active.body == rules
    assert portal.tokens.load(merchant, after.connection, "pipedrive").generation == 2
    assert after.next_poll_at == after.next_refresh_at == portal.clock.now(), "what was missed is polled at once"


def test_a_second_account_of_the_same_platform_waits_until_the_first_is_disconnected(portal: Portal) -> None:
    browser = portal.signed_in(portal.merchant())
    browser.submit(authorise(browser))
    portal.platform.account = Account(account_id="4712", name="Another company")
    page = authorise(browser)
    answer = browser.submit(page)
    assert answer.status == 409
    assert "disconnect the other one first" in str(answer.body)
    assert portal.store.find_account("pipedrive", "4712") is None


class TestCallbackRefusals:
    """Any mismatch: no token request, one neutral page."""

    def state(self, browser: Browser) -> str:
        to = browser.get("/oauth/pipedrive/start").headers["location"]
        return parse_qs(urlsplit(to).query)["state"][0]

    def test_a_state_works_once(self, portal: Portal) -> None:
        browser = portal.signed_in(portal.merchant())
        state = self.state(browser)
        browser.get(f"/oauth/pipedrive/callback?code=good&state={state}")
        assert browser.get(f"/oauth/pipedrive/callback?code=good&state={state}").status == 400
        assert len(portal.platform.exchanges) == 1

    def test_a_state_of_another_browser_of_the_same_merchant_is_refused(self, portal: Portal) -> None:
        merchant = portal.merchant()
        state = self.state(portal.signed_in(merchant))
        other = portal.signed_in(merchant)
        assert other.get(f"/oauth/pipedrive/callback?code=good&state={state}").status == 400
        assert portal.platform.exchanges == []

    def test_an_expired_state_is_refused(self, portal: Portal) -> None:
        browser = portal.signed_in(portal.merchant())
        state = self.state(browser)
        portal.clock.advance(minutes=10, seconds=1)
        assert browser.get(f"/oauth/pipedrive/callback?code=good&state={state}").status == 400

    def test_another_issuer_is_refused(self, portal: Portal) -> None:
        browser = portal.signed_in(portal.merchant())
        state = self.state(browser)
        url = f"/oauth/pipedrive/callback?code=good&state={state}&iss=https://evil.example"
        assert browser.get(url).status == 400
        assert portal.platform.exchanges == []

    def test_without_a_session_nothing_is_asked(self, portal: Portal) -> None:
        state = self.state(portal.signed_in(portal.merchant()))
        assert portal.browser().get(f"/oauth/pipedrive/callback?code=good&state={state}").status == 400
        assert portal.platform.exchanges == []

    def test_a_refused_code_is_said_without_detail(self, portal: Portal) -> None:
        assert authorise(portal.signed_in(portal.merchant()), code="bad") == "400"

    def test_declining_and_marketplace_installs_get_a_page(self, portal: Portal) -> None:
        browser = portal.signed_in(portal.merchant())
        state = self.state(browser)
        declined = browser.get(f"/oauth/pipedrive/callback?error=user_denied&state={state}")
        assert (declined.status, "declined" in str(declined.body)) == (200, True)
        assert "connect link" in str(browser.get("/oauth/pipedrive/callback?code=good").body)
        assert portal.platform.exchanges == []


def test_a_form_without_its_token_changes_nothing(portal: Portal) -> None:
    merchant = portal.merchant()
    browser = portal.signed_in(merchant)
    page = authorise(browser)
    assert browser.post(page).status == 403
    assert browser.post(page, csrf="0" * 64).status == 403
    (connection,) = portal.store.list_connections(merchant)
    assert connection.status is ConnectionStatus.PENDING


def test_connections_and_invoices_of_others_do_not_exist(portal: Portal) -> None:
    first = portal.signed_in(portal.merchant())
    page = authorise(first)
    other = portal.signed_in(portal.merchant("Kainji", "two"))
    assert other.get(page).status == 404
    assert other.get("/connect/invoices/pipedrive/102/pdf").status == 404


def test_saving_the_profile_looks_again_at_what_is_held(portal: Portal) -> None:
    merchant = portal.merchant()
    record, _ = portal.sales.claim(held(merchant), action="claimed")
    fault = Fault(code="BUYER-002", path="buyer.tin", message="The buyer's TIN is missing.", remedy="Add it.")
    from dataclasses import replace

    portal.sales.change(replace(record, state=SaleState.NEEDS_ATTENTION, faults=(fault,)), action="held")
    browser = portal.signed_in(merchant)
    assert "The buyer&#39;s TIN is missing." in str(browser.get("/connect").body)
    assert browser.submit("/connect/profile", version="1", name="Zuma", tin="23456789-0001").status == 303
    (job,) = portal.queue.jobs
    assert job["job"] == "recheck"
    portal.recheck()
    (job,) = portal.queue.jobs
    assert (job["job"], job["resource"], job["resource_id"], job["reason"]) == (
        "fetch",
        "deal",
        "102",
        "merchant_change",
    )
    profile = portal.store.get_merchant(merchant).profile
    assert (profile.name, profile.tin) == ("Zuma", "23456789-0001")


def test_two_people_who_edit_at_once_do_not_overwrite_each_other(portal: Portal) -> None:
    browser = portal.signed_in(portal.merchant())
    assert browser.submit("/connect/profile", version="1", name="First").status == 303
    assert browser.submit("/connect/profile", version="1", name="Second").status == 409


def test_text_from_outside_is_escaped(portal: Portal) -> None:
    portal.platform.account.name = "<script>alert(1)</script>"
    browser = portal.signed_in(portal.merchant())
    shown = str(browser.get(authorise(browser)).body)
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_pages_are_not_stored_not_framed_and_leak_no_address(portal: Portal) -> None:
    headers = portal.signed_in(portal.merchant()).get("/connect").headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


def test_a_document_is_served_when_it_is_there_and_said_when_not(portal: Portal) -> None:
    from dataclasses import replace

    merchant = portal.merchant()
    record, _ = portal.sales.claim(held(merchant), action="claimed")
    browser = portal.signed_in(merchant)
    assert browser.get("/connect/invoices/pipedrive/102/pdf").status == 409
    assert "being prepared" in str(browser.get("/connect/invoices").body)
    key = portal.blobs.put(f"{merchant}/documents/x.pdf", b"%PDF-1.4", content_type="application/pdf")
    portal.sales.change(replace(record, documents={"pdf": key}), action="printed")
    answer = browser.get("/connect/invoices/pipedrive/102/pdf")
    assert (answer.status, answer.body) == (200, b"%PDF-1.4")
    assert "₦161,250.00" in str(browser.get("/connect/invoices").body)


def test_disconnect_is_queued_for_the_role_that_holds_tokens(portal: Portal) -> None:
    merchant = portal.merchant()
    browser = portal.signed_in(merchant)
    browser.submit(authorise(browser))
    (connection,) = portal.store.list_connections(merchant)
    session = portal.sessions.read(browser.cookies["taxpoynt"])
    assert session is not None
    browser.post(f"/connect/disconnect/{connection.connection}", csrf=session.csrf)
    assert portal.queue.jobs[-1]["job"] == "disconnect"


def test_an_uninstall_signal_counts_only_when_the_platform_sent_it(portal: Portal) -> None:
    from taxpoynt.services.receive_uninstall import ReceiveUninstall

    merchant = portal.merchant()
    browser = portal.signed_in(merchant)
    browser.submit(authorise(browser))
    receive = ReceiveUninstall(portal.store, portal.queue, portal.authoriser)
    assert receive("pipedrive", "Basic wrong", b"{}") == 401
    assert [job["job"] for job in portal.queue.jobs] == ["subscribe"]
    assert receive("pipedrive", "Basic right", b"") == 200, "genuine, and names nobody"
    assert [job["job"] for job in portal.queue.jobs] == ["subscribe"]
    assert receive("pipedrive", "Basic right", b"{}") == 200
    assert portal.queue.jobs[-1]["job"] == "disconnect"


def test_another_user_who_removes_the_app_does_not_end_our_connection(portal: Portal) -> None:
    from taxpoynt.services.receive_uninstall import ReceiveUninstall

    portal.platform.account.details = {"user_id": 7}
    browser = portal.signed_in(portal.merchant())
    browser.submit(authorise(browser))
    receive = ReceiveUninstall(portal.store, portal.queue, portal.authoriser)
    assert receive("pipedrive", "Basic right", b"user=8") == 200
    assert [job["job"] for job in portal.queue.jobs] == ["subscribe"]
    assert receive("pipedrive", "Basic right", b"user=7") == 200
    assert portal.queue.jobs[-1]["job"] == "disconnect"


def test_times_are_said_as_in_lagos_and_unknown_totals_in_words() -> None:
    from taxpoynt.portal.pages import moment, money

    assert moment(datetime(2026, 12, 31, 23, 30, tzinfo=UTC) + timedelta(0)) == "1 Jan 2027, 00:30"
    assert money(None, "NGN") == "not known yet"
    assert money("1234.5", "USD") == "USD 1,234.5"


def test_a_platform_that_stopped_telling_is_shown_with_what_was_found(portal: Portal) -> None:
    merchant = portal.merchant()
    browser = portal.signed_in(merchant)
    browser.submit(authorise(browser))
    link = portal.store.list_connections(merchant)[0].connection
    assert "stopped telling" not in str(browser.get("/connect").body)
    now = portal.clock.now()
    gap = Gap(cause="silent", since=now, noticed_at=now, found=1_204)
    watch = portal.desk.watches.save(merchant, link, Watch(gap=gap))
    body = str(browser.get("/connect").body)
    assert "Pipedrive stopped telling us of sales" in body
    assert "found 1,204 sales it did not tell of: none is lost" in body
    portal.desk.watches.heard(merchant, link, now)
    portal.desk.watches.save(merchant, link, replace(watch, gap=replace(gap, closed_at=now)))
    body = str(browser.get("/connect").body)
    assert "stopped telling" not in body
    assert "we found 1,204 sales of that time by ourselves" in body
