from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.connector_kit.loader import load, names, template, text
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_check import check, read, schema_of
from taxpoynt.errors import ConfigurationError, NotFound

PIPEDRIVE = text("pipedrive")
ROOT = Path(__file__).resolve().parents[3]


def line_of(whole: str, part: str) -> int:
    return next(number for number, line in enumerate(whole.splitlines(), 1) if part in line)


@pytest.mark.parametrize("name", names())
def test_every_shipped_template_is_sound(name: str) -> None:
    assert check(text(name)) == []
    assert template(name).name == name
    assert load(name).name == name
    assert (ROOT / template(name).docs.guide).is_file()


def test_the_published_schema_is_in_step(golden: Callable[[Path, str], None]) -> None:
    made = json.dumps(schema_of(Template), indent=2, ensure_ascii=False) + "\n"
    golden(ROOT / "docs" / "reference" / "connector.schema.json", made)


def test_a_misspelt_key_gets_its_line_and_the_likely_one() -> None:
    broken = PIPEDRIVE.replace("  deadline_seconds: 10", "  dedline_seconds: 10")
    faults = {fault.code: fault for fault in check(broken)}
    assert f"(line {line_of(broken, 'dedline')})" in faults["TPL-003"].path
    assert "deadline_seconds" in faults["TPL-003"].remedy
    assert "'deadline_seconds' is missing" in faults["TPL-004"].message


def test_everything_wrong_is_reported_in_one_run_in_the_order_of_lines() -> None:
    broken = (
        PIPEDRIVE.replace("kind: crm", "kind: shop")
        .replace("  pkce: false", "  pkce: perhaps")
        .replace("keep_alive_days: 20", "keep_alive_days: 61")
        .replace('path: "/api/v2/deals/{id}"', 'path: "/api/v2/deals/{identity}"')
        .replace("{resource: deal_discounts}", "{resource: deal_discount}")
        .replace("target: buyer.email", "target: buyer.emial", 1)
        .replace("  next: additional_data.next_cursor", "  next: additional_data.[next")
        .replace("genuine: false", "genuine: true")
    )
    faults = check(broken)
    told = " | ".join(f"{fault.path}: {fault.message}" for fault in faults)
    for words in (
        "kind",
        "oauth.pkce",
        "keep_alive_days must be less",
        "unknown placeholder {identity}",
        "'deal_discount' is not described",
        "did you mean 'buyer.email'",
        "not a JMESPath expression",
        "at least one genuine and one false",
    ):
        assert words in told, words
    lines = [int(fault.path.rpartition("line ")[2].rstrip(")")) for fault in faults]
    assert lines == sorted(lines)


def test_a_key_written_twice_is_a_fault_although_yaml_takes_it() -> None:
    faults = check(PIPEDRIVE + "\nname: pipedrive\n")
    assert [fault.code for fault in faults] == ["TPL-002"]


def test_a_subscription_matched_by_what_it_does_not_send_is_a_contradiction() -> None:
    broken = PIPEDRIVE.replace("match: [subscription_url,", "match: [url,")
    assert any("no subscription sends" in fault.message for fault in check(broken))


def test_a_poll_of_a_record_that_is_none_is_found() -> None:
    assert any(
        "poll.record" in fault.path
        for fault in check(PIPEDRIVE.replace("record: deal\n  every", "record: lead\n  every"))
    )


@pytest.mark.parametrize("junk", ["", "a: [1", "- 1\n- 2", "just words", "a: !!python/object:os.system {}", "\x00"])
def test_what_is_no_template_is_faults_and_no_crash(junk: str) -> None:
    found, faults = read(junk)
    assert found is None
    assert faults


@given(st.text(max_size=200))
def test_any_text_ends_in_faults(junk: str) -> None:
    assert check(junk)


def test_unknown_connectors_name_the_known_ones() -> None:
    with pytest.raises(NotFound, match="pipedrive"):
        load("hubspott")


def test_a_broken_template_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    template.cache_clear()
    monkeypatch.setattr("taxpoynt.connector_kit.loader.text", lambda name: PIPEDRIVE.replace("spec: 1", "spec: 2"))
    try:
        with pytest.raises(ConfigurationError, match="spec"):
            template("pipedrive")
    finally:
        template.cache_clear()
