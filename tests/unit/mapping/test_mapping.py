from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.errors import FaultsFound
from taxpoynt.mapping.engine import Layer, Mapped, apply
from taxpoynt.mapping.expressions import plain_data
from taxpoynt.mapping.rules import check, read
from taxpoynt.mapping.targets import TARGETS
from taxpoynt.mapping.transforms import TRANSFORMS, NoValue

VIEW = plain_data(
    {
        "deal": {"id": 8, "custom_fields": {"3d0f": "  12345678-0001 ", "7eea": 17, "a1": {"value": Decimal("1.50")}}},
        "organization": {"name": "Acme", "emails": []},
        "person": None,
    }
)


def mapped(*rules: dict[str, Any], template: tuple[dict[str, Any], ...] = (), view: Any = VIEW) -> Mapped:
    layers = [Layer("merchant", read({"rules": list(rules)})), Layer("template", read({"rules": list(template)}))]
    return apply(layers, view, TARGETS)


def value(source: str, *transforms: Any, view: Any = VIEW, **more: Any) -> str | None:
    return mapped({"target": "note", "source": source, "transforms": list(transforms), **more}, view=view).values.get(
        "note"
    )


# --- rules ----------------------------------------------------------------------------------------------------------


def test_a_custom_field_is_named_by_its_key_in_quotes() -> None:
    rule = {"target": "buyer.tin", "source": 'deal.custom_fields."3d0f"', "transforms": ["strip"]}
    assert mapped(rule).values == {"buyer.tin": "12345678-0001"}


def test_the_merchants_rule_wins_and_the_templates_fills_in() -> None:
    template = ({"target": "buyer.name", "source": "organization.name"},)
    assert mapped({"target": "buyer.name", "source": "'Ours'"}, template=template).values["buyer.name"] == "Ours"
    assert mapped({"target": "buyer.name", "source": "person.name"}, template=template).values["buyer.name"] == "Acme"


def test_a_condition_that_does_not_hold_skips_the_rule_even_a_required_one() -> None:
    result = mapped({"target": "note", "source": "'x'", "when": "person", "required": True})
    assert (result.values, result.faults) == ({}, [])
    assert result.explained[0].why == "its condition does not hold"


def test_a_required_rule_without_value_is_a_coded_fault() -> None:
    result = mapped({"target": "buyer.tin", "source": "person.tin", "required": True})
    assert [(fault.code, fault.path) for fault in result.faults] == [("MAP-010", "buyer.tin")]


def test_values_too_long_or_of_no_known_kind_are_faults_and_not_used() -> None:
    result = mapped(
        {"target": "line.unit", "source": "'much longer than a unit'"}, {"target": "buyer.kind", "source": "'ghost'"}
    )
    assert [fault.code for fault in result.faults] == ["MAP-011", "MAP-012"]
    assert result.values == {}


def test_every_rule_asked_is_explained() -> None:
    rule = {"target": "buyer.tin", "source": 'deal.custom_fields."3d0f"', "transforms": ["strip"]}
    entry = mapped(rule).explained[0]
    assert (entry.path, entry.layer, entry.rule) == ("buyer.tin", "merchant", 0)
    assert (entry.source_value, entry.transforms, entry.result) == ("  12345678-0001 ", ("strip",), "12345678-0001")
    nothing = mapped({"target": "buyer.tin", "source": "person.tin"}).explained[0]
    assert (nothing.result, nothing.why) == (None, "nothing there")


def test_all_faults_of_a_rule_set_come_at_once_with_the_likely_name() -> None:
    faults = check(
        {
            "rules": [
                {"target": "buyer.tinn", "source": "deal..x"},
                {"target": "note", "source": "deal", "transforms": ["stripp", {"default": 7}, {"a": 1, "b": 2}]},
                {"target": "note", "source": "nosuch(deal)", "wen": "x"},
                {"target": "note"},
            ]
        }
    )
    told = " | ".join(f"{fault.path} {fault.message}" for fault in faults)
    for words in (
        "did you mean 'buyer.tin'",
        "not a JMESPath expression",
        "did you mean 'strip'",
        "'default' needs a text",
        "one name, or one name with its argument",
        "no function called 'nosuch'",
        "wen",
        "rules.3.source",
    ):
        assert words in told, words
    assert {fault.code for fault in faults} == {"MAP-001"}


@pytest.mark.parametrize(
    "junk", [None, 7, "x", [], {"rules": 7}, {"version": 2}, {"rules": [None]}, {"rules": [{}] * 501}]
)
def test_what_is_no_rule_set_is_faults(junk: Any) -> None:
    assert check(junk)
    with pytest.raises(FaultsFound):
        read(junk)


def test_no_mapping_is_an_empty_rule_set() -> None:
    assert read({}).rules == ()


# --- transforms -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "transforms", "expected"),
    [
        ("'  a \t b '", ["strip"], "a b"),
        ("'Abc'", ["upper"], "ABC"),
        ("'Abc'", ["lower"], "abc"),
        ("'RC-12 34'", ["digits"], "1234"),
        ("person.name", [{"default": "x"}], "x"),
        ("''", [{"default": "x"}], "x"),
        ('deal.custom_fields."7eea"', [{"lookup": {"17": "STANDARD_VAT"}}], "STANDARD_VAT"),
        ("'other'", [{"lookup": {"17": "A", "*": "B"}}], "B"),
        ("'other'", [{"lookup": {"17": "A"}}], None),
        ("'Nigeria'", ["country"], "NG"),
        ("' nga '", ["country"], "NG"),
        ("'USA'", ["country"], "US"),
        ("'Deutschland'", ["country"], "DE"),
        ("'Atlantis'", ["country"], None),
        ("'Lagos'", ["nigerian_state"], "NG-LA"),
        ("'Rivers State'", ["nigerian_state"], "NG-RI"),
        ("'FCT'", ["nigerian_state"], "NG-FC"),
        ("'CA'", ["nigerian_state"], None),
        ("'ng-la-ike'", ["nigerian_lga"], "NG-LA-IKE"),
        ("'Ikeja'", ["nigerian_lga"], None),
        ("'pcs'", ["unit"], "H87"),
        ("'Hours'", ["unit"], "HUR"),
        ("'KGM'", ["unit"], "KGM"),
        ("'furlong'", ["unit"], None),
        ("'+1 (415) 555-1234'", ["phone"], "+14155551234"),
        ("'0803 123 4567'", ["phone"], "+2348031234567"),
        ("'2348031234567'", ["phone"], "+2348031234567"),
        ("'00441632960961'", ["phone"], "+441632960961"),
        ("'12345'", ["phone"], None),
        ("'+0123456789'", ["phone"], None),
        ("'1e3'", ["decimal"], "1000"),
        ('deal.custom_fields."a1".value', ["decimal"], "1.50"),
        ("'x'", ["decimal"], None),
        ("['Main St', null, ' ', '12']", [{"concat": " "}], "Main St 12"),
        ("'a, b'", [{"split": {"by": ",", "take": 1}}], "b"),
        ("'a, b'", [{"split": {"by": ",", "take": -1}}], "b"),
        ("'a'", [{"split": {"by": ",", "take": 1}}], None),
        ("organization", ["strip"], None),
        ("`true`", ["strip"], None),
        ("`1.5`", ["strip"], "1.5"),
    ],
)
def test_transforms(source: str, transforms: list[Any], expected: str | None) -> None:
    source = source.replace("null", "`null`") if source.startswith("[") else source
    assert value(source, *transforms) == expected


@pytest.mark.parametrize(
    "spec",
    [{"strip": "x"}, "default", {"lookup": {}}, {"lookup": {"a": 1}}, {"split": ","}, {"split": {"by": "", "take": 0}},
     {"split": {"by": ",", "take": True}}, {"concat": None}, {}],
)  # fmt: skip
def test_a_wrong_argument_is_found_before_anything_runs(spec: Any) -> None:
    assert check({"rules": [{"target": "note", "source": "deal", "transforms": [spec]}]})


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.decimals(-9, 9, places=2))
_DATA = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=20,
)


@given(st.sampled_from(sorted(TRANSFORMS)), _DATA)
def test_no_transform_fails_with_anything_but_no_value(name: str, given_value: Any) -> None:
    example = yaml.safe_load(TRANSFORMS[name].argument.example or "null")
    for argument in (example, None) if TRANSFORMS[name].argument.fits(None) else (example,):
        with suppress(NoValue):
            TRANSFORMS[name].run(given_value, argument)


def test_a_value_longer_than_any_text_is_no_value() -> None:
    assert value("deal.x", "strip", view={"deal": {"x": "y" * 2001}}) is None
