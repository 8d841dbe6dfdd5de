"""Each fault is led to the field of the platform where a person mends it."""

from __future__ import annotations

from typing import Any

import pytest

from taxpoynt.connector_kit.loader import load
from taxpoynt.connector_kit.template_check import check
from taxpoynt.domain.sale import RecordRef
from taxpoynt.ports import SourceField

ACCOUNT = {"company_domain": "zuma"}
COMPANY = [RecordRef(resource="deal", id="8"), RecordRef(resource="organization", id="12")]
PERSON = [RecordRef(resource="deal", id="8"), RecordRef(resource="person", id="3")]
PRODUCT = [*COMPANY, RecordRef(resource="product", id="55")]
KEY = "9b1c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c"
MAPPING = {
    "version": 1,
    "rules": [
        {"target": "buyer.tin", "source": f'organization.custom_fields."{KEY}"'},
        {"target": "line.classification.hsn_code", "source": f'product.custom_fields."{KEY}"'},
    ],
}


def place(path: str, refs: list[RecordRef], account: dict[str, Any] = ACCOUNT, mapping: Any = MAPPING) -> Any:
    found = load("pipedrive").locate(path, refs, account=account, mapping=mapping)
    return found and (found.label, found.url and found.url.removeprefix("https://zuma.pipedrive.com"))


@pytest.mark.parametrize(
    ("path", "refs", "label", "page"),
    [
        ("buyer.tin", COMPANY, "Organization › Tax number (TIN) (custom field)", "/organization/12"),
        ("buyer.name", COMPANY, "Organization › Name", "/organization/12"),
        ("buyer.name", PERSON, "Person › Name", "/person/3"),
        ("buyer.email", [*COMPANY, PERSON[1]], "Person › Email", "/person/3"),
        ("buyer.email", COMPANY, "Organization", "/organization/12"),
        ("buyer.address.city", COMPANY, "Organization › Address", "/organization/12"),
        ("buyer.address.city", PERSON, "Person › Address", "/person/3"),
        ("buyer.address", COMPANY, "Organization › Address", "/organization/12"),
        ("buyer", [COMPANY[0]], "Deal", "/deal/8"),
        ("lines[0]", PRODUCT, "Product › HS code (custom field)", "/product/55"),
        ("lines[0].classification.hsn_code", PRODUCT, "Product › HS code (custom field)", "/product/55"),
        ("lines[0].unit", PRODUCT, "Product › Unit", "/product/55"),
        ("lines[0].sku", PRODUCT, "Product › Product code", "/product/55"),
        ("lines[0].tax_category", COMPANY, "Deal", "/deal/8"),
        ("deal.value", COMPANY, "Deal › Value", "/deal/8"),
        ("deal", COMPANY, "Deal", "/deal/8"),
        ("deal_products[2].discount", COMPANY, "Deal › Products", "/deal/8"),
    ],
)
def test_the_mapping_leads_to_the_field(path: str, refs: list[RecordRef], label: str, page: str) -> None:
    assert place(path, refs) == (label, page)


def test_without_a_rule_for_it_a_tin_belongs_to_the_buyers_record() -> None:
    assert place("buyer.tin", COMPANY, mapping={}) == ("Organization", "/organization/12")
    assert place("buyer.tin", PERSON, mapping={}) == ("Person", "/person/3")


@pytest.mark.parametrize("path", ["seller.tin", "gross_total", "", "irn"])
def test_what_no_record_holds_has_no_place_there(path: str) -> None:
    assert place(path, PRODUCT) is None


@pytest.mark.parametrize("domain", ["", None, "evil.example/x", "a.b", "-a", "a@b", "a#"])
def test_a_link_never_leads_off_the_platform(domain: str | None) -> None:
    found = load("pipedrive").locate("buyer.tin", COMPANY, account={"company_domain": domain}, mapping=MAPPING)
    assert found == SourceField(label="Organization › Tax number (TIN) (custom field)", url=None)


def test_an_id_that_is_none_makes_no_link() -> None:
    refs = [RecordRef(resource="deal", id="../../x?y")]
    assert place("deal.value", refs) == ("Deal › Value", None)


def test_a_template_is_told_of_facts_and_records_it_does_not_have() -> None:
    from importlib.resources import files

    text = files("taxpoynt.connectors.pipedrive").joinpath("connector.yaml").read_text(encoding="utf-8")
    wrong = text.replace("{company_domain}.pipedrive.com", "{shop}.pipedrive.com").replace(
        "lines: [product", "lines: [item"
    )
    said = " ".join(fault.path + fault.message for fault in check(wrong))
    assert "'shop' is not described under oauth.account.details" in said
    assert "records lacks 'item'" in said
