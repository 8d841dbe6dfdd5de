"""A shopkeeper clears a held sale alone: sees what is missing, where it belongs, and supplies it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from taxpoynt.conversion.convert import convert
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import Sale, SaleLine, StatedTax
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Fault
from taxpoynt.nrs.resources import code_lists
from taxpoynt.ports import SaleRecord
from taxpoynt.services import recheck_held
from taxpoynt.services.sale_files import put_invoice, put_sale, supplied_of
from tests.unit.conversion.test_supplied import sale as sale_without_tin
from tests.unit.conversion.test_supplied import with_buyer

from .conftest import Browser, Portal
from .test_connect import held

PAGE = "/connect/sales/pipedrive/102"
TIN = "12345678-0001"
SIGNED = {"who": "Ada Obi", "why": "from the certificate"}


def on_hold(
    portal: Portal, sale: Sale | None = None, sale_id: str = "102", hour: int = 9
) -> tuple[Browser, SaleRecord]:
    """A merchant whose sale waits for what the conversion found wrong with it."""
    merchant = portal.merchant()
    sale = sale or sale_without_tin(sale_id=sale_id)
    begun = held(merchant)
    clock = replace(begun.clock, due_at=begun.clock.due_at.replace(hour=hour))
    claim = replace(begun, sale_id=sale_id, sale_key=put_sale(portal.blobs, merchant, sale), clock=clock)
    record, _ = portal.sales.claim(claim, action="claimed")
    profile = portal.store.get_merchant(merchant).profile
    made = {"issue_date": clock.issue_date, "issue_time": clock.issue_time, "lists": code_lists()}
    invoice, faults = convert(sale, profile, **made)  # type: ignore[arg-type]  # the three belong to these names
    mine = tuple(fault for fault in faults if not fault.path.startswith("seller"))
    waits = replace(
        record,
        state=SaleState.NEEDS_ATTENTION,
        faults=mine,
        kind=invoice.kind,
        invoice_key=put_invoice(portal.blobs, merchant, invoice),
    )
    return portal.signed_in(merchant), portal.sales.change(waits, action="held")


def text(browser: Browser, path: str) -> str:
    return unescape(str(browser.get(path).body))


def test_the_list_counts_and_names_the_most_urgent_first(portal: Portal) -> None:
    browser, _ = on_hold(portal, sale_id="102", hour=12)
    on_hold(portal, sale_id="103", hour=10)
    shown = text(browser, "/connect/attention")
    assert "2 sales on hold" in shown
    assert "in 25 hours" in shown
    assert shown.index("Pipedrive 103") < shown.index("Pipedrive 102")
    assert "2 sales on hold" in text(browser, "/connect")


def test_nothing_held_says_so(portal: Portal) -> None:
    assert "Nothing waits for you." in text(portal.signed_in(portal.merchant()), "/connect/attention")


def test_a_held_sale_shows_the_field_in_the_platform_and_a_link_to_the_record(portal: Portal) -> None:
    browser, record = on_hold(portal)
    shown = text(browser, PAGE)
    assert "The buyer's tax number (TIN) is missing." in shown
    assert "In Pipedrive: Organization" in shown, "no connection is known here, so there is no address of the company"
    assert "₦161,250.00" in shown
    assert "We saw this sale" in shown
    assert record.faults[0].code in shown


def test_a_tin_supplied_with_name_and_reason_is_kept_and_the_sale_goes_on(portal: Portal) -> None:
    browser, record = on_hold(portal)
    answer = browser.submit(PAGE, **{"buyer.tin": TIN, **SIGNED})
    assert (answer.status, answer.headers["location"]) == (303, f"{PAGE}?done=supplied")
    after = portal.sales.get(record.merchant, "pipedrive", "102")
    assert (after.state, after.faults, after.attempt) == (SaleState.CLAIMED, (), 2)
    (value,) = supplied_of(portal.blobs, after).values
    assert (value.path, value.value, value.who, value.why) == ("buyer.tin", TIN, "Ada Obi", "from the certificate")
    assert portal.starter.started == [("conversion", record.merchant, "pipedrive", "102", 2)]
    entry = portal.sales.history(record.merchant, "pipedrive", "102")[-1]
    assert entry.action == "value_supplied"
    assert TIN not in str(entry)
    assert "Ada" not in str(entry.detail), "people's names stay out of the history"
    shown = text(browser, f"{PAGE}?done=supplied")
    assert "Being prepared" in shown
    assert 'http-equiv="refresh"' in shown
    assert "Ada Obi" in shown
    assert 'http-equiv="refresh"' not in text(browser, PAGE), "a page that nobody sent a form from stands still"


def test_the_name_is_remembered_on_this_device(portal: Portal) -> None:
    browser, _ = on_hold(portal)
    on_hold(portal, sale_id="103")
    browser.submit(PAGE, **{"buyer.tin": TIN, **SIGNED, "who": 'Zoë "Q" Ọbí'})
    assert 'value="Zoë "Q" Ọbí"' in text(browser, "/connect/sales/pipedrive/103")


def test_a_tin_that_cannot_be_one_is_refused_at_once_beside_its_field(portal: Portal) -> None:
    browser, record = on_hold(portal)
    answer = browser.submit(PAGE, **{"buyer.tin": "12-3", **SIGNED})
    shown = unescape(str(answer.body))
    assert answer.status == 422
    assert 'value="12-3"' in shown
    assert "does not have a valid form" in shown
    assert 'aria-invalid="true"' in shown
    assert 'value="from the certificate"' in shown, "what was typed is not typed twice"
    assert portal.sales.get(record.merchant, "pipedrive", "102").version == record.version


@pytest.mark.parametrize("left_out", ["who", "why"])
def test_without_name_or_reason_nothing_is_kept(portal: Portal, left_out: str) -> None:
    browser, record = on_hold(portal)
    answer = browser.submit(PAGE, **{"buyer.tin": TIN, **SIGNED, left_out: "  "})
    assert answer.status == 400
    assert 'role="alert"' in str(answer.body)
    assert portal.sales.get(record.merchant, "pipedrive", "102").version == record.version


def test_the_buyer_may_be_declared_a_consumer(portal: Portal) -> None:
    browser, record = on_hold(portal)
    assert browser.submit(PAGE, **{"buyer.kind": "person", **SIGNED}).status == 303
    (value,) = supplied_of(portal.blobs, portal.sales.get(record.merchant, "pipedrive", "102")).values
    assert (value.path, value.value, value.instead_of) == ("buyer.kind", "person", "organisation")


def unclassified() -> Sale:
    line = SaleLine(
        path="deal_products[0]",
        description="Laptop <b>15</b>",
        name="Laptop <b>15</b>",
        quantity=2,
        unit_price=100,
        taxes=(StatedTax(rate_percent="7.5"),),
        sku="L1",
    )
    return with_buyer(sale_without_tin(sale_id="102", lines=(line,)), tin=TIN)


def test_a_code_is_found_by_words_and_picked(portal: Portal) -> None:
    browser, record = on_hold(portal, unclassified())
    found = browser.submit(PAGE, **{"find:lines[0]": "computer programming", "search": "lines[0]", "why": "half typed"})
    shown = unescape(str(found.body))
    assert found.status == 200
    assert "(service 6201)" in shown
    assert 'value="half typed"' in shown
    assert portal.sales.get(record.merchant, "pipedrive", "102").version == record.version, "searching changes nothing"
    answer = browser.submit(PAGE, **{"find:lines[0]": "computer", "pick:lines[0]": "isic_code:6201", **SIGNED})
    assert answer.status == 303
    (value,) = supplied_of(portal.blobs, portal.sales.get(record.merchant, "pipedrive", "102")).values
    assert (value.path, value.value) == ("lines[0].classification.isic_code", "6201")


def test_enter_in_the_search_field_searches_and_does_not_save(portal: Portal) -> None:
    browser, _ = on_hold(portal, unclassified())
    found = browser.submit(PAGE, **{"find:lines[0]": "zzzz", **SIGNED})
    assert found.status == 200
    assert "Nothing found for “zzzz”" in unescape(str(found.body))


def test_a_code_typed_by_hand_needs_its_category_and_says_so(portal: Portal) -> None:
    browser, _ = on_hold(portal, unclassified())
    answer = browser.submit(PAGE, **{"lines[0].classification.hsn_code": "9999.99", **SIGNED})
    assert answer.status == 422
    assert "An HS code needs its product category." in unescape(str(answer.body))


def test_hostile_text_in_a_deal_is_shown_and_does_nothing(portal: Portal) -> None:
    browser, _ = on_hold(portal, unclassified().model_copy(update={"title": "<script>alert(1)</script>"}))
    body = str(browser.get(PAGE).body)
    assert "<script" not in body
    assert "<b>15" not in body
    assert "&lt;b&gt;15" in body
    typed = browser.submit(PAGE, **{"find:lines[0]": '"><script>x</script>', "search": "x"})
    assert "<script" not in str(typed.body)


def test_pages_of_a_sale_are_kept_by_nobody_and_load_nothing_from_elsewhere(portal: Portal) -> None:
    browser, _ = on_hold(portal)
    for path in (PAGE, "/connect/attention"):
        headers = browser.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]


def test_a_form_of_another_session_and_a_sale_of_another_merchant_are_refused(portal: Portal) -> None:
    _, record = on_hold(portal)
    other = portal.signed_in(portal.merchant("Kainji Logistics", "two"))
    assert other.get(PAGE).status == 404
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', str(other.get("/connect/profile").body))
    assert token
    for path in (PAGE, f"{PAGE}/answer"):
        assert other.post(path, csrf=token[1], **{"buyer.tin": TIN, **SIGNED}).status == 404
        assert other.post(path, csrf="0" * 64, **{"buyer.tin": TIN, **SIGNED}).status == 403
    for kind in ("pdf", "receipt", "qr", "ubl", "stamp", "sale_key"):
        assert other.get(f"{PAGE}/{kind}").status == 404
    assert portal.sales.get(record.merchant, "pipedrive", "102").version == record.version


def test_only_what_was_asked_for_can_be_supplied(portal: Portal) -> None:
    browser, record = on_hold(portal)
    answer = browser.submit(PAGE, **{"lines[0].unit_price": "1", "currency": "USD", "buyer.name": "X Ltd", **SIGNED})
    assert answer.status == 400
    assert portal.sales.get(record.merchant, "pipedrive", "102").version == record.version


def test_documents_open_under_their_own_kinds_only(portal: Portal) -> None:
    browser, record = on_hold(portal)
    assert browser.get(f"{PAGE}/pdf").status == 409
    assert browser.get(f"{PAGE}/record").status == 404
    places = {kind: f"{record.merchant}/documents/x.{kind}" for kind in ("pdf", "receipt", "qr", "ubl", "stamp")}
    for place in places.values():
        portal.blobs.put(place, b"\x00bytes", content_type="application/octet-stream")
    portal.sales.change(replace(record, documents=places), action="printed")
    kinds = {kind: browser.get(f"{PAGE}/{kind}").headers["content-type"] for kind in places}
    assert kinds["receipt"] == "application/pdf"
    assert kinds["qr"] == "image/png"
    assert kinds["ubl"] == "application/xml"
    assert browser.get(f"{PAGE}/qr").body == b"\x00bytes"
    assert all(f"{PAGE}/{kind}" in text(browser, PAGE) for kind in places)


def test_a_sale_that_went_on_meanwhile_says_so_and_keeps_nothing(portal: Portal) -> None:
    browser, record = on_hold(portal)
    page = str(browser.get(PAGE).body)
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert token
    portal.sales.change(replace(record, state=SaleState.CLAIMED, faults=()), action="resumed")
    assert browser.post(PAGE, csrf=token[1], **{"buyer.tin": TIN, **SIGNED}).status in (400, 409)


def test_more_held_sales_than_one_page_are_all_looked_at_again(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recheck_held, "AT_ONCE", 4)
    merchant = portal.merchant()
    for number in range(11):
        record, _ = portal.sales.claim(replace(held(merchant), sale_id=str(1000 + number)), action="claimed")
        fault = Fault("BUYER-002", "buyer.tin", "Missing.", "Add it.")
        portal.sales.change(replace(record, state=SaleState.NEEDS_ATTENTION, faults=(fault,)), action="held")
    portal.desk.save_profile(merchant, {"name": "Zuma"}, version=1)
    portal.recheck()
    assert len(portal.queue.jobs) == 11
    assert {job["job"] for job in portal.queue.jobs} == {"fetch"}


def test_the_profile_keeps_what_its_form_does_not_show_and_takes_the_new_decisions(portal: Portal) -> None:
    merchant = portal.merchant()
    browser = portal.signed_in(merchant)
    profile = Merchant(name="Zuma").model_dump(mode="json")
    profile["defaults"] |= {"classifications": {"1": {"isic_code": "6201"}}}
    portal.desk.save_profile(merchant, profile, version=1)
    choices = {"changes_after_acceptance": "correct", "tips": "charge", "buyer_without_tin": "b2c", "nrs_keys": "own"}
    names = "VAT free = exempted\r\nLagos levy=ZERO_VAT\r\n"
    assert browser.submit("/connect/profile", version="2", name="Zuma", tax_names=names, **choices).status == 303
    kept = portal.store.get_merchant(merchant).profile
    assert kept.nrs_keys == "own"
    assert kept.defaults.changes_after_acceptance == "correct"
    assert kept.defaults.tips == "charge"
    assert kept.defaults.tax_names == {"VAT free": "EXEMPTED", "Lagos levy": "ZERO_VAT"}
    assert kept.defaults.classifications["1"].isic_code == "6201"
    assert "VAT free = EXEMPTED" in text(browser, "/connect/profile")
    assert browser.submit("/connect/profile", version="3", name="Zuma", tax_names="nonsense").status == 400


def asking(portal: Portal) -> tuple[Browser, SaleRecord, SaleRecord]:
    """An accepted invoice whose deal was edited: the correction asks what to do."""
    browser, original = on_hold(portal)
    fault = Fault(
        "CHANGE-001", "", "The price of <i>Chair</i> fell from 100 to 90.", "Issue a credit note, or ignore it."
    )
    claim = replace(original, sale_id="102:C1", corrects="102", document="credit_note", version=0, faults=())
    made, _ = portal.sales.claim(replace(claim, state=SaleState.CLAIMED), action="claimed")
    question = portal.sales.change(replace(made, state=SaleState.NEEDS_ATTENTION, faults=(fault,)), action="held")
    return browser, original, question


def test_a_change_after_acceptance_is_a_question_with_two_answers(portal: Portal) -> None:
    browser, original, question = asking(portal)
    shown = str(browser.get("/connect/sales/pipedrive/102:C1").body)
    assert "A question for you" in shown
    assert "fell from 100 to 90" in shown
    assert "<i>" not in shown
    assert "Supply it here" not in shown
    assert "Credit note" in shown
    assert f"/connect/sales/pipedrive/{original.sale_id}" in shown, "what belongs together is linked"
    seen = re.search(r'name="seen" value="([^"]+)"', shown)
    assert seen
    page = "/connect/sales/pipedrive/102:C1"
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', shown)
    assert token
    sent = {"csrf": token[1], "seen": seen[1], **SIGNED}
    assert browser.post(f"{page}/answer", **sent, choice="maybe").status == 400
    assert browser.post(f"{page}/answer", **{**sent, "why": ""}, choice="ignore").status == 400
    assert browser.post(f"{page}/answer", **{**sent, "seen": "older"}, choice="ignore").status == 409
    assert portal.sales.get(question.merchant, "pipedrive", "102:C1").state is SaleState.NEEDS_ATTENTION
    assert browser.post(f"{page}/answer", **sent, choice="ignore").status == 303
    assert portal.sales.get(question.merchant, "pipedrive", "102:C1").state is SaleState.WITHDRAWN
    assert "The question was answered" in text(browser, page)


def test_a_question_is_answered_and_not_talked_away_with_values(portal: Portal) -> None:
    browser, _, question = asking(portal)
    answer = browser.submit("/connect/sales/pipedrive/102:C1", **{"buyer.tin": TIN, **SIGNED})
    assert answer.status in (400, 409)
    assert portal.sales.get(question.merchant, "pipedrive", "102:C1").supplied_key is None
