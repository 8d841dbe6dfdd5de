"""Classed fields are hidden, whatever shape the record has, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.connector_kit.loader import names, template
from taxpoynt.connector_kit.redaction import class_of, classed_texts, mark_in, redacted, redacted_view
from taxpoynt.connector_kit.template_data import DataClasses

CLASSES = DataClasses(
    personal={"person": ("name", "emails[].value", "custom_fields.*"), "deal": ("title",)},
    secret={"person": ("pin", "custom_fields.code")},
    business={"deal": ("value",)},
)
PERSON = {
    "id": 7,
    "name": "Ngozi Obi",
    "emails": [{"value": "ngozi@example.com", "primary": True}, {"value": "", "primary": False}],
    "custom_fields": {"a1": {"value": "22 Ikeja Road"}, "code": "4711"},
    "pin": "1234",
    "owner": {"name": "Sales team"},
}


def test_each_class_leaves_its_name_and_empty_values_stay() -> None:
    assert redacted(CLASSES, "person", PERSON) == {
        "id": 7,
        "name": "[personal]",
        "emails": [{"value": "[personal]", "primary": True}, {"value": "", "primary": False}],
        "custom_fields": {"a1": {"value": "[personal]"}, "code": "[secret]"},
        "pin": "[secret]",
        "owner": {"name": "Sales team"},
    }


def test_only_what_the_caller_hides_is_hidden_and_each_resource_has_its_own_fields() -> None:
    view = {"deal": {"title": "Desks", "value": 5, "name": "x"}, "person": [PERSON, PERSON], "settings": {"title": "y"}}
    shown = redacted_view(CLASSES, view, hide=("secret", "personal"))
    assert shown["deal"] == {"title": "[personal]", "value": 5, "name": "x"}
    assert [one["name"] for one in shown["person"]] == ["[personal]", "[personal]"]
    assert shown["settings"] == {"title": "y"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("name", "personal"),
        ("name.first", "personal"),
        ("emails[].value", "personal"),
        ("emails.value", "personal"),
        ("emails.primary", None),
        ("custom_fields.code", "secret"),
        ("custom_fields.x", "personal"),
        ("owner.name", None),
    ],
)
def test_a_field_has_the_strictest_class_that_covers_it(path: str, kind: str | None) -> None:
    assert class_of(CLASSES, "person", path) == kind


CANARY = "canary-of-a-person"
shapes = st.recursive(
    st.just(CANARY) | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "x", "name"]), inner),
    max_leaves=10,
)


@given(shapes, shapes)
def test_no_value_of_a_classed_field_survives_whatever_its_shape(value: Any, other: Any) -> None:
    whole_field = {"name": value, "custom_fields": {"k": other}, "pin": [value]}
    assert CANARY not in json.dumps(redacted(CLASSES, "person", whole_field))
    assert CANARY not in json.dumps(redacted(CLASSES, "person", [whole_field, [whole_field]]))


@pytest.mark.parametrize("connector", names())
def test_every_template_says_which_fields_tell_of_a_person(connector: str) -> None:
    personal = template(connector).data.personal
    assert personal
    assert all(personal.values())


def test_a_classed_text_is_found_in_other_values_and_what_is_part_of_anything_is_not() -> None:
    view = {"person": {**PERSON, "name": ["Ada", "Ngozi Obi"], "pin": "987"}, "deal": {"title": "12.50", "value": 9}}
    texts = classed_texts(CLASSES, view, hide=("secret", "personal"))
    assert texts == {"ngozi obi": "[personal]", "ngozi@example.com": "[personal]", "22 ikeja road": "[personal]"}
    assert mark_in(texts, "Cake for NGOZI OBI, two tiers") == "[personal]"
    assert mark_in(texts, ["x", "to 22 Ikeja Road"]) == "[personal]"
    assert mark_in(texts, "Cake for Ada at 12.50") is None
    assert classed_texts(CLASSES, view, hide=()) == {}
