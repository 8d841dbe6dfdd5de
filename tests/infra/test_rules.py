"""cdk-nag (AwsSolutions, Serverless) and cfn-lint find nothing in our template, and find what is wrong elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint

from infra_cdk.app import new_app
from tests.infra.canary import BROKEN_TEMPLATE, CAUGHT, Canary, HiddenCanary
from tests.infra.templates import Assembly

PACKS = ["AwsSolutions", "Serverless"]
# W3005: CDK makes a function wait for its role's policies and names the role besides.
IGNORED = ["W3005"]
REGIONS = ["us-east-1", "eu-west-1", "af-south-1"]


def _reports(folder: Path) -> dict[str, Any]:
    report = json.loads((folder / "validation-report.json").read_text())
    return {one["pluginName"]: one for one in report["pluginReports"]}


def _lint(template: dict[str, Any]) -> list[str]:
    config = ManualArgs(ignore_checks=IGNORED, regions=REGIONS)
    return [f"{match.rule.id} {match.message}" for match in lint(json.dumps(template), config=config)]


@pytest.mark.parametrize("pack", PACKS)
def test_no_finding_is_left_that_nobody_accepted(any_stage: Assembly, pack: str) -> None:
    report = _reports(any_stage.folder)[pack]
    assert report["violations"] == []
    assert report["conclusion"] == "success"


@pytest.mark.parametrize("pack", PACKS)
def test_every_accepted_finding_names_its_pack_and_a_reason(any_stage: Assembly, pack: str) -> None:
    accepted = _reports(any_stage.folder)[pack]["suppressedViolations"]
    assert accepted
    for finding in accepted:
        assert finding["acknowledgedId"].startswith(f"{pack}::{pack}-")
        assert len(finding["reason"].split()) >= 5


def test_no_acknowledgement_hides_a_finding_from_the_report(any_stage: Assembly) -> None:
    metadata = (any_stage.folder / f"TaxPoynt-{any_stage.stage}.metadata.json").read_text()
    assert "AwsSolutions::AwsSolutions-" in metadata
    for pack in PACKS:
        assert f'"Annotation::{pack}' not in metadata
        assert f'"annotation::{pack}' not in metadata


def test_the_canary_is_caught(tmp_path: Path) -> None:
    app = new_app(outdir=str(tmp_path))
    Canary(app)
    with pytest.raises(RuntimeError, match="AwsSolutions-S1"):
        app.synth()
    found = {v["ruleName"] for report in _reports(tmp_path).values() for v in report["violations"]}
    assert found >= CAUGHT


def test_an_acknowledgement_without_its_pack_would_be_noticed(tmp_path: Path) -> None:
    app = new_app(outdir=str(tmp_path))
    HiddenCanary(app)
    app.synth()  # passes, which is the trap
    assert "nnotation::AwsSolutions" in (tmp_path / "Hidden.metadata.json").read_text()


def test_cfn_lint_finds_nothing(any_stage: Assembly) -> None:
    assert _lint(any_stage.template) == []


def test_cfn_lint_catches_a_broken_template() -> None:
    found = " ".join(_lint(BROKEN_TEMPLATE))
    for wrong in ("python3.99", "Nobody", "9000", "Gone", "Pasta"):
        assert wrong in found
