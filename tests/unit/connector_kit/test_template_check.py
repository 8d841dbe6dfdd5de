from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.connector_kit.loader import load, names, template, text
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_check import check, quick, read, schema_of
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
        .replace("pkce: none", "pkce: perhaps")
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
        "oauth.authorize.pkce",
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


FIVE = (
    ("  deadline_seconds: 10", "  dedline_seconds: 10"),
    ("max_body_bytes: 262144", "max_body_bytes: lots"),
    ('path: "/api/v2/deals/{id}"', 'path: "/api/v2/deals/{identity}"'),
    ("genuine: false", "genuine: true"),
    ("  style: cursor\n", "  style: cursor\n  ends: total\n  total: data.count\n"),
)


def test_five_kinds_of_mistake_are_each_reported_in_one_run_though_three_stand_in_one_block() -> None:
    """A typo, a wrong type, an unknown placeholder, a missing vector, a contradictory paging block."""
    broken = PIPEDRIVE
    for old, new in FIVE:
        assert old in broken
        broken = broken.replace(old, new)
    told = {(fault.code, fault.path.partition(" ")[0]): fault for fault in check(broken)}
    assert set(told) == {
        ("TPL-004", "webhooks.deadline_seconds"),
        ("TPL-003", "webhooks.dedline_seconds"),
        ("TPL-005", "webhooks.max_body_bytes"),
        ("TPL-006", "resources.deal.path"),
        ("TPL-010", "webhooks"),
        ("TPL-008", "paging"),
    }
    assert "did you mean 'deadline_seconds'?" in told["TPL-003", "webhooks.dedline_seconds"].remedy
    assert "whole number" in told["TPL-005", "webhooks.max_body_bytes"].message
    assert "{identity}" in told["TPL-006", "resources.deal.path"].message
    assert "one genuine and one false" in told["TPL-010", "webhooks"].message
    assert "style 'cursor' has no 'ends'" in told["TPL-008", "paging"].message
    assert all("(line " in fault.path for fault in told.values())


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


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12)),
        "a: &a [*a]",
        "a: &a {b: *a}",
        "[" * 5000,
    ],
    ids=["billions", "a list in itself", "a block in itself", "depth"],
)
def test_a_few_lines_that_stand_for_billions_are_refused_at_once(bomb: str) -> None:
    assert [fault.code for fault in check(bomb)] == ["TPL-001"]
    assert quick(bomb) is None


@given(st.text(max_size=200))
def test_any_text_ends_in_faults(junk: str) -> None:
    assert check(junk)


def test_unknown_connectors_name_the_known_ones() -> None:
    with pytest.raises(NotFound, match="pipedrive"):
        load("hubspott")


def test_a_broken_template_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxpoynt.connector_kit.loader.text", lambda name: PIPEDRIVE.replace("spec: 1", "spec: 2"))
    with pytest.raises(ConfigurationError, match="spec"):
        template("pipedrive")


def changed(*pairs: tuple[str, str]) -> str:
    """The template with parts replaced; each part must be there."""
    whole = PIPEDRIVE
    for old, new in pairs:
        assert old in whole, old
        whole = whole.replace(old, new, 1)
    return whole


WRONG = [
    ("a wrong type", ("max_body_bytes: 262144", "max_body_bytes: lots"), "TPL-005", "should be a whole number", ""),
    ("text where a block belongs", ("body: {format: json}", "body: json"), "TPL-005", "should be a block of keys", ""),
    ("a choice misspelt", ("kind: crm", "kind: crn"), "TPL-005", "should be one of: crm, pos, did you mean 'crm'?", ""),
    (
        "a host that is none",
        ("auth: https://oauth.pipedrive.com", "auth: oauth.pipedrive.com"),
        "TPL-005",
        "should be an origin such as https://api.example.com",
        "",
    ),
    (
        "a rule of a choice of host",
        ("source: token, at: api_domain", "source: tokens, at: api_domain"),
        "TPL-005",
        "did you mean 'token'?",
        "",
    ),
    (
        "a key of one of two shapes",
        ("suffixes: [.pipedrive", "sufixes: [.pipedrive"),
        "TPL-003",
        "'sufixes'",
        "'suffixes'",
    ),
    (
        "a placeholder nobody fills",
        ('path: "/api/v2/deals/{id}"', 'path: "/api/v2/deals/{identity}"'),
        "TPL-006",
        "unknown placeholder {identity}",
        "{account_id}, {id}, {ids}",
    ),
    (
        "a placeholder of another block",
        ('updated_since: "{since}"', 'updated_since: "{id}"'),
        "TPL-006",
        "unknown placeholder {id}",
        "{since}",
    ),
    (
        "no genuine vector",
        ("genuine: true", "genuine: false"),
        "TPL-010",
        "'plain pair' is said to be false and is genuine",
        "",
    ),
    (
        "a vector refused otherwise",
        ("reason: no_credentials", "reason: stale"),
        "TPL-010",
        "refused as no_credentials",
        "",
    ),
    (
        "a contradictory paging block",
        ("  parameter: cursor\n", "  ends: short\n"),
        "TPL-008",
        "style 'cursor' needs 'parameter'",
        "",
    ),
    (
        "a scope without why",
        ("      why: to read won deals, their products and discounts\n", ""),
        "TPL-004",
        "'why' is missing",
        "",
    ),
    (
        "a quirk nobody knows",
        ("\npaging:", "\nquirks: {always_list: [a]}\n\npaging:"),
        "TPL-003",
        "'always_list'",
        "'always_lists'",
    ),
    (
        "a trigger of an unknown record",
        ("  - record: deal\n    field", "  - record: dael\n    field"),
        "TPL-007",
        "'dael' is not described under records, did you mean 'deal'?",
        "",
    ),
    ("a document that is none", ("makes: invoice", "makes: invoce"), "TPL-005", "did you mean 'invoice'?", ""),
    (
        "a data class for an unknown resource",
        ("    person: [name, first", "    persn: [name, first"),
        "TPL-007",
        "'persn' is not described under resources, did you mean 'person'?",
        "",
    ),
    (
        "a data class that is none",
        ("  business:\n    deal:", "  busines:\n    deal:"),
        "TPL-003",
        "'busines'",
        "'business'",
    ),
    (
        "a place for an unknown record",
        ("    deal.value: Value\n", "    dael.value: Value\n"),
        "TPL-007",
        "'dael' is not described under places",
        "",
    ),
    (
        "an address of pages nobody tells",
        ("{company_domain}.pipedrive", "{company}.pipedrive"),
        "TPL-007",
        "'company' is not described under oauth.account.details",
        "",
    ),
    (
        "an expression that does not parse",
        ("next: additional_data.next_cursor", "next: additional_data.[next"),
        "TPL-009",
        "not a JMESPath expression",
        "",
    ),
    (
        "a function nobody knows",
        ("id: me.data.company_id", 'id: "lookup(me)"'),
        "TPL-009",
        "no function called 'lookup'",
        "",
    ),
    (
        "a mapping rule for no target",
        ("target: buyer.email", "target: buyer.emial"),
        "TPL-011",
        "did you mean 'buyer.email'?",
        "",
    ),
    (
        "a mapping rule over nothing",
        ("source: organization.name", "source: organisation.name"),
        "TPL-011",
        "organisation",
        "",
    ),
    (
        "a setting nobody described",
        ("when: deal.is_deleted", "when: settings.late"),
        "TPL-007",
        "'late' is not described under settings",
        "",
    ),
    ("a rule of the score card left out", ("  golden: done\n", ""), "TPL-012", "nothing is said of 'golden'", "exempt"),
    (
        "a rule of the score card misspelt",
        ("  golden: done\n", "  golden: done\n  goldn: done\n"),
        "TPL-003",
        "'goldn'",
        "'golden'",
    ),
    ("a rule neither done nor exempt", ("  golden: done", "  golden: nearly"), "TPL-005", "should be one of: done", ""),
    (
        "refresh for an app that logs in",
        ("grant: authorization_code", "grant: client_credentials"),
        "TPL-008",
        "go with the grant authorization_code",
        "",
    ),
    (
        "an uninstall signal without its parts",
        ("    auth: client_basic\n", ""),
        "TPL-008",
        "needs method, auth and account",
        "",
    ),
    (
        "a resource fetched that is none",
        ("{resource: deal_discounts}", "{resource: deal_discount}"),
        "TPL-007",
        "did you mean 'deal_discounts'?",
        "",
    ),
]


@pytest.mark.parametrize(
    ("pair", "code", "message", "remedy"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG]
)
def test_each_mistake_is_one_fault_with_its_line(pair: tuple[str, str], code: str, message: str, remedy: str) -> None:
    broken = changed(pair)
    faults = check(broken)
    assert len(faults) == 1, [(fault.code, fault.path, fault.message) for fault in faults]
    assert faults[0].code == code
    assert message in faults[0].message
    assert remedy in faults[0].remedy
    start = len(PIPEDRIVE[: PIPEDRIVE.index(pair[0])].splitlines())
    line = int(faults[0].path.rpartition("line ")[2].rstrip(")"))
    assert line <= start + 7, "the block it is about, or the line itself"


def test_all_mistakes_together_are_all_told_in_one_run() -> None:
    independent = [one for one in WRONG if one[0] not in _SHADOWED]
    broken = PIPEDRIVE
    for _, pair, *_ in independent:
        broken = broken.replace(pair[0], pair[1], 1)
    faults = check(broken)
    for name, _, code, message, remedy in independent:
        assert any(code == one.code and message in one.message and remedy in one.remedy for one in faults), name


_SHADOWED = {
    "a vector refused otherwise",  # vectors are judged once everything else is sound
    "no genuine vector",
    "a contradictory paging block",  # its own values must be readable first, and one of them is not
    "refresh for an app that logs in",
    "an uninstall signal without its parts",
    "a quirk nobody knows",  # the same place in the text as another one
    "a mapping rule over nothing",
    "a rule of the score card misspelt",
    "a rule neither done nor exempt",
    "a function nobody knows",
}


def test_what_only_a_person_can_know_is_said_apart_and_hides_nothing_else() -> None:
    whole = changed(
        ("access_lifetime_seconds: 3600", "access_lifetime_seconds: FILL seconds an access token lives"),
        ("path: /oauth/token", "path: FILL the path of the token address"),
        ("kind: crm", "kind: crn"),
    )
    told = [(fault.code, fault.message) for fault in check(whole)]
    assert told == [
        ("TPL-005", "should be one of: crm, pos, did you mean 'crm'?"),
        ("TPL-020", "the path of the token address"),
        ("TPL-020", "seconds an access token lives"),
    ]


def test_every_code_of_the_checker_is_documented() -> None:
    documented = (ROOT / "docs" / "reference" / "faults.md").read_text("utf-8")
    sources = [
        (ROOT / "layers/core/python/taxpoynt/connector_kit" / name).read_text("utf-8")
        for name in (
            "template_check.py",
            "cross_checks.py",
            "model_faults.py",
            "vector_checks.py",
            "folder_check.py",
            "findings.py",
        )
    ]
    used = set(re.findall(r"TPL-0\d\d", " ".join(sources)))
    assert len(used) > 12
    assert [code for code in sorted(used) if f"| {code} |" not in documented] == []
