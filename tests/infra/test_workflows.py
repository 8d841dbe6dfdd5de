"""State machines are the files in statemachines/, filled by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_stepfunctions as sfn

from infra_cdk.app import ROOT
from infra_cdk.constructs.workflow import UnknownPlaceholder, Workflow, placeholders
from infra_cdk.stack import MACHINES
from tests.infra.templates import Assembly

FILES = sorted((ROOT / "statemachines").glob("*.asl.json"))


def _machine(assembly: Assembly, name: str) -> dict[str, Any]:
    start = "".join(part.capitalize() for part in name.split("_"))
    machines = assembly.props("AWS::StepFunctions::StateMachine")
    found: dict[str, Any] = machines[assembly.id_of("AWS::StepFunctions::StateMachine", f"{start}Machine")]
    return found


def test_every_definition_is_deployed() -> None:
    assert {path.name.partition(".")[0] for path in FILES} == set(MACHINES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_placeholders_and_substitutions_are_the_same_names(any_stage: Assembly, path: Path) -> None:
    machine = _machine(any_stage, path.name.partition(".")[0])
    assert set(machine["DefinitionSubstitutions"]) == placeholders(path)
    assert json.loads(machine["DefinitionString"]) == json.loads(path.read_text())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_placeholder_means_the_thing_of_that_name(any_stage: Assembly, path: Path) -> None:
    for name, value in _machine(any_stage, path.name.partition(".")[0])["DefinitionSubstitutions"].items():
        target = value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0]
        start = name.removesuffix("Arn")
        assert target.startswith((f"{start}Function", f"{start}Machine"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("invoice_conversion", "EXPRESS"), ("submission_recovery", "STANDARD"), ("invoice_delivery", "STANDARD")],
)
def test_machines_trace_and_log_errors_without_data(any_stage: Assembly, name: str, kind: str) -> None:
    machine = _machine(any_stage, name)
    assert machine["StateMachineType"] == kind
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ERROR"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_machine_may_invoke_and_start_exactly_what_its_file_names(any_stage: Assembly, path: Path) -> None:
    machine = _machine(any_stage, path.name.partition(".")[0])
    allowed = any_stage.allowed(machine["RoleArn"]["Fn::GetAtt"][0])
    reached = [r for r, actions in allowed.items() if {"lambda:InvokeFunction", "states:StartExecution"} & set(actions)]
    assert len(reached) == len(placeholders(path))


def test_an_unknown_placeholder_stops_the_synth(tmp_path: Path) -> None:
    path = tmp_path / "odd.asl.json"
    path.write_text('{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${PayTaxArn}", "End": true}}}')
    with pytest.raises(UnknownPlaceholder, match=r"odd\.asl\.json: nothing is called PayTaxArn"):
        Workflow(Stack(), path, kind=sfn.StateMachineType.EXPRESS, functions={}, machines={}, log_days=7)
