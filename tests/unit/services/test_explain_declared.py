"""Where the fields of an invoice came from whose sale is rules alone."""

from __future__ import annotations

import json
from typing import Any

from taxpoynt.conversion.clock import legal_clock
from taxpoynt.conversion.convert import convert
from taxpoynt.domain.inputs import ConversionInputs, Reading, UsedVersion
from taxpoynt.domain.party import Merchant
from taxpoynt.nrs.payload import body
from taxpoynt.nrs.resources import code_lists
from taxpoynt.services.explain_fields import Ground, explained
from tests.unit.connector_kit.kasuwa import bundle, item, order, reading

SELLER = Merchant(business_id="6f2c2f4e-4b6b-4b0f-9c8e-1b2a3c4d5e6f")
VERSION = UsedVersion(layer="merchant", number=7, digest="d" * 64)


def fields(*rules: dict[str, Any]) -> dict[str, Any]:
    """Every field of the body, by its path, of an order with two lines, a discount and a payment."""
    tender = {"by": "cash", "amount": "3000", "back": "700", "at": "2026-05-28 21:26:40"}
    lines = (item(product=72, void=True), item(), item(product=72, count=1, price=20000, off={"percent": "10"}))
    found = reading(bundle(order={"order": order(*lines, tenders=[tender])}), *rules)
    assert found.sale is not None
    clock = legal_clock(found.sale.completed_at)
    invoice, _ = convert(
        found.sale, SELLER, issue_date=clock.issue_date, issue_time=clock.issue_time, lists=code_lists(), irn="X"
    )
    read = Reading(connector="kasuwa", template="t" * 64, record_key="k", mapping_version="m" * 64, versions=(VERSION,))
    inputs = ConversionInputs(sale_key="s", reading=read, merchant=SELLER)
    rows = explained(json.loads(body(invoice)), Ground(invoice, found.sale, inputs, found.explained, "v1"))
    return {one["field"]: one for one in rows}


def rules_behind(told: dict[str, Any], field: str) -> dict[str, tuple[str, Any, str]]:
    """Layer, version and expression of each rule that had a part in a field, by what it gave."""
    mapped = [one for one in told[field]["because"] if one["kind"] == "mapping"]
    return {one["at"]: (one["layer"], one["version"], one["expression"]) for one in mapped}


def test_every_field_of_the_source_has_the_rule_that_gave_it() -> None:
    told = fields()
    assert "unexplained" not in {one["kind"] for one in told.values()}
    template = ("template", "t" * 64)
    assert rules_behind(told, "document_currency_code") == {"currency": (*template, "shop.currency")}
    assert rules_behind(told, "invoice_line[1].invoiced_quantity") == {"lines[1].quantity": (*template, "line.count")}
    amount = rules_behind(told, "invoice_line[1].line_extension_amount")
    assert set(amount) == {
        "lines[1].quantity",
        "lines[1].unit_price",
        "lines[1].discounts[0].percent",
        "lines[1].taxes[0].name",
        "lines[1].taxes[0].rate_percent",
    }
    assert rules_behind(told, "issue_date") == {"completed_at": (*template, "bill.closed")}
    assert "payments[0].means_code" in rules_behind(told, "payment_means[0].payment_means_code")


def test_a_merchants_rule_is_told_with_the_number_of_its_version() -> None:
    told = fields({"target": "line.quantity", "source": "line.count", "when": "line.product == `72`"})
    assert rules_behind(told, "invoice_line[1].invoiced_quantity")["lines[1].quantity"][:2] == ("merchant", 7)
    assert rules_behind(told, "invoice_line[0].invoiced_quantity")["lines[0].quantity"][:2] == ("template", "t" * 64)
