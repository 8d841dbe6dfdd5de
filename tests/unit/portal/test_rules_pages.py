"""A merchant sees what counts, tries a change on its last records, puts it in force and rolls back, without scripts."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import FaultsFound
from taxpoynt.portal.rules_form import document_of, texts_of
from tests.connectors.pipedrive.deals import MAPPING
from tests.connectors.pipedrive.test_golden import MERCHANT as SELLER

from .conftest import Browser, Portal
from .test_identity_api import RULES, asked
from .test_preview_api import keep
from .test_rules_api import connected

HERE = "/connect/rules/c_1"
SIGNED = {"who": "Ada Obi", "note": "as agreed"}


@pytest.fixture
def browser(portal: Portal) -> Browser:
    merchant = connected(portal)
    portal.store.put_merchant(merchant, SELLER, expected_version=1)
    return portal.signed_in(merchant)


def text(browser: Browser, path: str) -> str:
    return unescape(str(browser.get(path).body))


def save(browser: Browser, **form: str) -> Any:
    return browser.submit(f"{HERE}/change", action="save", **{**SIGNED, **form})


def upload(browser: Browser, data: bytes, **form: str) -> Any:
    """The form with a file, as a browser sends it."""
    page = str(browser.get("/connect/products").body)
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert csrf
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in {"csrf": csrf[1], **SIGNED, **form}.items()
    ]
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\nContent-Type: text/csv\r\n\r\n'
    body = b"".join([*parts, head, data, b"\r\n--b--\r\n"])
    return browser.send("POST", "/connect/products", body, "multipart/form-data; boundary=b")


def test_what_counts_is_told_in_words_with_version_time_and_name(browser: Browser) -> None:
    assert "Only what Pipedrive itself says" in text(browser, HERE)
    books = "category: Books = exempted; Books for teaching\ncategory: Maps = EXEMPTED; Books for teaching"
    tax = f"{books}\nsku: A-1 = ZERO_VAT"
    answer = save(browser, tax=tax, number="INV{sale}", rules="- {target: note, source: deal.title}")
    assert (answer.status, answer.headers["location"]) == (303, f"{HERE}?done=saved")
    shown = text(browser, HERE)
    for sentence in (
        "category Books, Maps: exempt from VAT (Books for teaching).",
        "SKU A-1: zero-rated (0 %).",
        "Invoice numbers are made as INV{sale}.",
        "Note comes from deal.title.",
        "Version 1, since 23 Nov 2026, 10:00, by Ada Obi: as agreed",
    ):
        assert sentence in shown
    assert "Rules of Pipedrive" in shown
    assert 'href="/connect/rules/c_1"' in str(browser.get("/connect/rules").body)


def test_a_change_is_tried_on_the_last_records_and_nothing_is_saved(browser: Browser, portal: Portal) -> None:
    keep(portal, 101)
    rules = __import__("yaml").safe_dump(MAPPING["rules"])
    save(browser, rules=rules)
    zero = rules + "- {target: line.tax_category, source: \"'ZERO_VAT'\"}\n"
    answer = browser.submit(f"{HERE}/change", action="try", rules=zero, records="10")
    shown = unescape(str(answer.body))
    assert "On your last record" in shown
    assert "1 would be invoiced differently" in shown
    assert "₦1,075.00 → ₦1,000.00" in shown
    assert "Line 1: tax category: STANDARD_VAT → ZERO_VAT" in shown
    assert "'ZERO_VAT'" in shown, "what was typed is still in the form"
    assert portal.mappings.shown(portal.merchant(), "c_1").head.latest == 1


def test_every_fault_is_told_at_once_and_what_was_typed_stays(browser: Browser, portal: Portal) -> None:
    answer = save(browser, tax="Books exempt\nsku: A = EXEMPTED", shops="nothing", rules="{")
    shown = unescape(str(answer.body))
    assert answer.status == 422
    assert "Nothing was saved." in shown
    assert shown.count("RULES-007") == 3
    assert "Books exempt\nsku: A = EXEMPTED" in shown
    wrong = save(browser, number="INV-{sale}", tax="sku: A = EXEMPT")
    assert {"RULES-004", "RULES-005"} <= set(re.findall(r"RULES-\d{3}", str(wrong.body)))
    assert save(browser, who="", number="INV{sale}").status == 400
    assert portal.mappings.shown(portal.merchant(), "c_1").head.latest == 0


@pytest.mark.parametrize("field", ["tax", "shops"])
def test_a_line_made_to_be_searched_for_ever_cannot_be_read(field: str) -> None:
    """Its parts could begin and end anywhere in sixty thousand spaces."""
    with pytest.raises(FaultsFound) as found:
        document_of({field: "sku: A" + " " * 60_000 + "!"}, {}, {})
    assert [(fault.code, fault.path) for fault in found.value.faults] == [("RULES-007", field)]


def test_an_older_version_is_looked_at_tried_and_used_again(browser: Browser, portal: Portal) -> None:
    save(browser, number="OLD{sale}")
    save(browser, number="NEW{sale}")
    listed = text(browser, HERE)
    assert listed.index("Version 2") < listed.index("Version 1")
    old = text(browser, f"{HERE}/versions/1")
    assert "Invoice numbers are made as OLD{sale}." in old
    assert 'value="OLD{sale}"' in text(browser, f"{HERE}/change?from=1")
    assert browser.submit(f"{HERE}/versions/1", **SIGNED).status == 303
    assert "OLD{sale}" in text(browser, HERE)
    head = portal.mappings.shown(portal.merchant(), "c_1").head
    assert (head.active, head.latest) == (1, 2), "pointed back, nothing edited"
    assert browser.get(f"{HERE}/versions/9").status == 404
    assert browser.get(f"{HERE}/versions/x").status == 404


def test_whoever_saw_an_older_state_saves_over_nobody(browser: Browser) -> None:
    page = str(browser.get(f"{HERE}/change").body)
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert csrf
    save(browser, number="A{sale}")
    stale = {"csrf": csrf[1], "revision": "0", "action": "save", "number": "B{sale}", **SIGNED}
    assert browser.post(f"{HERE}/change", **stale).status == 409
    assert "A{sale}" in text(browser, HERE)


def test_what_the_form_does_not_show_stays(portal: Portal) -> None:
    document = {
        "version": 1,
        "settings": {"gone": "kept"},
        "locations": {"1": {"name": "Ikeja", "prefix": "IKJ", "tax_category": "ZERO_VAT"}},
        "tax": [{"by": "name", "values": ["A = B", "C"], "tax_category": "EXEMPTED", "reason": "x; y"}],
        "rules": MAPPING["rules"],
        "number": "{location}{sale}",
    }
    assert document_of(texts_of(document), document, {}) == document


def test_connections_and_tables_of_others_do_not_exist(browser: Browser, portal: Portal) -> None:
    save(browser, number="MINE{sale}")
    other = portal.signed_in(portal.merchant("Kainji", "two"))
    for path in (HERE, f"{HERE}/change", f"{HERE}/versions/1", "/connect/products/1/csv"):
        assert other.get(path).status == 404
    assert other.post(f"{HERE}/change", csrf="").status == 403


def test_a_product_table_is_uploaded_checked_and_rolled_back(browser: Browser, portal: Portal) -> None:
    assert "sku" in str(browser.get("/connect/products/example.csv").body)
    bad = upload(browser, b"sku,isic_code\nA,62\n\nB,6202\n")
    assert bad.status == 422
    assert "line 2: isic_code" in str(bad.body)
    assert upload(browser, b"").status == 400
    assert upload(browser, b"\xff\xfe\x00").status == 422
    first = b"sku,isic_code\r\nA,6202\r\n"
    assert upload(browser, first).status == 303
    assert upload(browser, b"sku,isic_code\nA,6201\n").status == 303
    assert browser.get("/connect/products/1/csv").body == first, "byte for byte"
    assert "counts now" in text(browser, "/connect/products")
    page = str(browser.get("/connect/products").body)
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert csrf
    assert browser.post("/connect/products/1", csrf=csrf[1], who="Ada").status == 303
    assert portal.rules_desk.products.shown(portal.merchant()).head.active == 1


def test_two_sales_that_may_be_one_are_shown_together_and_told_apart(browser: Browser, portal: Portal) -> None:
    merchant = portal.merchant()
    asked(portal, merchant)
    shown = text(browser, "/connect/same-sales")
    assert "This may be the same sale as pipedrive 102." in shown
    assert "It is the same sale" in shown
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', shown)
    assert seen
    assert "It is another sale" in text(browser, "/connect/sales/lightspeed_x/77")
    answer = browser.submit("/connect/same-sales", who="Ada", why="web order", choice="ignore", seen=seen[1])
    assert answer.status in (400, 422), "the answer goes to the sale"
    form = {"who": "Ada", "why": "web order", "choice": "ignore", "seen": seen[1]}
    page = str(browser.get("/connect/same-sales").body)
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert csrf
    assert browser.post("/connect/sales/lightspeed_x/77/answer", csrf=csrf[1], **form).status == 303
    assert portal.sales.get(merchant, "lightspeed_x", "77").state is SaleState.WITHDRAWN
    assert "Nothing waits for you." in text(browser, "/connect/same-sales")
    assert "The same sale as" in text(browser, "/connect/sales/lightspeed_x/77")


def test_how_we_tell_is_two_questions_and_what_they_do_not_show_stays(browser: Browser, portal: Portal) -> None:
    merchant = connected(portal, "lightspeed_x", "c_2")
    page = {"first": "lightspeed_x", "second": "pipedrive", "sure": "yes", "maybe": "yes", "days": "2", **SIGNED}
    assert browser.submit("/connect/same-sales", action="save", **page).status == 303
    desk = portal.rules_desk.identity
    active = desk.shown(merchant).active
    assert active is not None
    assert active.body == RULES
    shown = text(browser, "/connect/same-sales")
    assert "When order number agrees: they are the same sale." in shown
    assert "When buyer and amount agree, at most 2 days apart: you are asked." in shown
    same = browser.submit("/connect/same-sales", action="save", **{**page, "second": "lightspeed_x"})
    assert (same.status, "each source once" in str(same.body)) == (422, True)
    assert browser.submit("/connect/same-sales", action="off", **SIGNED).status == 303
    assert desk.shown(merchant).active is None


def test_pages_hold_no_script_and_load_nothing_from_elsewhere(browser: Browser, portal: Portal) -> None:
    save(browser, rules="- {target: note, source: \"'<script>alert(1)</script>'\"}")
    for path in (
        "/connect/rules",
        HERE,
        f"{HERE}/change",
        f"{HERE}/versions/1",
        "/connect/products",
        "/connect/same-sales",
    ):
        answer = browser.get(path)
        assert answer.status == 200, path
        assert "<script" not in str(answer.body)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not re.search(r'(src|href)="https?:', str(answer.body))
