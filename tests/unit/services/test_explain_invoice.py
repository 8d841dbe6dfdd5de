"""An invoice is made again byte for byte from what was kept, and no field of it is without its rule."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from taxpoynt.conversion.clock import legal_clock
from taxpoynt.conversion.convert import convert
from taxpoynt.conversion.numbering import invoice_number, irn
from taxpoynt.domain.inputs import ConversionInputs, Reading
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.rules import merchant_mapping
from taxpoynt.errors import NotFound
from taxpoynt.nrs.payload import body
from taxpoynt.nrs.resources import code_lists
from taxpoynt.services.current_lists import FixedLists
from taxpoynt.services.explain_fields import Ground, explained, leaves
from taxpoynt.services.explain_invoice import ExplainInvoice
from tests.connectors.pipedrive.deals import reading
from tests.connectors.pipedrive.test_golden import CASES
from tests.connectors.pipedrive.test_golden import MERCHANT as SELLER
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World, won

KINDS = {
    *("mapping", "source", "supplied", "calculation", "profile", "code_list", "numbering", "legal_clock", "fixed"),
    *("reference", "decision"),
}


def accepted(**deal: Any) -> World:
    world = World()
    world.platform.won("8", **deal)
    world.run(world.deliver(won()))
    assert world.nrs.signed
    return world


def explain(world: World, irn: str | None = None, **parts: Any) -> dict[str, Any]:
    platform: Any = world.platform
    use = ExplainInvoice(
        world.sales, world.blobs, lambda _: platform, FixedLists(code_lists()), parts.get("body", body), "now"
    )
    return use(MERCHANT, irn or str(world.sale().irn))


def test_an_invoice_comes_out_byte_for_byte_as_it_was_sent() -> None:
    world = accepted()
    told = explain(world)
    assert json.loads(json.dumps(told)) == told, "plain data: it is printed as JSON"
    assert told["rebuilt"]["same"], told["rebuilt"]
    assert told["rebuilt"]["sha256_sent"] == told["rebuilt"]["sha256_rebuilt"] == world.sale().body_sha256
    assert told["rebuilt"]["differences"] == told["rebuilt"]["problems"] == []
    assert (told["sale_id"], told["number"]) == ("8", world.sale().number)
    assert [step["action"] for step in told["history"]][:2] == ["claimed", "converted"]
    assert told["history"][0]["detail"]["event"] == "e1"


def test_a_credit_note_made_from_an_edited_deal_comes_out_as_it_was_sent_and_says_what_it_was_made_of() -> None:
    world = World()
    stored = world.connections.get_merchant(MERCHANT)
    defaults = stored.profile.defaults.model_copy(update={"changes_after_acceptance": "correct"})
    profile = stored.profile.model_copy(update={"defaults": defaults})
    world.connections.put_merchant(MERCHANT, profile, expected_version=stored.version)
    world.platform.won("8")
    world.run(world.deliver(won()))
    first = world.sale().sale_key
    world.platform.won("8", value="600.00")
    world.run(world.deliver(won("e2")), hours=1)
    told = explain(world, str(world.sale("8:C1").irn))
    assert told["rebuilt"]["same"], told["rebuilt"]
    assert (told["document"], told["corrects"]) == ("credit_note", "8")
    assert told["made_from"]["difference"]["original_sale_key"] == first
    reference = next(one for one in told["fields"] if one["field"] == "billing_reference[0].irn")
    assert (reference["kind"], reference["value"]) == ("reference", world.sale().irn)
    assert "unexplained" not in {one["kind"] for one in told["fields"]}


def test_what_the_merchant_changed_since_then_changes_nothing() -> None:
    world = accepted()
    stored = world.connections.get_merchant(MERCHANT)
    profile = stored.profile.model_copy(update={"name": "Another Ltd", "tin": "11111111-0001"})
    world.connections.put_merchant(MERCHANT, profile, expected_version=stored.version)
    (connection,) = world.connections.list_connections(MERCHANT)
    world.connections.save_connection(replace(connection, account={"name": "x"}))
    scope = merchant_mapping(MERCHANT, CONNECTION)
    rules = {"version": 1, "number": "NEW{sale}", "tax": [{"by": "name", "values": ["x"], "tax_category": "EXEMPTED"}]}
    world.rules.add(scope, rules, author="Ada", note="", seen=world.rules.head(scope), activate=True)
    assert explain(world)["rebuilt"]["same"]


def test_software_that_makes_other_bytes_is_told_honestly_with_the_first_difference() -> None:
    def newer(invoice: Any) -> bytes:
        return body(invoice).replace(b'"PENDING"', b'"PAID"')

    told = explain(accepted(), body=newer)
    assert not told["rebuilt"]["same"]
    (difference,) = told["rebuilt"]["differences"]
    assert difference == {"step": "sale to bytes", "field": "payment_status", "was": "PENDING", "now": "PAID"}
    assert told["made_from"]["software_changed"] is False, "the world names no software"


def test_a_connector_that_reads_the_record_otherwise_today_is_told() -> None:
    world = accepted()
    read = world.platform.read

    def other(bundle: Any, **given: Any) -> Any:
        found = read(bundle, **given)
        assert found.sale is not None
        return replace(found, sale=found.sale.model_copy(update={"note": "new"}))

    world.platform.read = other  # type: ignore[method-assign]  # a template of next year
    told = explain(world)
    assert not told["rebuilt"]["same"]
    assert told["rebuilt"]["differences"][0] == {"step": "record to sale", "field": "note", "was": None, "now": "new"}


def test_what_was_not_kept_or_is_gone_is_said_and_the_fields_are_explained_all_the_same() -> None:
    world = accepted()
    record = world.sale()
    del world.blobs.blobs[record.record_key]
    told = explain(world)
    assert not told["rebuilt"]["same"]
    assert "cannot be read again: NotFound" in told["rebuilt"]["problems"][0]
    world.sales.sales[next(iter(world.sales.sales))] = replace(record, inputs_key=None)
    told = explain(world)
    assert len(told["rebuilt"]["problems"]) == 2
    assert told["fields"]


def test_an_unknown_irn_and_another_merchants_are_not_found() -> None:
    world = accepted()
    with pytest.raises(NotFound):
        explain(world, "PD9-94ND90NR-20260302")


@pytest.mark.parametrize("name", sorted(set(CASES) - {"many_lines"}))
def test_no_field_is_without_a_rule(name: str) -> None:
    found = reading(CASES[name])
    assert found.sale is not None
    clock = legal_clock(found.sale.completed_at)
    number = invoice_number("pipedrive", found.sale.sale_id, platform="PD")
    invoice, _ = convert(
        found.sale,
        SELLER,
        issue_date=clock.issue_date,
        issue_time=clock.issue_time,
        number=number,
        irn=irn(number, "94ND90NR", clock.issue_date),
        lists=code_lists(),
    )
    sent = json.loads(body(invoice))
    fields = explained(sent, ground(invoice, found.explained))
    assert [one["field"] for one in fields] == [path for path, _ in leaves(sent)]
    assert {one["kind"] for one in fields} <= KINDS, [one["field"] for one in fields if one["kind"] not in KINDS]
    assert all(one["rule"] for one in fields)


@pytest.mark.parametrize("name", ["b2b", "b2c", "credit_note"])
def test_no_field_of_other_documents_is_without_a_rule(name: str) -> None:
    from tests.unit.nrs import invoices

    invoice = getattr(invoices, name)()
    fields = explained(json.loads(body(invoice)), ground(invoice, ()))
    assert [one["field"] for one in fields if one["kind"] not in KINDS] == []


def test_a_mapped_field_names_rule_layer_version_expression_and_source_value() -> None:
    found = reading(CASES["exclusive"])
    assert found.sale is not None
    clock = legal_clock(found.sale.completed_at)
    invoice, _ = convert(
        found.sale, SELLER, issue_date=clock.issue_date, issue_time=clock.issue_time, lists=code_lists(), irn="X"
    )
    here = ground(invoice, found.explained, found.sale)
    fields = {one["field"]: one for one in explained(json.loads(body(invoice)), here)}
    tin = fields["accounting_customer_party.tin"]
    assert tin["kind"] == "mapping"
    because = next(one for one in tin["because"] if one["kind"] == "mapping")
    assert (because["layer"], because["version"]) == ("merchant", "m" * 64)
    assert because["result"] == tin["value"]
    assert because["expression"].startswith("organization.custom_fields")
    assert fields["accounting_supplier_party.tin"]["kind"] == "profile"
    assert fields["accounting_supplier_party.tin"]["profile_version"] == 3
    assert fields["issue_date"]["kind"] == "legal_clock"
    assert fields["irn"]["kind"] == "numbering"
    category = fields["invoice_line[0].line_extension_amount"]["because"]
    assert [(one["rule"], one["at"]) for one in category] == [("tax-category", "lines[0].tax_category")]
    assert fields["tax_total[0].tax_subtotal[0].tax_category.id"]["lists_version"] == "v1"


def ground(invoice: Any, mapped: Any, sale: Any = None) -> Ground:
    read = Reading(connector=CONNECTOR, template="t" * 64, record_key="k", mapping_version="m" * 64)
    inputs = ConversionInputs(sale_key="s", reading=read, merchant=Merchant(), profile_version=3)
    return Ground(invoice, sale, inputs, mapped, "v1")
