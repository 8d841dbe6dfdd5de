"""What merchants and the operator decide counts for sales from then on, is kept with each, and takes nothing back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taxpoynt.domain.decisions import CodeRow
from taxpoynt.domain.rules import Scope, code_table, merchant_mapping, operator_mapping
from taxpoynt.domain.status import EventOutcome, SaleState
from taxpoynt.services.code_tables import put_table
from taxpoynt.services.sale_files import inputs_of
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World, won
from tests.unit.services.test_explain_invoice import explain

MINE, OPERATORS = merchant_mapping(MERCHANT, CONNECTION), operator_mapping(CONNECTOR)
BOOKS = CodeRow(
    hsn_code="4901.99", product_category="Printed books", tax_category="EXEMPTED", tax_reason="Books for teaching"
)


@pytest.fixture
def world() -> World:
    return World()


def decide(world: World, *, scope: Scope = MINE, **parts: Any) -> None:
    body = {"version": 1, **parts}
    world.rules.add(scope, body, author="Ada", note="", seen=world.rules.head(scope), activate=True)


def table(world: World, **rows: CodeRow) -> None:
    entries = {f"sku:{sku}": row for sku, row in rows.items()}
    decide(world, scope=code_table(MERCHANT), **put_table(world.blobs, MERCHANT, b"csv", entries, len(entries)))


def sell(world: World, event: str = "e1", **deal: Any) -> None:
    world.platform.won("8", **deal)
    world.run(world.deliver(won(event)))


def sent(world: World, sale_id: str = "8") -> Any:
    return json.loads(world.nrs.signed[str(world.sale(sale_id).irn)])


def test_a_merchant_that_decided_nothing_is_read_as_ever(world: World) -> None:
    sell(world)
    reading = inputs_of(world.blobs, world.sale()).reading
    assert reading is not None
    assert (reading.mapping, reading.settings, reading.versions, reading.codes) == ({}, {}, (), {})
    assert world.sale().number == "PD8"


def test_the_connector_is_asked_with_both_layers_and_the_settings(world: World) -> None:
    asked: list[Any] = []
    read = world.platform.read
    world.platform.read = lambda bundle, **given: asked.append(given) or read(bundle, **given)  # type: ignore[method-assign, func-returns-value]
    mine, operators = [{"target": "note", "source": "deal.a"}], [{"target": "note", "source": "deal.b"}]
    decide(world, rules=mine, settings={"drafts": "keep"})
    decide(world, scope=OPERATORS, rules=operators, settings={"drafts": "drop", "tips": "yes"})
    sell(world)
    assert asked[0]["mapping"]["rules"] == mine
    assert asked[0]["operator"]["rules"] == operators
    assert asked[0]["settings"] == {"drafts": "keep", "tips": "yes"}
    told = explain(world)
    assert told["rebuilt"]["same"]
    assert {layer: one["version"] for layer, one in told["made_from"]["rules"].items()} == {
        "merchant": 1,
        "operator": 1,
    }


def test_a_setting_narrows_what_makes_an_invoice(world: World) -> None:
    decide(world, settings={"stages": ["7"]})
    sell(world, stage="3")
    assert world.sales.sales == {}
    (event,) = world.events.events.values()
    assert (event["outcome"], event["why"]) == (EventOutcome.SKIPPED.value, "stage 3 makes no invoice")
    sell(world, "e2", stage="7")
    assert len(world.nrs.signed) == 1


def test_a_new_rule_takes_back_what_was_not_sent_and_never_what_nrs_has(world: World) -> None:
    world.platform.won("9", tin=None, stage="3")
    world.run(world.deliver(won("e0", "9")))
    sell(world, stage="3")
    assert world.state("9") is SaleState.NEEDS_ATTENTION
    decide(world, settings={"stages": ["7"]})
    world.run(world.deliver(won("e8"), won("e9", "9")), hours=1)
    assert world.state("9") is SaleState.WITHDRAWN
    assert world.sales.family(MERCHANT, CONNECTOR, "8") == []
    assert len(world.nrs.signed) == 1


def test_an_edit_of_an_accepted_sale_is_compared_by_the_rules_of_then(world: World) -> None:
    decide(world, tax=[{"by": "sku", "values": ["A"], "tax_category": "STANDARD_VAT"}])
    sell(world, sku="A", untaxed=True)
    decide(world, tax=[{"by": "sku", "values": ["A"], "tax_category": "ZERO_VAT"}])
    world.platform.won("8", sku="A", untaxed=True, note="another word")
    world.run(world.deliver(won("e2")))
    assert world.sales.family(MERCHANT, CONNECTOR, "8") == [], "only our rule changed, so nothing did"
    world.platform.won("8", sku="A", untaxed=True, value="600.00")
    world.run(world.deliver(won("e3")))
    (note,) = world.sales.family(MERCHANT, CONNECTOR, "8")
    assert "from 1,075.00 NGN to 645.00 NGN" in note.faults[0].message, "still with 7.5 %"


def test_the_product_table_comes_before_the_mapping_and_before_the_tax_rules(world: World) -> None:
    table(world, A=BOOKS)
    decide(world, tax=[{"by": "sku", "values": ["A"], "tax_category": "STANDARD_VAT"}])
    sell(world, sku="A", untaxed=True)
    (line,) = sent(world)["invoice_line"]
    assert (line["hsn_code"], line["product_category"]) == ("4901.99", "Printed books")
    (subtotal,) = sent(world)["tax_total"][0]["tax_subtotal"]
    assert subtotal["tax_category"]["id"] == "EXEMPTED"
    fields = {one["field"]: one for one in explain(world)["fields"]}
    assert fields["invoice_line[0].hsn_code"]["kind"] == "decision"
    (because,) = [one for one in fields["invoice_line[0].hsn_code"]["because"] if one["kind"] == "decision"]
    assert (because["detail"], because["versions"]) == ("product table version 1, SKU A", {"codes": 1})


def test_a_tax_rule_names_a_category_and_its_reason_and_the_law_the_rate(world: World) -> None:
    decide(world, tax=[{"by": "category", "values": ["Books"], "tax_category": "EXEMPTED", "reason": "Teaching"}])
    sell(world, category="Books", untaxed=True)
    (subtotal,) = sent(world)["tax_total"][0]["tax_subtotal"]
    assert (subtotal["tax_category"]["id"], subtotal["tax_amount"]) == ("EXEMPTED", 0)
    told = explain(world)
    assert any("EXEMPTED (tax rule: category Books)" in one["detail"] for one in told["trace"])


def test_a_tax_that_the_source_charged_is_never_hidden_by_a_rule(world: World) -> None:
    decide(world, tax=[{"by": "sku", "values": ["A"], "tax_category": "EXEMPTED"}])
    sell(world, sku="A")
    assert world.state() is SaleState.NEEDS_ATTENTION
    assert {fault.code for fault in world.sale().faults} == {"TAX-005"}


def test_what_a_person_supplied_for_a_sale_comes_before_the_table(world: World) -> None:
    from taxpoynt.conversion.supplied import supply
    from taxpoynt.domain.supplied import SuppliedValue, SuppliedValues
    from taxpoynt.nrs.resources import code_lists
    from taxpoynt.services.conversion_inputs import converted

    table(world, A=BOOKS)
    sell(world, sku="A", untaxed=True)
    inputs = inputs_of(world.blobs, world.sale())
    sale = world.platform._sale({**world.platform.deals["8"]})
    at = world.clock.now()
    about = {"sku": "A"}
    values = tuple(
        SuppliedValue(path=f"lines[0].{name}", value=value, who="Ada", why="I know", at=at, about=about, instead_of=was)
        for name, value, was in (
            ("taxes", "ZERO_VAT", None),
            ("classification.isic_code", "6201", "6202"),
            ("classification.service_category", "Programming", "Computer consultancy"),
        )
    )
    given = inputs.model_copy(update={"supplied": SuppliedValues(values=values)})
    assert supply(sale, given.supplied)[1][0].rule == "supplied"
    invoice, _ = converted(sale, given, code_lists())
    (line,) = invoice.lines
    assert line.classification is not None
    assert (line.classification.isic_code, line.classification.hsn_code, line.tax_category) == (
        "6201",
        None,
        "ZERO_VAT",
    )


def test_a_table_that_changed_since_counts_for_new_products_of_an_accepted_sale_only(world: World) -> None:
    table(world, A=BOOKS)
    sell(world, sku="A", untaxed=True)
    table(world, A=CodeRow(isic_code="6202", service_category="x", tax_category="STANDARD_VAT"))
    world.platform.won("8", sku="A", untaxed=True, note="changed")
    world.run(world.deliver(won("e2")))
    assert world.sales.family(MERCHANT, CONNECTOR, "8") == []


def test_numbers_follow_the_pattern_and_the_shop(world: World) -> None:
    decide(world, number="{location}{sale}", locations={"1": {"prefix": "IKJ"}, "2": {"prefix": "VIA"}})
    sell(world, shop="1")
    world.platform.won("9", shop="2")
    world.run(world.deliver(won("e9", "9")))
    assert [world.sale(one).number for one in ("8", "9")] == ["IKJ8", "VIA9"]
    assert explain(world)["rebuilt"]["same"]


def test_a_correction_is_numbered_as_its_invoice(world: World) -> None:
    decide(world, number="INV{sale}")
    sell(world)
    world.platform.won("8", value="600.00")
    profile = world.connections.get_merchant(MERCHANT)
    defaults = profile.profile.defaults.model_copy(update={"changes_after_acceptance": "correct"})
    world.connections.put_merchant(
        MERCHANT, profile.profile.model_copy(update={"defaults": defaults}), expected_version=profile.version
    )
    world.run(world.deliver(won("e2")), hours=1)
    assert world.sale("8:C1").number == "INV8C1"


def test_a_number_that_another_sale_has_gives_way_to_one_apart(world: World) -> None:
    decide(world, number="INV1A{sale}")
    sell(world)
    assert world.sale().number == "INV1A8"
    decide(world, number="INV{sale}")  # and a platform with such ids: `1A8`, which is not all digits, gets a digest
    world.sales.reserved[f"M#{MERCHANT}#N#INV9"] = "somebody else"
    world.platform.won("9")
    world.run(world.deliver(won("e9", "9")), hours=1)
    number = world.sale("9").number
    assert number is not None
    assert number.startswith("INV9X")
    assert len(world.nrs.signed) == 2


def test_an_unreadable_record_keeps_the_rules_it_was_tried_with(world: World) -> None:
    decide(world, rules=[{"target": "note", "source": "deal.a"}])
    sell(world, unreadable=True)
    reading = inputs_of(world.blobs, world.sale()).reading
    assert reading is not None
    assert reading.mapping["rules"][0]["source"] == "deal.a"
