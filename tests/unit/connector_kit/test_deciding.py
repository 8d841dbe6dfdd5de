"""Which document a record makes: the first case that holds, over the record and what the merchant chose."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from taxpoynt.connector_kit.deciding import chosen_settings, decide
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_account import Locations
from taxpoynt.connector_kit.template_data import DataClasses
from taxpoynt.connector_kit.template_triggers import Case, Setting, Trigger
from taxpoynt.errors import BadInput
from tests.unit.connector_kit.platforms import platform

WORDS = {"title": "Title", "explanation": "What it does."}
SETTINGS = {
    "on_account": Setting(type="choice", choices={"now": "at once", "paid": "when paid"}, default="now", **WORDS),
    "won": Setting(type="values", default=["closedwon"], **WORDS),
    "shops": Setting(type="locations", default=[], **WORDS),
    "tips": Setting(type="switch", default=False, **WORDS),
}
SALE = Trigger(
    record="sale",
    field="state",
    cases=(
        Case(when="sale.deleted_at", makes="nothing", why="the sale was deleted"),
        Case(values=("on_account",), when="settings.on_account == 'paid'", makes="draft", why="not paid yet"),
        Case(values=("closed", "on_account"), when="sale.return_for", makes="credit_note"),
        Case(values=("closed", "on_account"), makes="invoice"),
        Case(chosen="won", makes="invoice", why="the stage is one that counts"),
        Case(values=("true",), makes="invoice"),
    ),
)
REFUND = Trigger(record="refund", field="ok", cases=(Case(values=("true",), makes="credit_note"),))


def spec() -> Template:
    where = Locations(resource="deal", id="id", name="name", of={"sale": "outlet_id"})
    return platform("square").model_copy(update={"triggers": (SALE, REFUND), "settings": SETTINGS, "locations": where})


def made(record: Any, **settings: Any) -> tuple[str, str]:
    found = decide(spec(), {"sale": record}, settings)
    return found.document, found.why


@pytest.mark.parametrize(
    ("record", "settings", "document", "why"),
    [
        ({"state": "closed"}, {}, "invoice", "the sale is closed"),
        ({"state": "closed", "deleted_at": "2026-01-01"}, {}, "ignore", "the sale was deleted"),
        ({"state": "closed", "return_for": "7"}, {}, "credit_note", "the sale is closed"),
        ({"state": "on_account"}, {}, "invoice", "the sale is on_account"),
        ({"state": "on_account"}, {"on_account": "paid"}, "draft", "not paid yet"),
        ({"state": "on_account"}, {"on_account": "whenever"}, "invoice", "the sale is on_account"),
        ({"state": "closedwon"}, {}, "invoice", "the stage is one that counts"),
        ({"state": "17"}, {"won": ["17", "18"]}, "invoice", "the stage is one that counts"),
        ({"state": 17}, {"won": ["17"]}, "invoice", "the stage is one that counts"),
        ({"state": "closedwon"}, {"won": ["17"]}, "ignore", "the sale is closedwon"),
        ({"state": True}, {}, "invoice", "the sale is true"),
        ({"state": "parked"}, {}, "ignore", "the sale is parked"),
        ({}, {}, "ignore", "the sale is none"),
        ({"state": "closed", "outlet_id": "a"}, {"shops": ["a"]}, "invoice", "the sale is closed"),
        ({"state": "closed", "outlet_id": "b"}, {"shops": ["a"]}, "ignore", "shop b does not issue invoices here"),
        ({"state": "closed"}, {"shops": ["a"]}, "ignore", "shop none does not issue invoices here"),
    ],
)
def test_the_first_case_that_holds_decides(
    record: dict[str, Any], settings: dict[str, Any], document: str, why: str
) -> None:
    assert made(record, **settings) == (document, why)


def test_each_record_has_its_own_cases_and_no_others() -> None:
    assert decide(spec(), {"refund": {"ok": True}}, {}, "refund").document == "credit_note"
    with pytest.raises(BadInput):
        decide(spec(), {"refund": {"ok": True}}, {}, "customer")
    with pytest.raises(BadInput):
        decide(spec(), {"refund": {"ok": True}}, {}, "sale")


@given(st.dictionaries(st.sampled_from([*SETTINGS, "other"]), st.none() | st.text() | st.lists(st.integers())))
def test_whatever_was_stored_every_setting_has_a_value_of_its_own_type(stored: dict[str, Any]) -> None:
    chosen = chosen_settings(SETTINGS, stored)
    assert chosen.keys() == SETTINGS.keys()
    assert all(setting.fault_of(chosen[name]) is None for name, setting in SETTINGS.items())


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_any_state_ends_in_a_decision(state: Any) -> None:
    assert made({"state": state})[0] in ("invoice", "credit_note", "draft", "ignore")


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "choice", "choices": {}, "default": "x"},
        {"type": "choice", "choices": {"a": "A"}, "default": "b"},
        {"type": "switch", "choices": {"a": "A"}, "default": True},
        {"type": "switch", "default": "yes"},
        {"type": "values", "default": "won"},
        {"type": "values", "default": [1]},
    ],
)
def test_a_setting_whose_default_is_none_of_its_values_is_no_setting(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Setting(**WORDS, **wrong)


def test_a_state_that_is_personal_is_not_repeated_in_the_reason_that_is_kept() -> None:
    personal = DataClasses(personal={"sale": ("state",)})
    made_of = spec().model_copy(update={"data": personal})
    assert decide(made_of, {"sale": {"state": "for Ada Osagie"}}).why == "the sale is [personal]"
    assert decide(spec(), {"sale": {"state": "parked"}}).why == "the sale is parked"
