"""Whoever is not the merchant sees how an invoice came about, and of its buyer nothing unless they ask for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from taxpoynt.bootstrap.explaining import classes_of, masked_explanation
from taxpoynt.connector_kit.classed import classes
from taxpoynt.connector_kit.loader import template
from taxpoynt.conversion.clock import legal_clock
from taxpoynt.conversion.convert import convert
from taxpoynt.mapping.roots import sees_all
from taxpoynt.nrs.payload import body
from taxpoynt.nrs.resources import code_lists
from taxpoynt.services.explain_fields import explained
from taxpoynt.services.masked_explanation import MaskedExplanation
from tests.connectors.pipedrive.deals import MAPPING, bundle, reading
from tests.connectors.pipedrive.test_golden import CASES
from tests.connectors.pipedrive.test_golden import MERCHANT as SELLER
from tests.fakes.outside import FakeBlobs
from tests.fakes.world import MERCHANT
from tests.unit.services.test_explain_invoice import accepted, explain, ground

IRN = "PD101-94ND90NR-20260515"
BLOBS = FakeBlobs()


def told(name: str = "exclusive", *rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What ExplainInvoice would tell of a golden deal, with its real template, rules and trace."""
    found = reading(CASES[name], {"version": 1, "rules": [*rules, *MAPPING["rules"]]})
    assert found.sale is not None
    clock = legal_clock(found.sale.completed_at)
    invoice, _ = convert(
        found.sale, SELLER, issue_date=clock.issue_date, issue_time=clock.issue_time, lists=code_lists(), irn=IRN
    )
    fields = explained(json.loads(body(invoice)), ground(invoice, found.explained, found.sale))
    return {
        "connector": "pipedrive",
        "fields": fields,
        "trace": [entry.model_dump() for entry in invoice.trace],
        "made_from": {"supplied": [], "record_key": kept(name)},
        "rebuilt": {"same": True, "differences": []},
        **more,
    }


def kept(name: str) -> str:
    return BLOBS.put(f"records/{name}", bundle(CASES[name]).to_bytes(), content_type="application/json")


def shown(given: dict[str, Any], *, unmasked: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = masked_explanation(lambda _, __: given, BLOBS)(MERCHANT, IRN, unmasked=unmasked)
    return made


def fields(given: dict[str, Any]) -> dict[str, Any]:
    return {one["field"]: one for one in given["fields"]}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, str) and len(value) > 3:
        yield value


@pytest.mark.parametrize("name", sorted(CASES))
def test_no_detail_of_a_buyer_is_left_in_a_masked_explanation(name: str) -> None:
    given = told(name)
    buyer = reading(CASES[name]).sale
    assert buyer is not None
    assert buyer.buyer is not None
    others = [
        {**one, "rule": ""} for one in shown(given)["fields"] if not one["field"].startswith("accounting_supplier")
    ]
    masked = json.dumps(others, ensure_ascii=False)
    plain = buyer.buyer.model_dump(exclude={"kind"})
    left = [one for one in texts(plain) if json.dumps(one, ensure_ascii=False)[1:-1] in masked]
    assert left == []
    assert shown(given, unmasked=True)["fields"] == given["fields"], "asked for, everything is there"


def test_how_it_came_about_stays_visible() -> None:
    given, masked = told(), shown(told())
    assert [one["field"] for one in masked["fields"]] == [one["field"] for one in given["fields"]]
    tin = fields(masked)["accounting_customer_party.tin"]
    assert (tin["value"], tin["kind"]) == ("[personal]", "mapping")
    because = next(one for one in tin["because"] if one["kind"] == "mapping")
    assert because["expression"].startswith("organization.custom_fields")
    assert (because["source_value"], because["result"]) == ("[personal]", "[personal]")
    for name in ("invoice_line[0].line_extension_amount", "accounting_supplier_party.tin", "irn", "issue_date"):
        assert fields(masked)[name] == fields(given)[name], name
    assert masked["masked"] is True
    assert shown(given, unmasked=True)["masked"] is False


def test_a_personal_field_is_masked_wherever_a_rule_takes_it() -> None:
    given = told("exclusive", {"target": "line.sku", "source": "organization.name"})
    name = "invoice_line[0].item.sellers_item_identification"
    assert fields(given)[name]["value"] not in (None, "[personal]")
    assert fields(shown(given))[name]["value"] == "[personal]"
    whole = told("exclusive", {"target": "line.sku", "source": "@.organization.name"})
    assert fields(shown(whole))[name]["value"] == "[personal]"


def test_values_in_differences_supplied_rows_and_the_trace_are_masked_too() -> None:
    given = told(
        made_from={
            "supplied": [{"path": "buyer.tin", "value": "secret-tin", "who": "Ada"}, {"path": "x", "value": "1"}]
        },
        trace=[
            {"rule": "state", "path": "buyer.address.state", "detail": "Home is NG-LA"},
            {"rule": "tax-category", "path": "lines[0].tax_category", "detail": "as mapped"},
        ],
        rebuilt={
            "same": False,
            "differences": [
                {"step": "record to sale", "field": "buyer.name", "was": "Ada Osagie", "now": None},
                {
                    "step": "sale to bytes",
                    "field": "accounting_customer_party.email",
                    "was": "a@b.example",
                    "now": "x@y",
                },
                {"step": "sale to bytes", "field": "payment_status", "was": "PENDING", "now": "PAID"},
                {"step": "sale to bytes", "field": "", "was": "the same values", "now": "written otherwise"},
            ],
        },
    )
    masked = shown(given)
    assert masked["made_from"]["supplied"] == [
        {"path": "buyer.tin", "value": "[personal]", "who": "Ada"},
        {"path": "x", "value": "1"},
    ]
    assert [one["detail"] for one in masked["trace"]] == ["[personal]", "as mapped"]
    differences = masked["rebuilt"]["differences"]
    assert [(one["was"], one["now"]) for one in differences] == [
        ("[personal]", None),
        ("[personal]", "[personal]"),
        ("PENDING", "PAID"),
        ("the same values", "written otherwise"),
    ]


def test_secrets_are_shown_to_nobody_not_even_when_asked() -> None:
    given = told()
    use = MaskedExplanation(lambda _, __: given, lambda _, __: lambda _: "secret", lambda *_: {"zuma": "[secret]"})
    tin = fields(use(MERCHANT, IRN, unmasked=True))["accounting_customer_party.tin"]
    assert tin["value"] == "[secret]"


def test_a_line_that_a_connector_names_after_the_deal_is_masked_and_its_price_is_not() -> None:
    given = told("sample_no_products")
    name = "invoice_line[0].item.name"
    assert fields(given)[name]["value"] == "Acme Corp - Enterprise License"
    assert fields(shown(given))[name]["value"] == "[personal]"
    assert (
        fields(shown(given))["invoice_line[0].price.price_amount"]
        == fields(given)["invoice_line[0].price.price_amount"]
    )


def test_when_the_record_is_gone_nothing_that_was_read_from_it_is_shown() -> None:
    given = told("exclusive", made_from={"supplied": [], "record_key": "gone"})
    masked = fields(shown(given))
    assert {one["value"] for one in masked.values() if one["kind"] in ("source", "mapping")} <= {"[personal]", None, ""}
    assert masked["irn"] == fields(given)["irn"]
    assert shown(given, unmasked=True)["fields"] == given["fields"]


def test_of_a_connector_that_is_gone_everything_its_rules_read_is_hidden() -> None:
    assert classes_of("no_such_platform", unmasked=False)("deal.id") == "personal"


@pytest.mark.parametrize("whole", ["@", "to_string(@)", "*", "[deal.id, @]", "@.organization.name", "values(@)[0]"])
def test_an_expression_over_the_whole_view_is_personal(whole: str) -> None:
    assert sees_all(whole)
    assert classes(template("pipedrive"))(whole) == "personal"


@pytest.mark.parametrize("part", ["deal.id", "deal_products[?contains(@.name, 'x')].id", "'text'", "sort_by(a, &@.b)"])
def test_a_current_item_is_not_the_whole_view(part: str) -> None:
    assert not sees_all(part)


def test_a_stored_invoice_is_explained_masked() -> None:
    world = accepted()
    masked = masked_explanation(lambda _, irn: explain(world, irn), world.blobs)(MERCHANT, str(world.sale().irn))
    assert masked["rebuilt"]["same"]
    buyer = {name: one["value"] for name, one in fields(masked).items() if name.startswith("accounting_customer_party")}
    assert buyer
    assert set(buyer.values()) == {"[personal]"}
