"""The kit itself: broken twins are caught by the same checks, and a rule without evidence is never taken for kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from taxpoynt.cli import main
from taxpoynt.connector_kit import folders
from taxpoynt.connector_kit.header_parts import pairs_of, the_one
from taxpoynt.connector_kit.schemes import Delivery
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_quality import QUALITY_RULES, Exempt
from taxpoynt.connector_kit.template_records import VerdictOverride
from taxpoynt.connector_kit.webhook import ReplyPolicy, Verdict
from tests.conformance import answers, deliveries, hiding, obedience, pages, planting, signatures
from tests.conformance.evidence import OUTSIDE, Case, Data, case_of
from tests.conformance.kit import CHECKS, card, score
from tests.fakes.budgets import FakeRateBudget

SHOPIFY = OUTSIDE / "shopify"
NEEDS_DATA = ("duplicates", "polling", "errors", "account_identity", "uninstall", "golden", "mapping_coverage")


def shopify() -> Case:
    return case_of("shopify")


def saying(case: Case, **changes: Any) -> Case:
    """The same connector with other words in its template."""
    return replace(case, template=case.template.model_copy(update=changes))


def test_every_rule_of_the_closed_list_is_carried_out() -> None:
    assert list(CHECKS) == list(QUALITY_RULES)


@pytest.mark.parametrize("rule", NEEDS_DATA)
def test_a_rule_that_is_said_to_be_done_fails_without_evidence(rule: str, tmp_path: Path) -> None:
    bare = replace(shopify(), data=Data(), evidence=tmp_path)
    found = score(bare, rule)
    assert found.state == "failed"
    assert found.told, "and says what is missing"


def test_an_exempt_rule_is_not_run_and_is_reported_with_its_reason() -> None:
    case = shopify()
    quality = {**case.template.quality, "uninstall": Exempt(exempt="a shop cannot remove it")}
    exempt = replace(saying(case, quality=quality), data=Data())
    found = score(exempt, "uninstall")
    assert (found.state, found.told) == ("exempt", "a shop cannot remove it")
    shown = card(exempt, [found, score(exempt, "errors")])
    assert "| uninstall | exempt | a shop cannot remove it |" in shown


@pytest.mark.parametrize("rule", ["signature_vectors", "deadline"])
def test_a_platform_without_webhooks_cannot_claim_that_they_are_signed(rule: str) -> None:
    found = score(saying(shopify(), webhooks=None), rule)
    assert (found.state, "can only be exempt" in found.told) == ("failed", True)


# --- broken twins --------------------------------------------------------------------------------------------------


def first_half(policy: ReplyPolicy, delivery: Delivery, secrets: Sequence[str], now: datetime, older: bool) -> Verdict:
    """Compares the first half of the signature only."""
    given = the_one(pairs_of(delivery.headers), "x-shopify-hmac-sha256") or ""
    right = (base64.b64encode(hmac.digest(one.encode(), delivery.body, hashlib.sha256)).decode() for one in secrets)
    return Verdict(genuine=any(one[:20] == given[:20] for one in right), status=200, reason="x")


def first_kilobyte(
    policy: ReplyPolicy, delivery: Delivery, secrets: Sequence[str], now: datetime, older: bool
) -> Verdict:
    """Signs the beginning of the body only."""
    body = delivery.body[:100]
    given = the_one(pairs_of(delivery.headers), "x-shopify-hmac-sha256") or ""
    right = (base64.b64encode(hmac.digest(one.encode(), body, hashlib.sha256)).decode() for one in secrets)
    return Verdict(genuine=given in right, status=200, reason="x")


def newest_only(policy: ReplyPolicy, delivery: Delivery, secrets: Sequence[str], now: datetime, older: bool) -> Verdict:
    """Forgets the secret before this one."""
    return signatures.honest(policy, delivery, secrets[:1], now, older)


@pytest.mark.parametrize("twin", [first_half, first_kilobyte, newest_only])
def test_a_verifier_that_looks_at_half_of_it_is_caught(twin: signatures.Verifier) -> None:
    with pytest.raises(AssertionError):
        signatures.check(shopify(), twin)


class Forgetful(FakeRateBudget):
    """A store of budgets that keeps nothing: every caller begins anew."""

    def swap(self, merchant: str, connection: str, held: str, wanted: str, *, seconds: int) -> str | None:
        return None


def test_a_budget_that_callers_do_not_share_is_caught() -> None:
    with pytest.raises(AssertionError, match="at one moment"):
        obedience.check(shopify(), Forgetful)


def test_events_whose_key_changes_with_every_delivery_are_caught() -> None:
    case, counted = shopify(), iter(range(10_000))

    def restless(*args: Any) -> Any:
        found = case.connector.read_events(*args)
        return [replace(one, id=f"{one.id}-{next(counted)}") for one in found]

    with pytest.raises(AssertionError, match="ids depend"):
        deliveries.check(replace(case, connector=replace(case.connector, read_events=restless)))


def test_a_verdict_that_no_documented_error_shows_is_caught() -> None:
    unseen = VerdictOverride(status=418, verdict="unavailable")
    with pytest.raises(AssertionError, match="no documented error shows"):
        answers.check_errors(saying(shopify(), verdicts=(unseen,)))


def test_a_buyer_that_redaction_leaves_standing_is_caught() -> None:
    case = shopify()
    fields = {
        name: tuple(one for one in paths if one != "email") for name, paths in case.template.data.personal.items()
    }
    forgotten = case.template.data.model_copy(update={"personal": fields})
    with pytest.raises(AssertionError, match="left after redaction"):
        hiding.check(saying(case, data=forgotten))


def test_an_account_that_webhooks_call_otherwise_is_caught() -> None:
    case = shopify()
    assert case.data.account is not None
    spec = case.template.oauth.account.model_copy(update={"id": "shop.shop.id"})
    named = case.data.account.model_copy(update={"id": "548380009"})
    other = saying(case, oauth=case.template.oauth.model_copy(update={"account": spec}))
    with pytest.raises(AssertionError, match="events name"):
        answers.check_account(replace(other, data=case.data.model_copy(update={"account": named})))


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        ({}, "no rule and no reason for"),
        ({"*": "all of it"}, "no rule and no reason for"),
        ({"line.quantity": "a stale reason"}, "a reason for what has a rule"),
        ({"line.colour": "no such target"}, "a reason for what has a rule, or is no target"),
    ],
)
def test_a_target_without_a_word_and_a_reason_without_a_target_are_caught(
    reasons: Mapping[str, str], words: str
) -> None:
    case = shopify()
    known = {} if words.startswith("no rule") else case.data.unmapped
    with pytest.raises(AssertionError, match=words):
        pages.check_mapping(replace(case, data=case.data.model_copy(update={"unmapped": {**known, **reasons}})))


def test_a_golden_case_that_changed_is_caught(tmp_path: Path) -> None:
    (tmp_path / "golden").mkdir()
    for file in (SHOPIFY / "golden").iterdir():
        text = file.read_text("utf-8")
        (tmp_path / "golden" / file.name).write_text(text.replace('"price": "5000.00"', '"price": "5000.01"'), "utf-8")
    found = score(replace(shopify(), evidence=tmp_path), "golden")
    assert (found.state, "not what becomes of its bundle" in found.told) == ("failed", True)


# --- values put where expressions look ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("data", {"data": 1}),
        ("additional_data.next", {"additional_data": {"next": 1}}),
        ('"@attributes".next', {"@attributes": {"next": 1}}),
        ("data || @", {"data": 1}),
        ("@", 1),
    ],
)
def test_a_value_is_put_where_the_expression_looks(expression: str, wanted: Any) -> None:
    assert planting.planted({}, expression, 1) == wanted


def test_what_is_no_plain_path_is_said() -> None:
    with pytest.raises(ValueError, match="no plain path"):
        planting.planted({}, "max_by(data, &version)", 1)


# --- from outside the package ----------------------------------------------------------------------------------------


def test_the_commands_work_on_the_connector_from_outside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = Template.model_validate(yaml.safe_load((SHOPIFY / "connector.yaml").read_text("utf-8")))
    assert template.webhooks is not None
    vector = next(one for one in template.webhooks.vectors if one.genuine)
    (tmp_path / "body").write_text(vector.body or "", "utf-8")
    (tmp_path / "headers.json").write_text(json.dumps(vector.headers), "utf-8")
    given = ["--connectors", str(OUTSIDE)]
    files = ["--body", str(tmp_path / "body"), "--headers", str(tmp_path / "headers.json"), "--url", vector.url]
    try:
        assert main([*given, "templates", "check", str(SHOPIFY)]) == 0
        capsys.readouterr()
        assert main([*given, "verify", "shopify", *files, "--secret", vector.secrets[0]]) == 0
        told = json.loads(capsys.readouterr().out)
        assert [(one["type"], one["resource_id"]) for one in told["events"]] == [("orders/paid", "450789469")]
        assert main([*given, "verify", "shopify", *files, "--secret", "another-secret-of-enough-bytes"]) == 1
        capsys.readouterr()
        bundle = str(SHOPIFY / "golden" / "two_refunds.bundle.json")
        main([*given, "convert", "shopify", bundle, "--as", "summary"])
        made = json.loads(capsys.readouterr().out)
        assert [(one["document"], one["payable"], one["refers_to"]) for one in made] == [
            ("invoice", "37625.00", []),
            ("credit_note", "21500.00", ["450789472"]),
            ("credit_note", "16125.00", ["450789472"]),
        ]
    finally:
        folders.use(())


def test_no_file_of_the_package_knows_the_connector_from_outside() -> None:
    package = Path(folders.__file__).parents[1]
    known = [file.name for file in package.rglob("*.py") if '"shopify"' in file.read_text("utf-8")]
    assert known == []
