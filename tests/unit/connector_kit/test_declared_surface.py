"""What a template's mapping and sale block may say, told by `templates check` and `mapping check`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from taxpoynt.connector_kit.declared_surface import LISTS, cross_checks, surface
from taxpoynt.connector_kit.loader import names, template
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_sale import SaleShape
from taxpoynt.mapping.surface import check
from taxpoynt.mapping.targets import SCOPES, TARGETS, of_scope, scope_of
from tests.unit.connector_kit import kasuwa

PAGE = (Path(__file__).parents[3] / "docs" / "mapping.md").read_text("utf-8")


def told(**changes: Any) -> list[tuple[str, str]]:
    """(place, message) of a template with some blocks replaced."""
    found = cross_checks({**kasuwa.blocks(), **changes})
    return [(".".join(str(step) for step in place), message) for place, message in found]


def sale(**changes: Any) -> dict[str, Any]:
    return {**kasuwa.blocks()["sale"], **changes}


def rules(*more: dict[str, Any], without: str = "") -> dict[str, Any]:
    known = [rule for rule in kasuwa.blocks()["mapping"]["rules"] if rule["target"] != without]
    return {"version": 1, "rules": [*known, *more]}


def test_a_sound_template_has_nothing_told_against_it() -> None:
    assert told() == []
    assert {name: cross_checks(template(name).model_dump(mode="json")) for name in names()} == {n: [] for n in names()}


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"lines": {"items": "ordr.items"}}, "sale.lines.items", "'ordr' here, did you mean 'order'?"),
        ({"lines": {"items": "order.items", "when": "lin.x"}}, "sale.lines.when", "did you mean 'line'?"),
        ({"lines": {"items": "line.items"}}, "sale.lines.items", "nothing is called 'line' here"),
        ({"payments": {"items": "order.p", "when": "line.x"}}, "sale.payments.when", "nothing is called 'line' here"),
        ({"buyer": {"when": "custmer.id"}}, "sale.buyer.when", "did you mean 'customer'?"),
        ({"refers_to": "refnd.id"}, "sale.refers_to", "did you mean 'refund'?"),
        ({"depends_on": {"custmer": "order.id"}}, "sale.depends_on.custmer", "did you mean 'customer'?"),
        ({"lookups": {"a": {"value": "b.x"}, "b": {"value": "order"}}}, "sale.lookups.a.value", "called 'b' here"),
        ({"lookups": {"tax": {"value": "order"}}}, "sale.lookups.tax", "has a meaning of its own"),
        ({"lines": {"items": "order.i", "lookups": {"p": {"among": "prods", "equals": "line.x"}}}},
         "sale.lines.lookups.p.among", "did you mean 'products'?"),
        ({"charges": None}, "mapping.rules.34.target", "this connector does not ask for 'charge.amount'"),
    ],
)  # fmt: skip
def test_each_name_that_is_not_there_has_its_place_and_the_likely_one(
    changes: dict[str, Any], place: str, message: str
) -> None:
    found = dict(told(sale=sale(**changes)))
    assert message in found.get(place, ""), found


@pytest.mark.parametrize("target", ["sale_id", "currency", "completed_at", "line.quantity", "payment.method"])
def test_what_no_sale_is_without_must_have_a_rule(target: str) -> None:
    assert ("mapping.rules", f"no rule gives {target!r}, and no sale is without it") in told(
        mapping=rules(without=target)
    )


@pytest.mark.parametrize(("one", "other"), [("line.description", "line.name"), ("line.unit_price", "line.amount")])
def test_a_line_is_told_by_its_name_or_description_and_by_its_price_or_amount(one: str, other: str) -> None:
    bare = rules(without=one)
    assert f"no rule gives {one!r} or {other!r}, and no line is without it" in str(told(mapping=bare))
    bare["rules"].append({"target": other, "source": "product.name"})
    assert told(mapping=bare) == []


def test_rules_see_the_item_of_their_own_list_and_of_those_around_it() -> None:
    known = surface(kasuwa.template())
    assert {"line", "product", "tax", "shop", "resource", "settings"} <= set(known.roots["line.tax"])
    assert "line" not in known.roots["charge.tax"]
    assert {"fee", "tax", "line"} <= set(known.roots["line.fee.tax"])
    assert "withholding.amount" not in known.targets
    found = check({"rules": [{"target": "line.tax.name", "source": "charge.label"}]}, known)
    assert [(fault.code, fault.path) for fault in found] == [("MAP-002", "rules.0.source")]


@pytest.mark.parametrize(
    "junk", [{}, {"sale": 7}, {"sale": {"lines": 7, "lookups": 7}}, {"mapping": 7, "resources": []}]
)
def test_what_has_another_shape_is_left_to_the_models(junk: dict[str, Any]) -> None:
    assert isinstance(cross_checks(junk), list)


def test_every_scope_of_targets_has_its_list_in_the_block() -> None:
    assert set(LISTS) == set(SCOPES)
    whole = SaleShape.model_json_schema()
    for steps in LISTS.values():
        assert steps[0] in whole["properties"]
    for target in TARGETS:
        assert target in of_scope(scope_of(target))


# --- the page -------------------------------------------------------------------------------------------------------


def test_the_examples_of_the_page_are_sound() -> None:
    merchants, declared = (
        yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    )
    assert check(merchants, surface(template("pipedrive"))) == []
    resources = kasuwa.blocks()["resources"] | {"rates": {"path": "/v1/rates", "item": "rates", "paged": True}}
    assert cross_checks({**kasuwa.blocks(), "resources": resources, **declared}) == []
    Template.model_validate({**kasuwa.blocks(), "resources": resources, **declared})
